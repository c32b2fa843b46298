//! Prompt sets in: files are picked, read as they are guessed to be or as the person says, and taken over.

use std::{cell::Cell, rc::Rc, sync::Arc};

use leptos::{prelude::*, task::spawn_local};
use web_sys::Blob;

use super::{
    super::{
        api, latest, reader,
        slices::in_slices,
        state::{Place, PromptImport, Workbench},
        words,
    },
    files::{bad_file, name_of_all, unreadable},
};
use crate::{
    align::unreadable_gold,
    browser::{download, picked::Picked},
    curation::{PromptOrigin, Shipped},
    data::{ImportProblem, Mapping, PromptSource},
};

thread_local! {
    /// How often prompts were asked for; an answer to an older question is not taken.
    static N_ASKED: Cell<u32> = const { Cell::new(0) };
}

/// Takes a prompt set that ships with the page; it is fetched now.
pub async fn take_shipped(page: Workbench, set: Shipped) {
    let is_last = latest::ask(&N_ASKED);
    page.clear_fault(Place::Prompts);
    let found = api::shipped_prompts(set).await;
    if !is_last() {
        return;
    }
    match found {
        Ok(prompts) => {
            page.prompt_problems.set(Vec::new());
            page.setup.update(|setup| setup.set_prompts(prompts, PromptOrigin::Shipped(set)));
        }
        Err(fault) => page.fail(Place::Prompts, fault),
    }
}

/// Opens files as one prompt set. What is clean is taken over at once; else the dialog asks. A file that cannot be used
/// changes nothing.
pub async fn open(page: Workbench, picked: Vec<Picked>) {
    open_files(page, picked.into_iter().map(|(name, file)| (name, file.into())).collect()).await;
}

/// Opens a text that was pasted.
pub async fn open_text(page: Workbench, text: String) {
    match download::text_blob("text/plain", &text) {
        Ok(blob) => open_files(page, vec![("Pasted text".to_owned(), blob)]).await,
        Err(_refused) => page.fail(Place::Prompts, unreadable("the text")),
    }
}

async fn open_files(page: Workbench, files: Vec<(String, Blob)>) {
    page.clear_fault(Place::Prompts);
    let name = name_of_all(&files);
    let Some(import) = read(page, name, Rc::new(files), Mapping::default()).await else { return };
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
    spawn_local(async move {
        if let Some(import) = read(page, name, files, said).await {
            page.prompt_import.set(Some(import));
        }
    });
}

/// What comes of the files; `None` where that failed, which is said, or where something else was asked meanwhile.
async fn read(
    page: Workbench,
    name: String,
    files: Rc<Vec<(String, Blob)>>,
    said: Mapping,
) -> Option<PromptImport> {
    let is_last = latest::ask(&N_ASKED);
    let anchor = page.setup.with_untracked(|setup| setup.config().anchor.clone());
    let imported = reader::read_prompts(&files, said.clone(), anchor).await;
    if !is_last() {
        return None;
    }
    match imported {
        Ok(imported) => Some(PromptImport { name, files, said, imported: Arc::new(imported) }),
        Err(fault) => {
            page.fail(Place::Prompts, bad_file(&name, &fault.message));
            None
        }
    }
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
        problems.extend(found.into_iter().map(ImportProblem::from));
        next.is_some()
    })
    .await;
    let n_prompts = words::plural(imported.prompts.len(), "prompt", "prompts");
    let n_problems = words::plural(problems.len(), "problem", "problems");
    page.status.set(format!("{}: {n_prompts}, {n_problems}.", import.name));
    page.prompt_problems.set(problems);
    page.setup.update(|setup| {
        setup.set_prompts(imported.prompts.clone(), PromptOrigin::File(import.name.clone()));
        setup.change(|config| {
            config.spellings = imported.spellings.clone();
            let name = std::mem::take(&mut config.prompt_set.name);
            config.prompt_set = PromptSource { name, ..imported.prompt_set.clone() };
        });
    });
}
