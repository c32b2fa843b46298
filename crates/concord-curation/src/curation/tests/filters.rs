//! Which rows pass, how they are counted, which is next, and filters as addresses.

use std::sync::Arc;

use super::*;
use crate::data::{Prompt, SkipReason};

/// `n` prompts, each with an Arabic pair 0 over 1.
fn wide(n: usize) -> Session {
    let like = fresh();
    let named = |id: &str, i: usize| if id == "a" { format!("p{i}") } else { id.to_owned() };
    let mut session = Session { references: Vec::new(), similarities: Vec::new(), ..like.clone() };
    (session.prompts, session.responses, session.pairs) = Default::default();
    for i in 0..n {
        let prompt = Prompt { id: format!("p{i}"), ..like.prompts[0].clone() };
        session.prompts.push(prompt);
        let responses = like.responses.iter().filter(|r| r.prompt_id == "a");
        session
            .responses
            .extend(responses.map(|r| Response { prompt_id: named(&r.prompt_id, i), ..r.clone() }));
        session.pairs.extend(like.pairs[..2].iter().cloned().map(|mut pair| {
            (pair.prompt_id, pair.margin) = (format!("p{i}"), pair.margin.map(|_| i as f32 / 10.0));
            pair
        }));
    }
    session
}

fn cell(prompt: usize) -> Cell {
    Cell { prompt, language: 1 }
}

fn take(desk: &mut Desk, actor: &str, decision: Decision<Cell>) {
    let event = desk.event(decision, stamp(actor)).unwrap();
    desk.take(event);
}

/// Ten rows: two of a kind at most.
fn mixed() -> Desk {
    let mut session = wide(10);
    let pair = &mut session.pairs[19];
    (pair.chosen, pair.rejected, pair.skip) = (None, None, Some(SkipReason::SmallMargin));
    let mut desk = Desk::new(session);
    for (prompt, act) in [
        (0, Act::Accept),
        (1, Act::Swap),
        (2, Act::LeaveOut),
        (3, Act::Judge(RowStatus::Tie)),
        (4, Act::Judge(RowStatus::Harmful)),
        (5, Act::Accept),
        (6, Act::Flag(true)),
        (6, Act::Note(Some("Straße".into()))),
        (7, Act::Edit { sample: 1, text: Some("something much longer than that".into()) }),
    ] {
        take(&mut desk, "ana", Decision::On(cell(prompt), act));
    }
    take(&mut desk, "bo", Decision::On(cell(5), Act::Swap));
    desk
}

fn passing(desk: &Desk, filter: &RowFilter) -> Vec<usize> {
    filter.cells(desk).map(|cell| cell.prompt).collect()
}

#[test]
fn kinds_are_exclusive_and_add_up() {
    let desk = mixed();
    for (status, wanted) in [
        (Filter::All, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9][..]),
        (Filter::Undecided, &[6, 7, 8]),
        (Filter::Accepted, &[0]),
        (Filter::Changed, &[1]),
        (Filter::LeftOut, &[2, 3, 4]),
        (Filter::Tie, &[3]),
        (Filter::BothGood, &[]),
        (Filter::Harmful, &[4]),
        (Filter::Skipped, &[9]),
        (Filter::Conflict, &[5]),
    ] {
        assert_eq!(passing(&desk, &status.into()), wanted, "{status:?}");
        assert_eq!(desk.summary().counts.of(status), wanted.len(), "{status:?}");
    }
    let counts = desk.summary().counts;
    let parts = Filter::ALL.into_iter().filter(|kind| *kind != Filter::All && !kind.is_verdict());
    assert_eq!(parts.map(|kind| counts.of(kind)).sum::<usize>(), counts.of(Filter::All));
    assert_eq!(desk.summary().n_exported, 5, "left-out rows, verdicts and the conflict stay here");
    for filter in Filter::ALL {
        assert_eq!(Filter::named(filter.as_str()), Some(filter));
    }
}

#[test]
fn each_part_of_a_filter_narrows() {
    let desk = mixed();
    let band = |low, high| Band { low, high };
    let all = RowFilter::default;
    let cases = [
        (RowFilter { language: Some("en".into()), ..all() }, &[][..]),
        (RowFilter { margin: band(Some(0.35), Some(0.5)), ..all() }, &[4, 5]),
        (RowFilter { score: band(None, Some(0.5)), ..all() }, &[1, 5]),
        (RowFilter { skip: Some(SkipReason::SmallMargin), ..all() }, &[9]),
        (RowFilter { length: Band { low: Some(20), high: None }, ..all() }, &[7]),
        (RowFilter { search: " STRASSE".into(), ..all() }, &[6]),
        (RowFilter { search: "Stra\u{308}ße".into(), ..all() }, &[]),
        (RowFilter { search: "straße ".into(), ..all() }, &[6]),
        (RowFilter { search: "MUCH longer".into(), ..all() }, &[7]),
        (RowFilter { is_flagged: true, ..all() }, &[6]),
        (RowFilter { is_conflict: true, ..all() }, &[5]),
        (RowFilter { is_edited: true, ..all() }, &[7]),
        (RowFilter { is_wrong_language: true, ..all() }, &[]),
        (RowFilter { only: Some(Arc::new([cell(8), cell(3)].into())), ..all() }, &[3, 8]),
        (RowFilter { status: Filter::LeftOut, margin: band(Some(0.25), None), ..all() }, &[3, 4]),
    ];
    for (filter, wanted) in cases {
        assert_eq!(passing(&desk, &filter), wanted, "{filter:?}");
        let counts = filter.counts(&desk);
        assert_eq!(counts.of(filter.status), wanted.len(), "{filter:?}");
        // A few places at a time, the counts are the same.
        let (mut sliced, mut at) = (Counts::default(), 0);
        while filter.count(&desk, at..at + 3, &mut sliced) {
            at += 3;
        }
        assert_eq!(sliced, counts);
    }
    let mut session = wide(2);
    session.responses[6].detected_language = Some("sw".into());
    assert_eq!(passing(&Desk::new(session), &RowFilter { is_wrong_language: true, ..all() }), [1]);
}

