//! JSON as servers write it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text, or the texts of a list of parts; anything else is empty.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LongText(pub String);

impl<'de> Deserialize<'de> for LongText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Array(parts) => {
                parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
            }
            _ => String::new(),
        }))
    }
}

/// A part that nothing depends on: one of another shape is as good as none.
pub(super) fn if_readable<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: for<'any> Deserialize<'any>,
    D: Deserializer<'de>,
{
    Value::deserialize(deserializer).map(|value| serde_json::from_value(value).ok())
}

/// The text with `NaN`, `Infinity` and `-Infinity`, which Python writes and JSON does not have, as `null`.
pub(super) fn lenient(text: &str) -> Cow<'_, str> {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text.into();
    }
    let (mut out, mut rest, mut is_string) = (String::with_capacity(text.len()), text, false);
    while let Some(next) = rest.chars().next() {
        let word =
            ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| !is_string && rest.starts_with(word));
        let n_bytes = match word {
            Some(word) => {
                out.push_str("null");
                word.len()
            }
            None => {
                let n_bytes = match next {
                    '\\' if is_string => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
                    next => next.len_utf8(),
                };
                is_string ^= next == '"';
                out.push_str(&rest[..n_bytes]);
                n_bytes
            }
        };
        rest = &rest[n_bytes..];
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_does_not_have_become_null() {
        for (text, expected) in [
            (r#"{"a":NaN,"b":[Infinity,-Infinity]}"#, r#"{"a":null,"b":[null,null]}"#),
            (r#"{"NaN":"NaN \" NaN","b":NaN}"#, r#"{"NaN":"NaN \" NaN","b":null}"#),
            (r#""\\",NaN"#, r#""\\",null"#),
            (r#"["\"#, r#"["\"#),
            (r#"["NaN\"#, r#"["NaN\"#),
            (r#"["NaN\ä"#, r#"["NaN\ä"#),
        ] {
            assert_eq!(lenient(text), expected);
        }
    }

    #[test]
    fn a_text_may_be_a_list_of_parts() {
        let of = |text: &str| serde_json::from_str::<LongText>(text).unwrap().0;
        assert_eq!(of(r#""a""#), "a");
        assert_eq!(of(r#"[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"image"}]"#), "ab");
        assert_eq!((of("null"), of("7")), (String::new(), String::new()));
    }
}
