//! What a cell holds: responses, as programs write them, or the question of a chat.

use serde_json::{Map, Value};

use crate::data::FinishReason;

/// How deep responses may lie in objects and lists.
const MOST_DEPTH: usize = 8;
/// Keys of an object under which its responses stand, the outermost first.
const HOLDERS: [&str; 14] = [
    "body",
    "choices",
    "outputs",
    "message",
    "messages",
    "generated_text",
    "content",
    "response",
    "completion",
    "generation",
    "output",
    "output_text",
    "text",
    "value",
];

/// A response, and what stands beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) reasoning: Option<String>,
    pub(super) model: Option<String>,
    pub(super) language: Option<String>,
    pub(super) sample: Option<u32>,
    pub(super) finish: Option<FinishReason>,
}

/// The responses of a cell, in their order: a text, a chat's last turn, what a server answered, or a list of any of these.
pub(super) fn responses_in(value: &Value) -> Vec<Said> {
    let mut out = Vec::new();
    collect(value, &Said::default(), 0, &mut out);
    out
}

fn collect(value: &Value, around: &Said, depth: usize, out: &mut Vec<Said>) {
    let said = |text: String| Said { text, ..around.clone() };
    match value {
        Value::String(text) => out.push(said(text.clone())),
        Value::Number(number) => out.push(said(number.to_string())),
        Value::Array(_) if is_chat(value) => {
            let last = value.as_array().and_then(|all| all.iter().rev().find(|turn| is_by(turn, &ASSISTANT)));
            if let Some(turn) = last.and_then(Value::as_object) {
                let reasoning = own_text(turn, &["reasoning_content", "reasoning", "thinking"]);
                let reasoning = reasoning.or_else(|| around.reasoning.clone());
                out.extend(text_of_turn(turn).map(|text| Said { reasoning, ..said(text) }));
            }
        }
        Value::Array(all) if depth < MOST_DEPTH => {
            // The parts of one text.
            let part = |part: &Value| {
                Some(part.as_object().filter(|part| is_part(part))?.get("text")?.as_str()?.to_owned())
            };
            match all.iter().map(part).collect::<Option<Vec<String>>>() {
                Some(parts) if !parts.is_empty() => out.push(said(parts.concat())),
                _ => all.iter().for_each(|value| collect(value, around, depth + 1, out)),
            }
        }
        Value::Object(object) if depth < MOST_DEPTH => {
            let around = beside(object, around);
            if let Some(inner) =
                HOLDERS.iter().find_map(|key| object.get(*key).filter(|value| !value.is_null()))
            {
                collect(inner, &around, depth + 1, out);
            }
        }
        _ => {}
    }
}

fn is_part(object: &Map<String, Value>) -> bool {
    object.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("text"))
}

/// What an object says of the responses in it; what it does not say is as around it.
fn beside(object: &Map<String, Value>, around: &Said) -> Said {
    let text = |names: &[&str]| own_text(object, names);
    Said {
        text: String::new(),
        reasoning: text(&["reasoning_content", "reasoning"]).or_else(|| around.reasoning.clone()),
        model: text(&["model", "model_name"]).or_else(|| around.model.clone()),
        language: text(&["language", "lang"]).or_else(|| around.language.clone()),
        sample: object.get("sample").and_then(number).or(around.sample),
        finish: finish(object).or(around.finish),
    }
}

fn own_text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let text =
        |name: &&str| object.get(*name)?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    names.iter().find_map(text)
}

/// Why a response ended, where that is said.
pub(super) fn finish(object: &Map<String, Value>) -> Option<FinishReason> {
    match own_text(object, &["finish_reason", "finishReason", "stop_reason"])?.as_str() {
        "length" | "max_tokens" | "MAX_TOKENS" => Some(FinishReason::Length),
        "cancelled" | "canceled" | "abort" => Some(FinishReason::Cancelled),
        _ => Some(FinishReason::Stop),
    }
}

/// A whole number, also as a text or with a zero behind the point, as a data frame with gaps writes it.
pub(super) fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(_) => value
            .as_u64()
            .or_else(|| {
                value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0 && *n < 1e9).map(|n| n as u64)
            })
            .and_then(|n| u32::try_from(n).ok()),
        Value::String(text) => {
            let text = text.trim();
            text.strip_suffix(".0").unwrap_or(text).parse().ok()
        }
        _ => None,
    }
}

