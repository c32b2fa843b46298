//! Checks of the measurements in a session file, so that later code can rely on them.

use std::collections::HashSet;

use super::problem_list::{AS_SAVED, Problems};
use super::session_numbers as numbers;
use super::{Representations, RowScores, Similarity, TranslationScores};

/// `list` is `measurements.own` or `measurements.instructed`. The functions here say how many values they looked at.
pub(super) fn scores(
    list: &str,
    i: usize,
    row: &RowScores,
    ids: &HashSet<&str>,
    problems: &mut Problems,
) -> usize {
    problems.prompt(|| format!("{list}[{i}].promptId"), &row.prompt_id, ids);
    length(problems, || format!("{list}[{i}].nTokens"), row.n_tokens.len(), row.samples.len());
    length(problems, || format!("{list}[{i}].logprob"), row.logprob.len(), row.samples.len());
    numbers::of_scores(list, i, row, &mut problems.visit());
    4 + row.logprob.len()
}

pub(super) fn translations(
    i: usize,
    row: &TranslationScores,
    ids: &HashSet<&str>,
    problems: &mut Problems,
) -> usize {
    let field = |name: &str| format!("measurements.translations[{i}].{name}");
    problems.prompt(|| field("promptId"), &row.prompt_id, ids);
    length(problems, || field("nTokens"), row.n_tokens.len(), row.targets.len());
    length(problems, || field("logprob"), row.logprob.len(), row.samples.len());
    let uneven = row.logprob.iter().position(|targets| targets.len() != row.targets.len());
    if let Some(j) = uneven {
        length(problems, || field(&format!("logprob[{j}]")), row.logprob[j].len(), row.targets.len());
    }
    numbers::of_translations(i, row, &mut problems.visit());
    4 + row.logprob.iter().map(Vec::len).sum::<usize>()
}

pub(super) fn states(i: usize, states: &Similarity, ids: &HashSet<&str>, problems: &mut Problems) -> usize {
    problems.prompt(|| format!("measurements.states[{i}].promptId"), &states.prompt_id, ids);
    problems.n_cosines(&format!("measurements.states[{i}]"), states);
    numbers::of_similarity("measurements.states", i, states, &mut problems.visit());
    4 + states.cosine.len()
}

pub(super) fn representations(
    i: usize,
    found: &Representations,
    ids: &HashSet<&str>,
    problems: &mut Problems,
) -> usize {
    let field = |name: &str| format!("measurements.representations[{i}].{name}");
    let unknown = found.order.iter().position(|(id, _)| !ids.contains(id.as_str()));
    if let Some(j) = unknown {
        problems.prompt(|| field(&format!("order[{j}][0]")), &found.order[j].0, ids);
    }
    if found.layer > found.n_layers {
        let reason = format!("the number is {}", found.layer);
        problems.add(field("layer"), reason, format!("it must be 0 to nLayers, which is {}", found.n_layers));
    }
    if found.dim == 0 && !found.order.is_empty() {
        problems.add(field("dim"), "the number is 0".to_owned(), "a vector has 1 dimension or more");
    }
    let wanted = found.order.len().saturating_mul(found.dim as usize);
    length(problems, || field("values"), found.values.len(), wanted);
    numbers::of_states(i, found, &mut problems.visit());
    4 + found.order.len() + found.values.len()
}

