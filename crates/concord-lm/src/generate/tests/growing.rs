//! A pool that follows the work: it grows, shrinks, is refused, and changes no response.

use super::*;

const ROOM: Room = Room { least: 40, usual: 2000, most: 2000 };

fn jobs() -> Vec<Job> {
    (0..12).map(|id| job(id, &prompt(id, 9 + id % 4, 5), 1 + id % 5, 20)).collect()
}

fn small() -> (HashModel, Scheduler) {
    let model = HashModel::new(ROOM.least, 12);
    let scheduler = Scheduler::new(model.shape, 4).with_room(ROOM);
    (model, scheduler)
}

#[test]
fn a_pool_grows_to_the_work_and_no_further_and_shrinks_for_smaller_work() {
    let (mut model, mut scheduler) = small();
    let expected_of = |jobs: &[Job]| jobs.iter().flat_map(expected).collect::<Results>();
    assert_eq!(run(&mut model, &mut scheduler, &jobs()), expected_of(&jobs()));
    let [held] = model.pools[..] else { panic!("{:?}", model.pools) };
    // 12 rows of 20 tokens and steps past their ends, and up to 12 prompts.
    assert!((12 * 19..12 * (19 + 3 + 12)).contains(&held), "{held}");
    run(&mut model, &mut scheduler, &jobs());
    assert_eq!(model.pools.len(), 1, "the same work needs no other pool");
    let one = [job(1, &prompt(1, 10, 0), 1, 5)];
    assert_eq!(run(&mut model, &mut scheduler, &one), expected_of(&one));
    assert_eq!(model.pools[1..], [ROOM.least]);
    assert_all_free(&scheduler);
}

/// However little the device gives, the responses are the same, as long as each row has room.
#[test]
fn a_refused_pool_is_halved_and_fewer_rows_run_at_once() {
    let expected: Results = jobs().iter().flat_map(expected).collect();
    for largest in [40, 41, 70, 100, 200, 399] {
        let (mut model, mut scheduler) = small();
        model.largest_pool = largest;
        assert_eq!(run(&mut model, &mut scheduler, &jobs()), expected, "{largest} slots");
        assert!(scheduler.n_slots() <= largest && scheduler.n_slots() >= largest.min(40) / 2);
        let n_made = model.pools.len();
        assert_eq!(run(&mut model, &mut scheduler, &jobs()), expected);
        assert_eq!(model.pools.len(), n_made, "what was refused is not asked for again");
        assert_all_free(&scheduler);
    }
}

#[test]
fn a_row_that_no_pool_can_hold_fails_alone_with_the_numbers() {
    let (mut model, mut scheduler) = small();
    model.largest_pool = 45;
    let long = job(77, &prompt(7, 40, 0), 2, 20);
    let short = job(1, &prompt(1, 10, 0), 2, 5);
    scheduler.add(long);
    scheduler.add(short.clone());
    let mut events = Vec::new();
    block_on(scheduler.run(&mut model, &mut |_, _| false, async |_, new| events.extend(new))).unwrap();
    let failed: Vec<&RowEvent> =
        events.iter().filter(|event| matches!(event, RowEvent::Failed { .. })).collect();
    let error = InputError::NoRoom { n_needed: 40 + 19, n_slots: 40 };
    assert_eq!(failed, [&RowEvent::Failed { job: 77, error }]);
    let ended = events.iter().filter(|event| !matches!(event, RowEvent::Failed { .. })).cloned();
    assert_eq!(collect(ended), expected(&short));
}

#[test]
fn a_device_that_refuses_every_pool_ends_the_work_and_can_be_asked_again() {
    let (mut model, mut scheduler) = small();
    model.largest_pool = 0;
    let mut events = Vec::new();
    jobs().into_iter().for_each(|job| scheduler.add(job));
    let done = block_on(scheduler.run(&mut model, &mut |_, _| false, async |_, new| events.extend(new)));
    assert!(matches!(done, Err(ModelError::OutOfMemory { .. })), "{done:?}");
    assert!(scheduler.is_idle());
    model.largest_pool = 2000;
    let expected: Results = jobs().iter().flat_map(expected).collect();
    assert_eq!(run(&mut model, &mut scheduler, &jobs()), expected);
}

/// Whatever a call in its middle was refused: the same work is done by half as many rows, down to one.
#[test]
fn after_a_failure_half_as_many_rows_do_the_same_work() {
    let expected: Results = jobs().iter().flat_map(expected).collect();
    let (mut model, mut scheduler) = small();
    let mut rows = Vec::new();
    loop {
        jobs().into_iter().for_each(|job| scheduler.add(job));
        model.n_calls_left = Some(5);
        let failed = block_on(scheduler.run(&mut model, &mut |_, _| false, async |_, _| {}));
        assert!(failed.is_err() && scheduler.is_idle());
        let n_before = scheduler.n_slots();
        if !scheduler.run_fewer() {
            break;
        }
        rows.push(scheduler.n_rows());
        (model.n_calls_left, model.largest_batch) = (None, 0);
        assert_eq!(run(&mut model, &mut scheduler, &jobs()), expected, "{rows:?}");
        assert!(scheduler.n_slots() <= n_before.div_ceil(2).max(13 + 19 + 3), "{n_before} slots before");
        assert_all_free(&scheduler);
    }
    assert_eq!(rows, [6, 3, 1]);
    scheduler.add(jobs().remove(0));
    assert!(!scheduler.run_fewer(), "not while there is work");
}

/// A job that comes while others run, and needs more room, waits for them.
#[test]
fn a_larger_job_waits_until_the_pool_can_be_made_anew() {
    let (mut model, mut scheduler) = small();
    let (first, long) = (job(1, &prompt(1, 10, 0), 2, 5), job(2, &prompt(7, 50, 0), 3, 14));
    scheduler.add(first.clone());
    block_on(scheduler.step(&mut model, &mut |_, _| false)).unwrap();
    let mut events = std::mem::take(&mut scheduler.events);
    scheduler.add(long.clone());
    block_on(scheduler.run(&mut model, &mut |_, _| false, async |_, new| events.extend(new))).unwrap();
    assert_eq!(collect(events), [first, long].iter().flat_map(expected).collect());
}

#[test]
fn texts_and_scores_make_room_too() {
    let (mut model, mut scheduler) = small();
    let text = prompt(3, 60, 0);
    let states = states(&text);
    let logits = block_on(scheduler.logits(&mut model, &text)).unwrap();
    assert_eq!(logits, [expected_feature(states[59])]);
    let vectors =
        block_on(scheduler.embed(&mut model, std::slice::from_ref(&text), 1, Pooling::Last)).unwrap();
    assert_eq!(vectors, [[expected_feature(states[59])]]);
    let scores = block_on(scheduler.score(&mut model, &text[..58], &text[58..])).unwrap();
    assert_eq!(scores, [expected_score(states[57], text[58]), expected_score(states[58], text[59])]);
    assert_eq!(model.pools.len(), 1, "{:?}", model.pools);
    model.largest_pool = 45;
    let (_, mut scheduler) = small();
    let refused = block_on(scheduler.score(&mut model, &text[..58], &text[58..]));
    assert!(
        matches!(refused, Err(GenerateError::Input(InputError::NoRoom { n_needed: 60, .. }))),
        "{refused:?}"
    );
}
