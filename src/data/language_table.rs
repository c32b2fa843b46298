//! Names, script and direction of the languages people bring most, and a fair answer for any other tag.

use serde::{Deserialize, Serialize};

use super::Language;

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
    /// Names, script and direction: by the whole tag, else by its first subtag; a script subtag always wins.
    pub fn info(&self) -> LanguageInfo {
        let primary = self.primary();
        let row = TABLE
            .iter()
            .find(|row| row.0.eq_ignore_ascii_case(&self.0))
            .or_else(|| TABLE.iter().find(|row| row.0.split('-').next() == Some(primary.as_str())));
        let script = self.script_subtag().or(row.map(|row| row.3)).unwrap_or("Zyyy").to_owned();
        let (native, english) = row.map_or((self.as_str(), self.as_str()), |row| (row.1, row.2));
        LanguageInfo {
            tag: self.clone(),
            native: native.to_owned(),
            english: english.to_owned(),
            direction: direction_of(&script),
            script,
        }
    }
}

/// Every language of the table, in its order: the eight of the teaching model first.
pub fn known_languages() -> Vec<LanguageInfo> {
    TABLE.iter().map(|row| Language::from(row.0).info()).collect()
}

/// Direction of an ISO 15924 script.
fn direction_of(script: &str) -> Direction {
    const RTL: [&str; 8] = ["Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand"];
    if RTL.iter().any(|rtl| rtl.eq_ignore_ascii_case(script)) { Direction::Rtl } else { Direction::Ltr }
}

/// Tag, name in itself, name in English, script.
const TABLE: [(&str, &str, &str, &str); 56] = [
    ("en", "English", "English", "Latn"),
    ("de", "Deutsch", "German", "Latn"),
    ("es", "Español", "Spanish", "Latn"),
    ("ru", "Русский", "Russian", "Cyrl"),
    ("zh-Hans", "简体中文", "Chinese (Simplified)", "Hans"),
    ("ar", "العربية", "Arabic", "Arab"),
    ("bn", "বাংলা", "Bengali", "Beng"),
    ("sw", "Kiswahili", "Swahili", "Latn"),
    ("zh-Hant", "繁體中文", "Chinese (Traditional)", "Hant"),
    ("am", "አማርኛ", "Amharic", "Ethi"),
    ("bg", "Български", "Bulgarian", "Cyrl"),
    ("ca", "Català", "Catalan", "Latn"),
    ("cs", "Čeština", "Czech", "Latn"),
    ("da", "Dansk", "Danish", "Latn"),
    ("el", "Ελληνικά", "Greek", "Grek"),
    ("et", "Eesti", "Estonian", "Latn"),
    ("fa", "فارسی", "Persian", "Arab"),
    ("fi", "Suomi", "Finnish", "Latn"),
    ("fr", "Français", "French", "Latn"),
    ("gu", "ગુજરાતી", "Gujarati", "Gujr"),
    ("ha", "Hausa", "Hausa", "Latn"),
    ("he", "עברית", "Hebrew", "Hebr"),
    ("hi", "हिन्दी", "Hindi", "Deva"),
    ("hu", "Magyar", "Hungarian", "Latn"),
    ("id", "Bahasa Indonesia", "Indonesian", "Latn"),
    ("ig", "Igbo", "Igbo", "Latn"),
    ("it", "Italiano", "Italian", "Latn"),
    ("ja", "日本語", "Japanese", "Jpan"),
    ("km", "ខ្មែរ", "Khmer", "Khmr"),
    ("kn", "ಕನ್ನಡ", "Kannada", "Knda"),
    ("ko", "한국어", "Korean", "Kore"),
    ("lo", "ລາວ", "Lao", "Laoo"),
    ("ml", "മലയാളം", "Malayalam", "Mlym"),
    ("mr", "मराठी", "Marathi", "Deva"),
    ("ms", "Bahasa Melayu", "Malay", "Latn"),
    ("my", "မြန်မာ", "Burmese", "Mymr"),
    ("nb", "Norsk bokmål", "Norwegian Bokmål", "Latn"),
    ("ne", "नेपाली", "Nepali", "Deva"),
    ("nl", "Nederlands", "Dutch", "Latn"),
    ("pa-Guru", "ਪੰਜਾਬੀ", "Punjabi", "Guru"),
    ("pl", "Polski", "Polish", "Latn"),
    ("pt", "Português", "Portuguese", "Latn"),
    ("ro", "Română", "Romanian", "Latn"),
    ("si", "සිංහල", "Sinhala", "Sinh"),
    ("so", "Soomaali", "Somali", "Latn"),
    ("sv", "Svenska", "Swedish", "Latn"),
    ("ta", "தமிழ்", "Tamil", "Taml"),
    ("te", "తెలుగు", "Telugu", "Telu"),
    ("th", "ไทย", "Thai", "Thai"),
    ("tl", "Tagalog", "Tagalog", "Latn"),
    ("tr", "Türkçe", "Turkish", "Latn"),
    ("uk", "Українська", "Ukrainian", "Cyrl"),
    ("ur", "اردو", "Urdu", "Arab"),
    ("vi", "Tiếng Việt", "Vietnamese", "Latn"),
    ("yo", "Yorùbá", "Yoruba", "Latn"),
    ("zu", "isiZulu", "Zulu", "Latn"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tags_are_well_formed_and_there_once() {
        let mut seen = HashSet::new();
        for (tag, native, english, script) in TABLE {
            assert_eq!(Language::parse(tag), Some(Language::from(tag)));
            assert!(seen.insert(tag), "{tag}");
            assert!(!native.is_empty() && !english.is_empty() && script.len() == 4, "{tag}");
        }
    }

    #[test]
    fn direction_is_by_script_not_by_language() {
        for (tag, direction) in [
            ("ar", Direction::Rtl),
            ("fa", Direction::Rtl),
            ("ur-Latn", Direction::Ltr),
            ("pa-Arab", Direction::Rtl),
            ("pa", Direction::Ltr),
            ("xx", Direction::Ltr),
        ] {
            assert_eq!(Language::from(tag).info().direction, direction, "{tag}");
        }
    }

    #[test]
    fn other_tags_fall_back_to_their_first_subtag_then_to_themselves() {
        assert_eq!(Language::from("es-MX").info().english, "Spanish");
        assert_eq!(Language::from("zh").info().script, "Hans");
        assert_eq!(Language::from("qaa").info().native, "qaa");
    }
}
