//! What an annotator should know about a session that opens although some of its decisions or responses count for nothing.
//!
//! None of them is dropped: they stay in the record and are written with it again.

use std::{collections::HashSet, iter};

use super::{Desk, Row};
use crate::data::{CurationAct, Language};

/// The notes of a session, each a sentence or two; empty for what Concord itself has made of one run.
pub fn notes(desk: &Desk) -> Vec<String> {
    [lost_decisions(desk), missing_responses(desk), other_languages(desk)].into_iter().flatten().collect()
}

/// Decisions about rows that are not there, those on many rows among them.
fn lost_decisions(desk: &Desk) -> Option<String> {
    let is_act = |act: CurationAct| !matches!(act, CurationAct::Undo | CurationAct::Redo);
    let events = desk.session().events.iter().filter(|event| is_act(event.event));
    let rows = events.flat_map(|event| {
        let others = event.rows.iter().map(|row| (&row.item, &row.lang));
        iter::once((&event.item, &event.lang)).chain(others)
    });
    let mut lost = rows.filter(|(item, language)| desk.curation().row_idx(item, language).is_none());
    let first = lost.next()?;
    let n = 1 + lost.count();
    Some(format!(
        "{} about rows that this session does not have (the first: prompt {}, {}). The log keeps them; they change no pair.",
        counted(n, "decision is", "decisions are"),
        first.0,
        named(first.1),
    ))
}

/// Rows that a person gave a response which is not there, such as a translation that was made again.
fn missing_responses(desk: &Desk) -> Option<String> {
    let is_missing = |row: &&Row| {
        let picked = [row.state.chosen, row.state.rejected].into_iter().flatten();
        let mut missing = picked.filter(|s| desk.response(&row.prompt_id, &row.language, *s).is_none());
        missing.next().is_some()
    };
    let mut rows = desk.curation().rows().iter().filter(is_missing);
    let first = rows.next()?;
    let n = 1 + rows.count();
    Some(format!(
        "In {} a decision names a response that is not there (the first: prompt {}, {}), so an export leaves them out. Choose again in those rows.",
        counted(n, "row", "rows"),
        first.prompt_id,
        named(&first.language),
    ))
}

/// Responses in languages that the session does not show.
fn other_languages(desk: &Desk) -> Option<String> {
    let session = desk.session();
    let shown: HashSet<&Language> = session.config.languages.iter().collect();
    let mut others = session.responses.iter().filter(|response| !shown.contains(&response.language));
    let first = others.next()?;
    let n = 1 + others.count();
    Some(format!(
        "{} in languages that are not among the session's (the first: {}). They are kept, but not shown.",
        counted(n, "response is", "responses are"),
        named(&first.language),
    ))
}

fn counted(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

fn named(language: &Language) -> String {
    language.info().english
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Session, check_session, test_session::sample};

    fn of(change: fn(&mut Session)) -> Vec<String> {
        let mut session = sample();
        change(&mut session);
        assert_eq!(check_session(&session), [], "it opens");
        let desk = Desk::new(session.clone());
        assert_eq!(desk.session(), &session, "nothing is dropped");
        notes(&desk)
    }

    #[test]
    fn a_session_of_one_run_needs_no_note() {
        assert_eq!(of(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn decisions_about_unknown_rows_are_told() {
        let found = of(|s| {
            s.events[0].item = "x".into();
            let mut second = s.events[0].clone();
            (second.seq, second.item, second.lang) = (1, "a".into(), Language::from("fr"));
            s.events.push(second);
        });
        assert!(found.len() == 1 && found[0].starts_with("2 decisions are about rows"), "{found:?}");
        assert!(found[0].contains("prompt x, Arabic"), "{found:?}");
    }

    #[test]
    fn a_decision_for_a_response_that_is_gone_is_told() {
        let found = of(|s| (s.events[0].event, s.events[0].after.chosen) = (CurationAct::Choose, Some(9)));
        assert!(found.len() == 1 && found[0].starts_with("In 1 row a decision names"), "{found:?}");
    }

    #[test]
    fn responses_that_are_not_shown_are_told() {
        let found = of(|s| {
            s.config.languages.truncate(1);
            s.pairs.retain(|pair| pair.language == Language::from("en"));
            s.events.clear();
        });
        assert!(found.len() == 1 && found[0].starts_with("4 responses are in languages"), "{found:?}");
    }
}
