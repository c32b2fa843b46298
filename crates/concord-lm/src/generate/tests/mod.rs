//! The scheduler over a model whose states are hashes.

mod beginnings;
mod growing;
mod hash_model;
mod texts;
mod under_way;

use std::collections::BTreeMap;

use pollster::block_on;

use super::*;
use hash_model::{HashModel, VOCAB, draw, expected_feature, expected_score, states};

const STOP: u32 = 7;

fn job(id: u32, prompt: &[u32], n: u32, max_tokens: u32) -> Job {
    Job {
        id,
        prompt: prompt.to_vec(),
        samples: (0..n).map(|sample| SampleKey { sample, stream: id * 100 + sample }).collect(),
        seed: 5,
        settings: SamplingSettings::default(),
        max_tokens,
        stop_tokens: vec![STOP],
        sampled_logprobs: false,
    }
}

/// A prompt of `n` tokens, of which the first `n_common` are the same for all `id`.
fn prompt(id: u32, n: u32, n_common: u32) -> Vec<u32> {
    (0..n).map(|i| if i < n_common { i % VOCAB } else { (i * 31 + id * 17) % VOCAB }).collect()
}

type Results = BTreeMap<RowId, (Vec<Sampled>, RowEnd, Option<Sampled>)>;

/// What a job must give, computed without scheduler, slots or batches.
fn expected(job: &Job) -> Results {
    let rows = job.samples.iter().map(|key| {
        let mut tokens = job.prompt.clone();
        let mut response = Vec::new();
        let end = loop {
            let state = *states(&tokens).last().unwrap();
            let step = response.len() as u32;
            let sampled = draw(state, DrawKey { seed: job.seed, stream: key.stream, step }, &job.settings);
            if job.stop_tokens.contains(&sampled.id) {
                break (RowEnd::Stop, Some(sampled));
            }
            response.push(sampled);
            tokens.push(sampled.id);
            if response.len() as u32 == job.max_tokens || tokens.len() == 64 {
                break (RowEnd::Length, None);
            }
        };
        (RowId { job: job.id, sample: key.sample }, (response, end.0, end.1))
    });
    rows.collect()
}

fn collect(events: impl IntoIterator<Item = RowEvent>) -> Results {
    let mut open: BTreeMap<RowId, Vec<Sampled>> = BTreeMap::new();
    let mut results = Results::new();
    for event in events {
        match event {
            RowEvent::Tokens { row, tokens } => {
                assert!(!results.contains_key(&row), "tokens after the end of {row:?}");
                open.entry(row).or_default().extend(tokens);
            }
            RowEvent::Finished { row, end, stop_token } => {
                let tokens = open.remove(&row).unwrap_or_default();
                assert!(results.insert(row, (tokens, end, stop_token)).is_none(), "{row:?} ended twice");
            }
            RowEvent::Failed { job, error } => panic!("job {job} failed: {error}"),
        }
    }
    assert!(open.is_empty(), "rows without an end: {:?}", open.keys());
    results
}

fn run(model: &mut HashModel, scheduler: &mut Scheduler, jobs: &[Job]) -> Results {
    let mut events = Vec::new();
    jobs.iter().for_each(|job| scheduler.add(job.clone()));
    block_on(scheduler.run(model, &mut |_, _| false, async |_, new| events.extend(new))).unwrap();
    collect(events)
}

fn assert_all_free(scheduler: &Scheduler) {
    assert!(scheduler.is_idle());
    assert_eq!(scheduler.n_free_slots(), scheduler.shape.n_slots, "all slots come back");
    assert_eq!(scheduler.table_rows.n_free(), scheduler.n_let_in());
    assert!(scheduler.open.is_empty());
}

#[test]
fn responses_do_not_depend_on_pool_batch_steps_or_order() {
    let mut jobs: Vec<Job> = (0..12).map(|id| job(id, &prompt(id, 9 + id % 4, 5), 1 + id % 5, 20)).collect();
    let expected: Results = jobs.iter().flat_map(expected).collect();
    assert!(expected.values().any(|(_, end, _)| *end == RowEnd::Stop));
    assert!(expected.values().any(|(_, end, _)| *end == RowEnd::Length));
    for (n_slots, max_rows, steps) in [(2000, 40, 8), (60, 40, 8), (33, 3, 1), (200, 7, 3), (40, 1, 8)] {
        let mut model = HashModel::new(n_slots, max_rows);
        let mut scheduler = Scheduler::new(model.shape, steps);
        assert_eq!(run(&mut model, &mut scheduler, &jobs), expected, "{n_slots} slots, {max_rows} rows");
        assert_all_free(&scheduler);
        jobs.reverse();
        assert_eq!(run(&mut model, &mut scheduler, &jobs), expected, "again, with cached prefixes");
        assert_all_free(&scheduler);
    }
}

