//! Every number of a session and its bounds, list by list: shared by the reader and the writer.

use super::bounds::{Bounds, COSINE, FINITE, LOGPROB, SHARE};
use super::config_checks;
use super::problem::FieldProblem;
use super::{Pair, Reference, Representations, Response, RowScores, Session, Similarity, TranslationScores};

/// Takes a list of numbers: its path without an index, the numbers, what they may be, and whether the path is a list's.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&dyn Fn() -> String, Numbers<'_>, Bounds);

/// One number, or a list of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numbers<'a> {
    One(f32),
    List(&'a [f32]),
}

impl Numbers<'_> {
    /// The first number that a rule does not hold for, with the path to it.
    pub(super) fn first_wrong(
        self,
        path: &dyn Fn() -> String,
        holds: impl Fn(f32) -> bool,
    ) -> Option<(String, f32)> {
        match self {
            Self::One(value) => (!holds(value)).then(|| (path(), value)),
            Self::List(values) => {
                let at = values.iter().position(|value| !holds(*value))?;
                Some((format!("{}[{at}]", path()), values[at]))
            }
        }
    }
}

pub(super) fn of_response(i: usize, response: &Response, visit: Visit<'_>) {
    if let Some(logprob) = response.logprob {
        visit(&|| format!("responses[{i}].logprob"), Numbers::One(logprob), LOGPROB);
    }
}

pub(super) fn of_reference(i: usize, reference: &Reference, visit: Visit<'_>) {
    visit(&|| format!("references[{i}].consistency"), Numbers::List(&reference.consistency), COSINE);
    visit(&|| format!("references[{i}].meanCosine"), Numbers::List(&reference.mean_cosine), COSINE);
    if let Some(share) = reference.vote_share {
        visit(&|| format!("references[{i}].voteShare"), Numbers::One(share), SHARE);
    }
}

pub(super) fn of_pair(i: usize, pair: &Pair, visit: Visit<'_>) {
    // Each method has a scale of its own.
    visit(&|| format!("pairs[{i}].scores"), Numbers::List(&pair.scores), FINITE);
    visit(&|| format!("pairs[{i}].cosine"), Numbers::List(&pair.cosine), COSINE);
    if let Some(margin) = pair.margin {
        visit(&|| format!("pairs[{i}].margin"), Numbers::One(margin), FINITE);
    }
}

/// `list` is `similarities` or `measurements.states`.
pub(super) fn of_similarity(list: &str, i: usize, similarity: &Similarity, visit: Visit<'_>) {
    visit(&|| format!("{list}[{i}].cosine"), Numbers::List(&similarity.cosine), COSINE);
}

/// `list` is `measurements.own` or `measurements.instructed`.
pub(super) fn of_scores(list: &str, i: usize, row: &RowScores, visit: Visit<'_>) {
    visit(&|| format!("{list}[{i}].logprob"), Numbers::List(&row.logprob), LOGPROB);
}

pub(super) fn of_translations(i: usize, row: &TranslationScores, visit: Visit<'_>) {
    for (j, targets) in row.logprob.iter().enumerate() {
        visit(&|| format!("measurements.translations[{i}].logprob[{j}]"), Numbers::List(targets), LOGPROB);
    }
}

pub(super) fn of_states(i: usize, found: &Representations, visit: Visit<'_>) {
    visit(&|| format!("measurements.representations[{i}].values"), Numbers::List(&found.values), FINITE);
}

/// The numbers that JSON cannot hold, so that a file with them would not open again.
pub(super) fn not_finite(session: &Session) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut visit = |path: &dyn Fn() -> String, numbers: Numbers<'_>, _: Bounds| {
        let wrong = numbers.first_wrong(path, f32::is_finite);
        problems.extend(wrong.map(|(field, value)| FieldProblem {
            field,
            reason: format!("{value} is not a finite number"),
            fix: "make it again: delete the part it belongs to and run it once more".into(),
        }));
    };
    for (name, value, bounds) in config_checks::numbers(&session.config) {
        visit(&|| format!("config.{name}"), Numbers::One(value), bounds);
    }
    session.responses.iter().enumerate().for_each(|(i, r)| of_response(i, r, &mut visit));
    session.references.iter().enumerate().for_each(|(i, r)| of_reference(i, r, &mut visit));
    session.pairs.iter().enumerate().for_each(|(i, p)| of_pair(i, p, &mut visit));
    session
        .similarities
        .iter()
        .enumerate()
        .for_each(|(i, s)| of_similarity("similarities", i, s, &mut visit));
    let m = &session.measurements;
    for (list, rows) in [("measurements.own", &m.own), ("measurements.instructed", &m.instructed)] {
        rows.iter().enumerate().for_each(|(i, row)| of_scores(list, i, row, &mut visit));
    }
    m.translations.iter().enumerate().for_each(|(i, row)| of_translations(i, row, &mut visit));
    m.states.iter().enumerate().for_each(|(i, s)| of_similarity("measurements.states", i, s, &mut visit));
    m.representations.iter().enumerate().for_each(|(i, found)| of_states(i, found, &mut visit));
    problems
}
