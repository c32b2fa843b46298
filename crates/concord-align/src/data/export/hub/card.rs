//! The dataset card: YAML that a repository reads, and a text for people.

use std::fmt::Write;

use super::super::{RowColumn, SideFacts, names::folder};
use super::{languages, licence, markdown, model, repository};
use crate::data::ColumnKind;
use crate::data::{Method, SessionConfig};

/// `README.md`.
pub(super) fn read_me(facts: &SideFacts<'_>) -> String {
    format!("---\n{}---\n\n{}", front_matter(facts), body(facts))
}

/// A text as YAML: JSON's own form of a string, which YAML reads, so that `no` stays Norwegian.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

fn front_matter(facts: &SideFacts<'_>) -> String {
    let written = facts.written;
    let tags: Vec<String> =
        languages(facts.parts).map(|(language, _)| language.as_str().to_owned()).collect();
    let mut primary: Vec<String> = languages(facts.parts).map(|(language, _)| language.primary()).collect();
    primary.dedup();
    let method = facts.session.config.picked_by();
    let mut annotators = vec!["machine-generated".to_owned()];
    if written.n_accepted > 0 {
        annotators.push("expert-generated".to_owned());
    }
    let keywords = ["preference", "dpo", "multilingual", method, "synthetic"].map(str::to_owned);
    let mut yaml = format!("language: {}\n", list(&primary));
    if primary != tags {
        // Scripts and regions have no place among the codes.
        let _written = writeln!(yaml, "language_details: {}", quoted(&tags.join(", ")));
    }
    let _written = write!(
        yaml,
        "license: {}\npretty_name: {}\nsize_categories: [{}]\ntask_categories: [\"text-generation\"]\ntags: {}\nannotations_creators: {}\nsource_datasets: {}\n",
        quoted(&licence(facts)),
        quoted(&format!("Preference pairs ({method})")),
        quoted(size_category(written.n_pairs)),
        list(&keywords),
        list(&annotators),
        quoted_source(facts),
    );
    // One name for all languages; a language of that name keeps its own.
    let all = if tags.iter().any(|tag| tag == "all") { "all-languages" } else { "all" };
    let _written = write!(
        yaml,
        "configs:\n- config_name: {}\n  default: true\n  data_files: \"data/*/train.{}\"\n",
        quoted(all),
        facts.options.extension()
    );
    let names: Vec<String> = languages(facts.parts).map(|(language, _)| folder(language)).collect();
    for (name, (_, part)) in names.iter().zip(languages(facts.parts)) {
        let path = quoted(&part.path);
        let _written = write!(
            yaml,
            "- config_name: {}\n  data_files:\n  - split: train\n    path: {path}\n",
            quoted(name)
        );
    }
    yaml.push_str("dataset_info:\n");
    for name in std::iter::once(all).chain(names.iter().map(String::as_str)) {
        let _written = writeln!(yaml, "- config_name: {}\n  features:", quoted(name));
        written.columns.iter().for_each(|column| feature(&mut yaml, column));
    }
    yaml
}

/// A column with its type, so that every language's file gives the same columns.
fn feature(yaml: &mut String, column: &RowColumn) {
    let name = quoted(column.name);
    let _written = match column.kind {
        ColumnKind::Text => writeln!(yaml, "  - name: {name}\n    dtype: string"),
        ColumnKind::Integer => writeln!(yaml, "  - name: {name}\n    dtype: int64"),
        ColumnKind::Number => writeln!(yaml, "  - name: {name}\n    dtype: float64"),
        ColumnKind::Flag => writeln!(yaml, "  - name: {name}\n    dtype: bool"),
        ColumnKind::TextList => writeln!(yaml, "  - name: {name}\n    sequence: string"),
        ColumnKind::IntegerList => writeln!(yaml, "  - name: {name}\n    sequence: int32"),
        ColumnKind::NumberList => writeln!(yaml, "  - name: {name}\n    sequence: float64"),
        ColumnKind::Messages | ColumnKind::Turns | ColumnKind::Turn => writeln!(
            yaml,
            "  - name: {name}\n    list:\n    - name: role\n      dtype: string\n    - name: content\n      dtype: string"
        ),
    };
}

/// The dataset that the prompts are from, where it is one that repositories know; else that the data extends others.
fn quoted_source(facts: &SideFacts<'_>) -> String {
    list(&[facts.session.config.prompt_set.hub_dataset().unwrap_or("extended").to_owned()])
}

fn size_category(n: u32) -> &'static str {
    match n {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "1M<n<10M",
    }
}

