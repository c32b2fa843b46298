//! Verdicts, edits, notes, flags and acts on many rows.

use super::*;
use crate::data::ExportRow;

fn on(prompt_id: &str, act: Act) -> Decision<(&str, &'static Language)> {
    Decision::On((prompt_id, arabic()), act)
}

fn row(session: &Session, prompt_id: &str) -> Row {
    Curation::fold(session).row(prompt_id, &ar()).unwrap().clone()
}

fn exported(session: &Session) -> Vec<ExportRow> {
    export_rows(session)
}

#[test]
fn a_verdict_keeps_the_sides_and_exports_no_pair() {
    for status in RowStatus::ALL.into_iter().filter(|status| !status.holds_pair()) {
        let mut session = fresh();
        act(&mut session, on("a", Act::Swap)).unwrap();
        act(&mut session, on("a", Act::Judge(status))).unwrap();
        assert_eq!(state(&session, "a"), picked(1, 0, status));
        assert_eq!(exported(&session), [], "{status:?}");
        assert_eq!(act(&mut session, on("a", Act::Judge(status))), Err(CurationError::AlreadySo));
        act(&mut session, on("a", Act::Accept)).unwrap();
        assert_eq!(state(&session, "a"), picked(1, 0, RowStatus::Accepted), "its own pair is back");
        act(&mut session, on("a", Act::Judge(status))).unwrap();
        act(&mut session, on("a", Act::Reset)).unwrap();
        assert_eq!(state(&session, "a"), picked(0, 1, RowStatus::Undecided), "the method's pair is back");
        assert_eq!(exported(&session).len(), 1);
        assert_eq!(session.events[1].event.to_owned(), session.events[3].event);
    }
    let mut session = fresh();
    act(&mut session, on("b", Act::Judge(RowStatus::BothBad))).unwrap();
    assert_eq!(state(&session, "b").status, RowStatus::BothBad, "a row without a pair may be judged, too");
    assert_eq!(act(&mut session, on("b", Act::LeaveOut)), Err(CurationError::NothingToLeaveOut));
}

#[test]
fn what_is_said_already_is_no_event_unless_there_is_more_to_say() {
    let mut session = fresh();
    act(&mut session, on("a", Act::Accept)).unwrap();
    assert_eq!(act(&mut session, on("a", Act::Accept)), Err(CurationError::AlreadySo));
    assert_eq!(
        act(&mut session, on("a", Act::Choose { chosen: 0, rejected: 1 })),
        Err(CurationError::AlreadySo)
    );
    assert_eq!(session.events.len(), 1);
    let because = Stamp { reasons: vec!["fluent".into(), "complete".into()], ..stamp("me") };
    apply(&mut session, on("a", Act::Accept), because.clone()).unwrap();
    assert_eq!(apply(&mut session, on("a", Act::Accept), because), Err(CurationError::AlreadySo));
    let found = row(&session, "a");
    assert_eq!(
        (found.votes.len(), &found.votes[0].reasons[..]),
        (1, &["fluent", "complete"].map(String::from)[..])
    );
    // Another person's word is not this one's.
    apply(&mut session, on("a", Act::Accept), stamp("you")).unwrap();
    let record = exported(&session)[0].record.clone();
    assert_eq!((record.actors, record.reasons.len()), (vec!["me".to_owned(), "you".to_owned()], 2));
    assert_eq!((record.status, record.is_changed), (RowStatus::Accepted, false));
    assert_eq!(act(&mut fresh(), on("a", Act::Reset)), Err(CurationError::NothingToReset));
}

