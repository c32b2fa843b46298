//! Several people in one log: votes, conflicts, settlements, and judging twice.

use super::*;

fn on(act: Act) -> Decision<(&'static str, &'static Language)> {
    Decision::On(("a", arabic()), act)
}

fn by(session: &mut Session, actor: &str, decision: Decision<(&str, &Language)>) {
    apply(session, decision, stamp(actor)).unwrap();
}

fn row(session: &Session) -> Row {
    Curation::fold(session).row("a", &ar()).unwrap().clone()
}

#[test]
fn people_who_differ_export_nothing_until_it_is_settled() {
    let mut session = fresh();
    by(&mut session, "ana", on(Act::Accept));
    assert!(!row(&session).is_conflict());
    by(&mut session, "bo", on(Act::Accept));
    assert_eq!((row(&session).votes.len(), row(&session).is_conflict()), (2, false));
    by(&mut session, "bo", on(Act::Swap));
    let torn = row(&session);
    assert!(torn.is_conflict() && !torn.is_exported() && export_rows(&session).is_empty());
    assert_eq!(torn.state, picked(1, 0, RowStatus::Accepted), "the latest word is shown");
    assert_eq!(Filter::of(&torn), Some(Filter::Conflict));
    let verdict = RowState { status: RowStatus::Tie, ..torn.state };
    by(&mut session, "chi", on(Act::Adjudicate(verdict)));
    assert_eq!((row(&session).state, row(&session).is_conflict()), (verdict, false));
    by(&mut session, "chi", on(Act::Adjudicate(picked(0, 1, RowStatus::Accepted))));
    let record = export_rows(&session)[0].record.clone();
    assert_eq!((record.actors, record.is_settled), (vec!["chi".to_owned()], true));
    // Somebody votes anew, so it is open again, until they come to agree.
    by(&mut session, "bo", on(Act::Judge(RowStatus::BothGood)));
    assert!(row(&session).is_conflict());
    by(&mut session, "bo", on(Act::Choose { chosen: 0, rejected: 1 }));
    assert_eq!(
        (row(&session).is_conflict(), row(&session).state),
        (false, picked(0, 1, RowStatus::Accepted))
    );
    // And back, one's own acts only.
    by(&mut session, "bo", Decision::Undo);
    by(&mut session, "bo", Decision::Undo);
    assert_eq!(row(&session).settled_by.map(|vote| vote.actor).as_deref(), Some("chi"));
    by(&mut session, "chi", Decision::Undo);
    by(&mut session, "chi", Decision::Undo);
    assert!(row(&session).is_conflict());
    by(&mut session, "bo", on(Act::Reset));
    assert_eq!((row(&session).votes.len(), row(&session).state), (1, picked(0, 1, RowStatus::Accepted)));
}

#[test]
fn what_settles_nothing_is_refused() {
    let mut session = fresh();
    for (state, error) in [
        (RowState::default(), CurationError::NothingSettled),
        (RowState { status: RowStatus::Accepted, ..RowState::default() }, CurationError::NoPair),
        (picked(0, 9, RowStatus::Accepted), CurationError::NotTwoResponses { chosen: 0, rejected: 9 }),
        (picked(1, 1, RowStatus::Accepted), CurationError::NotTwoResponses { chosen: 1, rejected: 1 }),
    ] {
        assert_eq!(act(&mut session, on(Act::Adjudicate(state))), Err(error));
    }
}

#[test]
fn undo_is_of_the_same_person() {
    let mut session = fresh();
    by(&mut session, "ana", on(Act::Accept));
    assert_eq!(apply(&mut session, Decision::Undo, stamp("bo")), Err(CurationError::NothingToUndo));
    by(&mut session, "bo", Decision::On(("b", arabic()), Act::Choose { chosen: 0, rejected: 1 }));
    by(&mut session, "ana", Decision::Undo);
    assert_eq!(session.events[2].item, "a");
    let curation = Curation::fold(&session);
    assert!(curation.can_redo("ana") && !curation.can_undo("ana") && curation.can_undo("bo"));
    assert_eq!(curation.actors().collect::<Vec<_>>(), ["ana", "bo"]);
}

#[test]
fn judging_twice_changes_nothing_and_is_known() {
    let mut session = fresh();
    let shown = |order: [u32; 2]| Stamp { shown_order: Some(order.to_vec()), ..stamp("ana") };
    apply(&mut session, on(Act::Accept), shown([0, 1])).unwrap();
    let before = row(&session);
    apply(&mut session, on(Act::Repeat(Box::new(Act::Swap))), shown([1, 0])).unwrap();
    apply(&mut session, on(Act::Repeat(Box::new(Act::Accept))), shown([1, 0])).unwrap();
    assert_eq!(row(&session), before);
    let curation = Curation::fold(&session);
    let seen: Vec<_> = curation.repeats().map(|r| (r.original, r.repeated)).collect();
    let (kept, swapped) = (picked(0, 1, RowStatus::Accepted), picked(1, 0, RowStatus::Accepted));
    assert_eq!(seen, [(kept, swapped), (kept, kept)]);
    let first = curation.repeats().next().unwrap();
    assert_eq!(
        (first.original_order.as_deref(), first.shown_order.as_deref()),
        (Some(&[0, 1][..]), Some(&[1, 0][..]))
    );
    assert_eq!(
        act(&mut session, on(Act::Repeat(Box::new(Act::Flag(true))))),
        Err(CurationError::NothingSettled)
    );
    by(&mut session, "ana", Decision::Undo);
    assert_eq!(Curation::fold(&session).repeats().count(), 1);
}

