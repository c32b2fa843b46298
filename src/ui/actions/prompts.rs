//! Prompt sets in: files are picked, read as they are guessed to be or as the person says, and taken over.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    super::{
        api,
        slices::in_slices,
        state::{Place, PromptImport, Workbench},
        words,
    },
    files::{bad_file, unreadable},
};
use crate::{
    align::unreadable_gold,
    browser::{download, picked::Picked},
    curation::PromptOrigin,
    data::{self, ImportProblem, Mapping, SourceFile},
};

/// Takes the prompts that ship with the teaching model.
pub async fn take_starter_prompts(page: Workbench) {
    page.clear_fault(Place::Prompts);
    match api::starter_prompts().await {
        Ok(prompts) => {
            page.prompt_problems.set(Vec::new());
            page.setup.update(|setup| setup.set_prompts(prompts, PromptOrigin::Starter));
        }
        Err(fault) => page.fail(Place::Prompts, fault),
    }
}

/// Opens files as one prompt set. What is clean is taken over at once; else the dialog asks. A file that cannot be used
/// changes nothing.
pub async fn open(page: Workbench, picked: Vec<Picked>) {
    page.clear_fault(Place::Prompts);
    let mut files = Vec::new();
    for (name, file) in picked {
        let blob: web_sys::Blob = file.into();
        match download::bytes_of(&blob, 0.0, blob.size()).await {
            Some(bytes) => files.push(SourceFile::new(name, bytes)),
            None => return page.fail(Place::Prompts, unreadable(&name)),
        }
    }
    open_files(page, files).await;
}

/// Opens a text that was pasted.
pub async fn open_text(page: Workbench, text: String) {
    page.clear_fault(Place::Prompts);
    open_files(page, vec![SourceFile::new("Pasted text", text)]).await;
}

async fn open_files(page: Workbench, files: Vec<SourceFile>) {
    let name = match files.as_slice() {
        [only] => only.name.clone(),
        all => {
            format!("{} and {} more", all.first().map_or("", |file| &file.name), all.len().saturating_sub(1))
        }
    };
    let import = read(page, name, Arc::new(files), Mapping::default());
    match &import.imported.refusal {
        Some(refusal) if !import.has_files() => {
            page.fail(Place::Prompts, bad_file(&import.name, refusal));
        }
        _ => {
            let is_clean = import.is_clean();
            page.prompt_import.set(Some(import));
            if is_clean {
                take(page).await;
            } else {
                page.is_import_open.set(true);
            }
        }
    }
}

/// Reads the files of the dialog again, as the person says.
pub fn read_again(page: Workbench, change: impl FnOnce(&mut Mapping)) {
    let Some(PromptImport { name, files, mut said, .. }) = page.prompt_import.get_untracked() else { return };
    change(&mut said);
    page.prompt_import.set(Some(read(page, name, files, said)));
}

fn read(page: Workbench, name: String, files: Arc<Vec<SourceFile>>, said: Mapping) -> PromptImport {
    let anchor = page.setup.with_untracked(|setup| setup.config().anchor.clone());
    let imported = Arc::new(data::import(files.as_ref().clone(), &said, &anchor));
    PromptImport { name, files, said, imported }
}

/// Takes over the prompts of the dialog.
pub async fn take(page: Workbench) {
    let Some(import) = page.prompt_import.get_untracked() else { return };
    page.is_import_open.set(false);
    let imported = &import.imported;
    // A set without a prompt never takes the place of one that has some.
    if imported.prompts.is_empty() {
        return;
    }
    let anchor = page.setup.with_untracked(|setup| setup.config().anchor.clone());
    let mut problems = imported.problems.clone();
    let mut left = imported.prompts.iter();
    in_slices(|| {
        let next = left.next().map(std::slice::from_ref);
        let found = next.map_or_else(Vec::new, |prompt| unreadable_gold(prompt, &anchor));
        let placed = |problem| ImportProblem { file: String::new(), column: None, problem };
        problems.extend(found.into_iter().map(placed));
        next.is_some()
    })
    .await;
    let n_prompts = words::plural(imported.prompts.len(), "prompt", "prompts");
    let n_problems = words::plural(problems.len(), "problem", "problems");
    page.status.set(format!("{}: {n_prompts}, {n_problems}.", import.name));
    page.prompt_problems.set(problems);
    page.setup.update(|setup| {
        setup.set_prompts(imported.prompts.clone(), PromptOrigin::File(import.name.clone()));
        setup.change(|config| config.spellings = imported.spellings.clone());
    });
}
