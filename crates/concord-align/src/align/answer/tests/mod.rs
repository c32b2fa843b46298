//! Tables of texts and answers, by what they try.

mod checks;
mod files;
mod long;
mod properties;
mod words;

use proptest::prelude::*;

use super::*;

/// Language, text, answer; every failure of a table is shown at once.
fn check(cases: &[(&str, &str, Option<&str>)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(tag, text, wanted)| {
            let found = extract_answer(text, &Language::from(*tag));
            (found.as_deref() != *wanted)
                .then(|| format!("{tag}: {text:?}: wanted {wanted:?}, found {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_teaching_models_eight_languages() {
    check(&[
        ("en", "Lucy has 19 + 6 = 25 eggs now.\nAnswer: 25", Some("25")),
        ("de", "Zuerst hat Paul 3 + 4 = 7 Äpfel, dann 7 - 5 = 2 Äpfel.\nAntwort: 2", Some("2")),
        (
            "es",
            "La compra cuesta 4 × 3 = 12 euros, así que quedan 20 - 12 = 8 euros.\nRespuesta: 8",
            Some("8"),
        ),
        ("ru", "В каждой коробке 24 : 6 = 4 яблока.\nОтвет: 4", Some("4")),
        ("zh-Hans", "一共有3 × 4 = 12个苹果。\n答案：12", Some("12")),
        ("ar", "عدد التفاحات الآن 9 + 3 = 12.\nالجواب: 12", Some("12")),
        ("bn", "এখন রহিমের কাছে 9 + 3 = 12টি আপেল আছে।\nউত্তর: 12", Some("12")),
        ("sw", "Jumla ni matufaha 9 + 3 = 12.\nJibu: 12", Some("12")),
    ]);
}

#[test]
fn no_answer() {
    check(&[
        ("en", "", None),
        ("en", "  \n", None),
        ("en", "I do not know.", None),
        ("en", "One of them is right.", None),
        ("de", "Das ist eine gute Frage.", None),
        ("zh-Hans", "一共有很多苹果。", None),
        ("en", "H2O", None),
        ("en", "Answer:", None),
        ("en", "1. Add\n2. Done", None),
        ("en", "-[0,1)", None),
        ("en", "\\boxed{[0, 1)}", None),
        ("en", "(3, 4)", None),
        ("en", "```python\nreturn 23 - 5 * 3\n```", None),
    ]);
}

#[test]
fn digits_of_every_script() {
    check(&[
        ("ar", "الجواب: ١٢٫٥", Some("12.5")),
        ("ar", "الجواب: ١٬٢٥٠", Some("1250")),
        ("fa", "پاسخ: ۱۲۳", Some("123")),
        ("fa", "پاسخ برابر است با ۱۲٬۵۰۰ تومان", Some("12500")),
        ("ur", "جواب: ۴۵", Some("45")),
        ("hi", "उत्तर: १२,३४,५६७", Some("1234567")),
        ("mr", "उत्तर ४२ आहे", Some("42")),
        ("bn", "উত্তর: ১২.৫০", Some("12.5")),
        ("ta", "விடை: ௧௨௩", Some("123")),
        ("te", "సమాధానం: ౪౨", Some("42")),
        ("kn", "ಉತ್ತರ ೧೦", Some("10")),
        ("ml", "ഉത്തരം ൧൦", Some("10")),
        ("gu", "જવાબ: ૧૨", Some("12")),
        ("pa-Guru", "ਜਵਾਬ: ੧੨", Some("12")),
        ("th", "คำตอบคือ ๑,๒๕๐ บาท", Some("1250")),
        ("lo", "ຄຳຕອບ ໑໒", Some("12")),
        ("my", "အဖြေ ၁၂ ဖြစ်သည်", Some("12")),
        ("km", "ចម្លើយគឺ ១២៣", Some("123")),
        ("km", "ចម្លើយ៖ ១.២៥០", Some("1250")),
        ("zh-Hans", "答案是１２，５００元", Some("12500")),
        ("ja", "答えは１２．５です", Some("12.5")),
        ("ne", "उत्तर: -५", Some("-5")),
        ("en", "The answer is 𝟙𝟚.", Some("12")),
    ]);
}

#[test]
fn separators_by_language() {
    check(&[
        ("en", "2,125", Some("2125")),
        ("en", "2.125", Some("2.125")),
        ("de", "2,125", Some("2.125")),
        ("de", "2.125", Some("2125")),
        ("es", "2.125", Some("2125")),
        ("es-MX", "2,125", Some("2125")),
        ("ru", "2,125", Some("2.125")),
        ("ru", "2.125", Some("2.125")),
        ("ru", "12 500 рублей", Some("12500")),
        ("fr", "12\u{202f}500,75 €", Some("12500.75")),
        ("zh-Hans", "2,125", Some("2125")),
        ("zh-Hans", "12,5000", Some("125000")),
        ("bn", "১,২৫,০০০ টাকা", Some("125000")),
        ("en", "12,34,567 rupees", Some("1234567")),
        ("sw", "2,125", Some("2125")),
        ("sw", "2.125", Some("2.125")),
        ("ar", "2,125", Some("2125")),
        ("ar-MA", "2,125", Some("2.125")),
        ("de-CH", "12'500.25", Some("12500.25")),
        ("it-CH", "1’234’567", Some("1234567")),
        ("en", "12\u{a0}500", Some("12500")),
    ]);
}

#[test]
fn separators_whose_shape_decides_in_any_language() {
    for tag in ["en", "de", "es", "ru", "zh-Hans", "ar", "bn", "sw", "xx"] {
        check(&[
            (tag, "1,234.56", Some("1234.56")),
            (tag, "1.234,56", Some("1234.56")),
            (tag, "1,234,567", Some("1234567")),
            (tag, "1.234.567", Some("1234567")),
            (tag, "2,5", Some("2.5")),
            (tag, "2.50", Some("2.5")),
            (tag, "0,125", Some("0.125")),
            (tag, "0.125", Some("0.125")),
            (tag, "1234,567", Some("1234.567")),
            (tag, "3.14159", Some("3.14159")),
            (tag, "1,2,3,4", Some("4")),
            (tag, "x = 12.", Some("12")),
            (tag, "12,", Some("12")),
            (tag, "007", Some("7")),
        ]);
    }
}

#[test]
fn signs() {
    check(&[
        ("en", "The answer is -5.", Some("-5")),
        ("en", "The answer is −5.", Some("-5")),
        ("en", "= - 5", Some("-5")),
        ("en", "Answer: -$5.50", Some("-5.5")),
        ("en", "Answer: $-5.50", Some("-5.5")),
        ("en", "It drops by 12-5", Some("5")),
        ("en", "12 - 5", Some("5")),
        ("en", "12 – 5", Some("5")),
        ("en", "The answer - 5", Some("5")),
        ("en", "- 5 apples\n- 6 pears", Some("6")),
        ("en", "between 10–12", Some("12")),
        ("en", "covid-19", Some("19")),
        ("en", "minus 5", Some("-5")),
        ("en", "12 minus 5", Some("5")),
        ("en", "(12) - 5", Some("5")),
        ("en", "+5", Some("5")),
        ("de", "Antwort: −3 °C", Some("-3")),
        ("zh-Hans", "答案是负5", Some("-5")),
        ("ru", "Ответ: минус 5", Some("-5")),
        ("ar", "الجواب: \u{200f}-٥", Some("-5")),
        ("en", "-0", Some("0")),
    ]);
}

#[test]
fn fractions() {
    check(&[
        ("en", "The answer is 3/4.", Some("0.75")),
        ("en", "The answer is ½.", Some("0.5")),
        ("en", "The answer is 2½ cups.", Some("2.5")),
        ("en", "The answer is 2 1/2 cups.", Some("2.5")),
        ("en", "The answer is 2 ½ cups.", Some("2.5")),
        ("en", "The answer is 6/8", Some("0.75")),
        ("en", "The answer is 1/3", Some("1/3")),
        ("en", "The answer is -2/6", Some("-1/3")),
        ("en", "The answer is 3⁄4", Some("0.75")),
        ("en", "\\boxed{\\frac{3}{4}}", Some("0.75")),
        ("en", "\\boxed{2\\frac{1}{2}}", Some("2.5")),
        ("en", "\\boxed{-\\dfrac{1}{3}}", Some("-1/3")),
        ("bn", "উত্তর: ১/২", Some("0.5")),
        ("en", "12/0", Some("0")),
        ("en", "on 1/2/2024", Some("2024")),
        ("de", "Antwort: 24 / 6 = 4", Some("4")),
    ]);
}

#[test]
fn percent_units_and_currencies_stay_out() {
    check(&[
        ("en", "The answer is 50%.", Some("50")),
        ("ar", "الجواب: ٥٠٪", Some("50")),
        ("tr", "Cevap: %50", Some("50")),
        ("en", "Answer: $1,234.50", Some("1234.5")),
        ("de", "Antwort: 12,50 €", Some("12.5")),
        ("en", "Answer: 12kg", Some("12")),
        ("en", "Answer: 12 km²", Some("12")),
        ("en", "Answer: 12 km2", Some("12")),
        ("en", "Answer: 12 m^2", Some("12")),
        ("en", "Rs500", Some("500")),
        ("sw", "Jibu: TSh500", Some("500")),
        ("bn", "উত্তর: ৳৫০০", Some("500")),
        ("ru", "Ответ: 70 000 ₽", Some("70000")),
        ("zh-Hans", "答案：5千克", Some("5")),
        ("en", "US$12", Some("12")),
    ]);
}

#[test]
fn multipliers_and_powers() {
    check(&[
        ("en", "Answer: 2.5 million", Some("2500000")),
        ("en", "Answer: 3 lakh", Some("300000")),
        ("de", "Antwort: 3 Millionen", Some("3000000")),
        ("de", "Antwort: 70 Tausend Euro", Some("70000")),
        ("es", "Respuesta: 7 mil", Some("7000")),
        ("ru", "Ответ: 70 тыс. рублей", Some("70000")),
        ("zh-Hans", "答案是7万元", Some("70000")),
        ("zh-Hans", "答案是1.5亿", Some("150000000")),
        ("ar", "الجواب: 70 ألف", Some("70000")),
        ("bn", "উত্তর: ৭০ হাজার", Some("70000")),
        ("sw", "Jibu: elfu 70", Some("70000")),
        ("en", "10^3", Some("1000")),
        ("en", "1.5e3", Some("1500")),
        ("en", "2.5 × 10^3", Some("2500")),
        ("en", "2e", Some("2")),
        ("en", "12 millionaires", Some("12")),
    ]);
}

#[test]
fn markers_come_before_later_numbers() {
    check(&[
        ("en", "The answer is 12 because 3 × 4 = 12 and not 13", Some("12")),
        ("en", "**Answer:** 12\n\n(2 steps)", Some("12")),
        ("en", "Answer: 3 + 4 = 7\nChecked 2 times.", Some("7")),
        ("en", "The answer is 7 = 12 - 5.", Some("7")),
        ("en", "#### 12\nbye 9", Some("12")),
        ("en", "\\boxed{12} or so, step 3", Some("12")),
        ("en", "Answer: 5. No wait, the answer is 6. That took 2 tries.", Some("6")),
        ("en", "To answer this, add 3 and 4. That makes 7.", Some("7")),
        ("en", "12 is the answer", Some("12")),
        ("de", "Endergebnis: 15 (in 2 Schritten)", Some("15")),
        ("de", "Die Lösung lautet 15, nach 2 Schritten.", Some("15")),
        ("es", "La respuesta es 15, en 2 pasos.", Some("15")),
        ("ru", "Ответ — 15 (за 2 шага).", Some("15")),
        ("zh-Hans", "答案是15，分2步。", Some("15")),
        ("zh-Hans", "答：她有15个，共2步。", Some("15")),
        ("ar", "الإجابة هي ١٥ في خطوتين ٢", Some("15")),
        ("bn", "উত্তর হলো ১৫, ২ ধাপে।", Some("15")),
        ("sw", "Jibu ni 15, kwa hatua 2.", Some("15")),
        ("ja", "答えは15です（2段階）", Some("15")),
        ("ko", "정답은 15입니다 (2단계)", Some("15")),
        ("th", "คำตอบคือ 15 (2 ขั้น)", Some("15")),
        ("fr", "La réponse est 15 (en 2 étapes).", Some("15")),
        ("en", "Answer:\n12\nThanks to all 3 of you", Some("12")),
    ]);
}

#[test]
fn without_a_marker_the_last_result_counts() {
    check(&[
        ("en", "She has 3 apples, buys 4 and has 7.", Some("7")),
        ("en", "So 7 = 3 + 4.", Some("7")),
        ("en", "3 + 4 = 7 apples", Some("7")),
        ("en", "3 apples + 4 apples = 7 apples.", Some("7")),
        ("en", "It makes 7.\n1. Add\n2. Done", Some("7")),
        ("en", "1. Add 3 and 4.\n2. That is 7.", Some("7")),
    ]);
}

#[test]
fn number_words_where_there_are_no_digits() {
    check(&[
        ("en", "The answer is twelve.", Some("12")),
        ("en", "She has twenty-five eggs.", Some("25")),
        ("en", "The answer is one.", Some("1")),
        ("de", "Antwort: zwölf", Some("12")),
        ("de", "Es sind einundzwanzig Äpfel.", Some("21")),
        ("es", "Quedan treinta y cinco euros.", Some("35")),
        ("ru", "У неё двадцать пять яблок.", Some("25")),
        ("zh-Hans", "一共有二十五个苹果。", Some("25")),
        ("zh-Hans", "答案：十二", Some("12")),
        ("ar", "الجواب: خمسة وعشرون", Some("25")),
        ("ar", "لديها اثنتا عشرة تفاحة", Some("12")),
        ("bn", "উত্তর: পঁচিশ", Some("25")),
        ("bn", "তার কাছে উনিশটি ডিম আছে।", Some("19")),
        ("sw", "Jibu: ishirini na tano", Some("25")),
        ("sw", "Ana matufaha kumi na mawili.", Some("12")),
        ("en", "3 × 4, so the answer is twelve.", Some("12")),
        ("en", "Three times four is 12.", Some("12")),
    ]);
}

#[test]
fn numbers_too_long_for_arithmetic_keep_their_digits() {
    let long = "123456789012345678901234567890123456789012345";
    check(&[
        ("en", &format!("Answer: {long}"), Some(long)),
        ("en", &format!("-{long}.50"), Some(&format!("-{long}.5"))),
    ]);
}

#[test]
fn the_span_covers_the_number() {
    for (text, span) in [
        ("Answer: $1,234.50!", "1,234.50"),
        ("الجواب: ١٢٫٥", "١٢٫٥"),
        ("= −5", "−5"),
        ("答案是１２元", "１２"),
        ("She has twenty-five.", "twenty-five"),
    ] {
        let found = find_answer(text, &Language::from("en")).unwrap();
        assert_eq!(&text[found.start..found.end], span);
    }
}

#[test]
fn rules_are_named() {
    for (text, rule) in [
        ("\\boxed{1}", AnswerRule::Boxed),
        ("#### 1", AnswerRule::Marker),
        ("it makes 2", AnswerRule::LastNumber),
        ("it makes two", AnswerRule::LastWord),
    ] {
        assert_eq!(find_answer(text, &Language::from("en")).unwrap().rule, rule, "{text}");
    }
}

#[test]
fn gold_answers() {
    let en = Language::from("en");
    for (gold, canonical) in
        [("70,000", "70000"), ("2.50", "2.5"), ("1/2", "0.5"), (" 18 ", "18"), ("$5", "5"), ("−3", "-3")]
    {
        assert_eq!(canonical_answer(gold, &en).as_deref(), Some(canonical), "{gold}");
    }
    assert!(
        same_answer("0.50", "1/2")
            && same_answer("12", "12.0")
            && !same_answer("0.5", "50")
            && !same_answer("0.33", "1/3")
    );
    assert!(same_answer(" Paris ", "Paris") && !same_answer("Paris", "paris"));
}

fn digits_in(text: &str, zero: u32) -> String {
    let shift = |c: char| c.to_digit(10).and_then(|d| char::from_u32(zero + d)).unwrap_or(c);
    text.chars().map(shift).collect()
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,80}", tag in prop::sample::select(vec!["en", "de", "ru", "zh-Hans", "ar", "bn", "sw"])) {
        if let Some(found) = find_answer(&text, &Language::from(tag)) {
            prop_assert!(text.get(found.start..found.end).is_some());
            prop_assert_eq!(canonical_answer(&found.value, &Language::from("en")), Some(found.value.clone()));
        }
    }

    #[test]
    fn number_soup_is_read_without_panic(text in "[0-9.,/ '\\-+=×^{}%$½٫٬e\\\\:\n]{0,40}") {
        for tag in ["en", "de", "ru", "zh-Hans"] {
            if let Some(found) = find_answer(&text, &Language::from(tag)) {
                prop_assert!(text.get(found.start..found.end).is_some());
            }
        }
    }

    #[test]
    fn whole_numbers_survive_grouping_signs_and_scripts(n in -1_000_000_000_i64..1_000_000_000, zero in prop::sample::select(vec![0x30_u32, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x17e0, 0xff10])) {
        let digits = n.unsigned_abs().to_string();
        let grouped: Vec<String> = digits.as_bytes().rchunks(3).rev().map(|c| String::from_utf8_lossy(c).into_owned()).collect();
        let sign = if n < 0 { "-" } else { "" };
        for (tag, mark) in [("en", ","), ("de", "."), ("ru", "\u{a0}"), ("ar", "٬"), ("de-CH", "’"), ("fr", " ")] {
            let text = format!("Answer: {sign}{}", digits_in(&grouped.join(mark), zero));
            prop_assert_eq!(extract_answer(&text, &Language::from(tag)), Some(n.to_string()), "{}", text);
        }
    }
}

/// A text that was cut before its result states none, whatever stands before the calculation.
#[test]
fn a_calculation_that_was_cut_has_no_result() {
    for (text, language) in [("Tom has 9 + 1 =", "en"), ("المجموع 2 + 1 =", "ar"), ("一共有 4 + 1 = ", "zh")]
    {
        assert_eq!(extract_answer(text, &Language::from(language)), None, "{text}");
    }
    assert_eq!(extract_answer("9 + 1 = 10, and 10 =", &Language::from("en")).as_deref(), Some("10"));
}
