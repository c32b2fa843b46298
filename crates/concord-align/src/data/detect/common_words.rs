//! Tells the starter languages in Latin, Cyrillic and Arabic letters apart by their common words, or says that it cannot.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language_profiles::PROFILES;
use super::scripts::ScriptCounts;
use crate::data::InOrder;

/// Letters, below which a text in Cyrillic or Arabic letters needs a sign of its language.
const MIN_LETTERS_SHARED: usize = 12;
/// Code signs per letter, above which a Latin text is code.
const MAX_CODE_SHARE: f32 = 0.06;
/// Common words that a Latin text needs.
const MIN_COMMON_WORDS: f32 = 2.0;
/// Evidence per word that a Latin text needs.
const MIN_EVIDENCE: f32 = 0.3;
/// How many times the evidence of the second language the first needs.
const MIN_LEAD: f32 = 1.3;
/// Weights of the kinds of evidence, in common words.
const SHAPE_WEIGHT: f32 = 0.25;
const LETTER_WEIGHT: f32 = 0.5;

/// Whether the common words of a language are known here.
pub(super) fn is_known(primary: &str) -> bool {
    PROFILES.iter().any(|profile| profile.tag == Some(primary))
}

/// Whether a text has common words of a language that is known here: two, or for Latin letters any.
pub(super) fn has_common_words(text: &str, primary: &str) -> bool {
    const RUSSIAN: &str = "и в не на с что это по из для от как у за к его он она её их они было был была есть мы вы но или \
        всего ответ если то так же бы до при после можно нужно";
    const ARABIC: &str =
        "في من على إلى أن هذا هذه التي الذي هو هي ما لا كان كل بعد قبل مع عن ثم أو كم لدى إذن الجواب";
    let n_of =
        |list: &str| words_of(text).filter(|word| list.split_whitespace().any(|own| own == word)).count();
    match primary {
        "ru" => n_of(RUSSIAN) >= 2,
        "ar" => n_of(ARABIC) >= 2,
        _ => common_share(text, primary) > 0.0,
    }
}

/// Share of the words that are common in a language of [`PROFILES`].
pub(super) fn common_share(text: &str, primary: &str) -> f32 {
    let Some(profile) = PROFILES.iter().find(|profile| profile.tag == Some(primary)) else { return 0.0 };
    let is_common = |word: &String| profile.words.split_whitespace().any(|own| own == word);
    words_of(text).filter(is_common).count() as f32 / words_of(text).count().max(1) as f32
}

/// The language of prose: one of en, de, es, sw, ru, ar; `None` when unsure.
pub(super) fn by_common_words(text: &str) -> Option<&'static str> {
    let (script, n_letters) = ScriptCounts::of(text).most()?;
    let has = |letters: &str| text.chars().any(|char| letters.contains(char));
    let unless = |tag: &'static str, foreign: bool| (!foreign).then_some(tag);
    match script {
        // Letters of Ukrainian, Belarusian, Serbian, Macedonian, Kazakh, Mongolian and Tajik; Bulgarian by its words.
        "Cyrl" if n_letters >= MIN_LETTERS_SHARED || has_own_sign(script, text) => unless(
            "ru",
            has("іїєґўјљњћђџѓќѕәғқңөұүһӣӯҷҳӑӗҫӳӕҩҭӷҧӡҵҽҙҡґ") || is_bulgarian(text) || !has("ыэё"),
        ),
        // Letters of Persian, Urdu, Pashto, Kurdish, Uyghur and Sindhi.
        "Arab" if n_letters >= MIN_LETTERS_SHARED || has_own_sign(script, text) => {
            unless("ar", has("پچژگکیہےٹڈڑںۀټډړښېۋۆۇۈەھێۍۉڤٻڄڃڇڌڏڻڳڱ") || !has("ةىأإ"))
        }
        "Latn" => by_latin_words(text, n_letters),
        _ => None,
    }
}
/// Whether a short text has a word, or letters, that one language of its script has and its neighbours have not; the
/// scripts that are weighed or not shared need none.
fn has_own_sign(script: &str, text: &str) -> bool {
    let (letters, words): (&str, &[&str]) = match script {
        "Cyrl" => ("ыэё", &["ответ", "всего", "итого", "что", "осталось", "сколько", "рублей", "яблок"]),
        "Arab" => ("ةى", &["الجواب", "المجموع", "هو", "هي", "هذا", "كم"]),
        _ => return true,
    };
    text.chars().any(|c| letters.contains(c)) || words_of(text).any(|word| words.contains(&word.as_str()))
}

