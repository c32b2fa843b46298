//! The settings of a run. Field names are a public contract.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Day, Language, PromptSource, Spellings, TaskKind};

/// How the chosen and rejected responses are picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Consistency-guided reference, then cross-lingual pairs (arXiv 2509.08541).
    #[default]
    CmAlign,
    /// A random anchor response as the reference: the baseline.
    RandomReference,
    /// Likelihood of the anchor's responses as translations of a response (arXiv 2401.06838).
    Mapo,
    /// The anchor's response, translated, over the language's own response (arXiv 2410.08964).
    Lidr,
    /// Implicit cross-lingual reward: likelihood of a response to the anchor's prompt (arXiv 2503.04647).
    Icr,
    /// Similarity of the model's own states to the anchor's responses.
    Lacomsa,
}

impl Method {
    /// Every method, CM-Align first.
    pub const ALL: [Self; 6] =
        [Self::CmAlign, Self::RandomReference, Self::Mapo, Self::Lidr, Self::Icr, Self::Lacomsa];

    /// Whether the method compares candidates with one response of the anchor language. The scores of those methods are
    /// similarities, and only for them the minimum margin holds.
    pub fn has_reference(self) -> bool {
        matches!(self, Self::CmAlign | Self::RandomReference)
    }

    /// As in a session file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CmAlign => "cm-align",
            Self::RandomReference => "random-reference",
            Self::Mapo => "mapo",
            Self::Lidr => "lidr",
            Self::Icr => "icr",
            Self::Lacomsa => "lacomsa",
        }
    }
}

/// What decides where CM-Align's paper leaves equals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieBreak {
    /// The cosine, then the lowest sample (**ours**).
    #[default]
    Cosine,
    /// The lowest sample alone: nothing that the paper does not say, except for an order.
    Sample,
}

/// The largest token limit that is measured where none is given, for a model that answers at once.
pub const MOST_TOKENS: u32 = 1_024;
/// The same for one that thinks before it answers.
pub const MOST_TOKENS_THINKING: u32 = 8_192;

/// The settings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionConfig {
    /// Kind of answers.
    pub task: TaskKind,
    /// The language whose most consistent response becomes the reference.
    pub anchor: Language,
    /// Languages answered, anchor included.
    pub languages: Vec<Language>,
    /// How pairs are picked.
    pub method: Method,
    /// Responses per prompt and language.
    pub n: u32,
    /// Sampling temperature; 0 is greedy.
    pub temperature: f32,
    /// Keep the k most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the smallest set of tokens with at least this probability; 1 keeps all.
    pub top_p: f32,
    /// Drop tokens below this share of the most likely one's probability; 0 keeps all.
    pub min_p: f32,
    /// Divide the positive, multiply the negative logits of tokens already seen; 1 is off.
    pub repetition_penalty: f32,
    /// Seed of the counter-based generator.
    pub seed: u32,
    /// Longest response with its reasoning, in tokens; `None` (`null` or `"auto"`) is measured on the first prompts of the
    /// run, and then stands here as measured.
    #[serde(deserialize_with = "limit")]
    pub max_tokens: Option<u32>,
    /// Let a model think before it answers, where its chat template can switch that off.
    pub thinking: bool,
    /// The day that the chat template tells the model, where it tells one; `None` is [`Day::FIXED`]. A session says which it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Day>,
    /// Pairs with a smaller margin are skipped, where [`Method::has_reference`]; other scales know no common cut.
    pub min_margin: f32,
    /// Never choose a response that is surely in another language.
    pub language_gate: bool,
    /// Merge exact duplicates before voting.
    pub merge_duplicates: bool,
    /// Also pair the reference with the least consistent anchor response.
    pub anchor_pairs: bool,
    /// What decides among equals.
    pub tie_break: TieBreak,
    /// What embedded the responses, such as `Concord teaching model, layer 3, mean`.
    pub encoder: Option<String>,
    /// How the prompt set writes its languages, where it is not by the canonical tag; exports write it so.
    #[serde(skip_serializing_if = "Spellings::is_empty")]
    pub spellings: Spellings,
    /// Name, source and licence of the prompt set, as far as somebody has said; exports say them too.
    #[serde(skip_serializing_if = "PromptSource::is_empty")]
    pub prompt_set: PromptSource,
    /// Whether the pairs came with a file, and no method picked them; what picks pairs takes it back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub imported_pairs: bool,
}

impl SessionConfig {
    /// What the pairs are of: a method as a session file names it, or `imported` where they came with a file.
    pub fn picked_by(&self) -> &'static str {
        if self.imported_pairs { "imported" } else { self.method.as_str() }
    }
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            task: TaskKind::Math,
            anchor: Language::from("en"),
            languages: Vec::new(),
            method: Method::CmAlign,
            n: 8,
            temperature: 0.9,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            seed: 1,
            max_tokens: None,
            thinking: false,
            date: None,
            min_margin: 0.0,
            language_gate: true,
            merge_duplicates: false,
            anchor_pairs: false,
            tie_break: TieBreak::Cosine,
            encoder: None,
            spellings: Spellings::default(),
            prompt_set: PromptSource::default(),
            imported_pairs: false,
        }
    }
}

/// A token limit: a number, or `null` or `"auto"` for one that is measured.
fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    struct Limit;
    impl<'de> Visitor<'de> for Limit {
        type Value = Option<u32>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number of tokens, null or \"auto\"")
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            u32::try_from(value)
                .map(Some)
                .map_err(|_large| E::invalid_value(Unexpected::Unsigned(value), &self))
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            u32::try_from(value)
                .map(Some)
                .map_err(|_negative| E::invalid_value(Unexpected::Signed(value), &self))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
            match value {
                "auto" => Ok(None),
                other => Err(E::invalid_value(Unexpected::Str(other), &self)),
            }
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }
    }
    deserializer.deserialize_any(Limit)
}

#[cfg(test)]
mod tests {
    use super::SessionConfig;

    #[test]
    fn a_limit_is_a_number_or_left_to_be_measured() {
        for (json, wanted) in [
            ("{}", Some(None)),
            (r#"{"maxTokens": null}"#, Some(None)),
            (r#"{"maxTokens": "auto"}"#, Some(None)),
            (r#"{"maxTokens": 96}"#, Some(Some(96))),
            (r#"{"maxTokens": -1}"#, None),
            (r#"{"maxTokens": "many"}"#, None),
            (r#"{"maxTokens": 1.5}"#, None),
        ] {
            let read = serde_json::from_str::<SessionConfig>(json).ok();
            assert_eq!(read.as_ref().map(|config| config.max_tokens), wanted, "{json}");
            if let Some(config) = read {
                let again = serde_json::to_string(&config).unwrap();
                assert_eq!(serde_json::from_str::<SessionConfig>(&again).unwrap(), config);
            }
        }
    }
}
