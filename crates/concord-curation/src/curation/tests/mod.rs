//! The curation log: single acts, then properties over random logs; what belongs to one subject stands in a file of its own.

mod acts;
mod filters;
mod people;
mod rows;

use proptest::prelude::*;

use super::*;
use crate::align::{Material, select};
use crate::data::{
    CurationAct, CurationEvent, ExportOptions, Language, PairWriter, Response, RowState, RowStatus, Session,
    SessionConfig, TextFinder, export_trl, test_session::sample,
};

/// Picks again with another minimum margin.
pub(super) fn set_min_margin(desk: &mut Desk, min_margin: f32) {
    let config = SessionConfig { min_margin, ..desk.session().config.clone() };
    let picks = select(Material::of(desk.session()), &config);
    desk.take_picks(config, picks);
}

/// Makes the event of a decision and appends it to the session's log.
pub(super) fn apply(
    session: &mut Session,
    decision: Decision<(&str, &Language)>,
    stamp: Stamp,
) -> Result<(), CurationError> {
    let event = Curation::fold(session).event(session, decision, stamp)?;
    session.events.push(event);
    Ok(())
}

fn fresh() -> Session {
    Session { events: Vec::new(), ..sample() }
}

fn ar() -> Language {
    arabic().clone()
}

fn arabic() -> &'static Language {
    static ARABIC: std::sync::LazyLock<Language> = std::sync::LazyLock::new(|| Language::from("ar"));
    &ARABIC
}

fn state(session: &Session, prompt_id: &str) -> RowState {
    Curation::fold(session).row(prompt_id, &ar()).unwrap().state
}

fn picked(chosen: u32, rejected: u32, status: RowStatus) -> RowState {
    RowState { chosen: Some(chosen), rejected: Some(rejected), status, flagged: false }
}

fn stamp(actor: &str) -> Stamp {
    Stamp { time: "t".into(), actor: actor.into(), ..Stamp::default() }
}

fn act(session: &mut Session, decision: Decision<(&str, &Language)>) -> Result<(), CurationError> {
    apply(session, decision, stamp("me"))
}

#[test]
fn each_act_does_what_it_says() {
    let language = &ar();
    for (decision, wanted) in [
        (Decision::On(("a", language), Act::Accept), picked(0, 1, RowStatus::Accepted)),
        (Decision::On(("a", language), Act::Swap), picked(1, 0, RowStatus::Accepted)),
        (Decision::On(("a", language), Act::LeaveOut), picked(0, 1, RowStatus::LeftOut)),
        (
            Decision::On(("a", language), Act::Choose { chosen: 1, rejected: 0 }),
            picked(1, 0, RowStatus::Accepted),
        ),
        (Decision::On(("a", language), Act::Judge(RowStatus::BothBad)), picked(0, 1, RowStatus::BothBad)),
    ] {
        let mut session = fresh();
        act(&mut session, decision.clone()).unwrap();
        assert_eq!(state(&session, "a"), wanted, "{decision:?}");
        let event = &session.events[0];
        assert_eq!((event.seq, event.before, event.after), (0, picked(0, 1, RowStatus::Undecided), wanted));
        assert_eq!((event.item.as_str(), event.actor.as_str()), ("a", "me"));
    }
}

#[test]
fn what_cannot_be_decided_leaves_the_log_alone() {
    let language = &ar();
    for (decision, error) in [
        (Decision::On(("b", language), Act::Accept), CurationError::NoPair),
        (Decision::On(("b", language), Act::Swap), CurationError::NoPair),
        (Decision::Undo, CurationError::NothingToUndo),
        (Decision::Redo, CurationError::NothingToRedo),
        (
            Decision::On(("a", language), Act::Choose { chosen: 0, rejected: 0 }),
            CurationError::NotTwoResponses { chosen: 0, rejected: 0 },
        ),
        (
            Decision::On(("a", language), Act::Choose { chosen: 0, rejected: 9 }),
            CurationError::NotTwoResponses { chosen: 0, rejected: 9 },
        ),
        (
            Decision::On(("x", language), Act::LeaveOut),
            CurationError::NoRow { prompt_id: "x".into(), language: "ar".into() },
        ),
    ] {
        let mut session = fresh();
        assert_eq!(act(&mut session, decision), Err(error));
        assert_eq!(session.events, []);
    }
}

