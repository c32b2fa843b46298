//! A language by its canonical tag, whatever spelling it came in.
//!
//! `DE`, `deu`, `ger`, `deu_Latn`, `german` and `Deutsch` are all `de`. Every way in goes through [`Language::from`]: the
//! prompt files, the scripting API and the session files, so that nothing else has to know of spellings. What the person
//! wrote is kept beside it by [`super::spelling`].

use std::fmt::Write;

use serde::{Deserialize, Deserializer, Serialize};

use super::language_table::{code_key, is_known_script, row_of, row_of_longest};

/// A language: a canonical BCP-47 tag, with a script where it matters (`zh-Hans`); what is no tag stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Language(pub String);

impl Language {
    /// The tag itself, for display and for HTML `lang`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The canonical tag of any spelling that is known, or that has the shape of a tag: subtags of letters and digits
    /// joined by `-` or `_`, the first of 2 or 3 letters.
    pub fn parse(spelling: &str) -> Option<Self> {
        if let Some(row) = row_of(spelling) {
            return Some(Self(row.tag.to_owned()));
        }
        let code = code_key(spelling);
        // Locales as systems name them: `pt_BR.UTF-8`, `de_DE@euro`.
        let code = code.split(['.', '@']).next().unwrap_or_default();
        let mut subtags = code.split('-');
        let primary = subtags.next()?;
        let is_word = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
        let rest: Vec<&str> = subtags.collect();
        let well_formed = matches!(primary.len(), 2 | 3)
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && rest.iter().all(|s| matches!(s.len(), 1..=8) && is_word(s));
        well_formed.then(|| composed(primary, &rest))
    }

    /// The language, if [`super::known_languages`] has it, with no more than a script, a region and dated variants:
    /// `en-GB` is known by `en`; `tlh` and `de_prompt` are not.
    pub fn known(spelling: &str) -> Option<Self> {
        let is_plain = |s: &str| is_known_script(s) || is_region(s) || s.bytes().any(|b| b.is_ascii_digit());
        Self::parse(spelling).filter(|language| {
            row_of_longest(language.as_str()).is_some() && language.0.split('-').skip(1).all(is_plain)
        })
    }

    /// The first subtag: `zh` of `zh-Hans`.
    pub fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// The script subtag as written in the tag, `Hans` of `zh-Hans`, if there is one.
    pub fn script_subtag(&self) -> Option<&str> {
        self.0.split('-').skip(1).find(|s| is_script(s))
    }

    /// The region subtag, `MX` of `es-MX`, if there is one.
    pub fn region(&self) -> Option<&str> {
        self.0.split('-').skip(1).find(|s| is_region(s))
    }
}

