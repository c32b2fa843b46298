//! The pairs of files whose rows have a chosen and a rejected response each: they are the session's picks, for people to judge.

use std::collections::{BTreeMap, HashSet};

use super::super::import_problem::{ImportProblem, problem};
use super::rows::Piece;
use crate::data::problem::ProblemKind;
use crate::data::{Language, Pair};

/// A response of a pair: the place of its row, and whether it is the chosen one.
pub(super) type Side = (usize, bool);

/// A response as it was numbered: of which pair it is, and its prompt, language and number.
pub(super) type Sided = (Side, String, Language, u32);

/// The pairs in the order of their rows. A prompt has one in a language: the first; others are told of.
pub(super) fn pairs_of(
    sides: Vec<Sided>,
    pieces: &[Piece],
    names: &[&str],
    problems: &mut Vec<ImportProblem>,
) -> Vec<Pair> {
    let mut rows: BTreeMap<(usize, String, Language), [Option<u32>; 2]> = BTreeMap::new();
    for ((piece, is_chosen), prompt_id, language, sample) in sides {
        let both = rows.entry((piece, prompt_id, language)).or_default();
        both[usize::from(!is_chosen)].get_or_insert(sample);
    }
    let (mut out, mut seen) = (Vec::new(), HashSet::new());
    for ((at, prompt_id, language), both) in rows {
        let [Some(chosen), Some(rejected)] = both else { continue };
        if !seen.insert((prompt_id.clone(), language.clone())) {
            let reason = format!(
                "the prompt {prompt_id} has a pair in {} in an earlier row, which was kept; the responses of this row are offered beside it",
                language.as_str()
            );
            let fix = "give every prompt its own id, or leave the row out";
            let mut found = problem(pieces[at].row, ProblemKind::DuplicateId, reason, fix, false);
            (found.prompt_id, found.language) = (Some(prompt_id), Some(language));
            problems.push(ImportProblem::new(names[pieces[at].file], None, found));
            continue;
        }
        let (chosen, rejected) = (Some(chosen), Some(rejected));
        let (scores, cosine) = (Vec::new(), Vec::new());
        out.push(Pair { prompt_id, language, chosen, rejected, scores, cosine, margin: None, skip: None });
    }
    out
}
