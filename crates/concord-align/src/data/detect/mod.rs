//! Which language a response is in, given the one it was asked for; none if that cannot be told.
//!
//! Only prose is looked at (`prose.rs`): numbers, formulae, code and one or two words say nothing. The script comes
//! first. Among languages of one script two identifiers are heard: `whatlang`, by trigrams and alphabets, for seventy
//! languages; and ours, by common words, for the starter languages, four of which `whatlang` takes for others in short
//! texts or does not have. A language other than the one asked for is named only where the asked one is known to an
//! identifier, and loses to it clearly.

mod common_words;
mod language_profiles;
mod prose;
mod scripts;

use whatlang::{Detector, Lang};

use super::{Language, language_gate::recorded_language};
use common_words::{by_common_words, common_share, has_common_words, is_known};
use prose::prose;
use scripts::ScriptCounts;

/// Words, below which a text says nothing of another language.
const MIN_WORDS: usize = 3;
/// Letters, below which a text says nothing of another script.
const MIN_LETTERS: usize = 12;
/// The same for Chinese and Japanese, whose characters are words.
const MIN_CHARACTERS: usize = 6;
/// Share of the letters that must be in one script.
const MIN_SCRIPT_SHARE: f32 = 0.6;
/// How sure `whatlang` must be between the language asked for and the one it takes the text for.
const MIN_PAIR_CONFIDENCE: f64 = 0.9;
/// What `whatlang`, which does not know Swahili, takes it for.
const LIKE_SWAHILI: [&str; 5] = ["zu", "sn", "ak", "tl", "jv"];
/// Share of common words of the language asked for, below which a text may be in another.
const MIN_COMMON_SHARE: f32 = 0.15;
/// How sure it must be of a language among all, where it does not know the language asked for.
const MIN_CONFIDENCE: f64 = 0.5;

/// The language of a response that was asked for in `asked`; `None` when unsure, or where it may as well be a relative of
/// `asked`. A text in a script that `asked` is not written in, of a language that cannot be told, is `und` with its script,
/// such as `und-Cyrl`.
pub fn detected_language(text: &str, asked: &Language) -> Option<Language> {
    let scripts = asked.scripts();
    let found = identify(text, Asked { primary: &asked.primary(), scripts: &scripts })?;
    recorded_language(asked, found.script, found.is_asked_script, found.language)
}

/// The language that a response was asked for.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    /// First subtag, such as `zh`.
    primary: &'a str,
    /// Scripts that it may be in, as ISO 15924 codes; none where nothing is known.
    scripts: &'a [String],
}

/// What was found of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    /// The script of most of its letters, as an ISO 15924 code.
    script: &'static str,
    /// False if the language asked for is surely not written in it.
    is_asked_script: bool,
    /// Its language, where it can be told.
    language: Option<&'static str>,
}

/// What can be told of a text that was asked for in a language; `None` where there is too little prose.
fn identify(text: &str, asked: Asked<'_>) -> Option<Found> {
    let text = prose(text)?;
    let counts = ScriptCounts::of(&text);
    let (script, n_letters) = counts.most()?;
    if (n_letters as f32) < MIN_SCRIPT_SHARE * counts.total() as f32 {
        return None;
    }
    let script = if script == "Hani" { chinese_script(&text) } else { script };
    let is_asked_script = script == "Zyyy" || asked.scripts.is_empty() || fits(script, asked.scripts);
    let is_enough = match script {
        "Hani" | "Hans" | "Hant" | "Jpan" => n_letters >= MIN_CHARACTERS,
        // Scripts without spaces between words.
        "Thai" | "Laoo" | "Khmr" | "Mymr" | "Tibt" => n_letters >= MIN_LETTERS,
        _ => n_letters >= MIN_LETTERS && n_words(&text) >= MIN_WORDS,
    };
    if !is_asked_script && !is_enough {
        return None;
    }
    let language = match only_language(script) {
        Some(language) if is_enough || !asked.scripts.is_empty() => Some(language),
        Some(_) => None,
        None if is_asked_script && is_enough => among_languages(&text, script, asked.primary),
        None if is_asked_script => None,
        None => by_common_words(&text).or_else(|| confident(&text, script)),
    };
    Some(Found { script, is_asked_script, language })
}

