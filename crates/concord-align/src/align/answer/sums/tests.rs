//! Sums as models write them, right and wrong.

use proptest::prelude::*;

use super::broken_sums;
use crate::data::Language;

fn marked(text: &'static str, language: &str) -> Vec<(&'static str, String)> {
    let sums = broken_sums(text, &Language::from(language));
    sums.into_iter().map(|sum| (&text[sum.range], sum.holds)).collect()
}

#[test]
fn wrong_sums_are_marked() {
    let mut wrong = Vec::new();
    for (language, text, sum, holds) in [
        ("en", "So 3 + 4 = 8.", "3 + 4 = 8", "7"),
        ("en", "She makes 12 × 3 = 35 dollars.", "12 × 3 = 35", "36"),
        ("en", "That is 16 - 3 - 4 = 8 eggs.", "16 - 3 - 4 = 8", "9"),
        ("en", "8 = 3 + 4", "8 = 3 + 4", "7"),
        ("en", "9 * $2 = $19 a day", "9 * $2 = $19", "18"),
        ("en", "5 apples + 3 apples = 9 apples", "5 apples + 3 apples = 9", "8"),
        ("en", "(3 + 4) × 2 = 15", "(3 + 4) × 2 = 15", "14"),
        ("en", "2(3 + 4) = 15", "2(3 + 4) = 15", "14"),
        ("en", "She has 5 left (3 + 1 = 5).", "3 + 1 = 5", "4"),
        ("en", "Total = 3 + 4 = 8 = 8", "3 + 4 = 8", "7"),
        ("en", "1,250 + 750 = 2,100", "1,250 + 750 = 2,100", "2000"),
        ("en", "7 / 2 = 3", "7 / 2 = 3", "3.5"),
        ("en", "10 / 4 = 2.6", "10 / 4 = 2.6", "2.5"),
        ("en", "20% of 50 = 12", "20% of 50 = 12", "10"),
        ("en", "1/4 + 1/4 = 1/3", "1/4 + 1/4 = 1/3", "0.5"),
        ("en", "$\\frac{12}{3} = 5$", "\\frac{12}{3} = 5", "4"),
        ("en", "\\[ 3 \\times 4 = 13 \\]", "3 \\times 4 = 13", "12"),
        ("en", "3 \\cdot 4 &= 13", "3 \\cdot 4 &= 13", "12"),
        ("en", "2^3 = 9", "2^3 = 9", "8"),
        ("en", "She sells <<16-3-4=8>>8 eggs.", "16-3-4=8", "9"),
        ("en", "so it is worth 130,000*.15 = $195,000", "130,000*.15 = $195,000", "19500"),
        ("en", "**3 + 4 = 8**", "3 + 4 = 8", "7"),
        ("en", "3 x 4 = 13", "3 x 4 = 13", "12"),
        ("en", "She has 3 + 4 = 7 apples and a lot of pears, 2 + 2 = 5", "2 + 2 = 5", "4"),
        ("en", "- 3 × 4 = 13", "3 × 4 = 13", "12"),
        ("en", "1. 3 + 4 = 8", "3 + 4 = 8", "7"),
        ("en", "Step 1: 3 + 4 = 8", "3 + 4 = 8", "7"),
        ("de", "1.250 + 750 = 2.100 Euro", "1.250 + 750 = 2.100", "2000"),
        ("de", "2,5 × 3 = 8,5", "2,5 × 3 = 8,5", "7.5"),
        ("de", "12 : 3 = 5", "12 : 3 = 5", "4"),
        ("fr", "1 250 + 750 = 2 100 euros", "1 250 + 750 = 2 100", "2000"),
        ("bn", "১৬ - ৩ - ৪ = ৮টি ডিম", "১৬ - ৩ - ৪ = ৮", "9"),
        ("bn", "৯ × ২ = ১৯ ডলার।", "৯ × ২ = ১৯", "18"),
        ("ar", "تكسب ٩ × ٢ = ١٩ دولارا", "٩ × ٢ = ١٩", "18"),
        ("fa", "۹ × ۲ = ۱۹ دلار", "۹ × ۲ = ۱۹", "18"),
        ("hi", "९ × २ = १९ डॉलर", "९ × २ = १९", "18"),
        ("zh", "一共9×2=19元。", "9×2=19", "18"),
        ("zh", "３＋４＝８", "３＋４＝８", "7"),
        ("ja", "16-3-4=8個を売ります。", "16-3-4=8", "9"),
        ("th", "๓ + ๔ = ๘ ลูก", "๓ + ๔ = ๘", "7"),
        ("sw", "Anauza 9 × 2 = 19 kila siku", "9 × 2 = 19", "18"),
        ("th", "ไข่ 16 ฟอง เหลือ 16 - 3 - 4 = 8 ฟอง เธอได้เงิน 9 × 2 = 18", "16 - 3 - 4 = 8", "9"),
        ("fr", "Étape 2 : 9 × 11 = 98", "9 × 11 = 98", "99"),
        ("km", "ចម្លើយ៖ 12 - 5 = 10", "12 - 5 = 10", "7"),
        ("es", "El ahorro es de $500 - $320 = $183, y", "500 - $320 = $183", "180"),
        ("de", "Zur Kontrolle: 15 · 4 = 63 ✓", "15 · 4 = 63", "60"),
        ("de", "9 × 60 m = 550 m", "9 × 60 m = 550", "540"),
        ("en", "so 12 chairs cost 12 × $35 = $423. Next", "12 × $35 = $423", "420"),
        ("ru", "Всего 3 + 4 = 8 яблок", "3 + 4 = 8", "7"),
    ] {
        let found = marked(text, language);
        if found != [(sum, holds.to_owned())] {
            wrong.push(format!("{language}: {text}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_holds_or_could_be_meant_is_let_pass() {
    let mut wrong = Vec::new();
    for (language, text) in [
        ("en", "3 + 4 = 7, 12 × 3 = 36, 7 = 3 + 4, 3 + 4 = 2 + 5"),
        // Rounded, cut, endless.
        (
            "en",
            "10/3 = 3.33, 10 / 3 = 3, 20/3 = 6.67, 20/3 = 6.66, 100 / 7 = 14.3, 3.33 × 3 = 10, 10 / 4 ≈ 3, 2 ≈ 3 + 4",
        ),
        ("en", "2,500,000 + 7 = 2.5 million"),
        // Quantities of another kind.
        (
            "en",
            "30 minutes + 30 minutes = 1 hour. 2 hours + 30 minutes = 150 minutes. 50 cents × 4 = $2. 3 weeks = 21 days.",
        ),
        (
            "en",
            "1 hour and 30 minutes + 15 minutes = 105 minutes, 2 hours 30 minutes + 10 minutes = 160 minutes",
        ),
        ("en", "150 minutes / 60 = 2 hours 30 minutes"),
        ("en", "$1 + 50¢ = $1.50"),
        // Unknowns.
        (
            "en",
            "2x + 3 = 7, 3n = 12, x + 3 + 4 = 10, 3 + x = 4, 3 + ? = 8, 3 + ___ = 8, 5 × price = 20, 3 + □ = 8",
        ),
        ("en", "3/4 = 12/x and 1/2 = 4/y"),
        // Labels.
        ("en", "Step 2 - 3 × 4 = 12. Day 1 = 5, day 2 = 7. Day 5 = 3 + 4."),
        ("de", "Schritt 2 : 9 × 11 = 99"),
        ("fr", "Étape 2 : 9 × 11 = 99"),
        ("sw", "saa 1 na dakika 30 + dakika 15 = dakika 105"),
        ("th", "2 ชั่วโมง 30 นาที + 10 นาที = 160 นาที"),
        ("en", "Week 1 + week 2 = 40 hours"),
        // Parts and powers.
        (
            "en",
            "half of 10 + 2 = 7, 5 squared + 3 = 28, 2 dozen + 6 = 30, √9 + 16 = 19, 2π + 1 = 7.28, 5! = 120, 5! + 1 = 121",
        ),
        (
            "en",
            "20% of 50 = 10, 1/4 = 25%, 100 - 20% = 80, 50 × 20% = 10, 20 / 80 × 100 = 25%, 0.25 × 100 = 25%, 50% + 20% = 70%",
        ),
        ("en", "7 / 2 = 3 remainder 1, 7 ÷ 2 = 3 R 1, 17 / 5 = 3 full boxes"),
        ("zh", "7÷2=3……1，7÷2=3余1"),
        // A chain that goes on from its result, and other relations.
        ("en", "3 + 4 = 7 × 2 = 14 - 4 = 10"),
        ("en", "3 + 4 != 8, 3 + 4 <= 8, 3 + 4 \\neq 8, 3 + 4 → 8, if (x == 3) y = 4"),
        ("en", "Time: 3:30 + 1:15 = 4:45. 2:3 = 4:6. On 3/4/2024 = 5. 10 + 5 = 3 (mod 12)"),
        ("en", "12 ÷ 2(1 + 2) = 18 or = 2; 12 ÷ 3/4 = 16"),
        ("en", "H2O + 3 = 5, v_1 + 2 = 7, x^2 + 1 = 5, f(2) = 7, |3 - 5| = 2"),
        ("de", "1.250 + 750 = 2.000, 2,5 × 3 = 7,5, 12 : 3 = 4, 0,5 + 0,5 = 1"),
        ("de", "Sie verkauft 9 Eier zu je 2 $: 9 · 2 = 18"),
        ("de", "1.5 + 1.5 = 3 und 1,250 + 750 = 2,000"),
        ("en", "2.125 × 8 = 17"),
        ("en", "1,5 + 1,5 = 3"),
        ("fa", "۲/۵ × ۲ = ۵"),
        ("hi", "1 लाख + 50 हजार = 1,50,000"),
        ("ja", "7万5千 + 5千 = 8万"),
        ("vi", "70 nghìn + 30 nghìn = 100.000 đồng"),
        ("en", "<<16-3-4=9>>9, \\frac{3}{4} = 0.75, 2^{10} = 1024, 1.5 \\times 10^3 = 1500"),
        ("en", "<think>3 + 4 = 8</think> 3 + 4 = 7 ~~3 + 4 = 9~~"),
        ("en", "```python\nx = 3 + 4 = 8\n```"),
        ("en", "1 / 0 = 5, 99999999999999999999999999999999999999999 + 1 = 3"),
        ("en", "= 5, 3 + = 5, 3 + 4 =, ) = (, 3 = = 4"),
    ] {
        let found = marked(text, language);
        if !found.is_empty() {
            wrong.push(format!("{language}: {text}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn a_right_sum_is_never_marked_and_a_wrong_one_is(a in 0..5_000_i64, b in 1..5_000_i64, off in 1..9_i64, at in 0..6_usize) {
        let language = Language::from(["en", "de", "bn", "ar", "zh", "fr"][at]);
        for (sign, result) in [("+", a + b), ("-", a - b), ("×", a * b)] {
            let right = format!("{a} {sign} {b} = {result}");
            prop_assert_eq!(broken_sums(&right, &language), vec![], "{}", right);
            let wrong = format!("{a} {sign} {b} = {}", result + off);
            prop_assert_eq!(broken_sums(&wrong, &language).len(), 1, "{}", wrong);
        }
    }

    #[test]
    fn any_text_of_signs_is_read(pieces in prop::collection::vec(prop::sample::select(vec![
        "1", "23", "4.5", "1,000", "٣", "=", "+", "-", "×", "/", "÷", ":", "(", ")", "[", "]", "%", "$", " ", "\n", "x", "apples", "≈", "<<", ">>",
        "\\frac{1}{2}", "^2", "²", "½", "!", "…", "\u{301}", "of", "&", "hours", ",", ".",
    ]), 0..60)) {
        let text = pieces.concat();
        for sum in broken_sums(&text, &Language::from("en")) {
            prop_assert!(text.get(sum.range.clone()).is_some_and(|part| part.contains('=')), "{:?}", sum);
        }
    }
}