#[test]
fn each_shared_prompt_token_is_evaluated_once_whatever_n() {
    for n in [1, 8] {
        let mut model = HashModel::new(2000, 64);
        let mut scheduler = Scheduler::new(model.shape, 8);
        let jobs: Vec<Job> = (0..6).map(|id| job(id, &prompt(id, 11, 8), n, 4)).collect();
        run(&mut model, &mut scheduler, &jobs);
        assert_eq!(model.counters.prompt_tokens_evaluated, 8 + 6 * 3);
        assert!(model.largest_batch <= 48);
    }
}

#[test]
fn prompts_are_cut_into_calls_of_so_many_tokens() {
    // Of one token, so that nothing but prompts is evaluated.
    let jobs: Vec<Job> = (0..6).map(|id| job(id, &prompt(id, 11, 8), 2, 1)).collect();
    for (n_tokens, largest) in [(0, 1), (7, 7), (1_000, 11)] {
        let mut model = HashModel::new(2000, 64);
        let mut scheduler = Scheduler::new(model.shape, 8);
        scheduler.set_tokens_per_call(n_tokens);
        let results = run(&mut model, &mut scheduler, &jobs);
        assert_eq!(results, jobs.iter().flat_map(expected).collect());
        assert_eq!(model.counters.prompt_tokens_evaluated, 26);
        assert_eq!(scheduler.n_prompt_tokens_done(), 26);
        assert_eq!(model.largest_batch, largest);
    }
}

#[test]
fn identical_prompts_in_one_round_share_even_the_last_token() {
    let mut model = HashModel::new(200, 8);
    let mut scheduler = Scheduler::new(model.shape, 1);
    let mut jobs = [job(1, &prompt(0, 6, 6), 2, 3), job(2, &prompt(0, 6, 6), 2, 3)];
    jobs[1].seed = 99;
    let results = run(&mut model, &mut scheduler, &jobs);
    assert_eq!(model.counters.prompt_tokens_evaluated, 6);
    assert_eq!(results, jobs.iter().flat_map(expected).collect());
}

#[test]
fn more_samples_than_rows_still_draw_from_one_prefill() {
    let mut model = HashModel::new(500, 4);
    let mut scheduler = Scheduler::new(model.shape, 2);
    let job = job(1, &prompt(1, 10, 0), 11, 6);
    assert_eq!(run(&mut model, &mut scheduler, std::slice::from_ref(&job)), expected(&job));
    assert_eq!(model.counters.prompt_tokens_evaluated, 10 + 2, "the last token once per call of 4 draws");
    assert_all_free(&scheduler);
}

#[test]
fn a_job_that_cannot_be_done_fails_alone_and_says_why() {
    let mut model = HashModel::new(50, 4);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let mut cold = job(6, &[1], 1, 5);
    cold.settings.temperature = f32::NAN;
    let good = job(9, &[1, 2], 3, 5);
    let bad = [
        job(1, &[], 1, 5),
        job(2, &prompt(2, 64, 0), 1, 5),
        job(3, &[1, VOCAB], 1, 5),
        job(4, &prompt(4, 40, 0), 1, 12),
        job(5, &[1], 1, 0),
        cold,
    ];
    bad.iter().chain([&good]).for_each(|job| scheduler.add(job.clone()));
    let mut errors = Vec::new();
    let mut events = Vec::new();
    let mut on_event = |event| match event {
        RowEvent::Failed { job, error } => errors.push((job, error)),
        event => events.push(event),
    };
    block_on(
        scheduler
            .run(&mut model, &mut |_, _| false, async |_, events| events.into_iter().for_each(&mut on_event)),
    )
    .unwrap();
    assert_eq!(collect(events), expected(&good));
    assert_eq!(
        errors[..4],
        [
            (1, InputError::EmptyPrompt),
            (2, InputError::NoRoom { n_needed: 64, n_slots: 50 }),
            (3, InputError::UnknownToken { id: VOCAB, vocab_size: VOCAB }),
            (4, InputError::NoRoom { n_needed: 51, n_slots: 50 }),
        ]
    );
    assert!(matches!(errors[4], (5, InputError::Setting { name: "the response length", .. })));
    assert!(matches!(errors[5], (6, InputError::Setting { name: "temperature", .. })));
    assert_all_free(&scheduler);
}