#[test]
fn undo_and_redo_step_through_acts_and_a_new_act_ends_redo() {
    let language = &ar();
    let mut session = fresh();
    act(&mut session, Decision::On(("a", language), Act::Accept)).unwrap();
    act(&mut session, Decision::On(("b", language), Act::Choose { chosen: 1, rejected: 0 })).unwrap();
    act(&mut session, Decision::On(("a", language), Act::Swap)).unwrap();
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!(state(&session, "a"), picked(0, 1, RowStatus::Accepted));
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!((session.events[4].item.as_str(), state(&session, "b").chosen), ("b", None));
    act(&mut session, Decision::Redo).unwrap();
    assert_eq!(state(&session, "b"), picked(1, 0, RowStatus::Accepted));
    act(&mut session, Decision::Redo).unwrap();
    assert_eq!(state(&session, "a"), picked(1, 0, RowStatus::Accepted));
    assert_eq!(act(&mut session, Decision::Redo), Err(CurationError::NothingToRedo));
    act(&mut session, Decision::Undo).unwrap();
    act(&mut session, Decision::On(("b", language), Act::LeaveOut)).unwrap();
    assert!(!Curation::fold(&session).can_redo("me"));
    assert_eq!(session.events.len(), 9);
}

#[test]
fn left_out_rows_and_rows_without_a_pair_are_not_exported() {
    let language = &ar();
    let mut session = fresh();
    let exported = |session: &Session| -> Vec<_> {
        export_rows(session).into_iter().map(|r| (r.prompt_id, r.chosen, r.rejected)).collect()
    };
    assert_eq!(exported(&session), [("a".to_owned(), 0, 1)]);
    act(&mut session, Decision::On(("a", language), Act::Swap)).unwrap();
    act(&mut session, Decision::On(("b", language), Act::Choose { chosen: 1, rejected: 0 })).unwrap();
    assert_eq!(exported(&session), [("a".to_owned(), 1, 0), ("b".to_owned(), 1, 0)]);
    act(&mut session, Decision::On(("a", language), Act::LeaveOut)).unwrap();
    assert_eq!(exported(&session), [("b".to_owned(), 1, 0)]);
}

#[test]
fn a_decision_outlives_a_new_selection_and_undo_leads_to_the_new_pick() {
    let language = &ar();
    let mut session = fresh();
    act(&mut session, Decision::On(("a", language), Act::Accept)).unwrap();
    session.pairs[1].chosen = Some(1);
    session.pairs[1].rejected = Some(0);
    assert_eq!(state(&session, "a"), picked(0, 1, RowStatus::Accepted));
    act(&mut session, Decision::Undo).unwrap();
    assert_eq!(state(&session, "a"), picked(1, 0, RowStatus::Undecided));
}

#[test]
fn translations_stand_after_the_candidates_without_a_score() {
    let mut session = fresh();
    let like = session.responses[2].clone();
    session.responses.push(Response {
        sample: 2,
        text: "translated".into(),
        translation_of: Some(("en".into(), 0)),
        ..like.clone()
    });
    session.responses.push(Response { sample: 3, text: "another".into(), ..like });
    session.pairs[1].scores = vec![1.0, 0.0, 0.5];
    // As LIDR picks: the translation over a response, by no score.
    session.pairs[1].chosen = Some(2);
    session.pairs[1].margin = None;
    act(&mut session, Decision::On(("a", &ar()), Act::Accept)).unwrap();
    let agreement = agreement(&Curation::fold(&session), 3);
    assert_eq!((agreement.all.cell.kept, agreement.by_margin.len()), (1, 0));
    let rows = export_rows(&session);
    assert_eq!((rows[0].chosen, rows[0].rejected), (2, 1));
    let exported = export_trl(&session, &rows);
    assert!(exported.text.contains("translated") && exported.problems.is_empty());
    let desk = Desk::new(session);
    let cell = Cell { prompt: 0, language: 1 };
    let candidates = desk.candidates(cell);
    let shown: Vec<_> = candidates.iter().map(|c| (c.sample, c.score)).collect();
    assert_eq!(shown, [(0, Some(1.0)), (1, Some(0.0)), (3, Some(0.5)), (2, None)]);
    let chosen = desk.row_view(cell).unwrap().chosen.unwrap();
    assert_eq!((chosen.sample, chosen.translation_of), (2, Some(("en".into(), 0))));
}

/// Random decisions over both rows of the sample session; impossible ones are passed over.
fn decide(session: &mut Session, choices: &[(u8, bool)]) {
    let language = &ar();
    for (choice, first) in choices {
        let prompt_id = if *first { "a" } else { "b" };
        let decision = match choice % 7 {
            0 => Decision::On((prompt_id, language), Act::Accept),
            1 => Decision::On((prompt_id, language), Act::Swap),
            2 => Decision::On((prompt_id, language), Act::LeaveOut),
            3 => Decision::On((prompt_id, language), Act::Choose { chosen: 1, rejected: 0 }),
            4 => Decision::On((prompt_id, language), Act::Reset),
            5 => Decision::Undo,
            _ => Decision::Redo,
        };
        let _ = act(session, decision);
    }
}