impl From<&str> for Language {
    fn from(spelling: &str) -> Self {
        Self::parse(spelling).unwrap_or_else(|| Self(spelling.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|spelling| Self::from(spelling.as_str()))
    }
}

fn is_script(subtag: &str) -> bool {
    subtag.len() == 4 && subtag.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_region(subtag: &str) -> bool {
    (subtag.len() == 2 && subtag.bytes().all(|b| b.is_ascii_alphabetic()))
        || (subtag.len() == 3 && subtag.bytes().all(|b| b.is_ascii_digit()))
}

/// The canonical tag of lower-case subtags: the table's own tag of the language, a script where it is not the usual one, a
/// region where it is not the one that the script implies, and what else there is.
fn composed(primary: &str, rest: &[&str]) -> Language {
    let row = row_of(primary);
    let base = row.map_or(primary, |row| row.tag);
    let mut base = base.split('-');
    let language = base.next().unwrap_or(primary);
    let (mut script, mut region) = (None, None);
    for subtag in base {
        *(if is_script(subtag) { &mut script } else { &mut region }) = Some(subtag.to_owned());
    }
    let own_script = script.clone();
    let asked_region = rest.iter().find(|s| is_region(s)).map(|s| s.to_ascii_uppercase());
    let asked_script = rest.iter().find(|s| is_script(s)).map(|s| titled(s));
    let implied = asked_region.as_deref().and_then(|region| script_of_region(language, region));
    if let Some(asked) =
        asked_script.or(implied.map(str::to_owned)).filter(|asked| language != "zh" || asked != "Hani")
    {
        script = Some(asked);
    }
    region = asked_region.or(region);
    // The usual script goes without saying, unless the language's own tag says it.
    let usual = row.filter(|_| own_script.is_none()).and_then(|row| row.scripts.first().copied());
    let script = script.filter(|script| Some(script.as_str()) != usual);
    let is_usual = |region: &String| {
        matches!((script.as_deref(), region.as_str()), (Some("Hans"), "CN") | (Some("Hant"), "TW"))
    };
    let region = region.filter(|region| language != "zh" || !is_usual(region));
    let mut tag = language.to_owned();
    for subtag in script.iter().chain(&region) {
        // Writing to a string does not fail.
        let _written = write!(tag, "-{subtag}");
    }
    for subtag in rest.iter().filter(|s| !is_script(s) && !is_region(s)) {
        let _written = write!(tag, "-{subtag}");
    }
    Language(tag)
}

/// The script that a region implies where it is not the language's usual one.
fn script_of_region(language: &str, region: &str) -> Option<&'static str> {
    match (language, region) {
        ("zh", "TW" | "HK" | "MO") => Some("Hant"),
        ("zh", "CN" | "SG" | "MY") => Some("Hans"),
        ("pa", "PK") | ("az" | "ku", "IR" | "IQ") | ("uz", "AF") => Some("Arab"),
        _ => None,
    }
}

/// `Latn` of `latn`.
fn titled(script: &str) -> String {
    let (first, rest) = script.split_at(1);
    format!("{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn subtags() {
        let tag = Language::from("zh-Hant-HK");
        assert_eq!(
            (tag.primary().as_str(), tag.script_subtag(), tag.region()),
            ("zh", Some("Hant"), Some("HK"))
        );
        let tag = Language::from("es-419");
        assert_eq!((tag.script_subtag(), tag.region()), (None, Some("419")));
    }

    #[test]
    fn every_spelling_has_one_canonical_tag() {
        for (canonical, spellings) in [
            ("de", "de DE deu ger DEU deu_Latn de-Latn german German GERMAN Deutsch deutsch"),
            ("en", "en EN eng english English ENGLISH eng_Latn en-Latn"),
            ("sw", "sw swa swh swh_Latn Swahili Kiswahili SW"),
            ("bn", "bn ben ben_Beng bn_Beng Bengali Bangla বাংলা"),
            (
                "zh-Hans",
                "zh zho chi cmn zh-CN zh_CN zh-hans zh_Hans zho_Hans ZH-HANS-CN cmn-Hans-CN Chinese 中文",
            ),
            ("zh-Hant", "zh-TW zh_TW zh-Hant zh_Hant zho_Hant zh-Hant-TW zh-tw 繁體中文"),
            ("zh-Hant-HK", "zh-HK zh_HK zh-Hant-HK zh-hant-hk"),
            ("pt-BR", "pt-BR pt_BR pt-br PT_br pt_BR.UTF-8 pt-Latn-BR"),
            ("he", "he iw heb heb_Hebr Hebrew עברית"),
            ("id", "id in ind ind_Latn Indonesian"),
            ("yi", "yi ji yid ydd ydd_Hebr Yiddish"),
            ("nb", "nb no nob nor nob_Latn Norwegian"),
            ("ro", "ro mo ron rum ron_Latn Romanian Moldovan"),
            ("tl", "tl fil tgl tgl_Latn Filipino Tagalog"),
            ("sr-Latn", "sh sr-Latn sr_latn srp_Latn"),
            ("sr", "sr srp srp_Cyrl sr-Cyrl Serbian Srpski Српски"),
            ("uz", "uz uzb uzn_Latn uz-Latn Uzbek"),
            ("ar", "ar ara arb arb_Arab Arabic العربية"),
            ("fa", "fa fas per pes pes_Arab Farsi Persian"),
            ("fa-AF", "prs prs_Arab Dari fa-AF"),
            ("pa-Guru", "pa pan pan_Guru pa-IN Punjabi"),
            ("pa-Arab", "pnb pa-PK pa_Arab"),
            ("hi-Latn", "hi-Latn hin_Latn hi_latn"),
            ("ckb", "ckb ckb_Arab Sorani"),
            ("fr", "francais Français FRENCH fra fre"),
            ("es", "Espanol español Castilian"),
            ("es-MX", "es-mx es_MX"),
            ("sq", "sq als als_Latn sqi"),
            ("yue", "yue zh-yue Cantonese 粵語"),
        ] {
            for spelling in spellings.split(' ') {
                assert_eq!(Language::from(spelling).as_str(), canonical, "{spelling}");
                assert_eq!(Language::known(spelling), Some(Language(canonical.to_owned())), "{spelling}");
            }
        }
        for name in
            ["Chinese (Simplified)", "chinese simplified", "Chinese_Simplified", " Simplified Chinese "]
        {
            assert_eq!(Language::from(name).as_str(), "zh-Hans", "{name}");
        }
    }

    #[test]
    fn canonical_tags_stay() {
        for tag in ["tlh", "de-CH-1996", "quz-PE", "es-419", "sr-Latn-ME", "uz-Cyrl", "qaa-Latn"] {
            let once = Language::from(tag);
            assert_eq!(Language::from(once.as_str()), once, "{tag}");
        }
    }

    #[test]
    fn what_is_no_tag_stays_as_it_is() {
        for bad in ["", "e", "text", "en-", "en us", "1a", "тт", "l0", "z_z", "question", "answer_number"] {
            assert!(Language::parse(bad).is_none(), "{bad}");
            assert_eq!(Language::from(bad).as_str(), bad);
        }
        assert_eq!((Language::known("tlh"), Language::known("de_prompt")), (None, None));
    }

    #[test]
    fn reading_is_a_door() {
        let read: Vec<Language> = serde_json::from_str(r#"["deu", "EN", "zz zz", "pt_BR"]"#).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"["de","en","zz zz","pt-BR"]"#);
    }
}
