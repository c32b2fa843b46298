//! Texts without a marker, judged by their ending: cut off, a question, a refusal, or a conclusion in words.

use std::sync::LazyLock;

use super::lexicon::Kind;
use super::page::Page;
use super::pointers::{Found, Pointed};
use super::results::Pick;
use super::spelled::{self, Spelled};
use super::word_set::WordSet;
use super::words::is_letter;

impl Page<'_> {
    /// Whether a text without a marker gives no answer: it stops in the middle, only asks, or refuses.
    pub(super) fn says_nothing(&self, range: (usize, usize)) -> bool {
        let all = self.numbers_in(range);
        let is_worked = !all.is_empty() && self.calculations.has_equality(all.start, all.end);
        self.is_cut(range) || self.refuses(range, is_worked) || !is_worked && self.only_asks(range)
    }

    /// Whether the last answer is the one before it, cut off by the end of the text: "The answer is 60. The answer is 6".
    pub(super) fn is_cut_copy(&self, marked: &[Pointed], to: usize) -> bool {
        let mut numbers = marked.iter().filter_map(|pointed| match &pointed.found {
            Found::Number(pick) => Some(&self.numbers[pick.number]),
            _ => None,
        });
        let Some(last) = numbers.next() else { return false };
        // Two words may point to one number.
        let Some(whole) = numbers.find(|number| number.start != last.start) else { return false };
        let (short, long) = (last.value.canonical(), whole.value.canonical());
        short != long && long.starts_with(&short) && self.text((last.end, to)).trim().is_empty()
    }

    /// Stops at an operator, or in a clause without a number although earlier sentences have an end.
    fn is_cut(&self, (from, to): (usize, usize)) -> bool {
        let text = &self.glyphs[from..to];
        let Some(n) = text.iter().rposition(|g| !g.c.is_whitespace()) else { return false };
        let (last, end) = (text[n].c, from + n + 1);
        let index = self.sentence_at(end - 1);
        let start = self.sentences[index].0.max(from);
        let here = self.numbers_in((start, end));
        if matches!(last, '=' | '+' | '×' | '÷' | '≈' | '·') {
            return here.is_empty() || !self.calculations.has_equality(here.start, here.end);
        }
        let has_stops =
            self.sentences[..index].iter().any(|s| s.0 >= from && !"\n".contains(self.glyphs[s.1 - 1].c));
        if !has_stops || !(is_letter(last) || matches!(last, ',' | '，' | '、' | ':')) {
            return false;
        }
        let is_comma = |c: char| matches!(c, ',' | '，' | '、' | '،' | ':' | '：');
        let clause =
            self.glyphs[start..end - 1].iter().rposition(|g| is_comma(g.c)).map_or(start, |k| start + k + 1);
        let is_remark = self.marks_in(Kind::Tail, (start, end)).next().is_some();
        let before = self.numbers_in((from, start)).next_back();
        let is_concluded = before.is_some_and(|i| {
            let sentence = self.sentences[self.sentence_at(self.numbers[i].start)];
            self.marks_in(Kind::So, sentence).next().is_some()
        });
        let is_long = end - clause >= MIN_CUT
            || self.glyphs[clause..end].iter().any(|g| super::words::is_unspaced(g.c));
        is_long
            && !is_remark
            && !is_concluded
            && self.numbers_in((clause, end)).is_empty()
            && spelled::all(self.glyphs, (clause, end), &self.tag).is_empty()
    }

    /// Ends by asking for a quantity, with no answer after it.
    fn only_asks(&self, (from, to): (usize, usize)) -> bool {
        let is_question = |s: &&(usize, usize)| {
            s.0 >= from && s.1 <= to && self.glyphs[s.0..s.1].iter().any(|g| matches!(g.c, '?' | '؟'))
        };
        static WORDS: LazyLock<WordSet> = LazyLock::new(|| WordSet::of(HOW_MANY));
        self.sentences.iter().rev().find(is_question).is_some_and(|&(start, end)| {
            self.numbers_in((end, to)).is_empty()
                && self.marks_in(Kind::So, (from, start)).next().is_none()
                && WORDS.is_in(self.slice((start, end)))
        })
    }

    /// A number in words after the last one in digits: in a sentence that concludes, or in one without digits.
    pub(super) fn closing_word(&self, range: (usize, usize), pick: &Pick) -> Option<Spelled> {
        let to = self.without_tail(range);
        let (all, sound) = self.sound_in((range.0, to));
        let last = *sound.last()?;
        if last < pick.number || self.last_equation(all).is_some() {
            return None;
        }
        let from = self.numbers[last].end.max(to.saturating_sub(MAX_CLOSING));
        let words = spelled::all(self.glyphs, (from, to), &self.tag);
        let word = words.into_iter().rev().find(|word| word.value != Some(1))?;
        let sentence = self.sentences[self.sentence_at(word.start)];
        let is_apart = self.numbers_in(sentence).is_empty() && word.value.is_some();
        let is_circumstance = self
            .marks_in(Kind::With, (from, word.start))
            .next_back()
            .is_some_and(|mark| self.text((mark.end, word.start)).trim().is_empty());
        let concludes = self.marks_in(Kind::So, (from.max(sentence.0), word.start)).next().is_some();
        (concludes || is_apart && !is_circumstance).then_some(word)
    }

    /// Whether a word such as "so" stands before glyph `i` in its sentence.
    pub(super) fn concludes_before(&self, i: usize) -> bool {
        self.sentences
            .get(self.sentence_at(i))
            .is_some_and(|s| self.marks_in(Kind::So, (s.0, i)).next().is_some())
    }

    /// "40 flowers. That is because …": the number that is all of a text's first sentence, and whether a reason follows.
    pub(super) fn opening(&self, range: (usize, usize), pick: &Pick) -> Option<(usize, bool)> {
        let (all, sound) = self.sound_in(range);
        let first = *sound.first()?;
        let &(start, end) = self.sentences.get(self.sentence_at(self.numbers[first].start))?;
        let is_alone = self.glyphs[range.0..self.numbers[first].start].iter().all(|g| !g.c.is_alphanumeric())
            && self.text((self.numbers[first].end, end)).split_whitespace().count() <= 3
            && self.numbers_in((start, end)).len() == 1
            && self.glyphs[end - 1].c != '\n';
        let differs = self.numbers[first].value != self.numbers[pick.number].value;
        let has_reason = self.marks_in(Kind::Because, (end, range.1)).next().is_some();
        (is_alone && differs && self.last_equation(all).is_none()).then_some((first, has_reason))
    }
}

