//! Which chat template a model is asked with.

use serde::{Deserialize, Serialize};

/// A chat template, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateChoice {
    /// The file's own.
    #[default]
    File,
    /// None: the text as it is.
    Plain,
    /// `<|im_start|>user`, as of Qwen and many others.
    Chatml,
    /// As of Llama 3.
    #[serde(rename = "llama-3")]
    Llama3,
    /// As of Gemma to Gemma 3.
    Gemma,
    /// `[INST]`, as of Mistral.
    Mistral,
}

impl TemplateChoice {
    /// Every variant, for lists and for finding one by its name.
    pub const ALL: [Self; 6] =
        [Self::File, Self::Plain, Self::Chatml, Self::Llama3, Self::Gemma, Self::Mistral];

    /// The name in messages, settings and sessions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Plain => "plain",
            Self::Chatml => "chatml",
            Self::Llama3 => "llama-3",
            Self::Gemma => "gemma",
            Self::Mistral => "mistral",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_messages_and_others_are_refused_with_the_known_ones() {
        for choice in TemplateChoice::ALL {
            let json = format!("\"{}\"", choice.as_str());
            assert_eq!(serde_json::to_string(&choice).unwrap(), json);
            assert_eq!(serde_json::from_str::<TemplateChoice>(&json).unwrap(), choice);
            assert_eq!(TemplateChoice::named(choice.as_str()), Some(choice));
        }
        let error = serde_json::from_str::<TemplateChoice>("\"llama3\"").unwrap_err().to_string();
        for choice in TemplateChoice::ALL {
            assert!(error.contains(choice.as_str()), "{error}");
        }
    }
}
