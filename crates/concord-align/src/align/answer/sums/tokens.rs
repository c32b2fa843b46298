//! A folded text as numbers, signs of calculation, and the words between them.

use unicode_normalization::char::is_combining_mark;

use super::super::digits::{FIXED_SPACE, Glyph};
use super::super::numbers::{Number, Sort};
use super::super::page::Page;
use super::super::rational::Rational;
use super::super::signs::is_currency;
use super::super::words::{is_colon, is_letter};

/// A sign between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    Times,
    Over,
}

/// A number of a calculation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operand {
    pub(super) value: Rational,
    /// What else it could be.
    pub(super) other: Option<Rational>,
    /// What one more in its last digit is worth; 0 for a fraction, which is never rounded.
    pub(super) step: Rational,
    /// Whether it is a fraction or a power, so that it can be right or wrong by itself.
    pub(super) is_worked: bool,
    pub(super) currency: Option<char>,
}

/// Words between signs and numbers; a bracket without numbers counts as words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) all: Vec<String>,
    pub(super) n_letters: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(Operand),
    Sign(Sign),
    Equals,
    /// Another relation: about, leads to, less, not equal.
    Relation,
    Open,
    Close,
    Percent,
    Words(Words),
    /// The end of a clause.
    Break,
    /// What is part of a value but is not read.
    Unread,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// First glyph.
    pub(super) start: usize,
    /// One past the last glyph.
    pub(super) end: usize,
    /// Whether white space stands before it.
    pub(super) is_apart: bool,
}

/// The tokens of a page. `divides` says whether the language writes a division with a colon.
pub(super) fn tokens(page: &Page<'_>, divides: bool) -> Vec<Token> {
    let mut reader = Reader { page, divides, out: Vec::new(), currency: None, is_apart: true };
    let mut numbers = page.numbers.iter().peekable();
    let mut at = 0;
    while at < page.glyphs.len() {
        while numbers.peek().is_some_and(|number| number.start < at) {
            numbers.next();
        }
        at = match numbers.next_if(|number| number.start == at) {
            Some(number) => reader.number(number),
            None => reader.glyph(at),
        };
    }
    reader.out
}

struct Reader<'a> {
    page: &'a Page<'a>,
    divides: bool,
    out: Vec<Token>,
    /// A currency sign that waits for its number.
    currency: Option<char>,
    is_apart: bool,
}

