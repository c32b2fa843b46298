//! Numbers in words read back: up to a million in the eight starter languages, up to a hundred and beyond in others.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::spelled::lexicon_of;
use super::super::{extract_answer, find_answer, lexicon};
use crate::data::Language;

/// A number below a hundred in words, by the lexicon; the shortest form, for the same word each time.
fn small(tag: &str, n: u64) -> String {
    let lexicon = lexicon_of(tag).unwrap();
    let forms = lexicon.iter().filter(|(_, value)| u64::from(**value) == n).map(|(word, _)| word.as_str());
    forms.min_by_key(|word| (word.len(), (*word).to_owned())).unwrap().to_owned()
}

fn joined(parts: &[String], joint: &str) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(joint)
}

/// Below a thousand.
fn hundreds(tag: &str, n: u64) -> String {
    let (h, rest) = (n / 100, n % 100);
    let below = if rest > 0 { small(tag, rest) } else { String::new() };
    let head = match (tag, h) {
        (_, 0) => String::new(),
        ("en", h) => format!("{} hundred", small(tag, h)),
        ("de", h) => format!("{}hundert", if h == 1 { "ein".to_owned() } else { small(tag, h) }),
        ("es", h) => [
            "cien",
            "doscientos",
            "trescientos",
            "cuatrocientos",
            "quinientos",
            "seiscientos",
            "setecientos",
            "ochocientos",
            "novecientos",
        ][h as usize - 1]
            .to_owned(),
        ("ru", h) => [
            "сто",
            "двести",
            "триста",
            "четыреста",
            "пятьсот",
            "шестьсот",
            "семьсот",
            "восемьсот",
            "девятьсот",
        ][h as usize - 1]
            .to_owned(),
        ("ar", h) => {
            ["مئة", "مئتان", "ثلاثمائة", "أربعمائة", "خمسمائة", "ستمائة", "سبعمائة", "ثمانمائة", "تسعمائة"]
                [h as usize - 1]
                .to_owned()
        }
        ("bn", h) => {
            ["একশ", "দুইশ", "তিনশ", "চারশ", "পাঁচশ", "ছয়শ", "সাতশ", "আটশ", "নয়শ"][h as usize - 1].to_owned()
        }
        (_, h) => format!("mia {}", small("sw", h)),
    };
    let head = if tag == "es" && h == 1 && rest > 0 { "ciento".to_owned() } else { head };
    let joint = match tag {
        "en" => " and ",
        "de" => "",
        "ar" => " و",
        "sw" => " na ",
        _ => " ",
    };
    joined(&[head, below], joint)
}

/// Below a million.
fn spelled(tag: &str, n: u64) -> String {
    if tag == "zh" {
        return chinese(n);
    }
    let (t, rest) = (n / 1_000, n % 1_000);
    let below = if rest > 0 || n == 0 {
        if n == 0 { small(tag, 0) } else { hundreds(tag, rest) }
    } else {
        String::new()
    };
    let head = match (tag, t) {
        (_, 0) => String::new(),
        ("en", t) => format!("{} thousand", hundreds(tag, t)),
        ("de", t) => format!(
            "{}tausend",
            if t % 100 == 1 {
                format!("{}ein", if t > 100 { hundreds(tag, t - 1) } else { String::new() })
            } else {
                hundreds(tag, t)
            }
        ),
        ("es", 1) => "mil".to_owned(),
        ("es", t) => format!("{} mil", hundreds(tag, t)),
        ("ru", t) => format!("{} тысяч", hundreds(tag, t)),
        ("ar", t) => format!("{} ألف", hundreds(tag, t)),
        ("bn", t) => format!("{} হাজার", hundreds(tag, t)),
        (_, t) => format!("elfu {}", hundreds("sw", t)),
    };
    let joint = match tag {
        "de" => "",
        "ar" => " و",
        _ => " ",
    };
    joined(&[head, below], joint)
}

fn chinese(n: u64) -> String {
    let digit = |d: u64| "零一二三四五六七八九".chars().nth(d as usize).unwrap();
    let group = |n: u64| {
        let mut out = String::new();
        let mut gap = false;
        for (unit, sign) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let d = n / unit % 10;
            if d > 0 {
                if gap && !out.is_empty() {
                    out.push('零');
                }
                out.push(digit(d));
                out += sign;
                gap = false;
            } else {
                gap = true;
            }
        }
        out
    };
    match (n / 10_000, n % 10_000) {
        (0, 0) => "零".to_owned(),
        (0, low) => group(low),
        (high, 0) => format!("{}万", group(high)),
        (high, low) => format!("{}万{}{}", group(high), if low < 1_000 { "零" } else { "" }, group(low)),
    }
}

