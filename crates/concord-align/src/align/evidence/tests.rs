//! Words and ranges as a reader would underline them, in many scripts.

use std::ops::Range;

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

fn foreign(text: &'static str, language: &str) -> Vec<&'static str> {
    foreign_words(text, &Language::from(language), "").into_iter().map(|range| &text[range]).collect()
}

#[test]
fn words_of_another_script_are_marked() {
    for (language, text, words) in [
        ("sw", "Ana mayai 16, кроме того anauza 9.", &["кроме", "того"][..]),
        ("sw", "Jumla ni 我们 12.", &["我们"]),
        ("bn", "সে প্রতিদিন eggs বিক্রি করে।", &["eggs"]),
        ("bn", "মোট ৫kg চাল, প্রতি km ২ টাকা", &[]),
        ("bn", "দূরত্ব kmের চেয়ে appleটি বেশি", &["apple"]),
        ("ru", "Она купила appleсов на 12 рублей", &["appleсов"]),
        ("ru", "Скорость 60 km/h, USB и CO2, x = 5", &[]),
        ("en", "The angle α and 5 kΩ give π, 3 µm.", &[]),
        ("en", "She has яблоки left", &["яблоки"]),
        ("de", "Das ist ein тест", &["тест"]),
        ("ja", "アヒルは16個の卵を産み、答えは12です。", &[]),
        ("zh", "答案の12", &["の"]),
        ("ko", "答은 12개입니다", &[]),
        ("ko", "그는 сто원을", &["сто"]),
        ("th", "คำตอบ is 12", &["is"]),
        ("ar", "الجواب هو twelve 12", &["twelve"]),
        (
            "hi",
            "उत्तर \\text{dollars} \\frac{1}{2} `code here` <b>१२</b> a@b.org https://x.org/page",
            &["dollars"],
        ),
        ("sr", "Одговор je 12", &[]),
        ("sr-Latn", "Odgovor је 12", &["је"]),
        ("hi-Latn", "Toh answer 18 hai", &[]),
        ("qaa", "whatever это", &[]),
    ] {
        assert_eq!(foreign(text, language), words, "{language}: {text}");
    }
}

#[test]
fn what_the_question_names_is_not_foreign() {
    let marked = |question| foreign_words("Leah有32块巧克力。", &Language::from("zh"), question);
    assert_eq!(marked(""), [0..4]);
    assert_eq!(marked("Leah和她的妹妹"), Vec::<Range<usize>>::new());
}

fn differing<'a>(a: &'a str, b: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let diff = word_diff(a, b);
    (
        diff.only_a.into_iter().map(|range| &a[range]).collect(),
        diff.only_b.into_iter().map(|range| &b[range]).collect(),
    )
}

#[test]
fn differing_words_are_found_in_every_script() {
    for (a, b, only_a, only_b) in [
        ("Sie kauft drei Äpfel.", "Sie kauft vier Äpfel.", &["drei"][..], &["vier"][..]),
        ("সে ৩টি আপেল কেনে।", "সে ৪টি আপেল কেনে।", &["৩টি"], &["৪টি"]),
        ("اشترت ثلاث تفاحات", "اشترت أربع تفاحات", &["ثلاث"], &["أربع"]),
        ("她买了三个苹果。", "她买了四个苹果。", &["三"], &["四"]),
        ("เขาซื้อสามลูก", "เขาซื้อสี่ลูก", &["สาม"], &["สี่"]),
        ("one two three", "one  two\nthree", &[], &[]),
        ("cafe\u{301}", "café", &[], &[]),
        ("a b c d", "a d", &["b c"], &[]),
        ("", "new", &[], &["new"]),
    ] {
        let (found_a, found_b) = differing(a, b);
        assert_eq!((&found_a[..], &found_b[..]), (only_a, only_b), "{a} / {b}");
    }
}

#[test]
fn near_texts_share_most_words() {
    for (a, b, is_near) in [
        ("", "", true),
        ("", "one", false),
        ("She has three apples left over.", "She has four apples left over.", true),
        ("She has three apples.", "Sie hat drei Birnen, und dann?", false),
        ("她买了三个苹果和两个梨。", "她买了四个苹果和两个梨。", true),
    ] {
        assert_eq!(word_diff(a, b).is_near(), is_near, "{a} / {b}");
    }
}

#[test]
fn long_texts_with_nothing_in_common_are_compared() {
    let text =
        |offset: usize| (0..20_000).map(|n| format!("w{} ", (n * 7919 + offset) % 5_000)).collect::<String>();
    let (a, b) = (text(0), text(3));
    let diff = word_diff(&a, &b);
    assert!(!diff.only_a.is_empty() && (0.0..1.0).contains(&diff.share));
}

