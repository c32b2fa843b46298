//! Values written in every style of every language of the lexicon, in sentences of that language, read back.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::lexicon::{row_of, tag_of, tags};
use super::super::style::NumberStyle;
use super::super::{FoundAnswer, find_answer};
use crate::data::Language;

/// The digit zero of the scripts that languages are written with, besides the ASCII one.
const ZEROS: [(&str, u32); 22] = [
    ("ar", 0x660),
    ("fa", 0x6f0),
    ("ur", 0x6f0),
    ("ps", 0x6f0),
    ("sd", 0x660),
    ("ckb", 0x660),
    ("hi", 0x966),
    ("mr", 0x966),
    ("ne", 0x966),
    ("bn", 0x9e6),
    ("as", 0x9e6),
    ("pa", 0xa66),
    ("gu", 0xae6),
    ("or", 0xb66),
    ("ta", 0xbe6),
    ("te", 0xc66),
    ("kn", 0xce6),
    ("ml", 0xd66),
    ("th", 0xe50),
    ("lo", 0xed0),
    ("my", 0x1040),
    ("km", 0x17e0),
];

fn first(list: &str) -> &str {
    list.split('|').next().unwrap_or_default().trim_end_matches('*')
}

/// Sentences that state a number in a language.
fn sentences(tag: &str, number: &str) -> Vec<String> {
    let row = row_of(tag).unwrap();
    let mut out = vec![
        format!("{}: {number}", first(row.answer)),
        format!("2 + 2 = 4\n\n**{}:** {number}", first(row.answer)),
        format!("{}: {number} (3 + 5)", first(row.answer)),
        format!("# {}\n\n{number}", first(row.answer)),
        format!("\\boxed{{{number}}} 7"),
        format!("<answer>{number}</answer> 7"),
    ];
    if !row.last.is_empty() {
        out.push(format!("{}: {number}.\n\n7", first(row.last)));
    }
    out
}

/// What is read of each sentence must be the value; `unsure` allows it to be marked as ambiguous and read otherwise.
fn check(tag: &str, number: &str, wanted: &str, unsure: bool) -> Result<(), TestCaseError> {
    for text in sentences(tag, number) {
        let found = find_answer(&text, &Language::from(tag));
        let Some(FoundAnswer { value, ambiguous, .. }) = found else {
            return Err(TestCaseError::fail(format!("{tag}: nothing read in {text:?}")));
        };
        let is_right = value == wanted || (unsure && ambiguous.iter().any(|other| other == wanted));
        prop_assert!(is_right, "{}: {:?} gave {} or {:?}, not {}", tag, text, value, ambiguous, wanted);
    }
    Ok(())
}

fn in_script(tag: &str, ascii: &str, native: bool) -> String {
    let zero =
        ZEROS.iter().find(|(known, _)| *known == tag).filter(|_| native).map_or(0x30, |(_, zero)| *zero);
    ascii.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(zero + d)).unwrap_or(c)).collect()
}

fn grouped(n: u64, mark: &str) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|c| std::str::from_utf8(c).unwrap()).collect();
    groups.join(mark)
}

/// The languages that people bring most, which the other languages of the table follow.
const BROUGHT_MOST: &str = "en de es ru zh-Hans ar bn sw zh-Hant am bg ca cs da el et fa fi fr gu ha he hi hu id ig it ja km kn ko lo \
    ml mr ms my nb ne nl pa-Guru pl pt ro si so sv ta te th tl tr uk ur vi yo zu \
    ps sd ug ckb dv yi zh-TW zh-HK gl eu hr sr bs sl sk mk lt lv is af sq az kk uz ka hy be as or jv pcm xh yue nn";

