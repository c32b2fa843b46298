//! Calls under way at once, rows that follow each other within a call, and ends of all kinds: no response changes.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// One job of a random piece of work.
#[derive(Clone, Debug)]
struct Part {
    n_prompt: u32,
    n_common: u32,
    n_samples: u32,
    max_tokens: u32,
    /// More than a row carries to its model, now and then.
    n_stops: u32,
}

fn part() -> impl Strategy<Value = Part> {
    (1_u32..30, 0_u32..9, 1_u32..7, 1_u32..26, prop::sample::select(vec![0_u32, 1, 2, 12])).prop_map(
        |(n_prompt, n_common, n_samples, max_tokens, n_stops)| Part {
            n_prompt,
            n_common,
            n_samples,
            max_tokens,
            n_stops,
        },
    )
}

fn jobs_of(parts: &[Part]) -> Vec<Job> {
    let of = |(id, part): (u32, &Part)| {
        let tokens = prompt(id, part.n_prompt, part.n_common);
        let stop_tokens = (0..part.n_stops).map(|i| (STOP + i * 3 + id) % VOCAB).collect();
        Job { stop_tokens, ..job(id, &tokens, part.n_samples, part.max_tokens) }
    };
    (0..).zip(parts).map(of).collect()
}

/// What rows give where the text of some ends after some tokens.
fn cut(whole: &Results, ends: impl Fn(RowId, usize) -> bool) -> Results {
    let of = |(row, (tokens, end, stop)): (&RowId, &(Vec<Sampled>, RowEnd, Option<Sampled>))| {
        let at = (1..=tokens.len()).find(|&n| ends(*row, n));
        match at {
            Some(n) => (*row, (tokens[..n].to_vec(), RowEnd::Stop, None)),
            None => (*row, (tokens.clone(), *end, *stop)),
        }
    };
    whole.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Random jobs, limits, stop tokens, pools, text ends, cancels, steps per call and calls under way: the responses are
    /// those of one row at a time.
    #[test]
    fn any_work_gives_what_one_row_at_a_time_gives(
        parts in prop::collection::vec(part(), 1..9),
        (n_slots, max_rows) in (60_u32..500, 1_u32..14),
        (steps, n_under_way) in (1_u32..=16, 0_usize..4),
        text_end in 0_usize..40,
        cancel_at in prop::option::of(1_usize..12),
    ) {
        let jobs = jobs_of(&parts);
        let ends = |row: RowId, n: usize| text_end > 0 && n == 1 + (row.job as usize * 7 + row.sample as usize) % text_end;
        let whole = cut(&jobs.iter().flat_map(expected).collect(), ends);
        let mut model = HashModel::new(n_slots, max_rows);
        model.n_under_way = n_under_way;
        let mut scheduler = Scheduler::new(model.shape, steps);
        let n_seen: RefCell<BTreeMap<RowId, usize>> = RefCell::default();
        let mut stop = |row: RowId, _| {
            let mut n_seen = n_seen.borrow_mut();
            let n = n_seen.entry(row).or_default();
            *n += 1;
            ends(row, *n)
        };
        jobs.iter().for_each(|job| scheduler.add(job.clone()));
        let (mut events, mut n_steps) = (Vec::new(), 0);
        let on_step = async |scheduler: &mut Scheduler, new| {
            events.extend(new);
            n_steps += 1;
            scheduler.set_steps_per_call(steps + n_steps as u32 * 5 % 7);
            scheduler.set_tokens_per_call(n_steps as u32 * 11 % 50);
            if Some(n_steps) == cancel_at {
                scheduler.cancel();
            }
        };
        block_on(scheduler.run(&mut model, &mut stop, on_step)).unwrap();
        assert_all_free(&scheduler);
        let results = collect(events);
        prop_assert_eq!(results.keys().collect::<BTreeSet<_>>(), whole.keys().collect::<BTreeSet<_>>());
        for (row, (tokens, end, stop)) in results {
            let expected = &whole[&row];
            if cancel_at.is_some() && end == RowEnd::Cancelled {
                prop_assert_eq!(&tokens[..], &expected.0[..tokens.len()]);
            } else {
                prop_assert_eq!(&(tokens, end, stop), expected, "{:?}", row);
            }
        }
        // What was cancelled has left nothing behind: the same work again is whole.
        n_seen.borrow_mut().clear();
        let mut events = Vec::new();
        jobs.iter().for_each(|job| scheduler.add(job.clone()));
        block_on(scheduler.run(&mut model, &mut stop, async |_, new| events.extend(new))).unwrap();
        prop_assert_eq!(collect(events), whole);
        assert_all_free(&scheduler);
    }
}

/// A row that ends within a call is followed by the next in the same call: each step has a row.
#[test]
fn rows_follow_each_other_within_a_call() {
    let mut model = HashModel::new(2000, 1);
    model.n_under_way = 1;
    let mut scheduler = Scheduler::new(model.shape, 8);
    let mut all = job(1, &prompt(1, 9, 0), 10, 5);
    all.stop_tokens.clear();
    assert_eq!(run(&mut model, &mut scheduler, std::slice::from_ref(&all)), expected(&all));
    // Four steps a row, after the first token: two rows a call.
    assert_eq!((model.n_steps_asked, model.n_steps_worked), (40, 40));
}

/// Steps per call may change at any time, up to what the scheduler was made with.
#[test]
fn calls_have_as_many_steps_as_were_asked_for_last() {
    let mut model = HashModel::new(2000, 4);
    model.n_under_way = 1;
    let mut scheduler = Scheduler::new(model.shape, 6);
    let mut all = job(1, &prompt(1, 9, 0), 2, 50);
    all.stop_tokens.clear();
    scheduler.add(all);
    let (mut wanted, mut done) = ([1, 5, 0, 9, 2].into_iter(), Vec::new());
    let on_step = async |scheduler: &mut Scheduler, _| {
        done.push(scheduler.n_steps_done());
        scheduler.set_steps_per_call(wanted.next().unwrap_or(3));
    };
    block_on(scheduler.run(&mut model, &mut |_, _| false, on_step)).unwrap();
    assert_eq!(done[..7], [0, 1, 6, 7, 13, 15, 18]);
    assert_eq!(done.last(), Some(&49));
}

/// No call is begun for rows that have certainly ended by then.
#[test]
fn steps_end_with_the_rows() {
    let mut model = HashModel::new(2000, 4);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let mut all = job(1, &prompt(1, 9, 0), 3, 12);
    all.stop_tokens.clear();
    assert_eq!(run(&mut model, &mut scheduler, std::slice::from_ref(&all)), expected(&all));
    assert_eq!((model.n_steps_asked, model.n_steps_worked), (11, 11));
}
