//! One side of an equation: which tokens it is, and what it is worth.

use super::super::rational::Rational;
use super::tokens::{Kind, Operand, Sign, Token, Words};
use super::units::{Unit, is_part_word};

/// Longest side that is read, in tokens.
const MAX_TOKENS: usize = 64;

/// A calculation.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Number(usize),
    Negative(Box<Self>),
    Apply(Sign, Box<Self>, Box<Self>),
}

/// A number of a side with what stands at it.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) operand: Operand,
    pub(super) is_percent: bool,
    pub(super) unit: Unit,
}

/// One side of an equation.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) tree: Tree,
    pub(super) terms: Vec<Term>,
    /// First glyph.
    pub(super) start: usize,
    /// One past its last number or bracket, in glyphs.
    pub(super) end: usize,
    /// The side without its first number and dash, which may be the label of a list: "Step 2 - 3 × 4 = 12", "Step 2 : 3 × 4 = 12".
    pub(super) unlabelled: Option<Box<Side>>,
}

/// How numbers that can be read in two ways are read at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Whether the second reading of the ambiguous numbers counts.
    pub(super) other: bool,
    /// Whether 25 % is 0.25, or else 25.
    pub(super) parts: bool,
}

impl Side {
    /// The side that ends right before token `end`.
    pub(super) fn before(tokens: &[Token], end: usize) -> Option<Self> {
        let lowest = lower_bound(tokens, end);
        let starts = (lowest..end).filter(|&i| matches!(tokens[i].kind, Kind::Number(_) | Kind::Open));
        let mut sides = starts.filter_map(|i| {
            let has_sign =
                i > lowest && is_sign(&tokens[i - 1], Sign::Minus) && !follows_operand(tokens, lowest, i - 1);
            let from = if has_sign && !tokens[i].is_apart { i - 1 } else { i };
            Some((from, Self::parse(tokens, from, end).filter(|(_, stop)| *stop == end)?.0))
        });
        let (start, mut side) = sides.next()?;
        let before = start.checked_sub(1).filter(|_| start > lowest).map(|i| &tokens[i]);
        match before.map(|token| &token.kind) {
            None => {}
            Some(Kind::Words(words)) => {
                let is_of_number = start >= lowest + 2 && follows_operand(tokens, lowest, start - 1);
                if is_part_word(words) || is_of_number && !is_far(words) || side.is_bare() {
                    return None;
                }
                let is_label = |next: &Token| is_sign(next, Sign::Minus) || is_sign(next, Sign::Over);
                if tokens.get(start + 1).is_some_and(is_label) {
                    side.unlabelled = Self::parse(tokens, start + 2, end).map(|(side, _)| Box::new(side));
                }
            }
            // The sign of a list.
            Some(Kind::Sign(Sign::Minus | Sign::Times))
                if start == lowest + 1 && opens_clause(tokens, lowest) => {}
            Some(_) => return None,
        }
        Some(side)
    }

    /// The side that begins at token `start`.
    pub(super) fn after(tokens: &[Token], start: usize) -> Option<Self> {
        let (side, stop) = Self::parse(tokens, start, tokens.len().min(start + MAX_TOKENS))?;
        let last = &tokens[stop - 1].kind;
        match tokens.get(stop).map(|token| (&token.kind, token.is_apart)) {
            Some((Kind::Number(_), _)) => matches!(last, Kind::Words(words) if is_far(words)).then_some(side),
            Some((Kind::Open, is_apart)) => {
                let is_modular = matches!(tokens.get(stop + 1), Some(Token { kind: Kind::Words(words), .. }) if words.all[0] == "mod");
                let is_aside = is_apart || matches!(last, Kind::Words(_));
                (is_aside && !is_modular).then_some(side)
            }
            Some((Kind::Unread | Kind::Percent, _)) => None,
            _ => Some(side),
        }
    }

    fn parse(tokens: &[Token], start: usize, end: usize) -> Option<(Self, usize)> {
        let mut parser = Parser { tokens: &tokens[..end], at: start, terms: Vec::new(), last: start };
        let tree = parser.sum()?;
        let glyphs = (tokens[start].start, tokens[parser.last].end);
        Some((
            Self { tree, terms: parser.terms, start: glyphs.0, end: glyphs.1, unlabelled: None },
            parser.at,
        ))
    }

