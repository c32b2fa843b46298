//! Which language a text is in, or that it cannot be told.
//!
//! Made for the eight languages of the starter prompts, and for saying "unsure" rather than guessing:
//! numbers, formulae, code, two or three words and other languages give `None`. Only prose is looked at
//! ([`super::prose`]). The script decides where it can, but in a few letters of a script that several
//! languages share only with a word or letter of its own; among Latin scripts common words, word shapes and
//! letters are weighed.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language_profiles::PROFILES;
use super::prose::prose;

/// Letters that a text needs, where its script alone tells the language.
const MIN_LETTERS: usize = 3;
/// The same for Chinese, whose characters are words.
const MIN_HAN: usize = 2;
/// Letters, below which a text in Cyrillic, Arabic or Chinese letters needs a sign of its language, because Bulgarian,
/// Persian or Japanese can look the same in a word or two.
const MIN_LETTERS_SHARED: usize = 12;
/// The same for Chinese.
const MIN_HAN_SHARED: usize = 6;
/// Share of the letters that must be in one script.
const MIN_SCRIPT_SHARE: f32 = 0.6;
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

/// Tag of the language of `text`: one of en, de, es, ru, zh-Hans, ar, bn, sw; `None` when unsure.
pub fn detect(text: &str) -> Option<&'static str> {
    let prose = prose(text)?;
    let text = prose.as_str();
    let counts = ScriptCounts::of(text);
    let (script, n_letters) = counts.most()?;
    let n_needed = if script == Script::Han { MIN_HAN } else { MIN_LETTERS };
    if n_letters < n_needed || (n_letters as f32) < MIN_SCRIPT_SHARE * counts.total() as f32 {
        return None;
    }
    let n_shared = if script == Script::Han { MIN_HAN_SHARED } else { MIN_LETTERS_SHARED };
    if n_letters < n_shared && !has_own_sign(script, text) {
        return None;
    }
    let has = |letters: &str| text.chars().any(|char| letters.contains(char));
    let unless = |tag: &'static str, foreign: bool| (!foreign).then_some(tag);
    match script {
        // Letters of Ukrainian, Belarusian, Serbian, Macedonian and Kazakh; Bulgarian by its words.
        Script::Cyrillic => unless("ru", has("іїєґўјљњћђџѓќѕәғқңөұүһ") || is_bulgarian(text)),
        // Letters of Persian, Urdu and Pashto.
        Script::Arabic => unless("ar", has("پچژگکیہےٹڈڑںۀټډړښ")),
        // Letters of Assamese.
        Script::Bengali => unless("bn", has("ৰৱ")),
        // Kana means Japanese; more characters of the old forms than of the new mean zh-Hant.
        Script::Han => unless("zh-Hans", counts.n_kana > 0 || is_traditional(text)),
        Script::Latin => detect_latin(text, n_letters),
        Script::Other => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Bengali,
    Han,
    Other,
}

impl Script {
    const ALL: [Self; 6] = [Self::Latin, Self::Cyrillic, Self::Arabic, Self::Bengali, Self::Han, Self::Other];

    fn of(letter: char) -> Self {
        match letter {
            'A'..='Z' | 'a'..='z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{feff}' => Self::Arabic,
            '\u{980}'..='\u{9ff}' => Self::Bengali,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}' => Self::Han,
            _ => Self::Other,
        }
    }
}

/// Letters of a text by script.
struct ScriptCounts {
    by_script: [usize; Script::ALL.len()],
    n_kana: usize,
}

impl ScriptCounts {
    fn of(text: &str) -> Self {
        let mut counts = Self { by_script: [0; Script::ALL.len()], n_kana: 0 };
        for letter in text.chars().filter(|char| char.is_alphabetic()) {
            counts.by_script[Script::of(letter) as usize] += 1;
            counts.n_kana += usize::from(matches!(letter, '\u{3041}'..='\u{30ff}'));
        }
        counts
    }

    fn total(&self) -> usize {
        self.by_script.iter().sum()
    }

