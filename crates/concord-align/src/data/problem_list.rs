//! Collects the problems of a session file, in the same words wherever they are found.

use std::collections::HashSet;

use super::Similarity;
use super::bounds::Bounds;
use super::problem::FieldProblem;
use super::session_numbers::Numbers;

/// What to do about a list that somebody cut.
pub(super) const AS_SAVED: &str = "open the file as Concord saved it, or delete this entry";

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) list: Vec<FieldProblem>,
}

impl Problems {
    pub(super) fn add(&mut self, field: String, reason: String, fix: impl Into<String>) {
        self.list.push(FieldProblem { field, reason, fix: fix.into() });
    }

    /// A prompt that is named has to be there.
    pub(super) fn prompt(&mut self, field: impl Fn() -> String, id: &str, known: &HashSet<&str>) {
        if !known.contains(id) {
            self.add(
                field(),
                format!("no prompt has the id \"{id}\""),
                "add the prompt, or delete this entry",
            );
        }
    }

    /// A triangle has a cosine for every two responses.
    pub(super) fn n_cosines(&mut self, entry: &str, similarity: &Similarity) {
        let (found, wanted) = (similarity.cosine.len(), similarity.n_cosines());
        if found != wanted {
            let n = similarity.order.len();
            let reason = format!("there are {found} cosines for {n} responses, not {wanted}");
            self.add(format!("{entry}.cosine"), reason, AS_SAVED);
        }
    }

    /// Takes lists of numbers, and reports the first of each that is out of its bounds.
    pub(super) fn visit(&mut self) -> impl FnMut(&dyn Fn() -> String, Numbers<'_>, Bounds) {
        |path, numbers, bounds| {
            let wrong = numbers.first_wrong(path, |value| bounds.hold(value));
            self.list.extend(wrong.map(|(field, value)| bounds.problem(field, value)));
        }
    }
}
