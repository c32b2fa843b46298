//! What a server says when it says no.

use serde_json::Value;

use super::json::lenient;
use crate::data::from_json;

/// The sentence in a refusal's body: an object in OpenAI's form or FastAPI's, a text, or a page.
pub fn refusal_message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    match from_json::<Value>(&lenient(text)) {
        Ok(value) => message_of(value.get("error").filter(|error| !error.is_null()).unwrap_or(&value)),
        Err(_) if text.starts_with('<') => "a web page".to_owned(),
        Err(_) => text.to_owned(),
    }
}

/// An error object within an answer: the HTTP status, where it names one, and its sentence.
pub(super) fn error_of(error: &Value) -> (Option<u16>, String) {
    let code = error.get("code").or_else(|| error.get("status"));
    let code = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let status = code.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
    (status, message_of(error))
}

fn message_of(error: &Value) -> String {
    let inner = ["message", "detail", "error"].iter().find_map(|name| error.get(name)).unwrap_or(error);
    match inner {
        Value::String(text) => text.clone(),
        Value::Null => "the server gives no reason".to_owned(),
        // FastAPI's list of what it could not understand.
        Value::Array(parts) if parts.iter().all(|part| part.get("msg").is_some_and(Value::is_string)) => {
            let parts = parts.iter().filter_map(|part| {
                let place = part.get("loc").and_then(Value::as_array).and_then(|loc| loc.last());
                let place =
                    place.map(|place| place.as_str().map_or_else(|| place.to_string(), str::to_owned));
                Some(format!("{}: {}", place.unwrap_or_default(), part.get("msg")?.as_str()?))
            });
            parts.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_servers_refusal_is_a_sentence() {
        for (body, expected) in [
            // llama-server.
            (
                r#"{"error":{"code":400,"message":"Field 'n': Value must be between 1 <= value <= 4, but got 8","type":"invalid_request_error"}}"#,
                "Field 'n': Value must be between 1 <= value <= 4, but got 8",
            ),
            // vLLM of old and of now.
            (r#"{"object":"error","message":"no model","type":"NotFoundError","code":404}"#, "no model"),
            (r#"{"error":{"message":"no model","type":"NotFoundError","code":404}}"#, "no model"),
            // Ollama.
            (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
            // FastAPI.
            (r#"{"detail":"Not Found"}"#, "Not Found"),
            (
                r#"{"detail":[{"type":"int","loc":["body","n"],"msg":"Input should be 1"}]}"#,
                "n: Input should be 1",
            ),
            ("<html><body>502", "a web page"),
            (" Internal Server Error\n", "Internal Server Error"),
            (r#"{"error":null}"#, "the server gives no reason"),
            ("", ""),
        ] {
            assert_eq!(refusal_message(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn an_error_within_an_answer_may_name_its_status() {
        let of = |text: &str| error_of(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"code":500,"message":"slot lost"}"#), (Some(500), "slot lost".to_owned()));
        assert_eq!(of(r#"{"code":"429","message":"later"}"#), (Some(429), "later".to_owned()));
        assert_eq!(of(r#"{"code":"rate_limit","message":"later"}"#), (None, "later".to_owned()));
        assert_eq!(of("null"), (None, "the server gives no reason".to_owned()));
    }
}