    /// The script with most letters; `None` without any letter.
    fn most(&self) -> Option<(Script, usize)> {
        let counted = Script::ALL.into_iter().zip(self.by_script);
        counted.filter(|(_, n)| *n > 0).max_by_key(|(_, n)| *n)
    }
}

/// Whether a short text has a word, or letters, that one language of its script has and its neighbours have not; the
/// scripts that are weighed or not shared need none.
fn has_own_sign(script: Script, text: &str) -> bool {
    let (letters, words): (&str, &[&str]) = match script {
        Script::Cyrillic => {
            ("ыэё", &["ответ", "всего", "итого", "что", "осталось", "сколько", "рублей", "яблок"])
        }
        Script::Arabic => ("ةى", &["الجواب", "المجموع", "هو", "هي", "هذا", "كم"]),
        Script::Han => ("的了个们这么吗呢还给买卖苹", &["答案", "一共", "总共", "答案是"]),
        Script::Latin | Script::Bengali | Script::Other => return true,
    };
    text.chars().any(|c| letters.contains(c)) || words_of(text).any(|word| words.contains(&word.as_str()))
}

/// Words that Bulgarian has and Russian has not.
fn is_bulgarian(text: &str) -> bool {
    let words = ["са", "ще", "която", "който", "което", "които", "това", "колко", "ябълки", "има", "със"];
    let found = words_of(text).filter(|word| words.contains(&word.as_str())).count();
    found > 0 && !text.chars().any(|char| "ыэё".contains(char))
}

