//! The settings of a run as a short text, for a link, a preset or the next visit: `n:4,temperature:0.7,languages:en+de`.
//!
//! What is not named is as in [`SessionConfig::default`]. What a set of prompts or a run decides, such as the task and the encoder,
//! is not among them.

use serde_json::{Map, Value, json};

use super::{Language, SessionConfig, check_settings, limits::MOST_LANGUAGES};
use crate::data::from_json;

/// Settings that a text may name, as a session file calls them.
const FIELDS: [&str; 17] = [
    "method",
    "anchor",
    "languages",
    "n",
    "temperature",
    "topK",
    "topP",
    "minP",
    "repetitionPenalty",
    "seed",
    "maxTokens",
    "thinking",
    "minMargin",
    "languageGate",
    "mergeDuplicates",
    "anchorPairs",
    "tieBreak",
];
/// The longest text that is read.
const MOST_BYTES: usize = 2_000;

/// Writes settings as a text that stands in a URL as it is.
pub fn settings_text(config: &SessionConfig) -> String {
    let as_object = |config: &SessionConfig| match serde_json::to_value(config) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    };
    let (all, usual) = (as_object(config), as_object(&SessionConfig::default()));
    let is_other = |field: &&str| all.get(*field) != usual.get(*field);
    let fields = FIELDS.into_iter().filter(is_other).filter_map(|field| {
        let value = match all.get(field)? {
            Value::Array(tags) => tags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("+"),
            Value::String(text) => text.clone(),
            Value::Null => "auto".to_owned(),
            other => other.to_string(),
        };
        Some(format!("{field}:{value}"))
    });
    fields.collect::<Vec<_>>().join(",")
}

/// Reads settings from a text.
///
/// # Errors
/// In words for users: a setting that is not known, not of its kind, or not one that a run could have.
pub fn read_settings(text: &str) -> Result<SessionConfig, String> {
    if text.len() > MOST_BYTES {
        return Err(format!("the text of the settings is longer than {MOST_BYTES} characters"));
    }
    let mut object = Map::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (field, value) =
            part.split_once(':').ok_or_else(|| format!("\"{part}\" names no value, as in n:8"))?;
        if !FIELDS.contains(&field) {
            return Err(format!("\"{field}\" is no setting that this version knows"));
        }
        let value = match field {
            "languages" => {
                let tags: Vec<&str> = value.split('+').filter(|tag| !tag.is_empty()).collect();
                if tags.len() > MOST_LANGUAGES {
                    return Err(format!(
                        "languages: there are {}; there can be {MOST_LANGUAGES}",
                        tags.len()
                    ));
                }
                json!(tags.into_iter().map(Language::from).collect::<Vec<_>>())
            }
            "anchor" => json!(Language::from(value)),
            "method" | "tieBreak" => json!(value),
            "maxTokens" if value == "auto" => Value::Null,
            _ => from_json::<Value>(value)
                .ok()
                .filter(|value| value.is_number() || value.is_boolean())
                .ok_or_else(|| format!("{field}: \"{value}\" is neither a number nor true or false"))?,
        };
        if object.insert(field.to_owned(), value).is_some() {
            return Err(format!("{field} stands there twice"));
        }
    }
    let config: SessionConfig = serde_path_to_error::deserialize(Value::Object(object))
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
    match check_settings(&config).into_iter().next() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(config),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Method, TieBreak};

    #[test]
    fn settings_come_back_as_they_were() {
        let usual = SessionConfig::default();
        assert_eq!(settings_text(&usual), "");
        let other = SessionConfig {
            method: Method::RandomReference,
            anchor: "de".into(),
            languages: ["de", "zh-Hans", "sw"].map(Language::from).to_vec(),
            n: 12,
            temperature: 0.7,
            top_k: 40,
            max_tokens: Some(96),
            language_gate: false,
            tie_break: TieBreak::Sample,
            ..SessionConfig::default()
        };
        let text = settings_text(&other);
        assert!(
            text.starts_with("method:random-reference,anchor:de,languages:de+zh-Hans+sw,n:12,"),
            "{text}"
        );
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || ":,+-.".contains(c)), "{text}");
        for config in [usual, other] {
            assert_eq!(read_settings(&settings_text(&config)).unwrap(), config);
        }
    }

    #[test]
    fn what_no_run_could_have_is_refused_in_words() {
        let long = "n:1,".repeat(1_000);
        for (text, wanted) in [
            ("n:0", "n: the number is 0; it must be 1 to"),
            ("n:99999999", "n: the number is 99999999"),
            ("n:-1", "n:"),
            ("temperature:hot", "temperature: \"hot\" is neither a number"),
            ("temperature:1e30", "temperature"),
            ("method:magic", "method"),
            ("model:x", "\"model\" is no setting"),
            ("__proto__:1", "no setting"),
            ("n", "\"n\" names no value"),
            ("n:4,n:5", "n stands there twice"),
            ("thinking:[true]", "thinking"),
            (&long, "longer than"),
        ] {
            let message = read_settings(text).unwrap_err();
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
