//! The language gate: can a response be in the language it was asked for?
//!
//! It asks "can this be it?", never "which is it?". What identified the text ([`crate::data::Response::detected_language`])
//! bars a response only for a script that the language asked for is not written in, or for a language that can be told
//! apart from it. [`RELATIVES`] lists those that cannot: short texts in related languages share their words, so they are
//! never barred.

use super::Language;

/// Languages that short texts do not tell apart, by first subtag; one may stand in several lines. The list is long rather
/// than sharp: a right response that is barred costs a pair, a relative that is not is seen by whoever reads it.
pub const RELATIVES: [&str; 37] = [
    // Romance.
    "es ca gl pt ast an oc",
    "ca oc fr",
    "gl pt kea pap",
    "es pap",
    "it co scn vec lmo lij fur sc rm la",
    "fr ht wa mfe",
    "ia io eo la it es pt ca",
    // Germanic, and the creoles with English words.
    "en pcm jam kri sco tpi bi",
    "de gsw lb nds",
    "nl af li fy nds",
    "nb nn da sv fo",
    "is fo",
    // Slavic.
    "hr sr bs sl mk",
    "cs sk szl pl",
    "ru be uk",
    "bg mk sr",
    "lt lv ltg",
    // Celtic.
    "ga gd gv",
    // Turkic, Mongolic.
    "tr az azb tk crh",
    "uz kk ky tt ba tk crh ug",
    "kk ky tt ba cv tyv mn",
    // Iranian and Indian languages in Arabic letters.
    "fa ur ps ckb sd ug ks azb pa ku ar",
    "ku ckb",
    // Arabic.
    "ar arz ary apc ars mt",
    // Indian languages in Devanagari and Bengali letters.
    "hi mr ne mai bho awa mag hne sa kok doi brx sd ks sat",
    "bn as mni sat",
    // Malay and its neighbours, the Philippines.
    "id ms jv su min bjn ban ace bug",
    "tl ceb ilo war pag",
    // The Pacific.
    "sm to ty mi haw fj",
    // Africa.
    "zu xh nr ss",
    "st tn nso",
    "rw rn lg ny sn bem tum lua kg ln umb kmb ts ve sw",
    "ak tw ee fon",
    "am ti",
    // Hebrew letters; Chinese, by characters alone.
    "he yi",
    "zh yue wuu",
    "fi et",
];

/// A primary subtag for a text whose language is not known, only its script.
const UNKNOWN: &str = "und";

impl Language {
    /// Whether a text that was found to be in this language can be in the language asked for. False only if the two are
    /// written in different scripts, or are languages that can be told apart.
    pub fn may_be(&self, asked: &Self) -> bool {
        let (own, other) = (self.scripts(), asked.scripts());
        let shares_script =
            own.is_empty() || other.is_empty() || own.iter().any(|script| other.contains(script));
        let (found, asked) = (self.primary(), asked.primary());
        shares_script
            && (found == asked || found == UNKNOWN || relatives_of(&asked).contains(&found.as_str()))
    }
}

/// What is recorded of a text that was asked for in a language, when its script and perhaps its language were found:
/// nothing where it may as well be a relative of the one asked for; `und` with its script, such as `und-Cyrl`, for a
/// language that cannot be told, in a script that the one asked for is not written in.
pub fn recorded_language(
    asked: &Language,
    script: &str,
    is_asked_script: bool,
    named: Option<&str>,
) -> Option<Language> {
    let named = named.map(Language::from);
    if is_asked_script {
        return named.filter(|named| named.primary() == asked.primary() || !named.may_be(asked));
    }
    let unnamed = || Language::from(format!("{UNKNOWN}-{script}").as_str());
    Some(named.filter(|named| !named.may_be(asked)).unwrap_or_else(unnamed))
}

/// The languages, by first subtag, that short texts do not tell from this one; itself among them if it has any.
pub fn relatives_of(tag: &str) -> Vec<&'static str> {
    let has_it = |line: &&&str| line.split(' ').any(|of_line| of_line == tag);
    RELATIVES.iter().filter(has_it).flat_map(|line| line.split(' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be(found: &str, asked: &str) -> bool {
        Language::from(found).may_be(&Language::from(asked))
    }

    #[test]
    fn what_one_tag_leaves_open_does_not_bar() {
        for (found, asked) in [
            ("zh", "zh-Hans"),
            ("es-MX", "es"),
            ("EN", "en"),
            ("de", "deu"),
            ("sr", "sr-Latn"),
            ("hi-Latn", "hi-Latn"),
            ("zh-Hans", "yue"),
            ("tlh", "tlh"),
        ] {
            assert!(may_be(found, asked), "{found} {asked}");
        }
    }

    #[test]
    fn relatives_are_never_barred() {
        for pair in [
            "ca es",
            "gl pt",
            "gl es",
            "pcm en",
            "hr sr-Latn",
            "hr bs",
            "sr bs",
            "id ms",
            "cs sk",
            "da nb",
            "sv nb",
            "ru uk",
            "mr hi",
            "ne hi",
            "fa ur",
            "ps fa",
            "ckb fa",
            "pt-BR pt",
            "ar arz",
            "nb no",
            "tl fil",
        ] {
            let (a, b) = pair.split_once(' ').unwrap();
            assert!(may_be(a, b) && may_be(b, a), "{pair}");
        }
    }

    #[test]
    fn other_scripts_and_other_languages_are_barred() {
        for pair in [
            "de en",
            "zh-Hant zh-Hans",
            "und-Cyrl en",
            "hi hi-Latn",
            "und-Cyrl sr-Latn",
            "fr sw",
            "ja zh-Hans",
            "und-Cyrl hr",
        ] {
            let (found, asked) = pair.split_once(' ').unwrap();
            assert!(!may_be(found, asked), "{pair}");
        }
        assert!(may_be("und-Cyrl", "ru") && may_be("und-Latn", "uz"));
    }

    #[test]
    fn every_relative_is_in_the_table() {
        for tag in RELATIVES.iter().flat_map(|line| line.split(' ')) {
            assert!(Language::known(tag).is_some(), "{tag}");
        }
    }
}
