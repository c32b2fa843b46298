//! Numbers in words, up to the scale words (thousand, million, lakh) that each language has here.
//!
//! All forms up to a hundred are generated per language, so that a compound is found before its parts. The parser builds
//! hundreds and above. Chinese numerals are read in Japanese too. Languages without a lexicon are read in digits only.

mod chinese;
mod forms;
mod large;
mod lexicons;
mod more_forms;

use super::digits::Glyph;
use super::words::is_letter;
use super::work::looked_at;

use forms::BENGALI_COUNTERS;
use large::Token;
use lexicons::Lexicon;
pub(super) use lexicons::lexicon_of;

/// A number in words and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    /// Its value; `None` for a number of which only a part is read ("two thirds").
    pub(super) value: Option<u64>,
    /// First glyph.
    pub(super) start: usize,
    /// One past the last glyph.
    pub(super) end: usize,
}

/// Every number in words of the glyphs in `from..to`, in order.
pub(super) fn all(glyphs: &[Glyph], (from, to): (usize, usize), tag: &str) -> Vec<Spelled> {
    let Some(part) = glyphs.get(from..to) else { return Vec::new() };
    looked_at(part.len());
    let found = match tag {
        "zh" | "ja" => chinese::all(part),
        _ => lexicon_of(tag).map(|lexicon| in_words(part, lexicon, tag)).unwrap_or_default(),
    };
    found.into_iter().map(|s| Spelled { start: s.start + from, end: s.end + from, ..s }).collect()
}

/// The longest compounds have four words ("treinta y uno" has three).
const MAX_WORDS: usize = 4;

/// A word in lower case with the glyph range it has.
type Word = (String, usize, usize);

fn in_words(glyphs: &[Glyph], lexicon: &Lexicon, tag: &str) -> Vec<Spelled> {
    let words = split(glyphs);
    let mut out = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let reader = Reader { words: &words, lexicon, tag };
        // "Twenty per cent" is no hundred.
        if i > 0 && large::is_percent(&words[i - 1].0, &words[i].0) {
            i += 1;
            continue;
        }
        if large::ONE_AND_A_HALF.contains(&words[i].0.as_str()) {
            out.push(Spelled { value: None, start: words[i].1, end: words[i].2 });
            i += 1;
            continue;
        }
        match reader.number(i) {
            Some((value, n)) => {
                let before = i.checked_sub(1).map(|k| words[k].0.as_str());
                let near = (i + n..words.len()).take_while(|&k| reader.is_near(k));
                let is_part = large::is_part(before, near.map(|k| words[k].0.as_str()));
                out.push(Spelled {
                    value: (!is_part).then_some(value),
                    start: words[i].1,
                    end: words[i + n - 1].2,
                });
                i += n;
            }
            None => i += 1,
        }
    }
    out
}

struct Reader<'a> {
    words: &'a [Word],
    lexicon: &'a Lexicon,
    tag: &'a str,
}

