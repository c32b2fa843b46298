//! Words for hundreds, thousands and above, by language, and what joins them.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::super::digits::fold_word;
use super::lexicons::lexicon_of;

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
    found.or_else(|| glued(tag, word).map(Token::Whole))
}

/// Whether the word joins two parts of a number.
pub(super) fn is_joint(tag: &str, word: &str) -> bool {
    matches!(
        (tag, word),
        ("en", "and")
            | ("de", "und")
            | ("es", "y")
            | ("pt", "e")
            | ("da" | "nb", "og")
            | ("fa", "و")
            | ("ro", "de" | "și")
    )
}

/// Whether a thousand alone is a number and no noun.
pub(super) fn counts_alone(tag: &str) -> bool {
    matches!(tag, "es" | "ar" | "fr" | "pt" | "id")
}

/// "Per cent" in two words.
pub(super) fn is_percent(before: &str, word: &str) -> bool {
    matches!((before, word), ("per" | "pour" | "por", "cent" | "cento" | "ciento"))
}

/// Languages that write hundreds and thousands as one word: their words for them, and what may join the rest.
const GLUED: [(&str, &str, &str, &[&str]); 4] = [
    ("de", "hundert", "tausend", &["", "und"]),
    // Italian vowels, which a compound may drop: cento, centottanta, mille, duemila.
    ("it", "cent", "mil", &["", "o", "a", "le"]),
    ("nl", "honderd", "duizend", &["", "en"]),
    ("sv", "hundra", "tusen", &[""]),
];

/// A compound with hundred or thousand: zweitausenddreihundertfünfzehn, duecentocinquanta.
fn glued(tag: &str, word: &str) -> Option<u64> {
    let (tag, hundred, thousand, joints) = GLUED.iter().find(|row| row.0 == tag)?;
    let lexicon = lexicon_of(tag)?;
    let small = |part: &str| match part {
        "" => Some(0),
        "ein" | "eine" => Some(1),
        part => lexicon.get(part).map(|value| u64::from(*value)),
    };
    let below_thousand = |part: &str| match part.split_once(hundred) {
        Some((head, rest)) => {
            let rest = joints.iter().find_map(|joint| small(rest.strip_prefix(joint)?))?;
            Some(small(head)?.max(1) * 100 + rest)
        }
        None => small(part),
    };
    match word.split_once(thousand) {
        Some((head, rest)) => {
            let rest = joints.iter().find_map(|joint| below_thousand(rest.strip_prefix(joint)?))?;
            Some(below_thousand(head)?.max(1) * 1_000 + rest)
        }
        None if word.contains(hundred) => below_thousand(word),
        None => None,
    }
}

/// Whether a number in words is a part of one that is not read: two thirds, three and a half, साढ़े तीन.
pub(super) fn is_part<'a>(before: Option<&str>, after: impl Iterator<Item = &'a str>) -> bool {
    let mut after = after.take(3).enumerate().skip_while(|(_, word)| AND_A.contains(word));
    after.next().is_some_and(|(i, word)| HALVES.contains(&word) || i == 0 && FRACTION_WORDS.contains(&word))
        || before.is_some_and(|word| BEFORE_PART.contains(&word))
}

/// What may stand between a number and "half".
const AND_A: [&str; 12] = ["and", "a", "und", "ein", "et", "e", "y", "i", "с", "з", "en", "och"];

/// Words for a half after a number.
const HALVES: [&str; 16] = [
    "half",
    "halb",
    "halbe",
    "demi",
    "demie",
    "mezzo",
    "mezza",
    "meio",
    "meia",
    "medio",
    "media",
    "pół",
    "половиной",
    "половина",
    "jumătate",
    "halv",
];

/// Numbers with a half in one word, which are not read.
pub(super) const ONE_AND_A_HALF: [&str; 12] = [
    "anderthalb",
    "eineinhalb",
    "полтора",
    "полторы",
    "півтора",
    "półtora",
    "půldruhého",
    "halvanden",
    "halvannen",
    "डेढ\u{93c}",
    "ढाई",
    "দেড\u{9bc}",
];

/// What adds or takes a part before the number.
const BEFORE_PART: [&str; 6] = ["साढ\u{93c}े", "सवा", "पौने", "সাড\u{9bc}ে", "সোয\u{9bc}া", "পৌনে"];

/// What makes a part of the number before it, which is not read: two thirds.
pub(super) const FRACTION_WORDS: [&str; 36] = [
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
    "virgule",
    "virgola",
    "vírgula",
    "tiers",
    "quarts",
    "terzi",
    "terços",
];

