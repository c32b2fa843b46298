//! Three annotators' judgements of sixty rows against what krippendorff, scikit-learn and plain counting make of them, and
//! repeats counted by hand.

use serde_json::Value;

use super::*;
use crate::align::raters::Coefficient;
use crate::curation::tests::apply;
use crate::curation::{Act, Curation, Decision, Desk, Stamp};
use crate::data::{Language, Pair, RowState, RowStatus, Session, test_session::sample};

/// Recorded by `record_annotators.py` in `crates/concord-align/tests/fixtures`.
const RECORDED: &str = include_str!("../../../../concord-align/tests/data/annotators.json");

const ACTORS: [&str; 3] = ["Ana", "Ben", "Chi"];

fn recorded() -> Value {
    serde_json::from_str(RECORDED).unwrap()
}

/// The act of a letter on a row whose method chose 0 over 1.
fn act_of(letter: u8) -> Option<Act> {
    Some(match letter {
        b'k' => Act::Choose { chosen: 0, rejected: 1 },
        b's' => Act::Choose { chosen: 1, rejected: 0 },
        b'o' => Act::Choose { chosen: 2, rejected: 1 },
        b'l' => Act::LeaveOut,
        b't' => Act::Judge(RowStatus::Tie),
        b'g' => Act::Judge(RowStatus::BothGood),
        b'b' => Act::Judge(RowStatus::BothBad),
        b'c' => Act::Judge(RowStatus::CannotJudge),
        b'h' => Act::Judge(RowStatus::Harmful),
        _ => return None,
    })
}

/// Thirty prompts in two languages.
fn session() -> Session {
    let mut session = sample();
    let languages = ["de", "sw"].map(Language::from);
    let margins: Vec<f32> = serde_json::from_value(recorded()["margins"].clone()).unwrap();
    let (prompt, response) = (session.prompts[0].clone(), session.responses[0].clone());
    (session.events, session.responses, session.similarities) = Default::default();
    session.config.languages = languages.to_vec();
    session.prompts =
        (0..30).map(|i| crate::data::Prompt { id: format!("p{i}"), ..prompt.clone() }).collect();
    session.pairs = (0..60)
        .map(|i| Pair {
            prompt_id: format!("p{}", i / 2),
            language: languages[i % 2].clone(),
            chosen: Some(0),
            rejected: Some(1),
            scores: Vec::new(),
            cosine: Vec::new(),
            margin: Some(margins[i]),
            skip: None,
        })
        .collect();
    for pair in &session.pairs {
        session.responses.extend((0..3).map(|sample| crate::data::Response {
            prompt_id: pair.prompt_id.clone(),
            language: pair.language.clone(),
            sample,
            ..response.clone()
        }));
    }
    session
}

fn decide(session: &mut Session, row: usize, act: Act, stamp: Stamp) {
    let Pair { prompt_id, language, .. } = session.pairs[row].clone();
    apply(session, Decision::On((&prompt_id, &language), act), stamp).unwrap();
}

/// As the votes are recorded, one person after the other; verdicts are of the method's pair.
fn judged() -> Session {
    let mut session = session();
    for (actor, votes) in ACTORS.iter().zip(recorded()["votes"].as_array().unwrap()) {
        let stamp = Stamp { actor: (*actor).to_owned(), ..Stamp::default() };
        // Everybody works on a file of their own, where nobody has decided yet; then the files are merged.
        let mut own = Session { events: Vec::new(), ..session.clone() };
        for (row, letter) in votes.as_str().unwrap().bytes().enumerate() {
            if let Some(act) = act_of(letter) {
                decide(&mut own, row, act, stamp.clone());
            }
        }
        session.events.extend(own.events);
    }
    session
}

fn check(found: Coefficient, recorded: &Value, n_rows: Option<&Value>) {
    let wanted = recorded.as_f64().unwrap();
    assert!(found.value.is_some_and(|value| (value - wanted).abs() < 1e-9), "{found:?}, recorded {wanted}");
    let interval = found.interval.unwrap();
    assert!(interval.low < wanted && wanted < interval.high, "{found:?}");
    if let Some(n_rows) = n_rows {
        assert_eq!(u64::from(found.n_units), n_rows.as_u64().unwrap());
    }
}

#[test]
fn three_annotators_agree_as_far_as_other_programs_find() {
    let (session, recorded) = (judged(), recorded());
    let curation = Curation::fold(&session);
    let mut agreeing = Agreeing::new(&curation, 1);
    while agreeing.step() {}
    let found = agreeing.finish();
    assert_eq!(found.actors, ACTORS);
    let by_language = found.by_language.iter().map(|(language, found)| (language.as_str(), found));
    for (name, found) in std::iter::once(("all", &found.all)).chain(by_language) {
        let rows = &recorded["rows"][name];
        check(found.same, &rows["same"], Some(&rows["nRows"]));
        check(found.alpha, &rows["alpha"], Some(&rows["nRows"]));
        check(found.ordinal_alpha, &rows["ordinalAlpha"], None);
    }
    assert_eq!(found.by_language.len(), 2);
    let pairs = recorded["pairs"].as_array().unwrap();
    assert_eq!(found.pairs.len(), pairs.len());
    for (found, recorded) in found.pairs.iter().zip(pairs) {
        check(found.same, &recorded["same"], Some(&recorded["nRows"]));
        check(found.kappa, &recorded["kappa"], None);
        check(found.weighted_kappa, &recorded["weightedKappa"], None);
    }
    assert_eq!(found.pairs.iter().map(|p| (p.first, p.second)).collect::<Vec<_>>(), [(0, 1), (0, 2), (1, 2)]);
}

