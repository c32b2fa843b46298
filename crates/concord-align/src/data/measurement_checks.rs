//! Checks of the measurements in a session file, so that later code can rely on them.

use std::collections::HashSet;

use super::{Session, Similarity};

/// Calls `check` with the field and the value of every number.
pub(super) fn each_number(session: &Session, mut check: impl FnMut(&dyn Fn() -> String, f32)) {
    let m = &session.measurements;
    for (name, rows) in [("own", &m.own), ("instructed", &m.instructed)] {
        for (i, row) in rows.iter().enumerate() {
            row.logprob.iter().for_each(|v| check(&|| format!("measurements.{name}[{i}].logprob"), *v));
        }
    }
    for (i, row) in m.translations.iter().enumerate() {
        row.logprob
            .iter()
            .flatten()
            .for_each(|v| check(&|| format!("measurements.translations[{i}].logprob"), *v));
    }
    for (i, states) in m.states.iter().enumerate() {
        states.cosine.iter().for_each(|v| check(&|| format!("measurements.states[{i}].cosine"), *v));
    }
    for (i, found) in m.representations.iter().enumerate() {
        found.values.iter().for_each(|v| check(&|| format!("measurements.representations[{i}].values"), *v));
    }
}

/// Calls `report` with the field and what is wrong with it.
pub(super) fn each_contradiction(session: &Session, mut report: impl FnMut(String, String)) {
    let m = &session.measurements;
    let known: HashSet<&str> = session.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    let mut prompt = |field: &str, id: &str| {
        if !known.contains(id) {
            report(format!("{field}.promptId"), format!("no prompt has the id \"{id}\""));
        }
    };
    for (name, rows) in [("own", &m.own), ("instructed", &m.instructed)] {
        rows.iter().enumerate().for_each(|(i, r)| prompt(&format!("measurements.{name}[{i}]"), &r.prompt_id));
    }
    for (i, row) in m.translations.iter().enumerate() {
        prompt(&format!("measurements.translations[{i}]"), &row.prompt_id);
    }
    for (i, states) in m.states.iter().enumerate() {
        prompt(&format!("measurements.states[{i}]"), &states.prompt_id);
    }
    for (i, found) in m.representations.iter().enumerate() {
        let field = format!("measurements.representations[{i}].order");
        found.order.iter().for_each(|(id, _)| prompt(&field, id));
    }

    let mut length = |field: String, found: usize, wanted: usize| {
        if found != wanted {
            report(field, format!("{found} values where {wanted} are expected"));
        }
    };
    for (name, rows) in [("own", &m.own), ("instructed", &m.instructed)] {
        for (i, row) in rows.iter().enumerate() {
            length(format!("measurements.{name}[{i}].nTokens"), row.n_tokens.len(), row.samples.len());
            length(format!("measurements.{name}[{i}].logprob"), row.logprob.len(), row.samples.len());
        }
    }
    for (i, row) in m.translations.iter().enumerate() {
        let field = format!("measurements.translations[{i}]");
        length(format!("{field}.nTokens"), row.n_tokens.len(), row.targets.len());
        length(format!("{field}.logprob"), row.logprob.len(), row.samples.len());
        for (j, targets) in row.logprob.iter().enumerate() {
            length(format!("{field}.logprob[{j}]"), targets.len(), row.targets.len());
        }
    }
    for (i, states) in m.states.iter().enumerate() {
        length(
            format!("measurements.states[{i}].cosine"),
            states.cosine.len(),
            Similarity::n_cosines(states),
        );
    }
    for (i, found) in m.representations.iter().enumerate() {
        let wanted = found.order.len().saturating_mul(found.dim as usize);
        length(format!("measurements.representations[{i}].values"), found.values.len(), wanted);
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
        let cases: [(Change, &str); 12] = [
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
            (
                |m| m.representations[0].order[1].0 = "x".into(),
                "measurements.representations[0].order.promptId",
            ),
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