    /// Whether it is one number.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.tree, Tree::Number(_))
    }

    /// Whether something is calculated in it.
    pub(super) fn is_worked(&self) -> bool {
        !self.is_bare() || self.terms[0].operand.is_worked
    }

    pub(super) fn has_other(&self) -> bool {
        self.terms.iter().any(|term| term.operand.other.is_some())
    }

    pub(super) fn has_percent(&self) -> bool {
        self.terms.iter().any(|term| term.is_percent)
    }

    pub(super) fn value(&self, reading: Reading) -> Option<Rational> {
        self.value_of(&self.tree, reading)
    }

    pub(super) fn value_of(&self, tree: &Tree, reading: Reading) -> Option<Rational> {
        match tree {
            Tree::Number(i) => {
                let Term { operand, is_percent, .. } = &self.terms[*i];
                let value = operand.other.filter(|_| reading.other).unwrap_or(operand.value);
                if *is_percent && reading.parts {
                    value.divided_by(Rational::new(100, 1)?)
                } else {
                    Some(value)
                }
            }
            Tree::Negative(inner) => Some(self.value_of(inner, reading)?.negated()),
            Tree::Apply(sign, left, right) => {
                let (left, right) = (self.value_of(left, reading)?, self.value_of(right, reading)?);
                match sign {
                    Sign::Plus => left.plus(right),
                    Sign::Minus => left.plus(right.negated()),
                    Sign::Times => left.times(right),
                    Sign::Over => left.divided_by(right),
                }
            }
        }
    }
}

/// The first token that the side before token `end` may begin with.
fn lower_bound(tokens: &[Token], end: usize) -> usize {
    let mut depth = 0_usize;
    for i in (end.saturating_sub(MAX_TOKENS)..end).rev() {
        match tokens[i].kind {
            Kind::Close => depth += 1,
            Kind::Open if depth == 0 => return i + 1,
            Kind::Open => depth -= 1,
            Kind::Equals | Kind::Relation | Kind::Break => return i + 1,
            _ => {}
        }
    }
    end.saturating_sub(MAX_TOKENS)
}

fn opens_clause(tokens: &[Token], i: usize) -> bool {
    i.checked_sub(1).is_none_or(|before| matches!(tokens[before].kind, Kind::Break))
}

fn is_sign(token: &Token, sign: Sign) -> bool {
    token.kind == Kind::Sign(sign)
}

/// Whether a number, or words at a number, stand right before token `i`.
fn follows_operand(tokens: &[Token], lowest: usize, i: usize) -> bool {
    let Some(before) = i.checked_sub(1).filter(|before| *before >= lowest) else { return false };
    match tokens[before].kind {
        Kind::Words(_) => follows_operand(tokens, lowest, before),
        Kind::Number(_) | Kind::Percent | Kind::Close => true,
        _ => false,
    }
}