/// Who asks in a chat, and who answers.
const USER: [&str; 3] = ["user", "human", "prompter"];
const ASSISTANT: [&str; 5] = ["assistant", "gpt", "model", "bot", "chatgpt"];

fn role(turn: &Value) -> Option<&str> {
    turn.get("role").or_else(|| turn.get("from"))?.as_str()
}

fn is_by(turn: &Value, who: &[&str]) -> bool {
    role(turn).is_some_and(|role| who.contains(&role))
}

/// Whether a value is a list of turns.
pub(super) fn is_chat(value: &Value) -> bool {
    value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|turn| role(turn).is_some()))
}

fn text_of_turn(turn: &Map<String, Value>) -> Option<String> {
    let content = turn.get("content").or_else(|| turn.get("value"))?;
    let parts = || -> Option<String> {
        Some(content.as_array()?.iter().filter_map(|part| part.get("text")?.as_str()).collect())
    };
    content.as_str().map(str::to_owned).or_else(parts)
}

/// The question that a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    /// One.
    One(String),
    /// A chat with more than one.
    Several(usize),
}

/// The question of a cell: a text, or what the user of a chat says; `None` where there is none.
pub(super) fn question_in(value: &Value) -> Option<Question> {
    match value {
        Value::String(text) => Some(Question::One(text.clone())),
        Value::Number(number) => Some(Question::One(number.to_string())),
        Value::Array(all) if is_chat(value) => {
            let asked = all.iter().filter(|turn| is_by(turn, &USER)).filter_map(Value::as_object);
            let texts: Vec<String> = asked.filter_map(text_of_turn).collect();
            match texts.as_slice() {
                [] => None,
                [only] => Some(Question::One(only.clone())),
                all => Some(Question::Several(all.len())),
            }
        }
        Value::Object(object) => object.get("messages").filter(|value| is_chat(value)).and_then(question_in),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn responses_are_found_where_programs_put_them() {
        for (value, wanted) in [
            (json!("a"), vec!["a"]),
            (json!(12), vec!["12"]),
            (json!(["a", "b"]), vec!["a", "b"]),
            (json!([["a", "b"]]), vec!["a", "b"]),
            (json!([{"role": "assistant", "content": "a"}]), vec!["a"]),
            (json!([{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]), vec!["a"]),
            (json!([{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]), vec!["a"]),
            (
                json!([[{"role": "assistant", "content": "a"}], [{"role": "assistant", "content": "b"}]]),
                vec!["a", "b"],
            ),
            (json!([{"generated_text": "a"}, {"generated_text": "b"}]), vec!["a", "b"]),
            (
                json!({"status_code": 200, "body": {"model": "m", "choices": [
                    {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"},
                    {"index": 1, "message": {"role": "assistant", "content": "b"}, "finish_reason": "length"},
                ]}}),
                vec!["a", "b"],
            ),
            (json!([{"model": "m", "response": "a"}, {"model": "n", "response": "b"}]), vec!["a", "b"]),
            (json!({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}), vec!["ab"]),
            (json!({"body": {"error": {"message": "no"}}}), vec![]),
            (json!(null), vec![]),
            (json!([{"role": "user", "content": "q"}]), vec![]),
        ] {
            let found: Vec<String> = responses_in(&value).into_iter().map(|said| said.text).collect();
            assert_eq!(found, wanted, "{value}");
        }
        let said = responses_in(&json!({"model": "m", "choices": [
            {"message": {"content": "a", "reasoning_content": "hm"}, "finish_reason": "length"}]}));
        assert_eq!(said[0].model.as_deref(), Some("m"));
        assert_eq!((said[0].finish, said[0].reasoning.as_deref()), (Some(FinishReason::Length), Some("hm")));
    }

    #[test]
    fn a_question_is_what_the_user_says() {
        let chat = json!([{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]);
        assert_eq!(question_in(&chat), Some(Question::One("q".to_owned())));
        let longer = json!([{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}, {"role": "user", "content": "r"}]);
        assert_eq!(question_in(&longer), Some(Question::Several(2)));
        assert_eq!(question_in(&json!([{"role": "assistant", "content": "a"}])), None);
    }

    #[test]
    fn numbers_of_samples() {
        for (value, wanted) in [
            (json!(2), Some(2)),
            (json!("2"), Some(2)),
            (json!(2.0), Some(2)),
            (json!("2.0"), Some(2)),
            (json!(2.5), None),
            (json!(-1), None),
            (json!("a"), None),
        ] {
            assert_eq!(number(&value), wanted, "{value}");
        }
    }
}