impl Reader<'_> {
    fn at(&self, i: usize) -> char {
        self.page.glyphs.get(i).map_or('\n', |g| g.c)
    }

    /// The first glyph from `i` on that is no space.
    fn next(&self, i: usize) -> char {
        let rest = self.page.glyphs.get(i..).unwrap_or(&[]);
        rest.iter().map(|g| g.c).find(|c| !matches!(*c, ' ' | FIXED_SPACE | '&' | '$')).unwrap_or('\n')
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) -> usize {
        self.out.push(Token { kind, start, end, is_apart: std::mem::take(&mut self.is_apart) });
        end
    }

    fn follows_value(&self) -> bool {
        self.out.last().is_some_and(|last| matches!(last.kind, Kind::Number(_) | Kind::Percent | Kind::Close))
    }

    fn number(&mut self, number: &Number) -> usize {
        let (mut start, end) = (number.start, number.end);
        let currency = self.currency.take();
        match number.sort {
            Sort::ListMarker => return self.push(Kind::Break, start, end + 1),
            Sort::Date | Sort::Ordinal | Sort::Unread => return self.push(Kind::Unread, start, end),
            Sort::Plain => {}
        }
        let Some(mut value) = number.value.exact() else { return self.push(Kind::Unread, start, end) };
        let mut other = number.other.as_ref().and_then(super::super::value::Value::exact);
        // What follows a value is taken away from it.
        let follows_words = self.out.last().is_some_and(|last| matches!(last.kind, Kind::Words(_)));
        if self.at(start) == '-' && (self.follows_value() || follows_words) {
            self.push(Kind::Sign(Sign::Minus), start, start + 1);
            (value, other, start) = (value.negated(), other.map(Rational::negated), start + 1);
        }
        let written: String = self.page.text((start, end));
        let is_fraction =
            written.contains('/') || written.chars().any(|c| super::super::signs::vulgar(c).is_some());
        let is_power = written.contains(['^', '⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']);
        let step =
            if is_fraction { Rational::new(0, 1) } else { step(value, written.chars().any(is_letter)) };
        let Some(step) = step else { return self.push(Kind::Unread, start, end) };
        let operand = Operand { value, other, step, is_worked: is_fraction || is_power, currency };
        self.push(Kind::Number(operand), start, end)
    }

    fn glyph(&mut self, i: usize) -> usize {
        let c = self.at(i);
        let kind = match c {
            ' ' | FIXED_SPACE => {
                self.is_apart = true;
                return i + 1;
            }
            '\n' if matches!(self.next(i + 1), '=' | '≈') => return i + 1,
            // Sums in LaTeX and typography: what says nothing of values.
            '&'
            | '{'
            | '}'
            | '"'
            | '\''
            | '“'
            | '”'
            | '«'
            | '»'
            | super::super::latex::BOX_OPEN
            | super::super::latex::BOX_CLOSE => {
                return i + 1;
            }
            _ if is_currency(c) => return self.money(i, c),
            '-' | '/' if is_letter(self.at(i + 1)) && !self.is_apart => return i + 1,
            '+' => Kind::Sign(Sign::Plus),
            '-' => Kind::Sign(Sign::Minus),
            '*' | '×' | '·' | '∙' | '⋅' | '✕' | '✖' | '⨯' => Kind::Sign(Sign::Times),
            '/' if self.at(i + 1) == '/' => return self.push(Kind::Unread, i, i + 2),
            '÷' | '/' => Kind::Sign(Sign::Over),
            ':' if self.follows_value() && self.next(i + 1).is_ascii_digit() => self.colon(i),
            '=' => return self.equals(i),
            '≈' | '→' | '~' | '≠' | '≤' | '≥' | '<' | '>' | '≡' | '≒' | '≢' => Kind::Relation,
            '(' | '[' => return self.bracket(i),
            ')' | ']' => Kind::Close,
            '%' => Kind::Percent,
            '!' if self.follows_value() && !self.is_apart => Kind::Unread,
            '.' if self.at(i + 1) == '.' => Kind::Unread,
            '\n' | '.' | ',' | ';' | ':' | '!' | '?' | '。' | '，' | '、' | '；' | '：' | '؟' | '،' | '؛'
            | '।' | '۔' | '።' | '။' | '។' | '—' | '―' | '✓' | '✔' | '✅' | '✗' | '✘' | '❌' | '∴' => {
                Kind::Break
            }
            _ if is_colon(c) => Kind::Break,
            _ if is_letter(c) || matches!(c, '°' | '′' | '″') => return self.words(i),
            // Powers of units.
            '²' | '³' if self.out.last().is_some_and(|last| matches!(last.kind, Kind::Words(_))) => {
                return i + 1;
            }
            _ => Kind::Unread,
        };
        self.push(kind, i, i + 1)
    }

    /// "Step 1: 3 + 4" has a label, "12 : 3" and "12:3" a division or a ratio.
    fn colon(&self, i: usize) -> Kind {
        let is_after_sign = self.page.glyphs[i].raw == '：' || is_currency(self.at(i - 1));
        let is_before_space = matches!(self.at(i + 1), ' ' | FIXED_SPACE);
        match self.divides {
            _ if is_after_sign || is_before_space && !self.is_apart => Kind::Break,
            true => Kind::Sign(Sign::Over),
            false if is_before_space => Kind::Break,
            false => Kind::Unread,
        }
    }

    /// A currency sign belongs to the number that it touches.
    fn money(&mut self, i: usize, c: char) -> usize {
        match self.out.last_mut() {
            Some(Token { kind: Kind::Number(operand), end, .. })
                if i <= *end + 1 && operand.currency.is_none() =>
            {
                operand.currency = Some(c);
            }
            _ => self.currency = Some(c),
        }
        i + 1
    }

    fn equals(&mut self, i: usize) -> usize {
        let n = self.page.glyphs[i..].iter().take(3).take_while(|g| g.c == '=').count();
        let is_arrow = self.at(i + n) == '>';
        let is_other =
            is_arrow || i > 0 && matches!(self.at(i - 1), '!' | '<' | '>' | ':' | '/' | '+' | '-' | '*');
        let kind = if is_other { Kind::Relation } else { Kind::Equals };
        self.push(kind, i, i + n + usize::from(is_arrow))
    }

    /// A bracket; one that has neither number nor sign is an aside.
    fn bracket(&mut self, i: usize) -> usize {
        let inside =
            self.page.glyphs[i + 1..].iter().take(ASIDE).take_while(|g| !matches!(g.c, ')' | ']' | '\n'));
        let n = inside.clone().count();
        let is_aside = n > 0
            && matches!(self.at(i + 1 + n), ')' | ']')
            && inside.clone().all(|g| is_letter(g.c) || matches!(g.c, ' ' | '.' | ',' | '-' | '/' | '\''));
        if !is_aside {
            return self.push(Kind::Open, i, i + 1);
        }
        let words: String = inside.map(|g| g.c).collect();
        self.add_words(words.split(|c| !is_letter(c)).filter(|word| !word.is_empty()), i, i + n + 2)
    }

    fn words(&mut self, i: usize) -> usize {
        let is_part =
            |g: &&Glyph| is_letter(g.c) || is_combining_mark(g.c) || matches!(g.c, '°' | '′' | '″' | '\'');
        let n = self.page.glyphs[i..].iter().take_while(is_part).count();
        let word = self.page.text((i, i + n));
        let is_times = matches!(word.as_str(), "x" | "х");
        let last_is_words = self.out.last().is_some_and(|last| matches!(last.kind, Kind::Words(_)));
        if is_times
            && (self.follows_value() || last_is_words)
            && (self.next(i + n).is_ascii_digit() || self.next(i + n) == '(')
        {
            return self.push(Kind::Sign(Sign::Times), i, i + n);
        }
        self.add_words([word.as_str()].into_iter(), i, i + n)
    }

    fn add_words<'w>(&mut self, words: impl Iterator<Item = &'w str>, start: usize, end: usize) -> usize {
        if !matches!(self.out.last(), Some(Token { kind: Kind::Words(_), .. })) {
            self.push(Kind::Words(Words::default()), start, end);
        }
        self.is_apart = false;
        if let Some(Token { kind: Kind::Words(known), end: last, .. }) = self.out.last_mut() {
            for word in words {
                known.n_letters += word.chars().count();
                known.all.push(word.to_owned());
            }
            *last = end;
        }
        end
    }
}

/// Longest bracket that may be an aside, in glyphs.
const ASIDE: usize = 60;

/// What one more in the last digit of a number is worth. Of "1.2 million" it is the last digit that was written.
fn step(value: Rational, has_words: bool) -> Option<Rational> {
    let spelled = value.canonical();
    match spelled.split_once('.') {
        Some((_, places)) => {
            Rational::new(1, 1)?.divided_by(Rational::power_of_ten(u32::try_from(places.len()).ok()?)?)
        }
        None if has_words => {
            let n_zeros = spelled.len() - spelled.trim_end_matches('0').len();
            Rational::power_of_ten(u32::try_from(n_zeros).ok()?)
        }
        None => Rational::new(1, 1),
    }
}
