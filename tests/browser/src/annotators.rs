//! A session file that three people have judged: thirty prompts in German and Swahili, with the judgements and the numbers
//! that other programs make of them as recorded in `annotators.json`.

use serde_json::{Value, json};

/// Who judged.
pub const ACTORS: [&str; 3] = ["Ana", "Ben <b>", "Chi"];

/// Pairs that came up again for the first of them, and those of them that she decided the other way round.
pub const REPEATS: (usize, usize) = (12, 2);

const TARGETS: [&str; 2] = ["de", "sw"];

/// The judgements, and what is to be found.
///
/// # Panics
/// When the record is no JSON.
pub fn recorded() -> Value {
    let text = include_str!("../../../crates/concord-align/tests/data/annotators.json");
    serde_json::from_str(text).expect("the record is JSON")
}

/// Prompt id and language of a row.
pub fn row(at: usize) -> (String, &'static str) {
    (format!("p{:02}", at / 2), TARGETS[at % 2])
}

/// The text of a response of a row.
pub fn text(at: usize, sample: u64) -> String {
    let (id, language) = row(at);
    format!("{id} in {language}, response {}.", sample + 1)
}

/// The file as text.
///
/// # Panics
/// When the record lacks votes or margins.
pub fn judged_session() -> String {
    let recorded = recorded();
    let margins = recorded["margins"].as_array().expect("margins");
    let (mut prompts, mut responses, mut references, mut pairs) = (vec![], vec![], vec![], vec![]);
    for prompt in 0..margins.len() / 2 {
        let id = row(2 * prompt).0;
        let texts: serde_json::Map<String, Value> = ["en", "de", "sw"]
            .iter()
            .map(|tag| ((*tag).to_owned(), json!(format!("{id} in {tag}?"))))
            .collect();
        prompts.push(json!({"id": id, "task": "general", "text": texts}));
        responses.push(response(&id, "en", 0, format!("{id} in en.")));
        references.push(json!({"promptId": id, "language": "en", "sample": 0, "consistency": [], "voteShare": null, "skip": null}));
        pairs.push(json!({"promptId": id, "language": "en", "chosen": null, "rejected": null, "scores": [], "margin": null, "skip": "anchor-language"}));
        for at in [2 * prompt, 2 * prompt + 1] {
            let language = row(at).1;
            responses.extend((0..3).map(|sample| response(&id, language, sample, text(at, sample))));
            pairs.push(json!({"promptId": id, "language": language, "chosen": 0, "rejected": 1, "scores": [], "margin": margins[at], "skip": null}));
        }
    }
    let mut events = Vec::new();
    for (actor, votes) in ACTORS.iter().zip(recorded["votes"].as_array().expect("votes")) {
        let letters = votes.as_str().expect("letters").chars().enumerate();
        let decided = letters.filter_map(|(at, letter)| Some((at, act_of(letter)?)));
        for (at, (act, after)) in decided {
            events.push(event(events.len(), actor, at, act, after, Value::Null));
        }
    }
    let kept =
        recorded["votes"][0].as_str().expect("letters").char_indices().filter(|(_, letter)| *letter == 'k');
    for (n, (at, _)) in kept.take(REPEATS.0).enumerate() {
        let after = if n < REPEATS.1 { state(1, 0, "accepted") } else { state(0, 1, "accepted") };
        events.push(event(events.len(), ACTORS[0], at, "repeat", after, json!([1, 0])));
    }
    json!({
        "schema": "concord-session/1", "created": "2026-11-21T10:00:00.000Z", "app": {"version": "0.1.0"},
        "config": {
            "task": "general", "anchor": "en", "languages": ["en", "de", "sw"], "method": "cm-align", "n": 3, "temperature": 0.9,
            "seed": 1, "maxTokens": 96, "encoder": "none",
        },
        "model": {"name": "none", "sha256": "", "architecture": "none", "quantization": "none"},
        "prompts": prompts, "responses": responses, "references": references, "pairs": pairs,
        "similarities": [], "events": events,
    })
    .to_string()
}

fn response(id: &str, language: &str, sample: u64, text: String) -> Value {
    json!({
        "promptId": id, "language": language, "sample": sample, "text": text, "tokens": [1, 2], "logprob": -1.0,
        "finishReason": "stop", "answer": null, "detectedLanguage": null,
    })
}

fn state(chosen: u64, rejected: u64, status: &str) -> Value {
    json!({"chosen": chosen, "rejected": rejected, "status": status})
}

/// What a letter does to the method's pair, 0 over 1.
fn act_of(letter: char) -> Option<(&'static str, Value)> {
    Some(match letter {
        'k' => ("accept", state(0, 1, "accepted")),
        's' => ("swap", state(1, 0, "accepted")),
        'o' => ("choose", state(2, 1, "accepted")),
        'l' => ("leave-out", state(0, 1, "left-out")),
        't' => ("tie", state(0, 1, "tie")),
        'g' => ("both-good", state(0, 1, "both-good")),
        'b' => ("both-bad", state(0, 1, "both-bad")),
        'c' => ("cannot-judge", state(0, 1, "cannot-judge")),
        'h' => ("harmful", state(0, 1, "harmful")),
        _ => return None,
    })
}

fn event(seq: usize, actor: &str, at: usize, act: &str, after: Value, shown_order: Value) -> Value {
    let (item, lang) = row(at);
    json!({
        "seq": seq, "time": format!("2026-11-21T11:{:02}:{:02}.000Z", seq / 60, seq % 60), "actor": actor, "item": item,
        "lang": lang, "event": act, "before": state(0, 1, "undecided"), "after": after, "shown_order": shown_order,
    })
}