#[test]
fn rows_in_conflict_queue_up_until_they_are_settled_and_do_not_count_before() {
    let (session, recorded) = (judged(), recorded());
    let mut desk = Desk::new(session);
    let places: Vec<u64> =
        conflicts(&desk).iter().map(|cell| (2 * cell.prompt + cell.language) as u64).collect();
    let wanted: Vec<u64> = serde_json::from_value(recorded["conflicts"].clone()).unwrap();
    assert_eq!(places, wanted);

    let found = agreement(desk.curation(), 10);
    let counts = |cell: AgreementCell| serde_json::json!([cell.decided, cell.kept]);
    assert_eq!(counts(found.all.cell), recorded["kept"]["all"]);
    for (language, group) in &found.by_language {
        assert_eq!(counts(group.cell), recorded["kept"][language.as_str()], "{language:?}");
    }
    let cut = found.all.cut.unwrap();
    let cut = serde_json::json!({
        "margin": cut.margin, "decided": cut.rate.whole, "kept": cut.rate.part, "nPicks": cut.n_picks,
    });
    assert_eq!(cut, recorded["cut"]);
    for (actor, wanted) in ACTORS.iter().zip(recorded["keptByPerson"].as_array().unwrap()) {
        assert_eq!(&counts(with_method_of(desk.curation(), actor)), wanted, "{actor}");
    }

    // Taking somebody's view of each in turn empties the queue.
    let n_decided = found.all.cell.decided;
    while let Some(cell) = conflicts(&desk).first().copied() {
        let state = desk.row(cell).unwrap().votes[0].state;
        let stamp = Stamp { actor: "Ana".to_owned(), ..Stamp::default() };
        let event = desk.event(Decision::On(cell, Act::Adjudicate(state)), stamp).unwrap();
        desk.take(event);
    }
    let settled = agreement(desk.curation(), 10).all.cell;
    assert!(settled.decided > n_decided && settled.decided <= 60, "{settled:?}");
}

#[test]
fn repeats_show_who_agrees_with_themselves_and_who_prefers_a_side() {
    let mut session = session();
    let by = |actor: &str, order: Option<[u32; 2]>| Stamp {
        actor: actor.to_owned(),
        shown_order: order.map(Vec::from),
        ..Stamp::default()
    };
    // Ana decides four rows as the texts say; the sides come the other way round the second time.
    for row in 0..4 {
        decide(&mut session, row, Act::Choose { chosen: 0, rejected: 1 }, by("Ana", Some([0, 1])));
        let again = Act::Repeat(Box::new(Act::Choose { chosen: 0, rejected: 1 }));
        decide(&mut session, row, again, by("Ana", Some([1, 0])));
    }
    // Ben takes the side shown first, both times, on two rows; the first order of one was not recorded. On a third he says
    // that neither is better, then that one is.
    for (row, order) in [(0, Some([0, 1])), (1, None)] {
        decide(&mut session, row, Act::Choose { chosen: 0, rejected: 1 }, by("Ben", order));
        let again = Act::Repeat(Box::new(Act::Choose { chosen: 1, rejected: 0 }));
        decide(&mut session, row, again, by("Ben", Some([1, 0])));
    }
    decide(&mut session, 2, Act::Judge(RowStatus::Tie), by("Ben", Some([0, 1])));
    let again = Act::Repeat(Box::new(Act::Choose { chosen: 1, rejected: 0 }));
    decide(&mut session, 2, again, by("Ben", Some([1, 0])));

    let found = self_agreement(&Curation::fold(&session));
    let counts: Vec<_> = found
        .iter()
        .map(|p| (p.actor.as_str(), p.same.part, p.same.whole, p.first_shown.part, p.first_shown.whole))
        .collect();
    assert_eq!(counts, [("Ana", 4, 4, 4, 8), ("Ben", 0, 3, 4, 4)]);
    let interval = found[1].first_shown.interval.unwrap();
    // Wilson's interval of 4 of 4, by statsmodels.
    assert!((interval.low - 0.510_109_1).abs() < 1e-6 && interval.high == 1.0, "{interval:?}");
    // A repeat changes no row.
    let row = Curation::fold(&session).row("p0", &"de".into()).unwrap().state;
    let kept = RowState { chosen: Some(0), rejected: Some(1), status: RowStatus::Accepted, flagged: false };
    assert_eq!(row, kept);
}

#[test]
fn nobody_and_one_person_give_no_numbers() {
    for n_rows in [0, 5] {
        let mut session = session();
        for row in 0..n_rows {
            decide(&mut session, row, Act::LeaveOut, Stamp { actor: "Ana".to_owned(), ..Stamp::default() });
        }
        let mut agreeing = Agreeing::new(&Curation::fold(&session), 1);
        while agreeing.step() {}
        let found = agreeing.finish();
        assert_eq!((found.all.same.value, found.all.alpha.value, found.pairs.len()), (None, None, 0));
        assert_eq!(self_agreement(&Curation::fold(&session)), []);
        assert_eq!(conflicts(&Desk::new(session)), []);
    }
}