const TAGS: [&str; 22] = [
    "da", "nb", "fa", "en", "de", "es", "ru", "zh", "ar", "bn", "sw", "fr", "it", "pt", "nl", "sv", "pl",
    "uk", "cs", "ro", "id", "hi",
];

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
    ("fr", "cent cents", Token::Hundred),
    ("fr", "mille", Token::Scale(3)),
    ("fr", "million millions", Token::Scale(6)),
    ("it", "milione milioni", Token::Scale(6)),
    ("pt", "cem cento", Token::Hundreds(100)),
    ("pt", "duzentos duzentas", Token::Hundreds(200)),
    ("pt", "trezentos trezentas", Token::Hundreds(300)),
    ("pt", "quatrocentos quatrocentas", Token::Hundreds(400)),
    ("pt", "quinhentos quinhentas", Token::Hundreds(500)),
    ("pt", "seiscentos seiscentas", Token::Hundreds(600)),
    ("pt", "setecentos setecentas", Token::Hundreds(700)),
    ("pt", "oitocentos oitocentas", Token::Hundreds(800)),
    ("pt", "novecentos novecentas", Token::Hundreds(900)),
    ("pt", "mil", Token::Scale(3)),
    ("pt", "milhão milhões", Token::Scale(6)),
    ("nl", "miljoen", Token::Scale(6)),
    ("sv", "hundra", Token::Hundred),
    ("sv", "tusen", Token::Scale(3)),
    ("sv", "miljon miljoner", Token::Scale(6)),
    ("pl", "dwieście dwustu", Token::Hundreds(200)),
    ("pl", "trzysta trzystu", Token::Hundreds(300)),
    ("pl", "czterysta czterystu", Token::Hundreds(400)),
    ("pl", "pięćset pięciuset", Token::Hundreds(500)),
    ("pl", "sześćset sześciuset", Token::Hundreds(600)),
    ("pl", "siedemset siedmiuset", Token::Hundreds(700)),
    ("pl", "osiemset ośmiuset", Token::Hundreds(800)),
    ("pl", "dziewięćset dziewięciuset", Token::Hundreds(900)),
    ("pl", "tysiąc tysiące tysięcy", Token::Scale(3)),
    ("pl", "milion miliony milionów", Token::Scale(6)),
    ("uk", "двісті", Token::Hundreds(200)),
    ("uk", "триста", Token::Hundreds(300)),
    ("uk", "чотириста", Token::Hundreds(400)),
    ("uk", "шістсот", Token::Hundreds(600)),
    ("uk", "сімсот", Token::Hundreds(700)),
    ("uk", "вісімсот", Token::Hundreds(800)),
    ("uk", "тисяча тисячі тисяч", Token::Scale(3)),
    ("uk", "мільйон мільйони мільйонів", Token::Scale(6)),
    ("cs", "stě sta set", Token::Hundred),
    ("cs", "tisíc tisíce", Token::Scale(3)),
    ("cs", "milion miliony milionů", Token::Scale(6)),
    ("ro", "sute", Token::Hundred),
    ("ro", "mie mii", Token::Scale(3)),
    ("ro", "milion milioane", Token::Scale(6)),
    ("da", "hundrede", Token::Hundred),
    ("da", "tusind tusinde", Token::Scale(3)),
    ("da", "million millioner", Token::Scale(6)),
    ("nb", "hundre", Token::Hundred),
    ("nb", "tusen", Token::Scale(3)),
    ("nb", "million millioner", Token::Scale(6)),
    ("fa", "دویست", Token::Hundreds(200)),
    ("fa", "سیصد", Token::Hundreds(300)),
    ("fa", "چهارصد", Token::Hundreds(400)),
    ("fa", "پانصد", Token::Hundreds(500)),
    ("fa", "ششصد", Token::Hundreds(600)),
    ("fa", "هفتصد", Token::Hundreds(700)),
    ("fa", "هشتصد", Token::Hundreds(800)),
    ("fa", "نهصد", Token::Hundreds(900)),
    ("fa", "هزار", Token::Scale(3)),
    ("fa", "میلیون", Token::Scale(6)),
    ("id", "ratus", Token::Hundred),
    ("id", "seratus", Token::Hundreds(100)),
    ("id", "ribu seribu", Token::Scale(3)),
    ("id", "juta", Token::Scale(6)),
    ("hi", "हज़ार हजार", Token::Scale(3)),
    ("hi", "लाख", Token::Scale(5)),
    ("hi", "करोड़", Token::Scale(7)),
];
