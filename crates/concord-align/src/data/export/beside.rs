//! What belongs beside the rows: what the run was, what was left out, settings for trainers, and for a dataset folder its
//! card, its licence, its Croissant description and the log of decisions.

use serde::Serialize;

use super::facts::{Part, SideFacts, pretty};
use super::{ExportFormat, ExportOptions, guides, hub, problems_csv};
use crate::data::{AppRecord, Language, ModelRecord, SessionConfig};

/// The files beside the rows, by path.
pub fn beside(facts: &SideFacts<'_>) -> Vec<(String, String)> {
    let mut files =
        if facts.options.format == ExportFormat::Hub { hub::files(facts) } else { guides::files(facts) };
    files.push(("concord-run.json".to_owned(), run(facts)));
    if !facts.written.problems.is_empty() {
        files.push(("rows-left-out.csv".to_owned(), problems_csv(&facts.written.problems)));
    }
    files.extend(facts.batches_read_me.clone().map(|text| ("TRAINING-ORDER.md".to_owned(), text)));
    files
}

/// What the run was and what of it went out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    schema: &'static str,
    created: &'a str,
    app: &'a AppRecord,
    config: &'a SessionConfig,
    model: &'a ModelRecord,
    n_prompts: usize,
    n_responses: usize,
    export: &'a ExportOptions,
    n_pairs: u32,
    n_accepted: u32,
    n_undecided: u32,
    n_edited: u32,
    n_left_out: usize,
    by_language: &'a std::collections::BTreeMap<Language, u32>,
    files: &'a [Part],
}

fn run(facts: &SideFacts<'_>) -> String {
    let SideFacts { session, written, .. } = facts;
    let run = Run {
        schema: "concord-run/1",
        created: &session.created,
        app: &session.app,
        config: &session.config,
        model: &session.model,
        n_prompts: session.prompts.len(),
        n_responses: facts.n_responses,
        export: facts.options,
        n_pairs: written.n_pairs,
        n_accepted: written.n_accepted,
        n_undecided: written.n_pairs - written.n_accepted,
        n_edited: written.n_edited,
        n_left_out: written.problems.iter().filter(|problem| problem.left_out).count(),
        by_language: &written.by_language,
        files: facts.parts,
    };
    pretty(&run)
}