/// Whether a script is one of those asked for. Characters that do not tell simplified from traditional are both; Japanese
/// and Korean can be written in Chinese characters alone, but a sentence of them with Chinese's own words is not.
fn fits(script: &str, asked: &[String]) -> bool {
    let has = |wanted: &str| asked.iter().any(|own| own == wanted);
    match script {
        "Hani" => ["Hans", "Hant", "Hani", "Jpan"].into_iter().any(has),
        "Hans" | "Hant" => has(script) || has("Hani"),
        // Hangul with the code of its letters alone.
        "Kore" => has("Kore") || has("Hang"),
        _ => has(script),
    }
}

fn n_words(text: &str) -> usize {
    text.split(|c: char| !(c.is_alphabetic() || c == '\'' || c == '’'))
        .filter(|word| !word.is_empty())
        .count()
}

/// The language of a script that one language of those that people bring is written in.
fn only_language(script: &str) -> Option<&'static str> {
    Some(match script {
        "Grek" => "el",
        "Armn" => "hy",
        "Thaa" => "dv",
        "Guru" => "pa-Guru",
        "Gujr" => "gu",
        "Orya" => "or",
        "Taml" => "ta",
        "Telu" => "te",
        "Knda" => "kn",
        "Mlym" => "ml",
        "Sinh" => "si",
        "Thai" => "th",
        "Laoo" => "lo",
        "Geor" => "ka",
        "Kore" => "ko",
        "Khmr" => "km",
        "Jpan" => "ja",
        "Hans" => "zh-Hans",
        "Hant" => "zh-Hant",
        _ => return None,
    })
}

/// `Hans` or `Hant` by the characters that only one of them has, `Hani` where there are none.
fn chinese_script(text: &str) -> &'static str {
    const TRADITIONAL: &str = "個們這來說國學會時後對從還為麼買賣蘋給幾兩問題數現實過錢書請開點樣將應該讓間與總計頭鐵車東嗎萬門見長電話語讀寫聽課錯誤據證";
    const SIMPLIFIED: &str = "个们这来说国学会时后对从还为么买卖苹给几两问题数现实过钱书请开点样将应该让间与总计头铁车东吗万门见长电话语读写听课错误据证";
    let only = |own: &str, other: &str| {
        text.chars().filter(|char| own.contains(*char) && !other.contains(*char)).count()
    };
    match only(TRADITIONAL, SIMPLIFIED).cmp(&only(SIMPLIFIED, TRADITIONAL)) {
        std::cmp::Ordering::Greater => "Hant",
        std::cmp::Ordering::Less => "Hans",
        std::cmp::Ordering::Equal => "Hani",
    }
}

/// The language of a text in the script asked for: the asked one where an identifier says so, another where it wins clearly.
fn among_languages(text: &str, script: &str, asked: &str) -> Option<&'static str> {
    let by_words = by_common_words(text);
    // The trigrams of all languages are most of what a text costs, so they are asked only where they decide.
    if langs_of(script).is_empty() {
        return None;
    }
    if by_words == Some(asked) {
        return by_words;
    }
    let info = whatlang::detect(text)?;
    let best = tag_of(info.lang(), script)?;
    if best == asked {
        return Some(best);
    }
    let asked_lang = lang_of(asked, script);
    if asked_lang == Some(info.lang()) {
        return None;
    }
    let is_confident = info.confidence() >= MIN_CONFIDENCE;
    match (by_words, asked_lang) {
        // Known to `whatlang`: the two are compared by themselves.
        (Some(rival), Some(asked)) => lang_of(rival, script)
            .map_or(Some(rival), |lang| pair_confidence(text, asked, lang).map(|_| rival)),
        (None, Some(asked)) => {
            let confidence = pair_confidence(text, asked, info.lang())?;
            (confidence >= MIN_PAIR_CONFIDENCE).then_some(best)
        }
        // Known by its words: they must be missing.
        (Some(rival), None) if is_known(asked) => Some(rival),
        (None, None) if is_known(asked) => {
            let share = common_share(text, asked);
            let is_other = share == 0.0 || (share < MIN_COMMON_SHARE && is_confident);
            (is_other && !LIKE_SWAHILI.contains(&best)).then_some(best)
        }
        // Known to neither: both must say the same, and be sure.
        (Some(rival), None) => {
            (rival == best && is_confident && has_common_words(text, rival)).then_some(rival)
        }
        (None, None) => None,
    }
}