impl Reader<'_> {
    /// A number up to a hundred at word `i`, and how many words it has.
    fn small(&self, i: usize) -> Option<(u64, usize)> {
        self.small_after(i, "")
    }

    /// The same, of the words without a prefix of the first.
    fn small_after(&self, i: usize, prefix: &str) -> Option<(u64, usize)> {
        let words = &self.words[i.min(self.words.len())..];
        (1..=MAX_WORDS.min(words.len())).rev().find_map(|n| {
            // A number in words has no stop inside.
            let is_near = words[..n].windows(2).all(|pair| pair[1].1 - pair[0].2 <= 1);
            let joined = words[..n].iter().map(|w| w.0.as_str()).collect::<Vec<_>>().join(" ");
            let joined = joined.strip_prefix(prefix)?;
            let bare = BENGALI_COUNTERS.iter().find_map(|suffix| joined.strip_suffix(suffix));
            let value = self.lexicon.get(joined).or_else(|| self.lexicon.get(bare?))?;
            is_near.then_some((u64::from(*value), n))
        })
    }

    /// Whether word `i` stands right after the one before.
    fn is_near(&self, i: usize) -> bool {
        i > 0 && self.words.get(i).is_some_and(|word| word.1 - self.words[i - 1].2 <= 1)
    }

    fn token(&self, i: usize, is_first: bool) -> Option<(Token, usize)> {
        let is_joined = self.tag == "ar" && !is_first;
        // Arabic writes "and" onto the word; "and eleven" begins like "one".
        let after_and = is_joined.then(|| self.small_after(i, "و")).flatten();
        let plain = self.small(i);
        let small =
            if after_and.map(|found| found.1) > plain.map(|found| found.1) { after_and } else { plain };
        if let Some((value, n)) = small {
            return Some((if value == 100 { Token::Hundred } else { Token::Small(value) }, n));
        }
        let word = self.words.get(i)?.0.as_str();
        let bare = word.strip_prefix('و').filter(|_| is_joined);
        let token = large::token(self.tag, word).or_else(|| large::token(self.tag, bare?));
        token.map(|token| (token, 1))
    }

    /// The number that starts at word `i`, and how many words it has.
    fn number(&self, i: usize) -> Option<(u64, usize)> {
        if self.tag == "sw" {
            return self.swahili(i);
        }
        let (mut total, mut group, mut lowest) = (0_u64, 0_u64, u32::MAX);
        let (mut has_small, mut has_hundred) = (false, false);
        let mut at = i;
        while at == i || self.is_near(at) {
            let joint = usize::from(at > i && large::is_joint(self.tag, &self.words[at].0));
            if joint > 0 && !self.is_near(at + 1) {
                break;
            }
            let Some((token, n)) = self.token(at + joint, at == i) else { break };
            match token {
                Token::Small(value) if !has_small => (group, has_small) = (group + value, true),
                Token::Hundred if !has_hundred && has_small && joint == 0 && (1..100).contains(&group) => {
                    (group, has_small, has_hundred) = (group * 100, false, true);
                }
                Token::Hundred if group == 0 && !has_hundred => (group, has_hundred) = (100, true),
                Token::Hundreds(value) if group == 0 && !has_hundred => (group, has_hundred) = (value, true),
                Token::Whole(value) if group == 0 => (group, has_small) = (value, true),
                Token::Scale(power) if power < lowest && (joint == 0 || at > i) => {
                    total = total.checked_add(group.max(1).checked_mul(10_u64.checked_pow(power)?)?)?;
                    (group, has_small, has_hundred, lowest) = (0, false, false, power);
                }
                Token::Times(factor) if at > i && joint == 0 && total == 0 => {
                    group = group.checked_mul(factor)?;
                }
                _ => break,
            }
            at += joint + n;
        }
        // A scale word alone is a noun.
        let is_bare_scale = at == i + 1 && lowest != u32::MAX && !large::counts_alone(self.tag);
        (at > i && !is_bare_scale).then_some((total.checked_add(group)?, at - i))
    }

    /// Swahili says the scale first: mia moja ishirini, elfu sabini na tano.
    fn swahili(&self, i: usize) -> Option<(u64, usize)> {
        let (mut total, mut lowest, mut at) = (0_u64, u64::MAX, i);
        while at == i || self.is_near(at) {
            let joint = usize::from(at > i && self.words[at].0 == "na");
            let Some(word) = self.words.get(at + joint).filter(|_| joint == 0 || self.is_near(at + 1)) else {
                break;
            };
            let scale = match word.0.as_str() {
                "mia" => 100,
                "elfu" => 1_000,
                "laki" => 100_000,
                "milioni" => 1_000_000,
                _ => 1,
            };
            if scale >= lowest {
                break;
            }
            let from = at + joint + usize::from(scale > 1);
            let small = self.small(from).filter(|_| from == i || self.is_near(from));
            let (value, n) = match small.filter(|(value, _)| scale != 100 || *value < 10) {
                Some(found) => found,
                None if scale > 1 && self.words.get(from).is_some_and(|w| w.0 == "mia") && scale > 100 => {
                    let (hundreds, n) =
                        self.small(from + 1).filter(|(value, _)| *value < 10).unwrap_or((1, 0));
                    (hundreds * 100, n + 1)
                }
                None if scale > 1 => (1, 0),
                None => break,
            };
            (total, lowest, at) = (total + scale * value, scale, from + n);
        }
        let is_bare_scale = at == i + 1 && total >= 1_000;
        (at > i && !is_bare_scale).then_some((total, at - i))
    }
}

/// The words of a text, with the glyph range of each.
fn split(glyphs: &[Glyph]) -> Vec<Word> {
    let mut out = Vec::new();
    let mut start = None;
    for i in 0..=glyphs.len() {
        let in_word = glyphs.get(i).is_some_and(|g| is_letter(g.c));
        match (in_word, start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                out.push((glyphs[from..i].iter().map(|g| g.c).collect(), from, i));
                start = None;
            }
            _ => {}
        }
    }
    out
}