#[test]
fn an_edit_is_shown_and_exported_and_the_original_stays() {
    let edit = |sample, text: Option<&str>| on("a", Act::Edit { sample, text: text.map(str::to_owned) });
    let mut session = fresh();
    let original = session.response("a", &ar(), 0).unwrap().text.clone();
    for (decision, error) in [
        (edit(0, Some(" \n")), CurationError::EmptyEdit),
        (edit(0, Some(&original)), CurationError::UnchangedEdit),
        (edit(0, None), CurationError::AlreadySo),
        (edit(9, Some("x")), CurationError::NoResponse { sample: 9 }),
    ] {
        assert_eq!(act(&mut session, decision), Err(error));
    }
    act(&mut session, edit(0, Some("الجواب: ٤"))).unwrap();
    assert_eq!(act(&mut session, edit(0, Some("الجواب: ٤"))), Err(CurationError::AlreadySo));
    assert_eq!(session.response("a", &ar(), 0).unwrap().text, original);
    let desk = Desk::new(session.clone());
    let cell = Cell { prompt: 0, language: 1 };
    assert_eq!((desk.text(cell, 0), desk.text(cell, 1)), ("الجواب: ٤", "ar 1: 4"));
    assert_eq!((desk.is_edited(cell, 0), desk.is_edited(cell, 1), desk.text(cell, 9)), (true, false, ""));
    let chosen = desk.row_view(cell).unwrap().chosen.unwrap();
    assert_eq!((chosen.text.as_str(), chosen.original.as_ref()), ("الجواب: ٤", Some(&original)));
    // Right by gold was 3; the answer is read of what stands there now.
    assert_eq!((chosen.answer.as_deref(), chosen.is_right), (Some("4"), Some(false)));
    assert_eq!((desk.summary().n_gold, desk.summary().n_chosen_right), (1, 0));
    let rows = exported(&session);
    assert_eq!(rows[0].record.chosen_text.as_deref(), Some("الجواب: ٤"));
    let file = export_trl(&session, &rows).text;
    assert!(file.contains("الجواب: ٤") && !file.contains(&original), "{file}");
    // The other prompt's row is untouched, and the pair is nobody's decision.
    assert_eq!(row(&session, "a").state, picked(0, 1, RowStatus::Undecided));
    act(&mut session, edit(0, None)).unwrap();
    assert!(!Desk::new(session.clone()).is_edited(cell, 0));
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!(Desk::new(session.clone()).text(cell, 0), "الجواب: ٤");
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!(Desk::new(session).text(cell, 0), original);
}

#[test]
fn notes_and_flags_say_nothing_of_the_pair() {
    let note = |text: Option<&str>| on("a", Act::Note(text.map(str::to_owned)));
    let mut session = fresh();
    act(&mut session, note(Some(" look again \n"))).unwrap();
    act(&mut session, on("a", Act::Flag(true))).unwrap();
    assert_eq!(act(&mut session, on("a", Act::Flag(true))), Err(CurationError::AlreadySo));
    assert_eq!(act(&mut session, note(Some("look again"))), Err(CurationError::AlreadySo));
    assert_eq!(state(&session, "a"), RowState { flagged: true, ..picked(0, 1, RowStatus::Undecided) });
    act(&mut session, on("a", Act::Swap)).unwrap();
    assert_eq!(state(&session, "a"), RowState { flagged: true, ..picked(1, 0, RowStatus::Accepted) });
    let record = exported(&session)[0].record.clone();
    assert_eq!(
        (record.note.as_deref(), record.is_flagged, record.is_changed),
        (Some("look again"), true, true)
    );
    act(&mut session, on("a", Act::Reset)).unwrap();
    assert!(state(&session, "a").flagged, "going back to the method leaves the mark");
    act(&mut session, note(None)).unwrap();
    assert_eq!(row(&session, "a").note, None);
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!(row(&session, "a").note.as_deref(), Some("look again"));
}

