//! A language as a BCP-47 tag, with script where it matters (`zh-Hans`).

use serde::{Deserialize, Serialize};

/// A BCP-47 language tag, kept as the prompt set wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(pub String);

impl Language {
    /// The tag itself, for display and for HTML `lang`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag, if it has the shape of one: subtags of letters and digits joined by `-`, the first of 2 or 3 letters.
    pub fn parse(tag: &str) -> Option<Self> {
        let mut subtags = tag.split('-');
        let primary = subtags.next()?;
        let well_formed = matches!(primary.len(), 2 | 3)
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && subtags.all(|s| matches!(s.len(), 1..=8) && s.bytes().all(|b| b.is_ascii_alphanumeric()));
        well_formed.then(|| Self(tag.to_owned()))
    }

    /// The first subtag in lower case: `zh` of `zh-Hans`.
    pub fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// The script subtag as written in the tag, `Hans` of `zh-Hans`, if there is one.
    pub fn script_subtag(&self) -> Option<&str> {
        self.0.split('-').skip(1).find(|s| s.len() == 4 && s.bytes().all(|b| b.is_ascii_alphabetic()))
    }

    /// The region subtag, `MX` of `es-MX`, if there is one.
    pub fn region(&self) -> Option<&str> {
        let is_region = |s: &&str| {
            (s.len() == 2 && s.bytes().all(|b| b.is_ascii_alphabetic()))
                || (s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit()))
        };
        self.0.split('-').skip(1).find(is_region)
    }

    /// True unless the two tags surely differ: another first subtag, or two different script subtags.
    pub fn may_be(&self, other: &Self) -> bool {
        let same_script = match (self.script_subtag(), other.script_subtag()) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            _ => true,
        };
        same_script && self.primary() == other.primary()
    }
}

impl From<&str> for Language {
    fn from(tag: &str) -> Self {
        Self(tag.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn subtags() {
        let tag = Language::from("zh-Hans-CN");
        assert_eq!(
            (tag.primary().as_str(), tag.script_subtag(), tag.region()),
            ("zh", Some("Hans"), Some("CN"))
        );
        let tag = Language::from("es-419");
        assert_eq!((tag.script_subtag(), tag.region()), (None, Some("419")));
    }

    #[test]
    fn shape() {
        for good in ["en", "zh-Hans", "pa-Guru", "es-419", "yue", "de-CH-1996"] {
            assert!(Language::parse(good).is_some(), "{good}");
        }
        for bad in ["", "e", "text", "zh_Hans", "en-", "en us", "1a", "тт"] {
            assert!(Language::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn may_be_ignores_what_one_tag_leaves_open() {
        let may_be = |a: &str, b: &str| Language::from(a).may_be(&Language::from(b));
        assert!(may_be("zh", "zh-Hans") && may_be("es-MX", "es") && may_be("EN", "en"));
        assert!(!may_be("zh-Hant", "zh-Hans") && !may_be("de", "en"));
    }
}
