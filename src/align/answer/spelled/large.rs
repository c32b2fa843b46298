//! Words for hundreds, thousands and above, by language, and what joins them.

use super::super::digits::fold_word;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What a word of a large number does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A number below a hundred.
    Small(u64),
    /// Times a hundred, or a hundred alone.
    Hundred,
    /// 200, 300 and so on in one word.
    Hundreds(u64),
    /// A compound that is complete: siebzigtausend, ألفان.
    Whole(u64),
    /// Times a power of ten.
    Scale(u32),
    /// Times a number: dozen.
    Times(u64),
}

/// What the word is in the language's large numbers.
pub(super) fn token(tag: &str, word: &str) -> Option<Token> {
    static TOKENS: OnceLock<HashMap<(&'static str, String), Token>> = OnceLock::new();
    let tokens = TOKENS.get_or_init(|| {
        let mut map = HashMap::new();
        for (tag, list, token) in TABLE {
            for spelled in list.split_whitespace() {
                map.insert((*tag, fold_word(spelled).into_iter().collect()), *token);
            }
        }
        map
    });
    let tag = TAGS.iter().find(|known| **known == tag)?;
    let found = tokens.get(&(*tag, word.to_owned())).copied();
    found.or_else(|| german(word).map(Token::Whole).filter(|_| *tag == "de"))
}

/// Whether the word joins two parts of a number.
pub(super) fn is_joint(tag: &str, word: &str) -> bool {
    matches!((tag, word), ("en", "and") | ("de", "und") | ("es", "y"))
}

/// A German compound with hundert or tausend: zweitausenddreihundertfünfzehn.
fn german(word: &str) -> Option<u64> {
    let lexicon = super::lexicon_of("de")?;
    let small = |part: &str| match part {
        "" => Some(0),
        "ein" | "eine" => Some(1),
        part => lexicon.get(part).map(|value| u64::from(*value)),
    };
    let below_thousand = |part: &str| match part.split_once("hundert") {
        Some((head, rest)) => {
            Some(small(head)?.max(1) * 100 + small(rest.strip_prefix("und").unwrap_or(rest))?)
        }
        None => small(part),
    };
    let value = match word.split_once("tausend") {
        Some((head, rest)) => {
            below_thousand(head)?.max(1) * 1_000 + below_thousand(rest.strip_prefix("und").unwrap_or(rest))?
        }
        None if word.contains("hundert") => below_thousand(word)?,
        None => return None,
    };
    Some(value)
}

/// What makes a part of the number before it, which is not read: two thirds.
pub(super) const FRACTION_WORDS: [&str; 29] = [
    "third",
    "thirds",
    "quarter",
    "quarters",
    "half",
    "halves",
    "fifth",
    "fifths",
    "sixths",
    "eighths",
    "tenths",
    "fourths",
    "drittel",
    "viertel",
    "fünftel",
    "achtel",
    "tercio",
    "tercios",
    "cuarto",
    "cuartos",
    "quintos",
    "трети",
    "треть",
    "четверти",
    "четверть",
    "пятых",
    "point",
    "komma",
    "coma",
];

const TAGS: [&str; 8] = ["en", "de", "es", "ru", "zh", "ar", "bn", "sw"];

const TABLE: &[(&str, &str, Token)] = &[
    ("en", "hundred hundreds", Token::Hundred),
    ("en", "thousand", Token::Scale(3)),
    ("en", "lakh lac", Token::Scale(5)),
    ("en", "million", Token::Scale(6)),
    ("en", "crore", Token::Scale(7)),
    ("en", "billion", Token::Scale(9)),
    ("en", "dozen", Token::Times(12)),
    ("de", "million millionen", Token::Scale(6)),
    ("de", "milliarde milliarden", Token::Scale(9)),
    ("de", "tausend", Token::Scale(3)),
    ("es", "cien ciento", Token::Hundreds(100)),
    ("es", "doscientos doscientas", Token::Hundreds(200)),
    ("es", "trescientos trescientas", Token::Hundreds(300)),
    ("es", "cuatrocientos cuatrocientas", Token::Hundreds(400)),
    ("es", "quinientos quinientas", Token::Hundreds(500)),
    ("es", "seiscientos seiscientas", Token::Hundreds(600)),
    ("es", "setecientos setecientas", Token::Hundreds(700)),
    ("es", "ochocientos ochocientas", Token::Hundreds(800)),
    ("es", "novecientos novecientas", Token::Hundreds(900)),
    ("es", "mil", Token::Scale(3)),
    ("es", "millón millones", Token::Scale(6)),
    ("ru", "сто", Token::Hundreds(100)),
    ("ru", "двести", Token::Hundreds(200)),
    ("ru", "триста", Token::Hundreds(300)),
    ("ru", "четыреста", Token::Hundreds(400)),
    ("ru", "пятьсот", Token::Hundreds(500)),
    ("ru", "шестьсот", Token::Hundreds(600)),
    ("ru", "семьсот", Token::Hundreds(700)),
    ("ru", "восемьсот", Token::Hundreds(800)),
    ("ru", "девятьсот", Token::Hundreds(900)),
    ("ru", "тысяча тысячи тысяч", Token::Scale(3)),
    ("ru", "миллион миллиона миллионов", Token::Scale(6)),
    ("ar", "مئة مائة", Token::Hundred),
    ("ar", "مئتان مئتين مائتان مائتين", Token::Hundreds(200)),
    ("ar", "ثلاثمئة ثلاثمائة", Token::Hundreds(300)),
    ("ar", "أربعمئة أربعمائة", Token::Hundreds(400)),
    ("ar", "خمسمئة خمسمائة", Token::Hundreds(500)),
    ("ar", "ستمئة ستمائة", Token::Hundreds(600)),
    ("ar", "سبعمئة سبعمائة", Token::Hundreds(700)),
    ("ar", "ثمانمئة ثمانمائة ثمانيمائة", Token::Hundreds(800)),
    ("ar", "تسعمئة تسعمائة", Token::Hundreds(900)),
    ("ar", "ألف ألفا آلاف", Token::Scale(3)),
    ("ar", "ألفان ألفين", Token::Whole(2_000)),
    ("ar", "مليون مليونا ملايين", Token::Scale(6)),
    ("bn", "শ শত শো", Token::Hundred),
    ("bn", "একশ একশো একশত", Token::Hundreds(100)),
    ("bn", "দুইশ দুইশো দুইশত দুশো দুশ", Token::Hundreds(200)),
    ("bn", "তিনশ তিনশো তিনশত", Token::Hundreds(300)),
    ("bn", "চারশ চারশো চারশত", Token::Hundreds(400)),
    ("bn", "পাঁচশ পাঁচশো পাঁচশত", Token::Hundreds(500)),
    ("bn", "ছয়শ ছয়শো ছয়শত ছশো", Token::Hundreds(600)),
    ("bn", "সাতশ সাতশো সাতশত", Token::Hundreds(700)),
    ("bn", "আটশ আটশো আটশত", Token::Hundreds(800)),
    ("bn", "নয়শ নয়শো নয়শত নশো", Token::Hundreds(900)),
    ("bn", "হাজার", Token::Scale(3)),
    ("bn", "লাখ লক্ষ", Token::Scale(5)),
    ("bn", "কোটি", Token::Scale(7)),
];