/// Whether so much stands between two numbers that they are no one quantity, as "2 hours and 30 minutes" is.
fn is_far(words: &Words) -> bool {
    // Where words have no spaces, a space ends a clause.
    let is_clause = |word: &String| {
        word.chars()
            .all(|c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'))
    };
    match &words.all[..] {
        [_] => words.n_letters >= 20,
        [a, b] => {
            let is_long = |word: &String| word.chars().count() >= 4;
            is_clause(a) && is_clause(b) || is_long(a) && is_long(b) || words.n_letters >= 20
        }
        _ => true,
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    terms: Vec<Term>,
    /// The last number or bracket.
    last: usize,
}

impl Parser<'_> {
    fn kind(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn sum(&mut self) -> Option<Tree> {
        let mut added = Vec::new();
        let mut tree = self.product(&mut added)?;
        while let Some(&Kind::Sign(sign @ (Sign::Plus | Sign::Minus))) = self.kind() {
            // A dash after the sum.
            if sign == Sign::Minus
                && matches!(self.tokens.get(self.at + 1).map(|next| &next.kind), Some(Kind::Words(words)) if words.all.iter().any(|word| word.chars().count() > 1))
            {
                break;
            }
            self.at += 1;
            let next = self.product(&mut added)?;
            tree = Tree::Apply(sign, Box::new(tree), Box::new(next));
        }
        // Only what is of one kind can be added.
        let terms: Vec<&Term> = added.iter().map(|i| &self.terms[*i]).collect();
        let is_like = |a: &Term, b: &Term| a.is_percent == b.is_percent && a.unit.may_be(&b.unit);
        let are_alike = terms.iter().enumerate().all(|(i, a)| terms[i + 1..].iter().all(|b| is_like(a, b)));
        (added.len() < 2 || are_alike).then_some(tree)
    }

    /// A product; one that is a number alone goes to `added`.
    fn product(&mut self, added: &mut Vec<usize>) -> Option<Tree> {
        let mut tree = self.factor()?;
        if let Tree::Number(i) = tree
            && !self.goes_on()
        {
            added.push(i);
            return Some(tree);
        }
        let mut is_division = false;
        while self.goes_on() {
            let touches = matches!(self.kind(), Some(Kind::Open));
            let sign = match self.kind() {
                Some(&Kind::Sign(sign)) => sign,
                _ => Sign::Times,
            };
            // 12 ÷ 2(1 + 2) and 12 ÷ 3/4 are read in two ways.
            if touches && is_division {
                return None;
            }
            self.at += usize::from(!touches);
            let next = self.factor()?;
            is_division |= sign == Sign::Over;
            let is_fraction = matches!(next, Tree::Number(i) if self.terms[i].operand.is_worked);
            if sign == Sign::Over && is_fraction {
                return None;
            }
            tree = Tree::Apply(sign, Box::new(tree), Box::new(next));
        }
        Some(tree)
    }

    /// Whether a factor follows: after a sign, or a bracket that touches, or after "% of".
    fn goes_on(&self) -> bool {
        match self.tokens.get(self.at) {
            Some(Token { kind: Kind::Sign(Sign::Times | Sign::Over), .. }) => true,
            Some(Token { kind: Kind::Open, is_apart, .. }) => {
                !is_apart
                    && self
                        .at
                        .checked_sub(1)
                        .is_some_and(|i| matches!(self.tokens[i].kind, Kind::Number(_) | Kind::Close))
            }
            Some(Token { kind: Kind::Words(words), .. }) => {
                let is_share = self.at.checked_sub(1).is_some_and(|i| self.tokens[i].kind == Kind::Percent);
                is_share
                    && is_share_word(words)
                    && matches!(self.tokens.get(self.at + 1), Some(Token { kind: Kind::Number(_), .. }))
            }
            _ => false,
        }
    }

    fn factor(&mut self) -> Option<Tree> {
        match self.kind()? {
            Kind::Sign(Sign::Minus) => {
                self.at += 1;
                // One sign at most.
                let is_value = matches!(self.kind(), Some(Kind::Number(_) | Kind::Open));
                if is_value { Some(Tree::Negative(Box::new(self.factor()?))) } else { None }
            }
            Kind::Open => {
                self.at += 1;
                let inside = self.sum()?;
                (self.kind() == Some(&Kind::Close)).then_some(())?;
                self.last = self.at;
                self.at += 1;
                self.unit(None)?;
                Some(inside)
            }
            Kind::Number(operand) => {
                let operand = operand.clone();
                self.last = self.at;
                self.at += 1;
                let is_percent = self.kind() == Some(&Kind::Percent);
                if is_percent {
                    self.last = self.at;
                    self.at += 1;
                }
                let unit =
                    if is_percent && self.goes_on() { Unit::None } else { self.unit(operand.currency)? };
                self.terms.push(Term { operand, is_percent, unit });
                Some(Tree::Number(self.terms.len() - 1))
            }
            _ => None,
        }
    }

    /// The words at a number or bracket; `None` where they make it part of a value that is not read.
    fn unit(&mut self, currency: Option<char>) -> Option<Unit> {
        match self.tokens.get(self.at) {
            Some(Token { kind: Kind::Words(words), is_apart, .. }) => {
                self.at += 1;
                Unit::of(words, !is_apart)
            }
            _ => Some(currency.map_or(Unit::None, Unit::Currency)),
        }
    }
}

/// "20 % of 50".
fn is_share_word(words: &Words) -> bool {
    let is_known = |word: &str| {
        matches!(
            word,
            "of" | "von"
                | "vom"
                | "de"
                | "des"
                | "du"
                | "di"
                | "van"
                | "от"
                | "af"
                | "av"
                | "dari"
                | "ya"
                | "của"
        )
    };
    matches!(&words.all[..], [word] if is_known(word))
}
