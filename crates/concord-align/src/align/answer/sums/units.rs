//! What the words at a number say of it.

use super::tokens::Words;

/// What a number counts, as far as it matters to a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    None,
    Currency(char),
    /// The first word after the number.
    Word(String),
}

impl Unit {
    /// The unit that words after a number are; `None` where they make it something else: a variable, a power, a half.
    pub(super) fn of(words: &Words, touches: bool) -> Option<Self> {
        let first = words.all.first()?;
        let is_letter =
            first.chars().count() == 1 && first.chars().all(|c| c.is_lowercase() || c.is_uppercase());
        // "$19 a day" has no unknown, and "60 m" are metres.
        let is_unit = !touches && (words.all.len() > 1 || "mglhstмглчст".contains(first.as_str()));
        let is_letter_alone = is_letter && !is_unit;
        let changes = |word: &String| CHANGES.split_ascii_whitespace().any(|stem| word.contains(stem));
        let is_changed = words.all.iter().take(3).any(changes);
        (!is_letter_alone && !is_changed).then(|| Self::Word(first.clone()))
    }

    /// Whether two numbers can count the same: the same word, or one with an ending.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => true,
            (Self::Currency(a), Self::Currency(b)) => a == b,
            (Self::Word(a), Self::Word(b)) => {
                let is_long = |word: &str| word.chars().count() >= 3 || !word.chars().any(char::is_lowercase);
                a == b || is_long(a) && is_long(b) && (a.starts_with(b.as_str()) || b.starts_with(a.as_str()))
            }
            _ => false,
        }
    }

    /// Whether it may be converted to another: not of a currency sign alone, which LaTeX writes around everything.
    pub(super) fn may_convert(&self) -> bool {
        !matches!(self, Self::None | Self::Currency('$'))
    }
}

/// Parts of words after a number that change its value.
const CHANGES: &str = "squar cube quadrat cuadrad carré quadrad квадрат куб 平方 立方 二乗 三乗 乗 제곱 مربع مكعب वर्ग वर्ग বর্গ ঘন kwadrat \
                       vuông karesi half halve hälfte halb demi mitad metà metade половин 半 অর্ধেক आधा نصف nusu time fois vece volt \
                       раз mal 倍 गुना গুণ মারা mara factorial dozen dutzend douzain docen дюжин ダース 打 डर्जन दर्जन ডজন percent prozent \
                       por cent процент mod hoch elevado 次方 乘 除 加 减 減 plus minus divid geteilt";

/// Whether words right before a number take a part or a function of what follows: "half of 10 + 2".
pub(super) fn is_part_word(words: &Words) -> bool {
    let is_of = |word: &str| {
        matches!(
            word,
            "of" | "von"
                | "vom"
                | "de"
                | "des"
                | "del"
                | "du"
                | "di"
                | "van"
                | "от"
                | "из"
                | "af"
                | "av"
                | "dari"
                | "ya"
                | "của"
                | "twice"
                | "double"
                | "triple"
                | "half"
                | "doppelt"
                | "doble"
                | "root"
                | "plus"
                | "minus"
                | "times"
                | "by"
                | "mod"
                | "log"
                | "的"
                | "の"
                | "minus\u{a0}"
                | "negative"
                | "average"
                | "mean"
                | "sum"
        )
    };
    match &words.all[..] {
        // Spanish and Portuguese say "es de 500" for "is 500".
        [.., is, of] if of == "de" => {
            !matches!(is.as_str(), "es" | "son" | "era" | "fue" | "é" | "são" | "est" | "sont")
        }
        [.., last] => is_of(last),
        [] => false,
    }
}
