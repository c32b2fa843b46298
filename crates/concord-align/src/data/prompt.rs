//! A prompt: one item with a text per language.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Language, known_languages};
use crate::data::InOrder;

/// What kind of answer a prompt asks for; decides how consistency is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A final number decides.
    #[default]
    Math,
    /// A code snippet decides.
    Code,
    /// General instruction following: embeddings decide.
    General,
}

/// One item of a prompt set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Unique within the set.
    pub id: String,
    /// What kind of answer it asks for.
    pub task: TaskKind,
    /// The gold answer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The same question in each language.
    pub text: BTreeMap<Language, String>,
    /// Languages whose text is a draft that nobody has confirmed, each with the name of the model that translated it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drafts: BTreeMap<Language, String>,
}

impl Prompt {
    /// The model that drafted the text in a language, where nobody has confirmed it.
    pub fn drafted_by(&self, language: &Language) -> Option<&str> {
        self.drafts.get(language).map(String::as_str)
    }
}

/// Every language of some prompts, in the order that the screen and the scripting API ask them in unless told otherwise: the
/// anchor first, then those of the language table in its order, then the others by tag.
pub fn languages_of(prompts: &[Prompt], anchor: &Language) -> Vec<Language> {
    let table: BTreeMap<Language, usize> =
        known_languages().into_iter().map(|info| info.tag).zip(0..).collect();
    let mut found: BTreeSet<&Language> = BTreeSet::new();
    let mut last: Option<&Prompt> = None;
    for prompt in prompts {
        // Most prompts of a large set have the languages of the one before.
        if !last.is_some_and(|last| last.text.keys().eq(prompt.text.keys())) {
            found.extend(prompt.text.keys());
        }
        last = Some(prompt);
    }
    let mut found: Vec<Language> = found.into_iter().cloned().collect();
    found.order_by_key(|language| (language != anchor, table.get(language).copied().unwrap_or(usize::MAX)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchor_comes_first_then_the_table_then_the_rest_by_tag() {
        let prompt = |tags: &[&str]| Prompt {
            id: "a".into(),
            text: tags.iter().map(|tag| (Language::from(*tag), "?".to_owned())).collect(),
            ..Prompt::default()
        };
        let prompts = [prompt(&["ar", "zz", "en", "yy"]), prompt(&["de", "sw", "en"])];
        let languages = languages_of(&prompts, &Language::from("sw"));
        let tags: Vec<&str> = languages.iter().map(Language::as_str).collect();
        assert_eq!(tags, ["sw", "en", "de", "ar", "yy", "zz"]);
        let again = [prompts[1].clone(), prompts[1].clone(), prompts[0].clone(), prompts[1].clone()];
        assert_eq!(languages_of(&again, &Language::from("sw")), languages);
        assert_eq!(languages_of(&[], &Language::from("en")), []);
    }
    #[test]
    fn a_prompt_without_drafts_is_written_as_before_there_were_any() {
        let old = r#"{"id":"a","task":"math","text":{"de":"Zwei?","en":"Two?"}}"#;
        let mut prompt: Prompt = serde_json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&prompt).unwrap(), old);
        prompt.drafts.insert("de".into(), "Tiny".into());
        let json = serde_json::to_string(&prompt).unwrap();
        assert!(json.ends_with(r#","drafts":{"de":"Tiny"}}"#), "{json}");
        assert_eq!(serde_json::from_str::<Prompt>(&json).unwrap(), prompt);
        assert_eq!((prompt.drafted_by(&"de".into()), prompt.drafted_by(&"en".into())), (Some("Tiny"), None));
    }
}
