//! The words that point to an answer, by language, and where they occur in a text.
//!
//! Each language has a row, spelled as people write it and folded once, as texts are. Words for "answer" are looked for in
//! every language, because models mix languages. Small words are looked for only in the language asked for, its relatives
//! and English: "bin" means a thousand in Turkish and "am" in German.

mod east_asian;
mod germanic_romance;
mod indic;
mod rtl_african;
mod slavic_uralic_turkic;

use std::collections::HashMap;
use std::sync::OnceLock;

use super::digits::{FIXED_SPACE, Glyph, fold_word};
use super::words::{is_letter, is_unspaced};
use crate::data::{Language, relatives_of};

/// The words of one language, each list separated by `|`. A word that ends in `*` may go on.
pub(super) struct Words {
    /// First subtag.
    pub(super) tag: &'static str,
    /// Nouns for answer, result, solution.
    pub(super) answer: &'static str,
    /// Names of the answer that nothing comes after: "final answer".
    pub(super) last: &'static str,
    /// Words for "is" between such a noun and the number.
    pub(super) is: &'static str,
    /// What a question is headed by.
    pub(super) question: &'static str,
    /// Who speaks next in a chat.
    pub(super) turn: &'static str,
    /// What the facts of a question are headed by.
    pub(super) given: &'static str,
    /// What takes an answer back: "wait", "actually".
    pub(super) retract: &'static str,
    /// How a remark to the reader begins: "let me know", "hope this".
    pub(super) tail: &'static str,
    /// What a remark on the answer is headed by: "check", "note", "explanation".
    pub(super) check: &'static str,
    /// What is counted or numbered without being a result: "step".
    pub(super) step: &'static str,
    /// What is numbered: "part 2", "page 3".
    pub(super) label: &'static str,
    /// Magnitudes after a number, with their power of ten.
    pub(super) factor: &'static str,
    /// Magnitudes before a number.
    pub(super) before: &'static str,
    /// Words between the ends of a range.
    pub(super) range: &'static str,
    /// What begins a reason or a circumstance that has its own verb: "because", "after".
    pub(super) because: &'static str,
    /// What comes before a circumstance: "with", "for".
    pub(super) with: &'static str,
    /// What comes before a conclusion.
    pub(super) so: &'static str,
}

/// A row without words.
pub(super) const NONE: Words = Words {
    tag: "",
    answer: "",
    last: "",
    is: "",
    question: "",
    given: "",
    retract: "",
    tail: "",
    check: "",
    step: "",
    label: "",
    factor: "",
    before: "",
    range: "",
    because: "",
    with: "",
    turn: "",
    so: "",
};

/// What a word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Answer,
    Last,
    Is,
    Question,
    Given,
    Retract,
    Tail,
    Check,
    Step,
    Label,
    /// A magnitude after a number: its power of ten.
    Factor(u32),
    /// A magnitude before a number.
    Before(u32),
    Range,
    Because,
    With,
    Turn,
    So,
}

impl Kind {
    /// A place for each kind, the same for all magnitudes.
    fn slot(self) -> usize {
        match self {
            Self::Answer => 0,
            Self::Last => 1,
            Self::Is => 2,
            Self::Question => 3,
            Self::Given => 4,
            Self::Retract => 5,
            Self::Tail => 6,
            Self::Check => 7,
            Self::Step => 8,
            Self::Factor(_) => 9,
            Self::Before(_) => 10,
            Self::Range => 11,
            Self::Because => 12,
            Self::So => 13,
            Self::Label => 14,
            Self::With => 15,
            Self::Turn => 16,
        }
    }
}

const N_KINDS: usize = 17;

/// A word of the lexicon in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    /// First glyph.
    pub(super) start: usize,
    /// One past the last glyph.
    pub(super) end: usize,
}

struct Entry {
    word: Vec<char>,
    /// Other letters may follow.
    goes_on: bool,
    kind: Kind,
    /// Row of its language.
    row: usize,
    /// Looked for whatever the language is.
    is_global: bool,
}

fn rows() -> impl Iterator<Item = &'static Words> {
    [
        germanic_romance::WORDS,
        slavic_uralic_turkic::WORDS,
        indic::WORDS,
        rtl_african::WORDS,
        east_asian::WORDS,
    ]
    .into_iter()
    .flatten()
}

/// The tag by which the lexicon knows a language: its first subtag, or that of the language whose words it shares.
pub(super) fn tag_of(language: &Language) -> String {
    match language.primary().as_str() {
        "nn" => "nb".to_owned(),
        "yue" => "zh".to_owned(),
        primary => primary.to_owned(),
    }
}

/// The first subtags of all languages that have words.
#[cfg(test)]
pub(super) fn tags() -> Vec<&'static str> {
    rows().map(|row| row.tag).collect()
}