#[test]
fn what_comes_next_is_never_decided_and_wraps_around() {
    let mut desk = mixed();
    let all = RowFilter::default();
    assert_eq!(first_undecided(&desk, &all), Some(cell(6)));
    assert_eq!(next_undecided(&desk, cell(7), &all), Some(cell(8)));
    assert_eq!(next_undecided(&desk, cell(9), &all), Some(cell(6)), "from the end to the first");
    assert_eq!(next_undecided(&desk, cell(0), &Filter::Accepted.into()), None);
    assert_eq!(next_undecided(&desk, cell(0), &Filter::Conflict.into()), Some(cell(5)));
    assert_eq!(next_undecided(&desk, cell(5), &Filter::Conflict.into()), None);
    assert_eq!(
        next_undecided(&desk, cell(0), &RowFilter { search: "longer".into(), ..all.clone() }),
        Some(cell(7))
    );
    for prompt in [6, 8] {
        take(&mut desk, "ana", Decision::On(cell(prompt), Act::Accept));
    }
    assert_eq!(next_undecided(&desk, cell(8), &all), Some(cell(7)));
    assert_eq!(next_undecided(&desk, cell(7), &all), None, "none but itself is left");
    take(&mut desk, "ana", Decision::On(cell(7), Act::Accept));
    assert_eq!((first_undecided(&desk, &all), next_undecided(&desk, cell(7), &all)), (None, None));
    assert_eq!(first_undecided(&desk, &Filter::Skipped.into()), Some(cell(9)));
    assert_eq!(next_row(&desk, cell(0), -1, &all), None);
}

#[test]
fn where_every_pair_was_skipped_rows_without_one_ask() {
    let mut session = wide(2);
    for pair in &mut session.pairs {
        (pair.chosen, pair.rejected) = (None, None);
        pair.skip = pair.skip.or(Some(SkipReason::EqualScores));
    }
    let desk = Desk::new(session);
    assert_eq!(first_undecided(&desk, &RowFilter::default()), Some(cell(0)));
    assert_eq!(next_undecided(&desk, cell(0), &RowFilter::default()), Some(cell(1)));
}

#[test]
fn addresses_are_read_leniently() {
    let read = RowFilter::of_query;
    assert_eq!(RowFilter::default().to_query(), "");
    assert_eq!(read("?status=left-out&language=swa&margin=0.1..&search=2%20%2B+2&flagged=1").to_query(), {
        "status=left-out&language=sw&margin=0.1..&search=2+%2B+2&flagged=1"
    });
    for odd in [
        "status=&language=&margin=&skip=&length=..&flagged=0",
        "status=nobody&margin=NaN..inf&score=..-inf&length=-1..1e3&skip=never&edited=yes&utm_source=x&x",
        "&&&===%%%&%ff=%fe&margin",
    ] {
        assert_eq!(read(odd), RowFilter::default(), "{odd}");
    }
    assert_eq!(read("skip=small-margin").skip, Some(SkipReason::SmallMargin));
}

fn some_filter() -> impl Strategy<Value = RowFilter> {
    let band = || (prop::option::of(-1e9_f32..1e9), prop::option::of(-1e-9_f32..1e-9));
    let skips = [SkipReason::NoAnchorText, SkipReason::SameText, SkipReason::NoTranslation];
    let languages = ["en", "zh-Hans", "sr-Latn", "x-odd thing"].map(Language::from);
    let flags = any::<[bool; 4]>();
    (
        prop::sample::select(Filter::ALL.to_vec()),
        prop::option::of(prop::sample::select(languages.to_vec())),
        (band(), band()),
        prop::option::of(prop::sample::select(skips.to_vec())),
        (prop::option::of(any::<u32>()), prop::option::of(any::<u32>())),
        any::<String>(),
        flags,
    )
        .prop_map(|(status, language, (margin, score), skip, length, search, flags)| RowFilter {
            status,
            language,
            margin: Band { low: margin.0, high: margin.1 },
            score: Band { low: score.0, high: score.1 },
            skip,
            is_wrong_language: flags[0],
            length: Band { low: length.0, high: length.1 },
            search,
            is_flagged: flags[1],
            is_conflict: flags[2],
            is_edited: flags[3],
            only: None,
        })
}

proptest! {
    #[test]
    fn a_filter_survives_its_address(filter in some_filter()) {
        let query = filter.to_query();
        prop_assert!(query.is_ascii() && !query.contains(['#', ' ', '"', '<', '?']), "{query}");
        prop_assert_eq!(RowFilter::of_query(&query), filter.clone());
        prop_assert_eq!(RowFilter::of_query(&format!("?{query}")), filter);
    }

    #[test]
    fn any_text_is_some_address(text in any::<String>()) {
        let filter = RowFilter::of_query(&text);
        prop_assert_eq!(RowFilter::of_query(&filter.to_query()), filter);
    }
}