/// Words that Bulgarian has and Russian has not.
fn is_bulgarian(text: &str) -> bool {
    let words = ["са", "ще", "която", "който", "което", "които", "това", "колко", "ябълки", "има", "със"];
    let found = words_of(text).filter(|word| words.contains(&word.as_str())).count();
    found > 0 && !text.chars().any(|char| "ыэё".contains(char))
}

/// Words in lower case: runs of letters, apostrophes within them kept.
fn words_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|char: char| !(char.is_alphabetic() || matches!(char, '\'' | '’')));
    words.map(|word| word.trim_matches(['\'', '’']).to_lowercase()).filter(|word| !word.is_empty())
}

/// The profiles of [`PROFILES`] in which each common word stands, as bits.
static COMMON_WORDS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for (idx, profile) in PROFILES.iter().enumerate() {
        for word in profile.words.split_whitespace() {
            *table.entry(word).or_insert(0) |= 1 << idx;
        }
    }
    table
});

/// Evidence for the profiles from the words of a text.
#[derive(Default)]
struct Evidence {
    n_words: usize,
    common: [f32; PROFILES.len()],
    total: [f32; PROFILES.len()],
}

impl Evidence {
    fn of(text: &str) -> Self {
        let mut evidence = Self::default();
        for word in words_of(text) {
            evidence.n_words += 1;
            let bits = COMMON_WORDS.get(word.as_str()).copied().unwrap_or(0);
            // A word that several languages share says less about each.
            let weight = 1.0 / (bits.count_ones().max(1) as f32);
            for (idx, profile) in PROFILES.iter().enumerate() {
                if bits & (1 << idx) != 0 {
                    evidence.common[idx] += 1.0;
                    evidence.total[idx] += weight;
                }
                let n_letters = word.chars().count();
                let fits = |shape: &str, matches: bool| matches && n_letters >= shape.chars().count() + 2;
                let start = profile.starts.split(' ').any(|s| !s.is_empty() && fits(s, word.starts_with(s)));
                let end = profile.ends.split(' ').any(|s| !s.is_empty() && fits(s, word.ends_with(s)));
                let shapes = SHAPE_WEIGHT * (f32::from(u8::from(start)) + f32::from(u8::from(end)));
                let letter = word.chars().any(|char| profile.letters.contains(char));
                evidence.total[idx] += shapes + LETTER_WEIGHT * f32::from(u8::from(letter));
            }
        }
        evidence
    }
}

fn by_latin_words(text: &str, n_letters: usize) -> Option<&'static str> {
    let n_code = text.chars().filter(|char| "{}[]();<>\\_`|&$#@".contains(*char)).count();
    if n_code as f32 > MAX_CODE_SHARE * n_letters as f32 {
        return None;
    }
    let evidence = Evidence::of(text);
    let mut order: Vec<usize> = (0..PROFILES.len()).collect();
    order.order_by(|a, b| evidence.total[*b].total_cmp(&evidence.total[*a]));
    let (first, second) = (order[0], order[1]);
    let is_sure = evidence.common[first] >= MIN_COMMON_WORDS
        && evidence.total[first] >= MIN_EVIDENCE * evidence.n_words as f32
        && evidence.total[first] >= MIN_LEAD * evidence.total[second];
    if is_sure { PROFILES[first].tag } else { None }
}