#[test]
fn many_rows_are_one_event_and_one_step_back() {
    let mut session = fresh();
    let all = || ["a", "b", "a"].map(|id| (id, arabic())).to_vec();
    let desk = Desk::new(session.clone());
    let cells: Vec<Cell> = (0..2).map(|prompt| Cell { prompt, language: 1 }).collect();
    assert_eq!(desk.n_possible(&cells, &Act::Accept, "me"), 1, "the other row has no pair");
    act(&mut session, Decision::OnMany(all(), Act::Accept)).unwrap();
    assert_eq!((session.events.len(), session.events[0].rows.len()), (1, 0));
    assert_eq!(act(&mut session, Decision::OnMany(all(), Act::Accept)), Err(CurationError::NoneOfMany));
    act(&mut session, Decision::OnMany(all(), Act::Judge(RowStatus::Harmful))).unwrap();
    assert_eq!((session.events[1].rows.len(), session.events[1].rows[0].item.as_str()), (1, "b"));
    assert_eq!(["a", "b"].map(|id| state(&session, id).status), [RowStatus::Harmful; 2]);
    act(&mut session, Decision::Undo).unwrap();
    let both = |session: &Session| ["a", "b"].map(|id| state(session, id).status);
    assert_eq!(both(&session), [RowStatus::Accepted, RowStatus::Undecided]);
    assert_eq!(session.events[2].rows.len(), 1, "the undo names every row");
    act(&mut session, Decision::Redo).unwrap();
    assert_eq!(both(&session), [RowStatus::Harmful; 2]);
    for one in [
        Act::Choose { chosen: 0, rejected: 1 },
        Act::Edit { sample: 0, text: None },
        Act::Adjudicate(RowState::default()),
        Act::Repeat(Box::new(Act::Accept)),
    ] {
        assert_eq!(act(&mut session, Decision::OnMany(all(), one)), Err(CurationError::NotForMany));
    }
    assert_eq!(act(&mut session, Decision::OnMany(Vec::new(), Act::Accept)), Err(CurationError::NoneOfMany));
    // A bulk act whose first row is gone is still taken back as one.
    let mut of_another = session.events[1].clone();
    of_another.item = "gone".into();
    of_another.rows[0].after.status = RowStatus::Tie;
    session.events.push(of_another);
    assert_eq!(both(&session), [RowStatus::Harmful, RowStatus::Tie]);
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!(both(&session), [RowStatus::Harmful; 2]);
}

#[test]
fn a_session_without_pairs_can_be_picked() {
    let mut session = Session { pairs: Vec::new(), references: Vec::new(), ..fresh() };
    let rows = |session: &Session| Curation::fold(session).rows().len();
    assert_eq!(rows(&session), 4, "a row for each prompt and language with responses");
    session.responses.retain(|response| response.prompt_id != "b" || response.language != ar());
    assert_eq!(rows(&session), 3);
    let desk = Desk::new(session.clone());
    let first = first_undecided(&desk, &RowFilter::default());
    assert_eq!(first, Some(Cell { prompt: 0, language: 0 }), "no reference is taken of the anchor's row");
    assert_eq!(desk.candidates(Cell { prompt: 0, language: 1 }).len(), 2);
    act(&mut session, on("a", Act::Choose { chosen: 1, rejected: 0 })).unwrap();
    assert_eq!(exported(&session).len(), 1);
    let desk = Desk::new(session);
    assert_eq!(desk.summary().counts.of(Filter::Changed), 1);
    assert_eq!(agreement(desk.curation(), 3).all.cell.decided, 0, "there is no method to agree with");
    let seen = desk.row_view(Cell { prompt: 0, language: 1 }).unwrap();
    assert_eq!((seen.chosen.unwrap().sample, seen.row.is_changed()), (1, true));
}

#[test]
fn rows_that_no_method_has_looked_at_stand_beside_those_one_has() {
    let mut session = fresh();
    session.pairs.retain(|pair| pair.prompt_id != "b");
    let curation = Curation::fold(&session);
    let skips: Vec<_> = curation.rows()[2..].iter().map(|row| (row.language.as_str(), row.skip)).collect();
    assert_eq!(skips, [("en", Some(crate::data::SkipReason::AnchorLanguage)), ("ar", None)]);
    let desk = Desk::new(session);
    let (first, second) = (Cell { prompt: 0, language: 1 }, Cell { prompt: 1, language: 1 });
    assert_eq!(next_undecided(&desk, first, &RowFilter::default()), Some(second));
}