/// Shortest clause, in characters, that is taken for one that was cut off.
const MIN_CUT: usize = 12;

/// Longest text after the last number in which a conclusion in words is looked for, in characters.
const MAX_CLOSING: usize = 2_000;

/// Words that ask for a quantity.
const HOW_MANY: &str = "how many|how much|how long|how far|how old|wie viel|wieviel|wie lange|wie weit|wie alt|hoeveel|hur många|\
    hur mycket|hvor mange|hvor mye|hvor meget|hversu|combien|cuánt|quant|câte|câți|cât |πόσ|сколько|скільки|колько|колку|колико|\
    koliko|ile |kolik|koľko|mennyi|hány|montako|kuinka|mitu|palju|cik |kiek |kaç|neçə|nechta|qancha|қанша|неше|çend|چند|كم |کتن|\
    کتنی|څومره|ڪيترا|כמה|कितन|किती|कति|কত|কয়টি|કેટલ|ਕਿੰਨ|କେତେ|எத்தனை|எவ்வளவு|ఎన్ని|ఎంత|ಎಷ್ಟು|എത്ര|කීය|කොපමණ|多少|几个|幾|\
    いくつ|いくら|何個|何人|何枚|何円|몇|얼마|bao nhiêu|mấy|เท่าไร|เท่าไหร่|กี่|ເທົ່າໃດ|ប៉ុន្មាន|ဘယ်နှ|ဘယ်လောက်|berapa|pira|sabaraha|ilan|\
    magkano|ngapi|nawa|ole |mélòó|imisa|immisa|ngaki|ስንት|zenbat|რამდენ|քանի";
