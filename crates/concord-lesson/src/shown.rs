//! What scenes are made of, as plain values: the lesson's program reads them without knowing what the session holds.

use serde::{Deserialize, Serialize};

use crate::data::{Direction, Language, Prompt, Response};

/// A language, as the lesson writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tongue {
    /// Its tag.
    pub tag: String,
    /// Its name in itself.
    pub name: String,
    /// Whether it is written from right to left.
    pub is_rtl: bool,
}

impl Tongue {
    /// What is known of a language.
    pub fn of(language: &Language) -> Self {
        let info = language.info();
        Self {
            tag: language.as_str().to_owned(),
            name: info.native,
            is_rtl: info.direction == Direction::Rtl,
        }
    }
}

/// A prompt's text in a language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Which prompt.
    pub prompt_id: String,
    /// In which language.
    pub language: Tongue,
    /// The text.
    pub text: String,
}

impl Asked {
    /// The text of a prompt in a language; empty where it has none.
    pub fn of(prompt: &Prompt, language: &Language) -> Self {
        Self {
            prompt_id: prompt.id.clone(),
            language: Tongue::of(language),
            text: prompt.text.get(language).cloned().unwrap_or_default(),
        }
    }
}

/// A response, as the lesson shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// On which prompt.
    pub prompt_id: String,
    /// In which language.
    pub language: Tongue,
    /// Which sample, from 0.
    pub sample: u32,
    /// Its text.
    pub text: String,
    /// The answer it states.
    pub answer: Option<String>,
}

impl Shown {
    /// Copies what is shown.
    pub fn of(response: &Response) -> Self {
        Self {
            prompt_id: response.prompt_id.clone(),
            language: Tongue::of(&response.language),
            sample: response.sample,
            text: response.text.clone(),
            answer: response.answer.clone(),
        }
    }
}
