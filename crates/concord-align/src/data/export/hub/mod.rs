//! A folder for a dataset repository: what stands beside `data/<language>/train.jsonl`.

mod card;
mod croissant;

use super::guides::dataset_info;
use super::names::{folder, llama_factory_name};
use super::{Part, SideFacts};
use crate::data::Language;

/// The card, the licence, the descriptions and the log.
pub(super) fn files(facts: &SideFacts<'_>) -> Vec<(String, String)> {
    let named: Vec<(String, String)> = languages(facts.parts)
        .map(|(language, _)| {
            (format!("concord_{}", folder(language).replace('-', "_")), llama_factory_name(language))
        })
        .collect();
    let named: Vec<(&str, &str)> = named.iter().map(|(name, file)| (name.as_str(), file.as_str())).collect();
    [
        ("README.md", card::read_me(facts)),
        ("LICENSE.md", licence_note(facts)),
        ("croissant.json", croissant::description(facts)),
        ("dataset_info.json", dataset_info(&named)),
        ("decisions.jsonl", facts.decisions.0.clone()),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .to_vec()
}

/// The files of rows by their languages.
fn languages(parts: &[Part]) -> impl Iterator<Item = (&Language, &Part)> {
    parts
        .iter()
        .filter(|part| part.path.starts_with("data/"))
        .filter_map(|part| Some((part.language.as_ref()?, part)))
}

/// The licence as repositories name it.
fn licence(facts: &SideFacts<'_>) -> String {
    let licence = facts.options.licence.trim().to_lowercase();
    if licence.is_empty() { "unknown".to_owned() } else { licence }
}

/// The repository.
fn repository<'a>(facts: &'a SideFacts<'_>) -> &'a str {
    let name = facts.options.name.trim();
    if name.is_empty() { "OWNER/concord-pairs" } else { name }
}

fn licence_note(facts: &SideFacts<'_>) -> String {
    let licence = licence(facts);
    let chosen = match licence.as_str() {
        "unknown" => "No licence was chosen for these pairs. Choose one before you publish them, and write it into README.md and croissant.json too.".to_owned(),
        licence => format!("These pairs are published under `{}`.", markdown(licence)),
    };
    let set = &facts.session.config.prompt_set;
    let prompts = match set.licence.trim() {
        "" => "which the session does not say".to_owned(),
        licence => markdown(licence),
    };
    format!(
        "# Licence\n\n{chosen}\n\nThree things decide which licence you may give: the licence of the prompts ({prompts}), the terms of the model that wrote the \
         responses ({}), and the people who judged and rewrote them.\n",
        markdown(model(facts))
    )
}

/// The model's name.
fn model<'a>(facts: &'a SideFacts<'_>) -> &'a str {
    let name = facts.session.model.name.as_str();
    if name.is_empty() { "a model that the session does not name" } else { name }
}

/// A text in Markdown that is shown as it is: no HTML, no links, no table cells.
fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
