//! How many slots the pool of keys and values may have, and how many work needs.

use super::beginnings::{Beginning, beginnings};
use super::job::Job;

/// Sizes of a pool, in slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Held at least, whatever the work.
    pub least: u32,
    /// Held at most, unless one row alone needs more.
    pub usual: u32,
    /// Never more than this.
    pub most: u32,
}

/// What work needs, in slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// For the longest row alone.
    pub least: u32,
    /// For as many rows as can run at once.
    pub wanted: u32,
}

impl Room {
    /// A pool that keeps its size.
    pub fn fixed(n_slots: u32) -> Self {
        Self { least: n_slots, usual: n_slots, most: n_slots }
    }

    /// Slots to hold for work.
    pub fn goal(&self, need: Need) -> u32 {
        need.wanted.min(self.usual.max(need.least)).max(self.least).min(self.most)
    }
}

impl Need {
    /// Of jobs that run in their order, `n_rows` rows at once. `own` is what a row of a job takes beside its prompt.
    pub fn of_jobs<'a>(
        jobs: impl IntoIterator<Item = &'a Job>,
        n_rows: u32,
        own: impl Fn(&Job) -> u32,
    ) -> Self {
        let jobs: Vec<&Job> = jobs.into_iter().collect();
        let prompts: Vec<&[u32]> = jobs.iter().map(|job| &job.prompt[..]).collect();
        let part = |(job, beginning): (&&Job, Beginning)| Part {
            n_prompt: job.prompt.len() as u64,
            n_new: job.prompt.len() as u64 - u64::from(beginning.n_earlier),
            n_last: job.prompt.len() as u64 - u64::from(beginning.n_later),
            n_samples: job.samples.len() as u64,
            n_own: u64::from(own(job)),
        };
        let parts: Vec<Part> = jobs.iter().zip(beginnings(&prompts)).map(part).collect();
        let least = parts.iter().map(|part| part.n_prompt + part.n_own).max();
        // What came before a job and comes after it is held all along.
        let mut n_held = 0;
        let of_first = |(first, part): (usize, &Part)| {
            let n_slots = n_held + at_once(&parts[first..], n_rows);
            n_held += part.n_new;
            n_held -= part.n_last;
            n_slots
        };
        let wanted = parts.iter().enumerate().map(of_first).max();
        let slots = |n: Option<u64>| u32::try_from(n.unwrap_or(0)).unwrap_or(u32::MAX);
        Self { least: slots(least), wanted: slots(wanted) }
    }
}

/// What a job takes, in slots.
struct Part {
    n_prompt: u64,
    /// Tokens of the prompt that no job before begins with.
    n_new: u64,
    /// Tokens of the prompt that no job after begins with.
    n_last: u64,
    n_samples: u64,
    /// Of each sample.
    n_own: u64,
}

/// Slots that the first of the jobs add to what is held, while they fill all rows, with the prompt that comes next.
fn at_once(parts: &[Part], n_rows: u32) -> u64 {
    let mut rows_left = u64::from(n_rows);
    let mut n_slots = 0;
    for part in parts {
        n_slots += part.n_new;
        if rows_left == 0 {
            break;
        }
        let n_here = part.n_samples.min(rows_left);
        n_slots += n_here * part.n_own;
        rows_left -= n_here;
    }
    n_slots
}

#[cfg(test)]
mod tests {
    use super::super::{SampleKey, SamplingSettings};
    use super::*;

    fn job(prompt: &[u32], n: u32) -> Job {
        Job {
            id: 0,
            prompt: prompt.to_vec(),
            samples: (0..n).map(|sample| SampleKey { sample, stream: sample }).collect(),
            seed: 0,
            settings: SamplingSettings::default(),
            max_tokens: 10,
            stop_tokens: Vec::new(),
            sampled_logprobs: false,
        }
    }

    /// By hand: two tokens of the first prompt are those of the last: held while the others run.
    #[test]
    fn a_need_counts_what_comes_again() {
        let jobs = [job(&[1, 2, 3], 1), job(&[9, 9], 1), job(&[8, 8, 8], 1), job(&[1, 2, 4, 5], 1)];
        assert_eq!(Need::of_jobs(&jobs, 1, |_| 10).wanted, 2 + 3 + 10 + 2);
        assert_eq!(Need::of_jobs(&jobs[1..], 1, |_| 10).wanted, 3 + 10 + 4);
    }

    /// By hand: prompts of 3, 4 and 2 tokens, the second shares two with the first.
    #[test]
    fn a_need_is_that_of_the_rows_that_run_at_once() {
        let jobs = [job(&[1, 2, 3], 4), job(&[1, 2, 4, 5], 4), job(&[9, 9], 1)];
        let need = |n_rows| Need::of_jobs(&jobs, n_rows, |_| 10);
        assert_eq!(need(4), Need { least: 14, wanted: 3 + 40 + 2 }.max_of(4 + 40 + 2));
        assert_eq!(need(8).wanted, 3 + 2 + 80 + 2);
        assert_eq!(need(100).wanted, 3 + 2 + 80 + 2 + 10);
        assert_eq!(Need::of_jobs(&[], 8, |_| 10), Need::default());
    }

    impl Need {
        fn max_of(self, wanted: u32) -> Self {
            Self { wanted: self.wanted.max(wanted), ..self }
        }
    }

    #[test]
    fn a_goal_is_the_need_between_what_is_held_at_least_and_what_the_device_has() {
        let room = Room { least: 100, usual: 1000, most: 5000 };
        let goal = |least, wanted| room.goal(Need { least, wanted });
        assert_eq!([goal(1, 7), goal(10, 700), goal(10, 4000)], [100, 700, 1000]);
        assert_eq!([goal(3000, 4000), goal(9000, 9000)], [3000, 5000], "one row may need more than is usual");
        assert_eq!(Room::fixed(70).goal(Need { least: 1, wanted: 700 }), 70);
    }
}
