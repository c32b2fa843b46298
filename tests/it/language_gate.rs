//! The language gate on short answers in twenty languages, relatives among them: how many right ones it bars, and how many
//! in another language it catches. The tables of `docs/languages.md` are what is counted here.

use std::fmt::Write;
use std::sync::LazyLock;

use concord::data::{Language, detected_language};
use serde_json::Value;

const SHORT_ANSWERS: &str = include_str!("../data/short-answers.jsonl");
/// Answers for each language.
const N_ANSWERS: usize = 100;

fn is_barred(text: &str, asked: &Language) -> bool {
    detected_language(text, asked).is_some_and(|found| !found.may_be(asked))
}

/// A language and its answers: two of five are a step of a calculation, two a step and its end, one is about anything.
fn answers(line: &str) -> (Language, Vec<String>) {
    let parts: Value = serde_json::from_str(line).unwrap();
    let list = |name: &str| -> Vec<String> {
        parts[name].as_array().unwrap().iter().map(|part| part.as_str().unwrap().to_owned()).collect()
    };
    let (names, steps, ends, general) = (list("names"), list("steps"), list("ends"), list("general"));
    let answer = |i: usize| {
        let step = &steps[(i * 7 + i / 15) % steps.len()];
        let end = &ends[(i * 3 + i / 8) % ends.len()];
        let text = match i % 5 {
            0 | 1 => step.clone(),
            2 | 3 => format!("{step} {end}"),
            _ => general[(i / 5 * 5 + i / 60) % general.len()].clone(),
        };
        let (a, b) = (2 + i * 5 % 37, 3 + i * 11 % 53);
        let text = text.replace("{a}", &a.to_string()).replace("{b}", &b.to_string());
        text.replace("{c}", &(a + b).to_string()).replace("{x}", &names[i % names.len()])
    };
    let language = Language::from(parts["language"].as_str().unwrap());
    (language, (0..N_ANSWERS).map(answer).collect())
}

/// Of each language asked for, and each that the answers are in, how many of a hundred are barred.
struct Counts {
    languages: Vec<Language>,
    n_barred: Vec<Vec<usize>>,
}

static COUNTS: LazyLock<Counts> = LazyLock::new(|| {
    let sets: Vec<(Language, Vec<String>)> = SHORT_ANSWERS.lines().map(answers).collect();
    let barred_for = |asked: &Language| {
        let barred = |texts: &Vec<String>| texts.iter().filter(|text| is_barred(text, asked)).count();
        sets.iter().map(|(_, texts)| barred(texts)).collect()
    };
    Counts {
        n_barred: sets.iter().map(|(asked, _)| barred_for(asked)).collect(),
        languages: sets.into_iter().map(|(language, _)| language).collect(),
    }
});

impl Counts {
    /// Asked for, language of the answers, barred.
    fn cells(&self) -> impl Iterator<Item = (&Language, &Language, usize)> {
        self.languages.iter().zip(&self.n_barred).flat_map(|(asked, row)| {
            self.languages.iter().zip(row).map(move |(language, n)| (asked, language, *n))
        })
    }

    /// Rows: asked for; columns: the language of the answers; `–` for relatives.
    fn table(&self) -> String {
        let mut out = String::from("| asked for |");
        self.languages.iter().for_each(|language| write!(out, " {} |", language.as_str()).unwrap());
        write!(out, "\n|---|{}", "---|".repeat(self.languages.len())).unwrap();
        for (i, (asked, language, n)) in self.cells().enumerate() {
            if i % self.languages.len() == 0 {
                write!(out, "\n| **{}** |", asked.as_str()).unwrap();
            }
            match language != asked && language.may_be(asked) {
                true => out.push_str(" – |"),
                false => write!(out, " {n} |").unwrap(),
            }
        }
        out + "\n"
    }
}

#[test]
fn right_answers_pass_and_others_are_caught() {
    assert_eq!(COUNTS.languages.len(), 20);
    let right = || COUNTS.cells().filter(|(asked, language, _)| asked == language);
    let other = || COUNTS.cells().filter(|(asked, language, _)| !language.may_be(asked));
    for (asked, _, n) in right() {
        assert!(n <= 1, "{n} right answers in {} are barred", asked.as_str());
    }
    let n_barred: usize = right().map(|(_, _, n)| n).sum();
    let (n_caught, n_other): (usize, usize) = (other().map(|(_, _, n)| n).sum(), other().count() * N_ANSWERS);
    println!(
        "barred wrongly: {n_barred} of {}; caught: {n_caught} of {n_other}",
        right().count() * N_ANSWERS
    );
    assert!(n_barred * 100 < right().count() * N_ANSWERS, "{n_barred} right answers are barred");
    assert!(n_caught * 100 > n_other * 95, "{n_caught} of {n_other} answers in another language are caught");
}

#[test]
fn the_documentation_has_the_table() {
    let counted = COUNTS.table();
    let documented = include_str!("../../docs/languages.md");
    assert!(documented.contains(&counted), "docs/languages.md should hold:\n{counted}");
}

#[test]
fn texts_of_wild_models_are_not_barred() {
    for line in include_str!("../data/language-gate.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let asked = Language::from(case["asked"].as_str().unwrap());
        let found = detected_language(case["text"].as_str().unwrap(), &asked);
        assert!(found.as_ref().is_none_or(|found| found.primary() == asked.primary()), "{case}: {found:?}");
    }
}

