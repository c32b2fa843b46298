//! Names, scripts and directions of known languages, and a sensible fallback for any other tag.

use serde::{Deserialize, Serialize};

use super::Language;
use super::language_table::{row_of_longest, rows};

/// The direction a script is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Direction {
    /// The value of HTML `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// What a screen needs to know of a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LanguageInfo {
    /// The tag it was asked by.
    pub tag: Language,
    /// Its name in itself; the tag where it is not in the table.
    pub native: String,
    /// Its name in English; the tag where it is not in the table.
    pub english: String,
    /// ISO 15924 code of its script, `Zyyy` where it is not known.
    pub script: String,
    /// Direction of its script.
    pub direction: Direction,
}

impl Language {
    /// The scripts that texts of this language may be in, as ISO 15924 codes: the tag's own, else those of the table,
    /// the usual one first; none where nothing is known.
    pub fn scripts(&self) -> Vec<String> {
        match self.script_subtag() {
            Some(script) => vec![script.to_owned()],
            None => row_of_longest(self.as_str())
                .map_or(Vec::new(), |row| row.scripts.iter().map(|s| (*s).to_owned()).collect()),
        }
    }

    /// Names, script and direction, by the longest part of the tag that the table has; a script subtag always wins.
    pub fn info(&self) -> LanguageInfo {
        let row = row_of_longest(self.as_str());
        let usual = row.and_then(|row| row.scripts.first().copied());
        let script = self.script_subtag().or(usual).unwrap_or("Zyyy").to_owned();
        // A text that is known by its script alone.
        let (native, english) = row.map_or_else(
            || (self.as_str().to_owned(), self.as_str().to_owned()),
            |row| (row.native.to_owned(), row.english.to_owned()),
        );
        let is_unusual = self.script_subtag().is_some() && usual.is_some_and(|usual| usual != script);
        let in_script =
            |name: String| if is_unusual { format!("{name} ({})", script_name(&script)) } else { name };
        let english = match self.primary().as_str() {
            "und" => format!("another language ({})", script_name(&script)),
            _ => in_script(english),
        };
        LanguageInfo {
            tag: self.clone(),
            native: in_script(native),
            english,
            direction: direction_of(&script),
            script,
        }
    }
}

/// Every language of the table, in its order: the eight of the teaching model first.
pub fn known_languages() -> Vec<LanguageInfo> {
    rows().iter().map(|row| Language(row.tag.to_owned()).info()).collect()
}

/// Direction of an ISO 15924 script.
fn direction_of(script: &str) -> Direction {
    const RTL: [&str; 8] = ["Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand"];
    if RTL.iter().any(|rtl| rtl.eq_ignore_ascii_case(script)) { Direction::Rtl } else { Direction::Ltr }
}

/// The English name of a script that stands beside a language's usual one; the code of a rare one.
fn script_name(script: &str) -> &str {
    match script {
        "Latn" => "Latin",
        "Cyrl" => "Cyrillic",
        "Arab" => "Arabic script",
        "Deva" => "Devanagari",
        "Hebr" => "Hebrew script",
        "Grek" => "Greek script",
        "Beng" => "Bengali script",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::language_table::code_key;
    use super::*;

    #[test]
    fn tags_are_canonical_and_there_once() {
        let (mut seen, mut codes) = (HashSet::new(), HashSet::new());
        for (line, row) in include_str!("languages.txt").lines().zip(rows()) {
            assert_eq!(Language::from(row.tag).as_str(), row.tag);
            assert!(seen.insert(row.tag), "{}", row.tag);
            assert!(!row.native.is_empty() && !row.english.is_empty(), "{}", row.tag);
            assert!(!row.scripts.is_empty() && row.scripts.iter().all(|s| s.len() == 4), "{}", row.tag);
            assert!(matches!(line.matches('|').count(), 3..=5), "{line}");
            for code in line.split('|').nth(4).unwrap_or_default().split_whitespace().chain([row.tag]) {
                assert!(codes.insert(code_key(code)), "{code} stands for two languages");
            }
        }
        assert!(seen.len() > 200);
    }

    #[test]
    fn every_name_leads_back_to_its_language() {
        for row in rows() {
            for name in [row.native, row.english] {
                let found = Language::from(name);
                assert_eq!(found.primary(), Language::from(row.tag).primary(), "{name}");
            }
        }
    }

    #[test]
    fn names_and_directions_are_right() {
        for (tag, english, native, script, direction) in [
            ("ps", "Pashto", "پښتو", "Arab", Direction::Rtl),
            ("sd", "Sindhi", "سنڌي", "Arab", Direction::Rtl),
            ("ug", "Uyghur", "ئۇيغۇرچە", "Arab", Direction::Rtl),
            ("ckb", "Central Kurdish", "کوردیی ناوەندی", "Arab", Direction::Rtl),
            ("dv", "Dhivehi", "ދިވެހި", "Thaa", Direction::Rtl),
            ("yi", "Yiddish", "ייִדיש", "Hebr", Direction::Rtl),
            ("zh-TW", "Chinese (Traditional)", "繁體中文", "Hant", Direction::Ltr),
            ("zh-HK", "Chinese (Traditional, Hong Kong)", "繁體中文（香港）", "Hant", Direction::Ltr),
            ("zh", "Chinese (Simplified)", "简体中文", "Hans", Direction::Ltr),
            ("ku", "Kurdish", "Kurdî", "Latn", Direction::Ltr),
            ("sr-Latn", "Serbian (Latin)", "Srpski (latinica)", "Latn", Direction::Ltr),
            ("hi-Latn", "Hindi (Latin)", "हिन्दी (Latin)", "Latn", Direction::Ltr),
            ("ur-Latn", "Urdu (Latin)", "اردو (Latin)", "Latn", Direction::Ltr),
            ("pa-Arab", "Punjabi (Shahmukhi)", "پنجابی", "Arab", Direction::Rtl),
            ("es-MX", "Spanish", "Español", "Latn", Direction::Ltr),
            ("gl", "Galician", "Galego", "Latn", Direction::Ltr),
            ("pcm", "Nigerian Pidgin", "Naijá", "Latn", Direction::Ltr),
            ("qaa", "qaa", "qaa", "Zyyy", Direction::Ltr),
            ("und-Arab", "another language (Arabic script)", "und-Arab", "Arab", Direction::Rtl),
        ] {
            let info = Language::from(tag).info();
            assert_eq!((info.english.as_str(), info.native.as_str()), (english, native), "{tag}");
            assert_eq!((info.script.as_str(), info.direction), (script, direction), "{tag}");
        }
    }
}