#[test]
fn magnitudes_between_numbers_belong_to_one_of_them() {
    for (text, wanted) in [
        ("elfu 7 elfu 7", "7000"),
        ("elfu 7 elfu 8 elfu 9", "9000"),
        ("milioni 2 elfu 7", "2007000"),
        ("milioni 2 elfu 7 elfu 8", "8000"),
        ("2 milioni elfu 7", "2000000"),
    ] {
        let found = find_answer(text, &Language::from("sw")).unwrap();
        let values = found.ambiguous.iter().chain([&found.value]);
        assert!(values.into_iter().any(|value| value == wanted), "{text}: {found:?}");
    }
}

#[test]
fn dozens_of_dozens_are_no_number_where_none_is_large_enough() {
    let text = format!("It is two {}.", "dozen ".repeat(40));
    assert_eq!(find_answer(&text, &Language::from("en")), None);
}

#[test]
fn every_value_up_to_a_hundred_is_spelled_in_every_lexicon() {
    for tag in ["en", "de", "es", "ru", "ar", "bn", "sw"] {
        let lexicon = lexicon_of(tag).unwrap();
        let missing: Vec<u32> = (0..=100).filter(|n| !lexicon.values().any(|value| value == n)).collect();
        assert!(missing.is_empty(), "{tag}: {missing:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn words_up_to_a_million(tag in select(vec!["en", "de", "es", "ru", "zh", "ar", "bn"]), n in 2_u64..1_000_000, cut in 0_u32..5) {
        let n = (n / 10_u64.pow(cut)).max(2);
        let row = lexicon::row_of(tag).unwrap();
        let text = format!("{}: {}", row.answer.split('|').next().unwrap(), spelled(tag, n));
        prop_assert_eq!(extract_answer(&text, &Language::from(tag)), Some(n.to_string()), "{}: {}", tag, text);
    }

    /// "Elfu sabini na tano" is 75,000 and 70,005 alike, so thousands come without units here.
    #[test]
    fn words_in_swahili(n in 2_u64..1_000, thousands in 0_u64..100) {
        let text = format!("Jibu: {}", hundreds("sw", n));
        prop_assert_eq!(extract_answer(&text, &Language::from("sw")), Some(n.to_string()), "{}", text);
        prop_assume!(thousands > 0);
        let text = format!("Jibu ni elfu {}", small("sw", thousands));
        prop_assert_eq!(extract_answer(&text, &Language::from("sw")), Some((thousands * 1_000).to_string()), "{}", text);
    }
}

#[test]
fn words_up_to_a_hundred_in_the_other_languages() {
    for tag in "fr it pt nl sv da nb pl uk cs ro id hi fa".split(' ') {
        let lexicon = lexicon_of(tag).unwrap();
        for n in 2..=100_u32 {
            let forms: Vec<&String> = lexicon.iter().filter(|form| *form.1 == n).map(|form| form.0).collect();
            // Persian writes nine as it writes "no".
            assert!(!forms.is_empty() || (tag, n) == ("fa", 9), "{tag} has no word for {n}");
            for form in forms {
                let read = extract_answer(form, &Language::from(tag));
                assert_eq!(read, Some(n.to_string()), "{tag}: {form}");
            }
        }
    }
}

#[test]
fn larger_numbers_in_words_in_the_other_languages() {
    for (tag, text, value) in [
        ("fr", "deux cent cinquante", Some("250")),
        ("fr", "mille deux cents", Some("1200")),
        ("fr", "vingt pour cent", Some("20")),
        ("fr", "trois et demi", None),
        ("it", "duecentocinquanta", Some("250")),
        ("it", "centottanta", Some("180")),
        ("it", "duemilatrecento", Some("2300")),
        ("nl", "tweehonderdvijftig", Some("250")),
        ("nl", "vijftienhonderd", Some("1500")),
        ("sv", "tvåhundrafemtio", Some("250")),
        ("pt", "duzentos e cinquenta mil", Some("250000")),
        ("pl", "dwieście pięćdziesiąt tysięcy", Some("250000")),
        ("uk", "двісті п’ятдесят п’ять", Some("255")),
        ("cs", "dvě stě padesát", Some("250")),
        ("ro", "douăzeci de mii", Some("20000")),
        ("id", "seribu dua ratus lima puluh", Some("1250")),
        ("hi", "पाँच हज़ार दो सौ", Some("5200")),
        ("hi", "साढ़े तीन", None),
        ("fa", "دویست و پنجاه", Some("250")),
        ("en", "three and a half", None),
        ("ru", "полтора миллиона", None),
    ] {
        assert_eq!(extract_answer(text, &Language::from(tag)).as_deref(), value, "{tag}: {text}");
    }
}
