//! Runs on servers that misbehave, with a clock and dice that are arguments.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    pace::Stopped,
    work::{Next, Order, Outcome, Work},
};

/// What a fake server does with a request: the indices of the samples that come, their text, and the outcome.
type Does = (Vec<u32>, Outcome);

fn all(order: Order) -> Does {
    ((0..order.count).collect(), Outcome::Answered)
}

fn failed(is_busy: bool) -> Outcome {
    Outcome::Failed { message: "no connection".to_owned(), is_busy, retry_after: None }
}

fn refused(status: u16) -> Outcome {
    Outcome::Refused { status, message: "n".to_owned() }
}

/// Every sample that came, in order; every request that was sent; how it ended; the time it took in milliseconds.
struct Ran {
    came: Vec<(usize, u32)>,
    sent: Vec<Order>,
    end: Next,
    took_ms: f64,
    work: Work,
}

/// Runs to the end; requests end in the order in which they are sent, each after `latency_ms`.
fn run(mut work: Work, text: fn(usize, u32) -> String, mut server: impl FnMut(Order) -> Does) -> Ran {
    let (mut now_ms, mut open) = (0.0, std::collections::VecDeque::new());
    let (mut came, mut sent) = (Vec::new(), Vec::new());
    loop {
        match work.next(now_ms) {
            Next::Send(order) => {
                sent.push(order);
                open.push_back(order);
                assert!(sent.len() < 100_000 && open.len() <= 32, "{} under way", open.len());
            }
            Next::Wait { until_ms } => match open.pop_front() {
                Some(order) => {
                    let (indices, outcome) = server(order);
                    for index in indices {
                        came.extend(work.sample(order.id, index, &text(order.row, order.first + index)));
                    }
                    now_ms += 1.0;
                    work.ended(order.id, outcome, now_ms, 0.5);
                }
                None => now_ms = f64::max(now_ms, until_ms.expect("something is to happen")),
            },
            end => return Ran { came, sent, end, took_ms: now_ms, work },
        }
    }
}

fn rows(n_rows: usize, n: u32) -> Vec<Vec<u32>> {
    vec![(0..n).collect(); n_rows]
}

fn differing(row: usize, sample: u32) -> String {
    format!("{row} {sample}")
}

fn is_whole(ran: &Ran, n_rows: usize, n: u32) -> bool {
    let came: BTreeSet<(usize, u32)> = ran.came.iter().copied().collect();
    came.len() == ran.came.len() && came.len() == n_rows * n as usize && ran.end == Next::Done
}

#[test]
fn every_sample_comes_once_from_a_good_server() {
    let ran = run(Work::new(rows(50, 8), 8, true), differing, all);
    assert!(is_whole(&ran, 50, 8));
    assert_eq!((ran.sent.len(), ran.work.counts().n_retries, ran.work.counts().limit), (50, 0, 32));
}

#[test]
fn only_what_is_missing_is_asked_for() {
    let ran = run(Work::new(vec![vec![1, 2, 5], vec![], vec![0]], 8, true), differing, all);
    let asked: Vec<_> = ran.sent.iter().map(|order| (order.row, order.first, order.count)).collect();
    assert_eq!(asked, [(0, 1, 2), (0, 5, 1), (2, 0, 1)]);
    assert_eq!((ran.end, ran.work.counts().n_done), (Next::Done, 4));
    assert_eq!(Work::new(Vec::new(), 8, true).next(0.0), Next::Done);
}

#[test]
fn a_server_with_fewer_samples_than_asked_is_asked_one_by_one() {
    let ran = run(Work::new(rows(10, 4), 4, true), differing, |_| (vec![0], Outcome::Answered));
    assert!(is_whole(&ran, 10, 4) && ran.work.is_one_at_a_time());
    let n_large = ran.sent.iter().filter(|order| order.count > 1).count();
    assert_eq!(n_large, 4, "those under way when it was found out");
}

#[test]
fn a_server_that_refuses_several_samples_is_asked_one_by_one() {
    let server = |order: Order| if order.count > 1 { (vec![], refused(400)) } else { all(order) };
    let ran = run(Work::new(rows(10, 4), 4, true), differing, server);
    assert!(is_whole(&ran, 10, 4) && ran.work.is_one_at_a_time());
    assert_eq!(ran.work.messages().count(), 0, "nothing was given up");
}

#[test]
fn a_refusal_that_is_not_for_the_number_gives_up_that_row_alone() {
    let server = |order: Order| if order.row == 3 { (vec![], refused(400)) } else { all(order) };
    let ran = run(Work::new(rows(10, 4), 4, true), differing, server);
    assert_eq!((ran.end, ran.came.len(), ran.work.counts().n_given_up), (Next::Done, 36, 4));
    assert!(!ran.work.is_one_at_a_time());
    assert_eq!(ran.work.messages().collect::<Vec<_>>(), [("refused (400): n", 4)]);
}