/// How sure `whatlang` is of the rival, of the two alone; `None` where it takes the text for the language asked for.
fn pair_confidence(text: &str, asked: Lang, rival: Lang) -> Option<f64> {
    let info = Detector::with_allowlist(vec![asked, rival]).detect(text)?;
    (info.lang() == rival).then(|| info.confidence())
}

/// What `whatlang` is sure of among all that it knows.
fn confident(text: &str, script: &str) -> Option<&'static str> {
    whatlang::detect(text)
        .filter(|info| info.confidence() >= MIN_CONFIDENCE)
        .and_then(|info| tag_of(info.lang(), script))
}

/// The languages that `whatlang` tells apart within a script, by first subtag.
const LANGS: [(&str, &[(Lang, &str)]); 5] = [
    (
        "Latn",
        &[
            (Lang::Epo, "eo"),
            (Lang::Eng, "en"),
            (Lang::Spa, "es"),
            (Lang::Por, "pt"),
            (Lang::Ita, "it"),
            (Lang::Fra, "fr"),
            (Lang::Deu, "de"),
            (Lang::Pol, "pl"),
            (Lang::Jav, "jv"),
            (Lang::Nob, "nb"),
            (Lang::Dan, "da"),
            (Lang::Swe, "sv"),
            (Lang::Fin, "fi"),
            (Lang::Tur, "tr"),
            (Lang::Nld, "nl"),
            (Lang::Hun, "hu"),
            (Lang::Ces, "cs"),
            (Lang::Ron, "ro"),
            (Lang::Slv, "sl"),
            (Lang::Hrv, "hr"),
            (Lang::Lit, "lt"),
            (Lang::Lav, "lv"),
            (Lang::Est, "et"),
            (Lang::Vie, "vi"),
            (Lang::Uzb, "uz"),
            (Lang::Aze, "az"),
            (Lang::Ind, "id"),
            (Lang::Tuk, "tk"),
            (Lang::Aka, "ak"),
            (Lang::Zul, "zu"),
            (Lang::Sna, "sn"),
            (Lang::Afr, "af"),
            (Lang::Lat, "la"),
            (Lang::Slk, "sk"),
            (Lang::Cat, "ca"),
            (Lang::Tgl, "tl"),
            (Lang::Cym, "cy"),
        ],
    ),
    (
        "Cyrl",
        &[
            (Lang::Rus, "ru"),
            (Lang::Ukr, "uk"),
            (Lang::Bul, "bg"),
            (Lang::Bel, "be"),
            (Lang::Srp, "sr"),
            (Lang::Mkd, "mk"),
        ],
    ),
    ("Arab", &[(Lang::Ara, "ar"), (Lang::Urd, "ur"), (Lang::Pes, "fa")]),
    ("Deva", &[(Lang::Hin, "hi"), (Lang::Mar, "mr"), (Lang::Nep, "ne")]),
    ("Hebr", &[(Lang::Heb, "he"), (Lang::Yid, "yi")]),
];

/// Languages in Latin letters that `whatlang` does not know, and the relative of each that is nearest to it.
const STAND_INS: [(&str, &str); 8] = [
    ("gl", "pt"),
    ("ast an", "es"),
    ("ms min bjn", "id"),
    ("sr bs", "hr"),
    ("nn", "nb"),
    ("xh nr ss", "zu"),
    ("ceb", "tl"),
    ("pcm", "en"),
];

fn langs_of(script: &str) -> &'static [(Lang, &'static str)] {
    LANGS.iter().find(|(own, _)| *own == script).map_or(&[], |(_, langs)| langs)
}

/// The language by which `whatlang` recognises this one: itself, or the relative that represents it.
fn lang_of(primary: &str, script: &str) -> Option<Lang> {
    let stand_in = STAND_INS.iter().find(|(own, _)| own.split(' ').any(|tag| tag == primary));
    let primary = stand_in.filter(|_| script == "Latn").map_or(primary, |(_, relative)| relative);
    langs_of(script).iter().find(|(_, tag)| *tag == primary).map(|(lang, _)| *lang)
}

fn tag_of(lang: Lang, script: &str) -> Option<&'static str> {
    langs_of(script).iter().find(|(own, _)| *own == lang).map(|(_, tag)| *tag)
}