/// More characters that only traditional Chinese uses than characters that only simplified uses.
fn is_traditional(text: &str) -> bool {
    let (traditional, simplified) = (
        "個們這來說國學會時後對從還為麼買賣蘋給幾兩問題數現實過錢書請開點樣將應該讓間與幾總計",
        "个们这来说国学会时后对从还为么买卖苹给几两问题数现实过钱书请开点样将应该让间与几总计",
    );
    let only = |own: &str, other: &str| {
        text.chars().filter(|char| own.contains(*char) && !other.contains(*char)).count()
    };
    only(traditional, simplified) > only(simplified, traditional)
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

fn detect_latin(text: &str, n_letters: usize) -> Option<&'static str> {
    let n_code = text.chars().filter(|char| "{}[]();<>\\_`|&$#@".contains(*char)).count();
    if n_code as f32 > MAX_CODE_SHARE * n_letters as f32 {
        return None;
    }
    let evidence = Evidence::of(text);
    let mut order: Vec<usize> = (0..PROFILES.len()).collect();
    order.sort_by(|a, b| evidence.total[*b].total_cmp(&evidence.total[*a]));
    let (first, second) = (order[0], order[1]);
    let is_sure = evidence.common[first] >= MIN_COMMON_WORDS
        && evidence.total[first] >= MIN_EVIDENCE * evidence.n_words as f32
        && evidence.total[first] >= MIN_LEAD * evidence.total[second];
    if is_sure { PROFILES[first].tag } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_apart() {
        let cases = [
            ("en", "She buys three more, so there are 12 apples in total."),
            ("en", "The answer is 42."),
            ("de", "Sie kauft drei dazu, also sind es insgesamt 12 Äpfel."),
            ("de", "Die Antwort ist 42."),
            ("es", "Compra tres más, así que hay 12 manzanas en total."),
            ("es", "La respuesta es 42."),
            ("ru", "Она купила ещё три, всего 12 яблок."),
            ("ru", "Ответ: 42."),
            ("zh-Hans", "她又买了三个，一共有12个苹果。"),
            ("zh-Hans", "答案是42。"),
            ("ar", "اشترت ثلاث تفاحات أخرى، فصار المجموع 12."),
            ("bn", "সে আরও তিনটি কিনল, মোট ১২টি আপেল।"),
            ("sw", "Ananunua matatu zaidi, kwa hiyo ana maembe 12 kwa jumla."),
            ("sw", "Jibu ni 42 kwa jumla."),
            // Prose around code is prose.
            (
                "en",
                "Here is the function that you asked for:\n```python\ndef f(x):\n    return x\n```\nIt adds one.",
            ),
            (
                "de",
                "Hier ist die Funktion, die du wolltest:\n```js\nconst f = (x) => x;\n```\nSie gibt x zurück.",
            ),
            ("ru", "Вот функция, которая складывает числа:\n```python\nsum(xs)\n```"),
            ("zh-Hans", "这个函数把所有数字加起来：\n```python\nsum(xs)\n```"),
            ("ar", "هذه دالة تجمع كل الأعداد في القائمة:\n```python\nsum(xs)\n```"),
            ("ru", "Всего 4 + 3 = 7.\nОтвет: 7"),
            ("zh-Hans", "一共有 5 + 3 = 8。\n答案：8"),
            ("ar", "المجموع 5 + 3 = 8.\nالجواب: 8"),
        ];
        for (language, text) in cases {
            assert_eq!(detect(text), Some(language), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_unsure() {
        let cases = [
            "",
            "42",
            "x = 3 + 4 * (y - 2)",
            "3 + 4 = 7",
            "Anna",
            "OK",
            "for i in range(10): print(i, is_not_in[i])",
            "fn main() { let the = a.and(to); return if or { the } else { a }; }",
            "SELECT a, b FROM c WHERE d = 'the' AND e > 3;",
            "Combien de pommes a-t-elle dans le panier et sur la table ?",
            "Quantas maçãs ela tem no total? Ela não tem nenhuma, mas comprou uma.",
            "Quante mele ha in totale? Ne ha comprate tre e poi sono rimaste due.",
            "Hoeveel appels heeft zij nu? Zij heeft er drie en koopt nog een appel.",
            "Berapa apel yang dia punya? Dia membeli tiga apel dan ini tidak banyak.",
            "Скільки яблук має Анна? Вона купила ще три.",
            "Колко ябълки има Анна? Тя купи още три.",
            "彼女はりんごを三つ買いました。",
            "她又買了三個，一共有十二個蘋果。",
            "او سه سیب دیگر خرید و چند سیب دارد؟",
            "उसके पास १२ सेब हैं।",
            // A word or two in letters that several languages have.
            "Да, 12",
            "Отговор: 42",
            "Добре",
            "سلام",
            "پاسخ ۴۲",
            "合計 12",
            "東京",
            "三百円",
            "Ναι, 12",
            "כן",
            "ใช่ 12",
            "네, 12",
            "Sí.",
            "Ja!",
            "12 кг",
            // Formulae and code, with words in any script.
            "\\frac{1}{2} + \\sqrt{the} = \\text{and of the}",
            "$$\\text{the sum of all and the rest} = 3$$",
            "12 × 5 = 60 ₽, 60 − 4 = 56 руб",
            "```python\nprint(\"the sum of the numbers is in the list\")\n```",
            "```python\n# Сложить все числа из списка и вернуть сумму\nreturn sum(xs)\n```",
            "```js\n// 把列表里的所有数字加起来，然后返回总和\n```",
            "total = 0\nfor x in the_items:\n    total += x\nreturn total",
            "`if this is not in that and the other`",
        ];
        for text in cases {
            assert_eq!(detect(text), None, "{text}");
        }
    }

    /// The held-out prompts: hardly any is taken for another language, and few are unsure.
    #[test]
    fn held_out_prompts_are_recognised() {
        let mut n_of: HashMap<String, (u32, u32, u32)> = HashMap::new();
        for line in include_str!("../../tests/data/held-out.jsonl").lines() {
            let prompt: serde_json::Value = serde_json::from_str(line).unwrap();
            for (language, text) in prompt["text"].as_object().unwrap() {
                let counts = n_of.entry(language.clone()).or_default();
                match detect(text.as_str().unwrap()) {
                    Some(found) if found == language => counts.0 += 1,
                    Some(_) => counts.1 += 1,
                    None => counts.2 += 1,
                }
            }
        }
        assert_eq!(n_of.len(), 8);
        for (language, (n_right, n_wrong, n_unsure)) in n_of {
            println!("{language}: {n_right} right, {n_wrong} wrong, {n_unsure} unsure");
            assert!(n_right >= 190 && n_wrong <= 1, "{language}: {n_right} right, {n_wrong} wrong");
        }
    }
}
