//! Words in a script that the language does not use.

use std::collections::HashSet;
use std::ops::Range;

use unicode_script::Script;
use unicode_segmentation::UnicodeSegmentation;

use super::edges::at_edges;
use super::scripts::{Scripts, has_case};
use super::symbols::{Symbols, is_symbol};
use crate::data::Language;

/// The words of a text that are in a script which the language does not use.
///
/// Not words are: numbers, units, formulas, names of variables, acronyms of up to five letters, addresses, code, tags and
/// LaTeX commands. Words that the question has as well, such as names, are what was asked about and are not marked. Where a
/// script has no spaces between words, letters that stand together are one word. A word of a script with capitals that has
/// letters of another one with capitals is marked as a whole; otherwise only its foreign part is, because Korean or Bengali
/// endings are joined to any word. Nothing is marked where the language's scripts are not known.
pub fn foreign_words(text: &str, language: &Language, question: &str) -> Vec<Range<usize>> {
    let own = Scripts::of(language);
    if own.is_empty() || !text.chars().any(|c| own.foreign(c).is_some()) {
        return Vec::new();
    }
    let asked: HashSet<String> =
        pieces(question, &own).map(|piece| question[piece.range].to_lowercase()).collect();
    let symbols = Symbols::of(text);
    let mut out: Vec<Range<usize>> = Vec::new();
    for Piece { range, word, script } in pieces(text, &own) {
        let is_word = !asked.contains(&text[range.clone()].to_lowercase())
            && !symbols.cover(&range)
            && !is_symbol(text, &range, &word, script);
        if !is_word {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => out.push(range),
        }
    }
    at_edges(text, out)
}

/// A run of foreign letters.
struct Piece {
    range: Range<usize>,
    /// The word around it.
    word: Range<usize>,
    /// The script of its first letter.
    script: Script,
}

/// The runs of foreign letters in the words of a text.
fn pieces<'a>(text: &'a str, own: &'a Scripts) -> impl Iterator<Item = Piece> + 'a {
    text.split_word_bound_indices().flat_map(|(at, word)| {
        let whole = at..at + word.len();
        let mut found: Vec<Piece> = Vec::new();
        let mut is_open = false;
        for (i, c) in word.char_indices() {
            let end = at + i + c.len_utf8();
            match (own.foreign(c), found.last_mut()) {
                // Two foreign scripts in one word are one run; what stands between letters belongs to it.
                (Some(_), Some(last)) if is_open => last.range.end = end,
                (Some(script), _) => found.push(Piece { range: at + i..end, word: whole.clone(), script }),
                (None, _) if own.is_own(c) => {
                    is_open = false;
                    continue;
                }
                (None, _) => continue,
            }
            is_open = true;
        }
        let has_own = word.chars().any(|c| own.is_own(c));
        let is_blend = has_own && own.has_case() && found.iter().any(|piece| has_case(piece.script));
        let n_letters: usize = found.iter().map(|piece| text[piece.range.clone()].chars().count()).sum();
        // One Greek letter in a Latin word is a sign, as in kΩ.
        if is_blend && !(n_letters == 1 && found[0].script == Script::Greek) {
            found.truncate(1);
            found[0].range = whole;
        }
        found
    })
}
