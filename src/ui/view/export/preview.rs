//! What an export would hold: a sentence, and its first rows as they will be written.

use leptos::prelude::*;

use super::super::{
    super::{actions::export::Preview, words},
    disclosure::Disclosure,
};
use crate::data::ExportOptions;

/// Characters of a line that are shown.
const MOST_CHARACTERS: usize = 1_200;

/// How much it holds, and what was done to it.
pub fn summary(shown: &Preview, options: &ExportOptions) -> String {
    let written = &shown.written;
    let n_pairs = written.n_pairs as usize;
    let n_rows = written.n_rows() as usize;
    let mut out = words::plural(n_pairs, "pair", "pairs");
    if n_rows != n_pairs {
        out.push_str(&format!(" in {}", words::plural(n_rows, "row", "rows")));
    }
    let n_undecided = n_pairs.saturating_sub(written.n_accepted as usize);
    out.push_str(&format!(": {} accepted", written.n_accepted));
    if n_undecided > 0 {
        out.push_str(&format!(", {n_undecided} that nobody has looked at"));
    }
    out.push('.');
    let counts = shown.counts;
    for (n, what) in
        [(counts.n_conflict, "in conflict"), (counts.n_left_out, "left out or without a better side")]
    {
        if n > 0 {
            out.push_str(&format!(" {n} {what}: never exported."));
        }
    }
    match written.trimmed {
        0 => {}
        n => out.push_str(&format!(
            " White space at the ends of {} is removed.",
            words::plural(n as usize, "response", "responses")
        )),
    }
    if written.n_edited > 0 {
        let n_edited = words::plural(written.n_edited as usize, "text is", "texts are");
        out.push_str(&format!(" {n_edited} a person's own."));
    }
    if options.is_zip() {
        out.push_str(" In a zip.");
    }
    out
}

/// The first rows as they will be written.
#[component]
pub fn FirstRows(
    /// What an export would hold.
    shown: RwSignal<Option<Preview>>,
) -> impl IntoView {
    let lines = Memo::new(move |_| {
        shown.with(|shown| {
            let files = shown.as_ref().map(|shown| shown.written.files.as_slice()).unwrap_or_default();
            let lines = files.iter().take(1).flat_map(|file| file.text.lines()).map(shortened);
            lines.collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || lines.with(|lines| !lines.is_empty())>
            <Disclosure summary=Signal::stored("The first rows".to_owned()) testid="export-preview-open">
                <pre class="export__rows" tabindex="0" dir="auto" data-testid="export-preview" aria-label="The first rows as they will be written">
                    {move || lines.get().join("\n\n")}
                </pre>
            </Disclosure>
        </Show>
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line.to_owned(),
    }
}
