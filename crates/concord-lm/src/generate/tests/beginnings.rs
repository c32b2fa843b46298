//! Shared beginnings in a pool that follows the work: each is evaluated once, whatever ends when.

use std::collections::BTreeSet;

use super::*;

/// Prompts in languages: those of a language begin alike, so the next of its kind comes after all other languages; some are
/// the beginning of all.
fn jobs(n_prompts: u32, n_languages: u32, n_samples: u32) -> Vec<Job> {
    let mut jobs = Vec::new();
    for prompt in 0..n_prompts {
        for language in 0..n_languages {
            let id = jobs.len() as u32;
            let everyone = [1, 2];
            let of_language = (0..2 + language % 5).map(|i| (10 + language + i) % VOCAB);
            let own = (0..5 + id * 7 % 11).map(|i| (20 + id * 13 + i * (3 + id)) % VOCAB);
            let tokens: Vec<u32> = everyone.into_iter().chain(of_language).chain(own).collect();
            jobs.push(job(id, &tokens, n_samples, 4 + prompt * 11 % 30));
        }
    }
    jobs
}

/// Tokens of all prompts, those of a shared beginning counted once: less cannot be evaluated.
fn n_least(jobs: &[Job]) -> u32 {
    let beginnings = jobs.iter().flat_map(|job| (1..=job.prompt.len()).map(|n| &job.prompt[..n]));
    beginnings.collect::<BTreeSet<_>>().len() as u32
}

#[test]
fn a_pool_made_for_the_work_keeps_what_later_prompts_begin_with() {
    for (n_languages, n_samples, max_rows) in [(8, 8, 16), (8, 2, 16), (5, 3, 7), (12, 1, 4), (3, 8, 24)] {
        let jobs = jobs(6, n_languages, n_samples);
        let room = Room { least: 64, usual: 5000, most: 5000 };
        let mut model = HashModel::new(room.least, max_rows);
        let mut scheduler = Scheduler::new(model.shape, 4).with_room(room);
        let what = format!("{n_languages} languages, {n_samples} samples, {max_rows} rows");
        assert_eq!(
            run(&mut model, &mut scheduler, &jobs),
            jobs.iter().flat_map(expected).collect(),
            "{what}"
        );
        assert_eq!(model.counters.prompt_tokens_evaluated, n_least(&jobs), "{what}");
        assert_eq!(model.pools.len(), 1, "{what}: {:?}", model.pools);
        assert_all_free(&scheduler);
    }
}

/// A pool that the device made smaller keeps rows running rather than beginnings.
#[test]
fn a_pool_that_is_too_small_for_the_work_keeps_no_row_waiting_for_them() {
    let jobs = jobs(6, 8, 4);
    let expected: Results = jobs.iter().flat_map(expected).collect();
    for n_slots in [60, 90, 200, 400] {
        let mut model = HashModel::new(n_slots, 16);
        let mut scheduler = Scheduler::new(model.shape, 4);
        assert_eq!(run(&mut model, &mut scheduler, &jobs), expected, "{n_slots} slots");
        let n_evaluated = model.counters.prompt_tokens_evaluated;
        assert!(n_evaluated >= n_least(&jobs), "{n_evaluated}");
        assert_all_free(&scheduler);
    }
}

/// Jobs that were cancelled wait for nothing: those that come after have the whole pool.
#[test]
fn what_cancelled_jobs_began_with_is_not_kept() {
    let (mut model, jobs) = (HashModel::new(400, 8), jobs(3, 8, 4));
    let mut scheduler = Scheduler::new(model.shape, 4);
    jobs.iter().for_each(|job| scheduler.add(job.clone()));
    block_on(scheduler.step(&mut model, &mut |_, _| false)).unwrap();
    scheduler.cancel();
    std::mem::take(&mut scheduler.events);
    assert!(scheduler.prefixes.n_kept() > 0);
    let other = [job(99, &[40, 41], 2, 5)];
    assert_eq!(run(&mut model, &mut scheduler, &other), expected(&other[0]));
    assert_eq!(scheduler.prefixes.n_kept(), 0);
}