#[test]
fn a_prompt_that_fills_the_context_is_refused_and_one_token_less_gives_one_token() {
    let mut model = HashModel::new(200, 4);
    let mut scheduler = Scheduler::new(model.shape, 8);
    scheduler.add(job(1, &prompt(2, 64, 0), 1, 5));
    let error = InputError::PromptTooLong { n_tokens: 64, seq_len: 64 };
    assert_eq!(std::mem::take(&mut scheduler.events), [RowEvent::Failed { job: 1, error }]);
    let almost = job(2, &prompt(2, 63, 0), 2, 5);
    let results = run(&mut model, &mut scheduler, std::slice::from_ref(&almost));
    assert_eq!(results, expected(&almost));
    assert!(results.values().all(|(tokens, ..)| tokens.len() <= 1));
}

#[test]
fn cancelling_keeps_the_tokens_so_far_and_frees_everything() {
    let mut model = HashModel::new(300, 4);
    let mut scheduler = Scheduler::new(model.shape, 2);
    let jobs: Vec<Job> = (0..5).map(|id| job(id, &prompt(id, 9, 3), 3, 40)).collect();
    jobs.iter().for_each(|job| scheduler.add(job.clone()));
    let (mut events, mut n_steps) = (Vec::new(), 0);
    let on_step = async |scheduler: &mut Scheduler, new| {
        events.extend(new);
        n_steps += 1;
        if n_steps == 2 {
            let Progress { n_live, n_waiting, .. } = scheduler.progress();
            assert!(n_live > 0 && n_waiting > 0);
            scheduler.cancel();
        }
    };
    block_on(scheduler.run(&mut model, &mut |_, _| false, on_step)).unwrap();
    assert_eq!(n_steps, 3, "what was cancelled is told, and no step runs");
    assert_all_free(&scheduler);
    let results = collect(events);
    assert_eq!(results.len(), 15, "every row ends");
    assert_eq!(scheduler.progress().n_finished, 15);
    let whole: Results = jobs.iter().flat_map(expected).collect();
    for (row, (tokens, end, _)) in results {
        assert_eq!(tokens, whole[&row].0[..tokens.len()]);
        assert!(end == RowEnd::Cancelled || tokens == whole[&row].0);
    }
}

#[test]
fn a_finished_part_of_a_job_need_not_be_drawn_again() {
    let (mut model, whole) = (HashModel::new(300, 4), job(1, &prompt(1, 9, 3), 5, 12));
    let mut scheduler = Scheduler::new(model.shape, 4);
    let mut rest = whole.clone();
    rest.samples.drain(..3);
    let mut expected = expected(&whole);
    expected.retain(|row, _| row.sample >= 3);
    assert_eq!(run(&mut model, &mut scheduler, &[rest]), expected);
}

#[test]
fn the_stop_hook_ends_a_response_after_its_token() {
    let mut model = HashModel::new(300, 8);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let mut job = job(1, &prompt(1, 9, 3), 6, 30);
    job.stop_tokens.clear();
    scheduler.add(job.clone());
    let mut n_seen: BTreeMap<RowId, usize> = BTreeMap::new();
    let mut stop = |row: RowId, _| {
        let n = n_seen.entry(row).or_default();
        *n += 1;
        *n == 3 + row.sample as usize
    };
    let mut events = Vec::new();
    block_on(scheduler.run(&mut model, &mut stop, async |_, new| events.extend(new))).unwrap();
    let whole = expected(&job);
    for (row, (tokens, end, stop_token)) in collect(events) {
        assert_eq!(tokens, whole[&row].0[..3 + row.sample as usize]);
        assert_eq!((end, stop_token), (RowEnd::Stop, None));
    }
    assert_eq!(model.counters.tokens_generated, 3 + 4 + 5 + 6 + 7 + 8);
}

#[test]
fn after_a_failure_of_the_model_every_row_has_ended_and_the_work_can_be_done_again() {
    let jobs: Vec<Job> = (0..4).map(|id| job(id, &prompt(id, 9, 3), 3, 20)).collect();
    let whole: Results = jobs.iter().flat_map(expected).collect();
    for n_calls in 0..6 {
        let mut model = HashModel::new(300, 6);
        model.n_calls_left = Some(n_calls);
        let mut scheduler = Scheduler::new(model.shape, 2);
        jobs.iter().for_each(|job| scheduler.add(job.clone()));
        let mut events = Vec::new();
        let mut on_event = |event| events.push(event);
        let failed = block_on(scheduler.run(&mut model, &mut |_, _| false, async |_, events| {
            events.into_iter().for_each(&mut on_event);
        }));
        assert!(matches!(failed, Err(ModelError::DeviceLost { .. })));
        assert_eq!(collect(events).len(), 12);
        assert_all_free(&scheduler);
        model.n_calls_left = None;
        assert_eq!(run(&mut model, &mut scheduler, &jobs), whole);
    }
}