/// The row of a language, by first subtag.
#[cfg(test)]
pub(super) fn row_of(tag: &str) -> Option<&'static Words> {
    rows().find(|row| row.tag == tag)
}

fn entries() -> &'static HashMap<char, Vec<Entry>> {
    static ENTRIES: OnceLock<HashMap<char, Vec<Entry>>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        let mut map: HashMap<char, Vec<Entry>> = HashMap::new();
        for (row, words) in rows().enumerate() {
            let mut add = |list: &str, kind: &dyn Fn(&str) -> Option<Kind>| {
                for spelled in list.split('|').filter(|word| !word.is_empty()) {
                    let (spelled, power) = spelled.split_once('=').unwrap_or((spelled, ""));
                    let Some(kind) = kind(power) else { continue };
                    let (bare, goes_on) = spelled.strip_suffix('*').map_or((spelled, false), |b| (b, true));
                    let word = fold_word(bare);
                    let Some(&first) = word.first() else { continue };
                    let has_case = word.iter().any(|c| c.is_lowercase());
                    let is_noun = matches!(kind, Kind::Answer | Kind::Last);
                    let is_global = !has_case || (is_noun && word.len() >= 5);
                    map.entry(first).or_default().push(Entry { word, goes_on, kind, row, is_global });
                }
            };
            add(words.answer, &|_| Some(Kind::Answer));
            add(words.last, &|_| Some(Kind::Last));
            add(words.is, &|_| Some(Kind::Is));
            add(words.question, &|_| Some(Kind::Question));
            add(words.given, &|_| Some(Kind::Given));
            add(words.retract, &|_| Some(Kind::Retract));
            add(words.tail, &|_| Some(Kind::Tail));
            add(words.check, &|_| Some(Kind::Check));
            add(words.step, &|_| Some(Kind::Step));
            add(words.label, &|_| Some(Kind::Label));
            add(words.factor, &|power| power.parse().ok().map(Kind::Factor));
            add(words.before, &|power| power.parse().ok().map(Kind::Before));
            add(words.range, &|_| Some(Kind::Range));
            add(words.because, &|_| Some(Kind::Because));
            add(words.with, &|_| Some(Kind::With));
            add(words.turn, &|_| Some(Kind::Turn));
            add(words.so, &|_| Some(Kind::So));
        }
        map
    })
}

/// The words of the lexicon in a text, each kind by position.
pub(super) struct Marks([Vec<Mark>; N_KINDS]);

impl Marks {
    /// Those of a kind, ascending; magnitudes of all powers are one kind.
    pub(super) fn of(&self, kind: Kind) -> &[Mark] {
        &self.0[kind.slot()]
    }
}

/// Finds every word of the lexicon; of one kind the longest at each place.
pub(super) fn marks(glyphs: &[Glyph], tag: &str) -> Marks {
    let relatives = relatives_of(tag);
    let asked: Vec<bool> =
        rows().map(|row| row.tag == tag || row.tag == "en" || relatives.contains(&row.tag)).collect();
    let own = rows().position(|row| row.tag == tag).unwrap_or(usize::MAX);
    let entries = entries();
    let mut out = Marks(std::array::from_fn(|_| Vec::new()));
    for start in 0..glyphs.len() {
        let first = glyphs[start].c;
        let Some(candidates) = entries.get(&first) else { continue };
        let opens = start == 0 || is_unspaced(first) || !is_letter(glyphs[start - 1].c) || {
            is_unspaced(glyphs[start - 1].c)
        };
        if !opens {
            continue;
        }
        let mut longest: [Option<Mark>; N_KINDS] = [None; N_KINDS];
        for entry in candidates.iter().filter(|entry| entry.is_global || asked[entry.row]) {
            let end = start + entry.word.len();
            let fits = glyphs.get(start..end).is_some_and(|text| {
                text.iter().zip(&entry.word).all(|(g, &c)| g.c == c || (c == ' ' && g.c == FIXED_SPACE))
            });
            let last = entry.word[entry.word.len() - 1];
            let closes = entry.goes_on
                || is_unspaced(last)
                || glyphs.get(end).is_none_or(|next| !is_letter(next.c) || is_unspaced(next.c));
            let place = &mut longest[entry.kind.slot()];
            // At one length the language's own word wins: a French billion is no English one.
            let is_better = |mark: Mark| mark.end < end || (mark.end == end && entry.row == own);
            if fits && closes && place.is_none_or(is_better) {
                *place = Some(Mark { kind: entry.kind, start, end });
            }
        }
        for mark in longest.into_iter().flatten() {
            out.0[mark.kind.slot()].push(mark);
        }
    }
    out
}
