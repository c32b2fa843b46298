//! A place for every sample of a job.

use std::ops::Range;

use super::models::Models;
use crate::data::{Language, Response};
use crate::job::Job;

/// What has come for a sample.
#[derive(Debug, Default)]
pub(super) enum Slot {
    /// Nothing.
    #[default]
    Missing,
    /// A failure, by its number in the report.
    Failed(usize),
    /// A response, and the number of the model that gave it.
    Done { response: Box<Response>, model: Option<usize> },
}

/// Where a sample belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Slot(usize),
    /// In the job, and another collector's.
    Elsewhere,
}

/// The slots of some prompts: by prompt, language and sample.
#[derive(Debug)]
pub(super) struct Slots {
    lines: Range<usize>,
    /// The first slot of each prompt, and behind the last the number of all.
    starts: Vec<usize>,
    /// The languages of each prompt, as lists that prompts share.
    languages: Vec<usize>,
    lists: Vec<Vec<Language>>,
    n: u32,
    slots: Vec<Slot>,
}

impl Slots {
    pub(super) fn new(job: &Job, lines: Range<usize>) -> Self {
        let n = job.config.n;
        let (mut starts, mut languages, mut lists) = (vec![0], Vec::new(), Vec::<Vec<Language>>::new());
        for line in lines.clone() {
            let list: Vec<Language> = job.languages_at(line).cloned().collect();
            starts.push(starts.last().copied().unwrap_or(0) + list.len() * n as usize);
            languages.push(lists.iter().rposition(|known| *known == list).unwrap_or_else(|| {
                lists.push(list);
                lists.len() - 1
            }));
        }
        let n_slots = starts.last().copied().unwrap_or(0);
        let slots = std::iter::repeat_with(Slot::default).take(n_slots).collect();
        Self { lines, starts, languages, lists, n, slots }
    }

    pub(super) fn lines(&self) -> &Range<usize> {
        &self.lines
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Where a sample belongs; `None` where it is not of the job.
    pub(super) fn place(&self, line: usize, language: &Language, sample: u32) -> Option<Place> {
        if !self.lines.contains(&line) {
            return Some(Place::Elsewhere);
        }
        let at = line - self.lines.start;
        let language = self.lists[self.languages[at]].iter().position(|known| known == language)?;
        let is_asked = sample < self.n;
        is_asked.then(|| Place::Slot(self.starts[at] + language * self.n as usize + sample as usize))
    }

    pub(super) fn at(&mut self, place: usize) -> &mut Slot {
        &mut self.slots[place]
    }

    /// Every slot with its prompt's line, the number of its language among the prompt's, and its sample.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Slot, (usize, usize, u32))> {
        let n = self.n as usize;
        self.starts.windows(2).zip(self.lines.clone()).flat_map(move |(range, line)| {
            let slots = self.slots[range[0]..range[1]].iter().enumerate();
            slots.map(move |(i, slot)| (slot, (line, i / n, (i % n) as u32)))
        })
    }

    /// Runs of at most `most` neighbouring samples without a response: where each begins, and how long it is.
    pub(super) fn gaps(
        &self,
        models: &Models,
        most: u32,
    ) -> impl Iterator<Item = ((usize, usize, u32), u32)> {
        let is_open = |slot: &Slot| match slot {
            Slot::Done { model, .. } => !models.takes(*model),
            Slot::Missing | Slot::Failed(_) => true,
        };
        let mut slots = self.iter().map(move |(slot, place)| (is_open(slot), place)).peekable();
        std::iter::from_fn(move || {
            let (_, start) = slots.find(|(is_open, _)| *is_open)?;
            let mut count = 1;
            let goes_on = |count: u32, place: (usize, usize, u32)| {
                count < most && (place.0, place.1) == (start.0, start.1)
            };
            while slots.next_if(|(is_open, place)| *is_open && goes_on(count, *place)).is_some() {
                count += 1;
            }
            Some((start, count))
        })
    }
}

impl IntoIterator for Slots {
    type Item = Slot;
    type IntoIter = std::vec::IntoIter<Slot>;

    fn into_iter(self) -> Self::IntoIter {
        self.slots.into_iter()
    }
}