#[test]
fn the_languages_that_people_bring_most_have_their_words() {
    for tag in BROUGHT_MOST.split_whitespace() {
        let row = row_of(&tag_of(&tag.into())).unwrap_or_else(|| panic!("{tag} has no words"));
        for (list, what) in
            [(row.answer, "answer"), (row.is, "is"), (row.question, "question"), (row.step, "step")]
        {
            assert!(!list.is_empty(), "{tag}: no word for {what}");
        }
        assert!(!row.factor.is_empty() || !row.before.is_empty(), "{tag}: no magnitudes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whole_numbers(tag in select(tags()), n in 0_u64..100_000_000, native in any::<bool>(), negative in any::<bool>()) {
        let sign = if negative && n > 0 { "-" } else { "" };
        check(tag, &format!("{sign}{}", in_script(tag, &n.to_string(), native)), &format!("{sign}{n}"), false)?;
    }

    #[test]
    fn groups_and_decimals_by_habit(tag in select(tags()), n in 1_000_u64..100_000_000, places in 0_u64..100, native in any::<bool>()) {
        let style = NumberStyle::of(&Language::from(tag));
        let (decimal, group) = if style.decimal == '.' { (".", ",") } else if style.other_mark_groups { (",", ".") } else { (",", "\u{a0}") };
        let whole = grouped(n, group);
        check(tag, &in_script(tag, &whole, native), &n.to_string(), true)?;
        let wanted = format!("{n}.{places:02}");
        let wanted = wanted.trim_end_matches('0').trim_end_matches('.');
        check(tag, &in_script(tag, &format!("{whole}{decimal}{places:02}"), native), wanted, false)?;
    }

    #[test]
    fn thousands_are_thousands_everywhere(tag in select(tags()), n in 1_u64..1_000, mark in select(vec![",", ".", "'", "’", "\u{a0}", "\u{202f}", " "]), millions in any::<bool>()) {
        let n = n * if millions { 1_000_000 } else { 1_000 };
        check(tag, &grouped(n, mark), &n.to_string(), false)?;
    }

    #[test]
    fn what_is_open_is_marked(tag in select(tags()), whole in 1_u64..1_000, rest in 1_u64..1_000) {
        prop_assume!(rest % 1_000 != 0);
        let text = format!("{}: {whole}.{rest:03}", first(row_of(tag).unwrap().answer));
        let found = find_answer(&text, &Language::from(tag)).unwrap();
        prop_assert_eq!(found.ambiguous.len(), 1, "{}: {:?}", text, found);
        let small = format!("{}: 0.{rest:03}", first(row_of(tag).unwrap().answer));
        prop_assert!(find_answer(&small, &Language::from(tag)).unwrap().ambiguous.is_empty(), "{}", small);
    }

    #[test]
    fn magnitudes(tag in select(tags()), n in 1_u64..1_000, pick in any::<proptest::sample::Index>(), native in any::<bool>()) {
        let row = row_of(tag).unwrap();
        let words: Vec<(&str, u32, bool)> = [(row.factor, false), (row.before, true)]
            .iter()
            .flat_map(|(list, before)| list.split('|').filter(|w| !w.is_empty()).map(move |w| (w, *before)))
            .map(|(word, before)| { let (word, power) = word.split_once('=').unwrap(); (word, power.parse().unwrap(), before) })
            .collect();
        prop_assume!(!words.is_empty());
        let (word, power, before) = words[pick.index(words.len())];
        let digits = in_script(tag, &n.to_string(), native);
        let number = if before { format!("{word} {digits}") } else { format!("{digits} {word}") };
        check(tag, &number, &(u128::from(n) * 10_u128.pow(power)).to_string(), false)?;
    }

    #[test]
    fn currencies_and_units(tag in select(tags()), n in 2_u64..1_000_000, pick in any::<proptest::sample::Index>()) {
        let styles = ["${}", "€{}", "{} €", "{}€", "₹{}", "¥{}", "R$ {}", "R${}", "RM{}", "Rp{}", "Rs. {}", "N{}", "VND{}", "USD {}", "{} USD", "৳{}", "{} kg", "{}kg",
            "{} cm²", "{}m²", "{}%", "{} %", "%{}", "{}°", "{} km/h", "**{}**", "`{}`", "\\${}", "{}\\%", "\\text{{}}", "{}\\text{ cm}", "${}$"];
        let style = styles[pick.index(styles.len())];
        prop_assume!(!(style == "N{}" && n < 10));
        check(tag, &style.replace("{}", &n.to_string()), &n.to_string(), false)?;
    }

    #[test]
    fn fractions(tag in select(tags()), whole in 1_i64..100, num in 1_i64..20, den in 2_i64..20, pick in any::<proptest::sample::Index>()) {
        prop_assume!(num < den);
        let styles = [(false, "N/D"), (false, "\\frac{N}{D}"), (false, "\\dfrac{N}{D}"), (false, "\\tfrac N{D}"), (false, "-\\frac{N}{D}"), (false, "\\frac{-N}{D}"),
            (true, "W N/D"), (true, "W\\frac{N}{D}"), (true, "W \\frac{N}{D}"), (true, "-W\\frac{N}{D}")];
        let (mixed, style) = styles[pick.index(styles.len())];
        prop_assume!(!(style.contains(" N{") && num > 9));
        let text = style.replace('N', &num.to_string()).replace('D', &den.to_string()).replace('W', &whole.to_string());
        let sign = if style.contains('-') { -1 } else { 1 };
        let value = super::super::Rational::new(i128::from(sign * (if mixed { whole * den } else { 0 } + num)), i128::from(den)).unwrap();
        check(tag, &text, &value.canonical(), false)?;
    }

    #[test]
    fn whatever_is_written_is_read_without_panic(text in any::<String>(), tag in select(tags())) {
        if let Some(found) = find_answer(&text, &Language::from(tag)) {
            prop_assert!(text.get(found.start..found.end).is_some_and(|span| !span.is_empty()));
        }
    }

    #[test]
    fn soup_of_what_matters_is_read_without_panic(parts in proptest::collection::vec(select(vec![
        "12", "3", ".", ",", " ", "\n", "\\boxed{", "}", "{", "\\frac", "####", "Answer:", "the answer is", "final answer", "<think>", "</think>", "<<", ">>", "**", "~~",
        "1/2", "½", "k", "$", "%", "=", "-", "thousand", "万", "百", "Question:", "wait,", "because", "so", "(", ")", "٫", "۲/۵", "<answer>", "</answer>", "step", "e5", "^", "\\text{", "\\", "two hundred", "lakh", "?", "Check:",
    ]), 0..24)) {
        let text = parts.concat();
        for tag in ["en", "de", "zh", "fa", "sw"] {
            if let Some(found) = find_answer(&text, &Language::from(tag)) {
                prop_assert!(text.get(found.start..found.end).is_some_and(|span| !span.is_empty()), "{:?} {:?}", text, found);
            }
        }
    }
}

#[test]
fn long_texts_and_long_numbers() {
    let digits = "7".repeat(400);
    let found = find_answer(&format!("The answer is {digits}."), &Language::from("en")).unwrap();
    assert_eq!(found.value, digits);
    for unit in [
        "The answer is 3 + 4 = 7, and so on. ",
        "#### 12\n",
        "\\boxed{",
        "\\frac{1}{2} ",
        "1,234 ",
        "(",
        "<think>a</think> 3 ",
        "十二万",
        "Question: 3\n",
        "wait, 3 ",
        "Answer: a ",
        "final answer a ",
        "The answer is a ",
        "5",
    ] {
        let text = unit.repeat(100_000 / unit.len());
        let _read = find_answer(&text, &Language::from("en"));
    }
}