fn length(problems: &mut Problems, field: impl Fn() -> String, found: usize, wanted: usize) {
    if found != wanted {
        problems.add(field(), format!("there are {found} values, not {wanted}"), AS_SAVED);
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{
        DataError, Measurements, Representations, RowScores, Session, Similarity, TranslationScores,
        read_session, test_session::sample, write_session,
    };

    /// The sample session with one record of every kind.
    fn measured() -> Session {
        let row = RowScores {
            prompt_id: "a".into(),
            language: "ar".into(),
            samples: vec![0, 1],
            n_tokens: vec![3, 3],
            logprob: vec![-1.0, -2.5],
        };
        let translations = TranslationScores {
            prompt_id: "a".into(),
            language: "ar".into(),
            samples: vec![0, 1],
            targets: vec![0],
            n_tokens: vec![3],
            logprob: vec![vec![-1.0], vec![-2.0]],
        };
        let states = Similarity {
            prompt_id: "b".into(),
            order: vec![("en".into(), 0), ("ar".into(), 0)],
            cosine: vec![0.5],
        };
        let representations = Representations {
            dim: 2,
            order: vec![("a".into(), "en".into()), ("b".into(), "ar".into())],
            values: vec![1.0, 0.0, -0.5, 1e-9],
            ..Representations::default()
        };
        let measurements = Measurements {
            own: vec![row.clone()],
            instructed: vec![row],
            translations: vec![translations],
            states: vec![states],
            representations: vec![representations],
            ..Measurements::default()
        };
        Session { measurements, ..sample() }
    }

    type Change = fn(&mut Measurements);

    #[test]
    fn what_fits_reopens_exactly() {
        let session = measured();
        assert_eq!(read_session(&write_session(&session).unwrap()).unwrap(), session);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let cases: [(Change, &str); 17] = [
            (|m| m.own[0].logprob[1] = 3.0, "measurements.own[0].logprob[1]"),
            (|m| m.translations[0].logprob[1][0] = 3.0, "measurements.translations[0].logprob[1][0]"),
            (|m| m.states[0].cosine[0] = 5.0, "measurements.states[0].cosine[0]"),
            (|m| m.representations[0].layer = u32::MAX, "measurements.representations[0].layer"),
            (
                |m| (m.representations[0].dim, m.representations[0].values) = (0, Vec::new()),
                "measurements.representations[0].dim",
            ),
            (|m| m.own[0].prompt_id = "x".into(), "measurements.own[0].promptId"),
            (|m| m.own[0].logprob.push(0.0), "measurements.own[0].logprob"),
            (|m| m.instructed[0].prompt_id = "x".into(), "measurements.instructed[0].promptId"),
            (|m| m.instructed[0].n_tokens.clear(), "measurements.instructed[0].nTokens"),
            (|m| m.translations[0].prompt_id = "x".into(), "measurements.translations[0].promptId"),
            (|m| m.translations[0].n_tokens.push(1), "measurements.translations[0].nTokens"),
            (|m| drop(m.translations[0].logprob.pop()), "measurements.translations[0].logprob"),
            (|m| m.translations[0].logprob[1].clear(), "measurements.translations[0].logprob[1]"),
            (|m| m.states[0].prompt_id = "x".into(), "measurements.states[0].promptId"),
            (|m| m.states[0].cosine.push(0.1), "measurements.states[0].cosine"),
            (|m| m.representations[0].order[1].0 = "x".into(), "measurements.representations[0].order[1][0]"),
            (|m| m.representations[0].dim = 3, "measurements.representations[0].values"),
        ];
        for (change, field) in cases {
            let mut session = measured();
            change(&mut session.measurements);
            match read_session(&serde_json::to_string(&session).unwrap()) {
                Err(DataError::Fields { problems }) => {
                    assert!(problems.iter().any(|p| p.field == field), "{field}: {problems:?}");
                }
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_number_that_json_cannot_hold_is_refused_on_writing() {
        let cases: [(Change, &str); 5] = [
            (|m| m.own[0].logprob[1] = f32::NAN, "measurements.own[0].logprob"),
            (|m| m.instructed[0].logprob[0] = f32::INFINITY, "measurements.instructed[0].logprob"),
            (|m| m.translations[0].logprob[1][0] = f32::NAN, "measurements.translations[0].logprob"),
            (|m| m.states[0].cosine[0] = f32::NEG_INFINITY, "measurements.states[0].cosine"),
            (|m| m.representations[0].values[2] = f32::NAN, "measurements.representations[0].values"),
        ];
        for (change, field) in cases {
            let mut session = measured();
            change(&mut session.measurements);
            let message = write_session(&session).unwrap_err().to_string();
            assert!(message.contains(field), "{message}");
        }
    }
}