#[test]
fn two_busy_answers_then_success_wait_and_lose_nothing() {
    let mut n = 0;
    let ran = run(Work::new(rows(1, 8), 8, true), differing, |order| {
        n += 1;
        if n <= 2 { (vec![], failed(true)) } else { all(order) }
    });
    assert!(is_whole(&ran, 1, 8));
    assert_eq!((ran.sent.len(), ran.work.counts().n_retries), (3, 2));
    assert!((1_500.0..1_600.0).contains(&ran.took_ms), "half of 1 s and half of 2 s: {}", ran.took_ms);
}

#[test]
fn a_cut_stream_keeps_what_came_and_asks_for_the_rest() {
    let mut n = 0;
    let ran = run(Work::new(rows(1, 8), 8, true), differing, |order| {
        n += 1;
        if n == 1 { (vec![1, 4, 5], failed(false)) } else { all(order) }
    });
    assert!(is_whole(&ran, 1, 8));
    let asked: Vec<_> = ran.sent[1..].iter().map(|order| (order.first, order.count)).collect();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([(0, 1), (2, 2), (6, 2)]));
}

#[test]
fn a_cut_after_the_last_sample_is_no_failure() {
    let ran = run(Work::new(rows(1, 2), 2, true), differing, |_| (vec![0, 1], failed(false)));
    assert!(is_whole(&ran, 1, 2) && ran.sent.len() == 1);
}

#[test]
fn runs_stop_where_no_patience_helps() {
    let ran = run(Work::new(rows(100, 4), 4, true), differing, |_| (vec![], failed(false)));
    assert_eq!(ran.end, Next::Stopped(Stopped::Failing("no connection".to_owned())));
    let n_sent = ran.sent.len();
    assert!(
        (48..=52).contains(&n_sent),
        "eight requests, six times each, and those that took their places: {n_sent}"
    );
    let ran = run(Work::new(rows(100, 4), 4, true), differing, |_| (vec![], refused(422)));
    assert!(matches!(ran.end, Next::Stopped(Stopped::Refusing(_))), "{:?}", ran.end);
    let turned_away = || Outcome::TurnedAway { message: "401".to_owned() };
    let ran = run(Work::new(rows(100, 4), 4, true), differing, |_| (vec![], turned_away()));
    assert_eq!((ran.end, ran.sent.len()), (Next::Stopped(Stopped::TurnedAway("401".to_owned())), 4));
}

#[test]
fn equal_texts_stop_a_run_above_temperature_0_alone() {
    let same = |_: usize, _: u32| "7".to_owned();
    let ran = run(Work::new(rows(100, 8), 8, true), same, all);
    assert_eq!((ran.end, ran.came.len()), (Next::Stopped(Stopped::Equal), 32), "what came is kept");
    let ran = run(Work::new(rows(100, 8), 8, false), same, all);
    assert!(is_whole(&ran, 100, 8));
}

#[test]
fn what_is_no_response_is_given_up_and_said() {
    let mut work = Work::new(rows(1, 2), 2, true);
    let Next::Send(order) = work.next(0.0) else { panic!("a request is to be sent") };
    work.spoiled(order.id, 0, "empty".to_owned());
    work.spoiled(order.id, 0, "empty".to_owned());
    assert_eq!(work.sample(order.id, 2, "x"), None, "beyond what was asked for");
    assert_eq!(work.sample(order.id + 1, 0, "x"), None, "of a request that is not under way");
    assert_eq!(work.sample(order.id, 1, "x"), Some((0, 1)));
    assert_eq!(work.sample(order.id, 1, "x"), None, "a sample comes once");
    work.ended(order.id, Outcome::Answered, 0.0, 0.0);
    assert_eq!((work.next(0.0), work.counts().n_given_up, work.counts().n_done), (Next::Done, 1, 1));
    assert_eq!(work.messages().collect::<Vec<_>>(), [("empty", 1)]);
}

proptest! {
    /// Whatever fails, as long as no request fails six times: nothing is lost and nothing comes twice.
    #[test]
    fn a_server_that_fails_at_random_loses_nothing(
        n in 1u32..9,
        per_request in 1u32..9,
        faults in prop::collection::vec((0u8..6, any::<u8>()), 0..200),
    ) {
        let mut faults = faults.into_iter();
        let mut n_tries = std::collections::BTreeMap::new();
        let ran = run(Work::new(rows(12, n), per_request, true), differing, |order| {
            let tries = n_tries.entry((order.row, order.first)).or_insert(0);
            *tries += 1;
            let some = |mask: u8| (0..order.count).filter(|at| mask >> (at % 8) & 1 == 1).collect();
            match faults.next() {
                // So rarely that no request is given up.
                Some((0, mask)) if *tries <= 2 => (some(mask), failed(false)),
                Some((1, mask)) if *tries <= 2 => (some(mask), failed(true)),
                Some((2, mask)) if order.count > 1 => (some(mask), Outcome::Answered),
                Some((3, _)) if order.count > 1 => (vec![], refused(400)),
                _ => all(order),
            }
        });
        prop_assert!(is_whole(&ran, 12, n), "{:?} {}", ran.end, ran.came.len());
        let counts = ran.work.counts();
        prop_assert_eq!((counts.n_done, counts.n_given_up, counts.n_under_way), (12 * n as usize, 0, 0));
    }
}