#[test]
fn the_answer_is_where_it_was_read() {
    for (language, text, span) in [
        ("en", "So 3 + 4 = 7. The answer is $1,250.", Some("1,250")),
        ("bn", "উত্তর: ৯ × ২ = ১৮ ডলার।", Some("১৮")),
        ("en", "I do not know.", None),
    ] {
        assert_eq!(answer_span(text, &Language::from(language)).map(|range| &text[range]), span, "{text}");
    }
}

#[test]
fn words_are_found_without_regard_to_case() {
    let places = |text: &'static str, query| {
        found_in(text, query).into_iter().map(|range| &text[range]).collect::<Vec<_>>()
    };
    assert_eq!(places("İstanbul, istanbul, STRASSE, ISTANBUL", "istanbul"), ["istanbul", "ISTANBUL"]);
    assert_eq!(places("Äpfel und äpfel", " ÄPFEL "), ["Äpfel", "äpfel"]);
    assert_eq!(places("aaa", "aa"), ["aa"]);
    assert_eq!(places("anything", "  "), Vec::<&str>::new());
}

#[test]
fn marks_are_cut_at_paragraphs_and_never_in_a_letter() {
    // The first mark spans two paragraphs, the second lies in it, the third begins between a letter and its mark.
    let text = "one two\n\n three é!";
    let accent = text.find('\u{301}').unwrap_or(text.len() - 3);
    let paragraphs = pieces(text, &[4..14, 4..7, accent..text.len() - 1, 3..3, 90..99]);
    let shown: Vec<Vec<(&str, Vec<usize>)>> = paragraphs
        .iter()
        .map(|pieces| pieces.iter().map(|piece| (&text[piece.range.clone()], piece.marks.clone())).collect())
        .collect();
    assert_eq!(
        shown,
        [
            vec![("one ", vec![]), ("two", vec![0, 1])],
            vec![(" thre", vec![0]), ("e ", vec![]), ("é", vec![2]), ("!", vec![])]
        ]
    );
}

fn assert_sound(text: &str, ranges: &[Range<usize>]) {
    let edges: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{ranges:?}");
    for range in ranges {
        assert!(range.start < range.end, "{range:?}");
        assert!(
            edges.binary_search(&range.start).is_ok() && edges.binary_search(&range.end).is_ok(),
            "{range:?} in {text:?}"
        );
    }
}

/// Texts that hurt: joiners, marks, signs of formulas, several scripts.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\u{200d}",
            "\u{200c}",
            "\u{301}",
            "👩\u{200d}👧",
            "क्\u{200d}ष",
            "می\u{200c}شود",
            "é",
            "한",
            "`",
            "```",
            "<b>",
            "<<",
            ">>",
            "\\frac{",
            "}",
            "12",
            "١٢",
            " = ",
            " + ",
            " ",
            "\n",
            "\r\n",
            "word",
            "слово",
            "字",
            "a@b.c",
            "http://",
            "%",
            "($",
            ")",
            "\u{202e}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn ranges_are_sound_in_any_text(a in texts(), b in texts(), at in 0..6_usize) {
        let language = Language::from(["en", "bn", "ru", "ja", "fa", "qaa"][at]);
        assert_sound(&a, &foreign_words(&a, &language, &b));
        let diff = word_diff(&a, &b);
        assert_sound(&a, &diff.only_a);
        assert_sound(&b, &diff.only_b);
        prop_assert!((0.0..=1.0).contains(&diff.share));
        assert_sound(&a, &answer_span(&a, &language).into_iter().collect::<Vec<_>>());
        assert_sound(&a, &found_in(&a, &b));
    }

    #[test]
    fn pieces_are_the_text_itself(text in texts(), ranges in prop::collection::vec((0..90_usize, 0..90_usize), 0..8)) {
        let ranges: Vec<Range<usize>> = ranges.into_iter().map(|(a, b)| a.min(b)..a.max(b)).collect();
        let paragraphs = pieces(&text, &ranges);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        prop_assert_eq!(paragraphs.len(), lines.len());
        for (pieces, line) in paragraphs.iter().zip(lines) {
            prop_assert_eq!(pieces.iter().map(|piece| &text[piece.range.clone()]).collect::<String>(), line);
            let places: Vec<Range<usize>> = pieces.iter().map(|piece| piece.range.clone()).collect();
            assert_sound(&text, &places);
        }
    }

    #[test]
    fn a_text_does_not_differ_from_itself(text in texts()) {
        let diff = word_diff(&text, &text);
        prop_assert!(diff.only_a.is_empty() && diff.only_b.is_empty() && diff.share == 1.0);
    }
}
