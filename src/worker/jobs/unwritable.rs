//! Says which characters of a text a vocabulary cannot write; the model reads the text without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    data::{InOrder, Response},
    protocol::{EmbedRequest, Input},
    text::Tokenizer,
};

/// Texts that are named one by one; of more of them their number is told.
const MOST_NAMED: usize = 8;
/// Characters that are shown of those that many responses hold.
const MOST_CHARACTERS: usize = 40;

/// What is lost of one text, which `name` names; `None` where nothing is.
pub(crate) fn lost(tokenizer: &Tokenizer, name: &str, text: &str) -> Option<String> {
    let lost = tokenizer.unwritable(text);
    (!lost.is_empty()).then(|| sentence(name, &lost))
}

/// What is lost of a prompt that people wrote; tokens are what they are.
pub(crate) fn lost_of_input(tokenizer: &Tokenizer, input: &Input) -> Vec<String> {
    match input {
        Input::Prompt(text) => lost(tokenizer, "the prompt", text).into_iter().collect(),
        Input::Messages(messages) if messages.len() == 1 => {
            lost(tokenizer, "the message", &messages[0].content).into_iter().collect()
        }
        Input::Messages(messages) => {
            let named = (1..).zip(messages);
            named.filter_map(|(at, m)| lost(tokenizer, &format!("message {at}"), &m.content)).collect()
        }
        Input::Tokens(_) => Vec::new(),
    }
}

/// What is lost of many texts of a kind, a sentence for each set of characters. `name` names some of them, counted from 0.
pub(crate) fn lost_of_texts<'a>(
    tokenizer: &Tokenizer,
    texts: impl IntoIterator<Item = &'a str>,
    name: impl Fn(&[usize]) -> String,
) -> Vec<String> {
    let mut by_lost: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, text) in texts.into_iter().enumerate() {
        let lost = tokenizer.unwritable(text);
        if !lost.is_empty() {
            by_lost.entry(lost).or_default().push(at);
        }
    }
    let mut groups: Vec<(String, Vec<usize>)> = by_lost.into_iter().collect();
    groups.order_by_key(|(_, places)| places[0]);
    let rest: usize = groups.iter().skip(MOST_NAMED).map(|(_, places)| places.len()).sum();
    let mut problems: Vec<String> =
        groups.iter().take(MOST_NAMED).map(|(lost, places)| sentence(&name(places), lost)).collect();
    if rest > 0 {
        problems.push(format!("the vocabulary cannot write characters of {rest} more texts either"));
    }
    problems
}

/// What the vocabulary cannot write of texts that are to be embedded.
pub(crate) fn lost_of_request(tokenizer: &Tokenizer, request: &EmbedRequest) -> Vec<String> {
    lost_of_texts(tokenizer, request.texts.iter().map(String::as_str), numbered)
}

/// `text 3`, `texts 1, 2 and 5`, or of many the first and how many more; counted from 1.
fn numbered(places: &[usize]) -> String {
    let kind = if places.len() == 1 { "text" } else { "texts" };
    format!("{kind} {}", listed(places, |place| (place + 1).to_string()))
}

/// Names one after the other; of many the first and how many more.
pub(crate) fn listed(places: &[usize], name: impl Fn(usize) -> String) -> String {
    let named: Vec<String> = places.iter().take(MOST_NAMED).map(|place| name(*place)).collect();
    match (places.len().saturating_sub(MOST_NAMED), named.split_last()) {
        (0, Some((last, first))) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (0, _) => named.concat(),
        (n_more, _) => format!("{} and {n_more} more", named.join(", ")),
    }
}

/// What a model cannot write of responses that it did not make; `None` where it can write all.
pub(crate) fn lost_of_responses(
    name: &str,
    tokenizer: &Tokenizer,
    responses: &[&Response],
) -> Option<String> {
    let lost = responses.iter().map(|response| tokenizer.unwritable(&response.text));
    let lost: Vec<String> = lost.filter(|lost| !lost.is_empty()).collect();
    let characters: BTreeSet<char> = lost.iter().flat_map(|lost| lost.chars()).collect();
    let some: String = characters.iter().take(MOST_CHARACTERS).collect();
    let more = if characters.len() > MOST_CHARACTERS { " and more" } else { "" };
    (!lost.is_empty()).then(|| {
        format!(
            "{name} cannot write \"{some}\"{more}, which {} of {} responses hold; it reads them without these characters",
            lost.len(),
            responses.len()
        )
    })
}

fn sentence(name: &str, lost: &str) -> String {
    format!(
        "{name}: the model's vocabulary cannot write \"{lost}\"; it reads the text without these characters"
    )
}
