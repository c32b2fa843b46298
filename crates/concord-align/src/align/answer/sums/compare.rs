//! Whether two sides of an equation can be meant to be equal.

use super::super::rational::Rational;
use super::expression::{Reading, Side, Tree};
use super::tokens::Sign;

/// What quantities are converted by: times, weights, lengths, dozens, shares.
const CONVERSIONS: [i128; 23] = [
    7, 10, 12, 16, 20, 24, 28, 30, 31, 36, 48, 52, 60, 100, 144, 360, 365, 366, 1_000, 1_024, 1_440, 3_600,
    1_000_000,
];

/// What an equation says and what its other side comes to, where the two surely differ.
pub(super) fn said_and_held(left: &Side, right: &Side, follows_number: bool) -> Option<(Rational, Rational)> {
    if !left.is_worked() && !right.is_worked() {
        return None;
    }
    let has_other = left.has_other() || right.has_other();
    let has_percent = left.has_percent() || right.has_percent();
    let readings = [(false, false), (true, false), (false, true), (true, true)]
        .map(|(other, parts)| Reading { other, parts });
    let readings = readings.into_iter().filter(|r| (!r.other || has_other) && (!r.parts || has_percent));
    let mut nearest: Option<(Rational, Rational, Rational)> = None;
    for reading in readings {
        let (l, r) = (left.value(reading)?, right.value(reading)?);
        // The one number is what was said; in "7 = 3 + 4" it stands first.
        let is_said_left = left.is_bare() && !right.is_bare();
        let (said, held) = if is_said_left { (l, r) } else { (r, l) };
        let (saying, working) = if is_said_left { (right, left) } else { (left, right) };
        if may_be_meant(saying, working, (said, held), reading, follows_number)? {
            return None;
        }
        if let Some(unlabelled) = &left.unlabelled
            && unlabelled.value(reading)? == r
        {
            return None;
        }
        // Of several readings the one that comes nearest is told.
        let off = held.plus(said.negated())?.size();
        match nearest {
            Some((known, ..)) if !off.is_below(known)? => {}
            _ => nearest = Some((off, said, held)),
        }
    }
    nearest.map(|(_, said, held)| (said, held))
}

/// Whether `working`, which comes to `held`, may be meant to be what `saying` says.
fn may_be_meant(
    working: &Side,
    saying: &Side,
    (said, held): (Rational, Rational),
    reading: Reading,
    follows_number: bool,
) -> Option<bool> {
    if said == held {
        return Some(true);
    }
    let off = held.plus(said.negated())?.size();
    if saying.is_bare() {
        let step = saying.terms[0].operand.step;
        let is_endless = held.canonical().contains('/');
        let one = Rational::new(1, 1)?;
        let is_rounded = step != one || is_endless;
        if is_rounded && off.is_below(step)? || is_coarse(working, step, off, held)? {
            return Some(true);
        }
        let is_quotient = matches!(working.tree, Tree::Apply(Sign::Over, ..));
        if is_quotient
            && step == one
            && off.is_below(one)?
            && (follows_number || saying.terms[0].unit.may_convert())
        {
            return Some(true);
        }
    } else {
        // "3 + 4 = 7 × 2 = 14" goes on from a result.
        if saying.value_of(first_number(&saying.tree), reading)? == held {
            return Some(true);
        }
        let is_exact = |side: &Side| side.terms.iter().all(|term| term.operand.value.whole().is_some());
        if !(is_exact(working) && is_exact(saying)) && is_near(off, held)? {
            return Some(true);
        }
    }
    let has_units = working.terms.iter().chain(&saying.terms).any(|term| term.unit.may_convert());
    Some(has_units && is_conversion(said, held)?)
}

/// Whether the result is rounded from numbers that were rounded themselves, as 10 from 3.33 × 3.
fn is_coarse(working: &Side, step: Rational, off: Rational, held: Rational) -> Option<bool> {
    let mut has_finer = false;
    for term in &working.terms {
        has_finer |= term.operand.step.whole() != Some(0) && term.operand.step.is_below(step)?;
    }
    Some(has_finer && has_product(&working.tree) && is_near(off, held)?)
}

/// Within one in a hundred.
fn is_near(off: Rational, held: Rational) -> Option<bool> {
    off.is_below(held.size().divided_by(Rational::new(100, 1)?)?)
}

fn has_product(tree: &Tree) -> bool {
    match tree {
        Tree::Number(_) => false,
        Tree::Negative(inner) => has_product(inner),
        Tree::Apply(sign, left, right) => {
            matches!(sign, Sign::Times | Sign::Over) || has_product(left) || has_product(right)
        }
    }
}

fn first_number(tree: &Tree) -> &Tree {
    match tree {
        Tree::Number(_) => tree,
        Tree::Negative(inner) => first_number(inner),
        Tree::Apply(_, left, _) => first_number(left),
    }
}

fn is_conversion(said: Rational, held: Rational) -> Option<bool> {
    if said.whole() == Some(0) || held.whole() == Some(0) {
        return Some(false);
    }
    let ratios = [said.divided_by(held)?, held.divided_by(said)?];
    Some(ratios.iter().any(|ratio| ratio.whole().is_some_and(|ratio| CONVERSIONS.contains(&ratio))))
}
