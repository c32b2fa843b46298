//! Whose letters a text is written in.

use unicode_script::{Script, UnicodeScript};

use crate::data::Language;

/// The scripts that a language is written in.
pub(super) struct Scripts(Vec<Script>);

impl Scripts {
    /// Those of the table of languages; none for a language that it does not have.
    pub(super) fn of(language: &Language) -> Self {
        let of_code = |code: String| match code.as_str() {
            "Jpan" => vec![Script::Han, Script::Hiragana, Script::Katakana],
            "Kore" => vec![Script::Hangul, Script::Han],
            "Hans" | "Hant" => vec![Script::Han, Script::Bopomofo],
            other => Script::from_short_name(other).into_iter().collect(),
        };
        Self(language.scripts().into_iter().flat_map(of_code).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the language has capital and small letters.
    pub(super) fn has_case(&self) -> bool {
        self.0.iter().any(|script| has_case(*script))
    }

    /// The script of a letter that is not one of the language; `None` for its own letters, digits and signs.
    pub(super) fn foreign(&self, c: char) -> Option<Script> {
        if !c.is_alphabetic() {
            return None;
        }
        Some(c.script()).filter(|script| is_known(*script) && !self.0.contains(script))
    }

    /// Whether this is a letter of the language.
    pub(super) fn is_own(&self, c: char) -> bool {
        c.is_alphabetic() && self.0.contains(&c.script())
    }
}

/// Whether a script has capital and small letters, so that two of them in one word are no word of either.
pub(super) fn has_case(script: Script) -> bool {
    matches!(script, Script::Latin | Script::Cyrillic | Script::Greek | Script::Armenian)
}

fn is_known(script: Script) -> bool {
    !matches!(script, Script::Common | Script::Inherited | Script::Unknown)
}