/// Some act on a row, by number.
fn some_act(choice: u8) -> Act {
    match choice {
        0 => Act::Accept,
        1 => Act::Swap,
        2 => Act::LeaveOut,
        3 => Act::Choose { chosen: 1, rejected: 0 },
        4 => Act::Choose { chosen: 0, rejected: 1 },
        5 => Act::Reset,
        6 => Act::Edit { sample: 0, text: Some("another text".into()) },
        7 => Act::Edit { sample: 0, text: None },
        8 => Act::Edit { sample: 1, text: Some("5".into()) },
        9 => Act::Note(Some("hm".into())),
        10 => Act::Note(None),
        11 => Act::Flag(true),
        12 => Act::Flag(false),
        13 => Act::Adjudicate(picked(1, 0, RowStatus::Accepted)),
        14 => Act::Adjudicate(picked(0, 1, RowStatus::Tie)),
        15 => Act::Repeat(Box::new(Act::Swap)),
        _ => Act::Judge(RowStatus::ALL[usize::from(choice) % 8]),
    }
}

/// A decision over the two Arabic rows, by numbers; half of them step back or forth.
fn some_decision((choice, place): (u8, u8)) -> Decision<Cell> {
    let cell = |prompt| Cell { prompt, language: 1 };
    match (choice, place) {
        (24..34, _) => Decision::Undo,
        (34..40, _) => Decision::Redo,
        (choice, 0 | 1) => Decision::On(cell(usize::from(place)), some_act(choice)),
        (choice, _) => Decision::OnMany(vec![cell(0), cell(1)], some_act(choice)),
    }
}

#[test]
fn a_log_that_grew_elsewhere_is_taken_as_one_that_is_new() {
    let mut session = fresh();
    by(&mut session, "ana", on(Act::Swap));
    let mut desk = Desk::new(session.clone());
    by(&mut session, "bo", on(Act::Accept));
    by(&mut session, "ana", Decision::Undo);
    // Longer, shorter and another one.
    let other = Session { events: session.events[1..].to_vec(), ..session.clone() };
    for log in [&session, &fresh(), &other, &session] {
        desk.take_log(log.events.clone());
        let again = Desk::new(log.clone());
        assert_eq!((desk.curation(), desk.summary()), (again.curation(), again.summary()));
        assert_eq!(desk.session().events, log.events);
    }
}

proptest! {
    #[test]
    fn whatever_two_people_do_the_log_says_it_and_undo_takes_it_back(
        choices in prop::collection::vec((0_u8..40, 0_u8..3, any::<bool>()), 0..40),
    ) {
        let mut desk = Desk::new(fresh());
        for (choice, place, is_anas) in choices {
            let actor = if is_anas { "ana" } else { "bo" };
            let Ok(event) = desk.event(some_decision((choice, place)), stamp(actor)) else { continue };
            let before = desk.curation().rows().to_vec();
            desk.take(event.clone());
            // Taken one by one or folded at once, it is the same, and so are the counts.
            let again = Desk::new(desk.session().clone());
            prop_assert_eq!(desk.curation(), again.curation());
            prop_assert_eq!(desk.summary(), again.summary());
            let counted = RowFilter { search: "a".into(), ..RowFilter::default() }.counts(&desk);
            prop_assert_eq!(counted, desk.summary().counts, "every row holds an a");
            let is_repeat = event.event == CurationAct::Repeat;
            let first = (&event.item, &event.lang, event.before, event.after);
            let others = event.rows.iter().map(|row| (&row.item, &row.lang, row.before, row.after));
            for (item, language, was, is) in std::iter::once(first).chain(others) {
                let at = desk.curation().row_idx(item, language).unwrap();
                prop_assert_eq!(was, before[at].state);
                let now = desk.curation().rows()[at].state;
                prop_assert_eq!(if is_repeat { was } else { is }, now);
            }
        }
        for actor in ["ana", "bo"] {
            while desk.curation().can_undo(actor) {
                let event = desk.event(Decision::Undo, stamp(actor)).unwrap();
                desk.take(event);
            }
            prop_assert!(desk.curation().rows().iter().all(|row| row.votes.iter().all(|vote| vote.actor != actor)));
        }
        let blank = Desk::new(fresh());
        prop_assert_eq!(desk.curation().rows(), blank.curation().rows());
        prop_assert_eq!(desk.summary(), blank.summary());
    }

    #[test]
    fn an_undo_and_a_redo_leave_everything_as_it_was(
        choices in prop::collection::vec((0_u8..40, 0_u8..3, any::<bool>()), 0..30),
        back in any::<bool>(),
    ) {
        let mut desk = Desk::new(fresh());
        for (choice, place, is_anas) in choices {
            let actor = if is_anas { "ana" } else { "bo" };
            if let Ok(event) = desk.event(some_decision((choice, place)), stamp(actor)) {
                desk.take(event);
            }
        }
        let actor = if back { "ana" } else { "bo" };
        prop_assume!(desk.curation().can_undo(actor));
        let before = desk.curation().rows().to_vec();
        for decision in [Decision::Undo, Decision::Redo] {
            let event = desk.event(decision, stamp(actor)).unwrap();
            desk.take(event);
        }
        prop_assert_eq!(desk.curation().rows(), before);
    }
}