proptest! {
    #[test]
    fn undo_after_an_act_is_the_identity(choices in prop::collection::vec(any::<(u8, bool)>(), 0..30), last in 0_u8..5, first in any::<bool>()) {
        let mut session = fresh();
        decide(&mut session, &choices);
        let before = Curation::fold(&session).rows().to_vec();
        let n_events = session.events.len();
        decide(&mut session, &[(last, first)]);
        prop_assume!(session.events.len() > n_events);
        let after = Curation::fold(&session).rows().to_vec();
        act(&mut session, Decision::Undo).unwrap();
        prop_assert_eq!(Curation::fold(&session).rows().to_vec(), before);
        act(&mut session, Decision::Redo).unwrap();
        prop_assert_eq!(Curation::fold(&session).rows().to_vec(), after);
    }

    #[test]
    fn the_log_replays_to_the_same_state_and_says_what_it_did(choices in prop::collection::vec(any::<(u8, bool)>(), 0..30)) {
        let mut session = fresh();
        decide(&mut session, &choices);
        let reopened = crate::data::read_session(&crate::data::write_session(&session).unwrap()).unwrap();
        prop_assert_eq!(Curation::fold(&reopened), Curation::fold(&session));
        let mut taken = Curation::fold(&fresh());
        for event in &session.events {
            taken.take(event);
        }
        prop_assert_eq!(&taken, &Curation::fold(&session));
        // A file written row by row is the file.
        let desk = Desk::new(session.clone());
        let mut writer = PairWriter::new(ExportOptions { metadata: false, ..ExportOptions::default() });
        let n = (0..).take_while(|at| desk.write_row(*at, &mut writer)).count();
        prop_assert_eq!(n, session.pairs.len());
        let written = writer.finish();
        let whole = export_trl(&session, &export_rows(&session));
        prop_assert_eq!((&written.problems, written.n_pairs), (&whole.problems, whole.kept));
        prop_assert_eq!(written.into_text(), whole.text);
        // All that is known of a row is found the same way by both finders.
        let (rows, finder) = (export_rows(&session), TextFinder::new(&session));
        for row in &rows {
            prop_assert_eq!(format!("{:?}", desk.pair_record(row)), format!("{:?}", finder.record(row)));
        }
        // The recorded states chain: each event starts where the row stood and says where it went.
        for n in 0..session.events.len() {
            let head = Session { events: session.events[..n].to_vec(), ..session.clone() };
            let event = &session.events[n];
            let row = |s: &Session| Curation::fold(s).row(&event.item, &event.lang).unwrap().state;
            prop_assert_eq!(event.before, row(&head));
            let with = Session { events: session.events[..=n].to_vec(), ..session.clone() };
            prop_assert_eq!(event.after, row(&with));
            prop_assert_eq!(event.seq as usize, n);
        }
    }

    #[test]
    fn undoing_everything_leads_back_to_the_method(choices in prop::collection::vec(any::<(u8, bool)>(), 0..30)) {
        let mut session = fresh();
        decide(&mut session, &choices);
        while Curation::fold(&session).can_undo("me") {
            act(&mut session, Decision::Undo).unwrap();
        }
        prop_assert!(Curation::fold(&session).rows().iter().all(|row| row.state == row.method));
    }
}

#[test]
fn an_undo_takes_back_an_act_of_the_row_that_it_names_and_of_no_other() {
    let mut session = fresh();
    let language = &ar();
    act(&mut session, Decision::On(("a", language), Act::Swap)).unwrap();
    let swapped = state(&session, "a");
    // A row of another run, accepted and undone again.
    let of_another =
        |event: CurationAct| CurationEvent { item: "gone".to_owned(), event, ..session.events[0].clone() };
    let others = [of_another(CurationAct::Accept), of_another(CurationAct::Undo)];
    session.events.extend(others);
    assert_eq!(state(&session, "a"), swapped);
    // In another tab the row `b` is decided before the undo of `a` is written.
    let undo = Curation::fold(&session).event(&session, Decision::Undo, stamp("me")).unwrap();
    act(&mut session, Decision::On(("b", language), Act::Choose { chosen: 1, rejected: 0 })).unwrap();
    let chosen = state(&session, "b");
    session.events.push(undo);
    assert_eq!(state(&session, "b"), chosen);
    assert_eq!(state(&session, "a").status, RowStatus::Undecided);
}