/// How the pairs were picked, in a sentence.
pub(super) fn method_words(config: &SessionConfig) -> &'static str {
    if config.imported_pairs {
        return "The pairs came with a file that says which of two responses is the better one; no method picked them.";
    }
    match config.method {
        Method::CmAlign => {
            "In the anchor language the most consistent response became the reference; in every other language the response closest to it was chosen and the one furthest from it rejected (CM-Align, arXiv 2509.08541)."
        }
        Method::RandomReference => {
            "A random response in the anchor language was the reference; the response closest to it was chosen and the one furthest from it rejected (a baseline)."
        }
        Method::Mapo => {
            "Responses were ranked by how likely the anchor's responses are as their translations (MAPO, arXiv 2401.06838)."
        }
        Method::Lidr => {
            "The anchor's response, translated, was chosen over the language's own (LIDR, arXiv 2410.08964)."
        }
        Method::Icr => {
            "Responses were ranked by how likely they are as answers to the anchor's prompt (implicit cross-lingual rewarding, arXiv 2503.04647)."
        }
        Method::Lacomsa => {
            "Responses were ranked by how close the model's own states are to those of the anchor's responses."
        }
    }
}

fn body(facts: &SideFacts<'_>) -> String {
    let (session, written) = (facts.session, facts.written);
    let config = &session.config;
    let n_undecided = written.n_pairs - written.n_accepted;
    let people = match facts.decisions.1 {
        0 => "Nobody has judged them yet.".to_owned(),
        1 => format!("One person judged them: {} accepted, {n_undecided} not looked at.", written.n_accepted),
        n => format!("{n} people judged them: {} accepted, {n_undecided} not looked at.", written.n_accepted),
    };
    let n_prompts = session.prompts.len();
    let set = match config.prompt_set.line() {
        known if known.is_empty() => String::new(),
        known => format!(" ({})", markdown(&known)),
    };
    let mut text = format!(
        "# Preference pairs in {} languages\n\n{} pairs of a chosen and a rejected response to the same prompts in several languages, made with Concord {}.\n\n\
         ## How they were made\n\n- Model: {} ({}). Prompts: {n_prompts}{set}; responses for each prompt and language: {}; temperature {}, seed {}.\n- {} Anchor language: {}.\n- {people} \
         Rows that people judged as ties, as equally good or bad, as harmful, or differently from each other are not among them.\n- {} texts were rewritten by a person: `concord_chosen_edited`, `concord_rejected_edited`.\n\n",
        languages(facts.parts).count(),
        written.n_pairs,
        markdown(&session.app.version),
        markdown(model(facts)),
        markdown(&session.model.quantization),
        config.n,
        config.temperature,
        config.seed,
        method_words(config),
        markdown(config.anchor.as_str()),
        written.n_edited,
    );
    if written.n_drafts > 0 {
        let _written = write!(
            text,
            "The prompts of {} rows are translations by a model that nobody has confirmed: `concord_prompt_draft` names the model, and is empty elsewhere.\n\n",
            written.n_drafts
        );
    }
    text.push_str("| Language | Rows | File |\n|---|---|---|\n");
    for (language, part) in languages(facts.parts) {
        let name = markdown(&language.info().english);
        let _written = writeln!(
            text,
            "| {name} (`{}`) | {} | `{}` |",
            markdown(language.as_str()),
            part.n_rows,
            part.path
        );
    }
    let _written = write!(
        text,
        "\n## How to load them\n\n```python\nfrom datasets import load_dataset\n\npairs = load_dataset({})\n```\n\n{}",
        quoted(repository(facts)),
        REST
    );
    text
}

const REST: &str = "\
`prompt`, `chosen` and `rejected` are lists of messages as TRL, OpenRLHF, Unsloth and Axolotl read them. LLaMA-Factory would drop such rows, so \
`llama-factory` has them in its own form, with `dataset_info.json`.

## Columns

| Column | Meaning |
|---|---|
| `prompt_id`, `language` | as in the prompt set |
| `score_chosen`, `score_rejected`, `concord_margin` | the method's scores and their difference; 0 where `concord_has_scores` is false |
| `concord_status`, `concord_decided_by`, `concord_changed` | accepted or undecided; whether a person or the method decided; whether the person picked another pair |
| `concord_method`, `concord_model`, `chosen_model`, `rejected_model` | the method, and who wrote the responses |
| `concord_chosen_sample`, `concord_rejected_sample` | which of the responses they are |
| `concord_chosen_edited`, `concord_rejected_edited`, `concord_reasons` | whether a person rewrote the text, and the reasons they gave |
| `concord_reference`, `concord_reference_language` | what the method compared with |
| `concord_licence` | licence of the prompts, where somebody has said it |

`decisions.jsonl` is the log of decisions: people are numbered, days are counted from the first decision, and what people wrote in their own words is left out. \
`concord-run.json` has all settings and the SHA-256 of every file. `croissant.json` describes the folder for programs.

## Limits

Responses are a small model's own; a chosen response is the better of two, not necessarily a good one. Scores compare responses of one prompt by one method, and \
have no meaning across methods. Languages with few speakers are those in which both the model and the language detection are weakest.
";