#[test]
fn what_is_no_prose_is_never_barred() {
    for asked in ["en", "de", "sw", "ru", "zh-Hans", "ar", "ka", "yo", "hi-Latn", "ja", "sr-Latn", "tlh"]
        .map(Language::from)
    {
        for text in [
            "",
            "42",
            "x = 3 + 4 * (y - 2)",
            "Anna",
            "OK",
            "Paris, France",
            "for i in range(10): print(i, is_not_in[i])",
            "fn main() { let the = a.and(to); return if or { the } else { a }; }",
            "SELECT a, b FROM c WHERE d = 'the' AND e > 3;",
            "Да, 12",
            "سلام",
            "合計 12",
            "東京",
            "Ναι, 12",
            "네, 12",
            "12 кг",
            "\\frac{1}{2} + \\sqrt{the} = \\text{and of the}",
            "$$\\text{the sum of all and the rest} = 3$$",
            "12 × 5 = 60 ₽, 60 − 4 = 56 руб",
            "```python\nprint(\"the sum of the numbers is in the list\")\n```",
            "```python\n# Сложить все числа из списка и вернуть сумму\nreturn sum(xs)\n```",
            "total = 0\nfor x in the_items:\n    total += x\nreturn total",
        ] {
            assert!(!is_barred(text, &asked), "{} {text}", asked.as_str());
        }
    }
}

#[test]
fn scripts_bar_and_let_through() {
    let hindi_in_latin = "Uske paas barah seb hain, isliye kul milakar pandrah ho jaate hain.";
    let (simplified, traditional) = ("她又买了三个，一共有十二个苹果。", "她又買了三個，一共有十二個蘋果。");
    for (asked, text, barred) in [
        ("hi-Latn", hindi_in_latin, false),
        ("hi", hindi_in_latin, true),
        ("hi-Latn", "इसलिए उत्तर बारह है और बाकी लोगों के लिए तीन बचते हैं।", true),
        ("sr", "Ana kupuje još tri jabuke, pa ih sada ima dvanaest.", false),
        ("sr", "Ана купује још три јабуке, па их сада има дванаест.", false),
        ("sr-Latn", "Ана купује још три јабуке, па их сада има дванаест.", true),
        ("hr", "Ана купује још три јабуке, па их сада има дванаест.", true),
        ("zh-Hans", simplified, false),
        ("zh-TW", simplified, true),
        ("zh-Hant", traditional, false),
        ("zh-CN", traditional, true),
        ("zh-Hans", "一共有十二本。", false),
        ("zh-Hant", "一共有十二本。", false),
        ("yue", simplified, false),
        ("yue", traditional, false),
        ("ja", simplified, true),
        ("zh", "彼女はりんごを三つ買いました。", true),
        ("ja", "彼女はりんごを三つ買いました。", false),
        ("ka", "She buys three more apples, so there are twelve.", true),
        ("en", "ანა ყიდულობს კიდევ სამ ვაშლს და სულ თორმეტია.", true),
        ("am", "ስለዚህ አጠቃላይ መልሱ አሥራ ሁለት ነው።", false),
        ("ps", "نو ټولټال دولس مڼې لري او پاتې درې دي.", false),
        ("ckb", "کەواتە بە گشتی دوازدە سێوی هەیە لە ماڵەوە.", false),
        ("yo", "She buys three more apples, so there are twelve in total.", true),
        ("yo", "Nítorí náà, ó ní èso ápù méjìlá lápapọ̀ nínú apẹ̀rẹ̀ náà.", false),
    ] {
        assert_eq!(is_barred(text, &Language::from(asked)), barred, "{asked}: {text}");
    }
}

/// The held-out prompts: none is barred in its own language, and nearly all are in each of the others.
#[test]
fn held_out_prompts_pass_in_their_own_language_alone() {
    let mut texts: Vec<(Language, String)> = Vec::new();
    for line in include_str!("../data/held-out.jsonl").lines() {
        let prompt: Value = serde_json::from_str(line).unwrap();
        for (tag, text) in prompt["text"].as_object().unwrap() {
            texts.push((Language::from(tag.as_str()), text.as_str().unwrap().to_owned()));
        }
    }
    let languages: Vec<Language> =
        ["en", "de", "es", "ru", "zh", "ar", "bn", "sw"].map(Language::from).to_vec();
    for asked in &languages {
        let count = |of_own: bool| {
            let of_kind = texts.iter().filter(|(language, _)| (language == asked) == of_own);
            let (mut n, mut n_barred) = (0, 0);
            for (_, text) in of_kind {
                (n, n_barred) = (n + 1, n_barred + usize::from(is_barred(text, asked)));
            }
            (n, n_barred)
        };
        let ((n_own, own_barred), (n_other, caught)) = (count(true), count(false));
        println!("{}: {own_barred} of {n_own} barred, {caught} of {n_other} caught", asked.as_str());
        assert_eq!(own_barred, 0, "{}", asked.as_str());
        assert!(n_own >= 190 && caught * 100 >= n_other * 97, "{caught} of {n_other}");
    }
}
