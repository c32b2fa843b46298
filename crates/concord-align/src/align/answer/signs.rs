//! Fraction characters, and the signs and letters of currencies.

use super::rational::Rational;

/// The value of a fraction character.
pub(super) fn vulgar(c: char) -> Option<Rational> {
    let (num, den) = match c {
        '½' => (1, 2),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '⅕' => (1, 5),
        '⅖' => (2, 5),
        '⅗' => (3, 5),
        '⅘' => (4, 5),
        '⅙' => (1, 6),
        '⅚' => (5, 6),
        '⅐' => (1, 7),
        '⅛' => (1, 8),
        '⅜' => (3, 8),
        '⅝' => (5, 8),
        '⅞' => (7, 8),
        '⅑' => (1, 9),
        '⅒' => (1, 10),
        _ => return None,
    };
    Rational::new(num, den)
}

/// Currency signs (Unicode Sc) that may stand between a sign and its number.
pub(super) fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '৲' | '৳' | '฿' | '៛' | '؋' | '﷼' | '\u{20a0}'..='\u{20c0}')
}

/// Letters that may stand right before an amount, in lower case: codes of ISO 4217 and what people write.
pub(super) const CURRENCY_LETTERS: [&str; 96] = [
    "us", "usd", "eur", "gbp", "rs", "inr", "tsh", "tshs", "tzs", "ksh", "kshs", "kes", "ush", "ugx", "rub",
    "cny", "rmb", "jpy", "krw", "bdt", "tk", "aed", "sar", "egp", "hk", "nt", "ca", "au", "rp", "chf", "sh",
    "mxn", "rm", "myr", "vnd", "idr", "php", "thb", "ngn", "zar", "ghs", "gh", "cad", "aud", "nzd", "sgd",
    "hkd", "twd", "try", "tl", "brl", "ars", "clp", "cop", "pen", "sek", "nok", "dkk", "isk", "pln", "czk",
    "huf", "ron", "bgn", "uah", "kzt", "ils", "nis", "irr", "irt", "pkr", "npr", "lkr", "slrs", "mmk", "khr",
    "lak", "etb", "xof", "xaf", "fcfa", "cfa", "mad", "dzd", "tnd", "iqd", "kwd", "bhd", "qar", "omr", "jod",
    "lbp", "kr", "bs", "pkrs", "nrs",
];

/// Single capitals that stand before an amount: rand, naira, peso, quetzal, lempira, sol, kina.
pub(super) fn is_currency_capital(c: char) -> bool {
    matches!(c, 'R' | 'N' | 'P' | 'Q' | 'L' | 'S' | 'K')
}
