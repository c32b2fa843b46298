//! What a run has brought so far, cell by cell: prompts x languages x samples.
//!
//! Pure: token updates and finished responses go in, states and texts come out. Independent of the worker.

use std::collections::{BTreeMap, HashMap};

use crate::data::{Language, MOST_SAMPLES, Prompt, Response};

/// How far one sample is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleState {
    /// Not begun.
    #[default]
    Waiting,
    /// Tokens are coming.
    Running,
    /// Ended, for whatever reason.
    Done,
}

/// One sample of one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveSample {
    /// How far it is.
    pub state: SampleState,
    /// Its text so far, without reasoning.
    pub text: String,
    /// Its reasoning so far.
    pub reasoning: String,
    /// Whether it ended within its reasoning.
    pub is_still_reasoning: bool,
    /// Tokens so far.
    pub n_tokens: u32,
    /// Its final answer, once it has ended and carries one.
    pub answer: Option<String>,
}

/// A cell of the grid: indices into the run's prompts and languages. Ordered as it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Which prompt.
    pub prompt: usize,
    /// Which language.
    pub language: usize,
}

/// The grid of a run. It holds what has begun: a run may have many more cells than texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveGrid {
    prompt_idx: HashMap<String, usize>,
    n_prompts: usize,
    languages: Vec<Language>,
    /// The samples of each cell where one has begun, by prompt and language.
    begun: BTreeMap<(usize, usize), Vec<LiveSample>>,
    /// The samples of any other cell.
    waiting: Vec<LiveSample>,
}

impl LiveGrid {
    /// An empty grid: everything waits. More than [`MOST_SAMPLES`] samples are not shown.
    pub fn new(prompts: &[Prompt], languages: &[Language], n: u32) -> Self {
        Self {
            prompt_idx: prompts.iter().enumerate().map(|(i, prompt)| (prompt.id.clone(), i)).collect(),
            n_prompts: prompts.len(),
            languages: languages.to_vec(),
            begun: BTreeMap::new(),
            waiting: vec![LiveSample::default(); n.min(MOST_SAMPLES) as usize],
        }
    }

    /// Adds new text of a running sample; an update for a sample that has ended or is not of this run is dropped. One with
    /// fewer tokens than before has begun anew.
    pub fn grow(&mut self, at: (&str, &Language, u32), reasoning: &str, text: &str, n_tokens: u32) {
        if let Some(found) = self.find(at.0, at.1, at.2)
            && found.state != SampleState::Done
        {
            if n_tokens < found.n_tokens {
                *found = LiveSample::default();
            }
            found.state = SampleState::Running;
            found.reasoning.push_str(reasoning);
            found.text.push_str(text);
            found.n_tokens = n_tokens;
        }
    }

    /// Ends a sample with its whole response.
    pub fn finish(&mut self, response: &Response) {
        if let Some(found) = self.find(&response.prompt_id, &response.language, response.sample) {
            *found = LiveSample {
                state: SampleState::Done,
                text: response.text.clone(),
                reasoning: response.reasoning.clone().unwrap_or_default(),
                is_still_reasoning: response.is_still_reasoning(),
                n_tokens: u32::try_from(response.tokens.len()).unwrap_or(u32::MAX),
                answer: response.answer.clone(),
            };
        }
    }

    /// The run was interrupted: what had begun and not ended begins anew.
    pub fn interrupt(&mut self) {
        let running = self.begun.values_mut().flatten().filter(|sample| sample.state == SampleState::Running);
        running.for_each(|sample| *sample = LiveSample::default());
    }

    /// The samples of a cell; empty for a cell outside the grid.
    pub fn samples(&self, cell: Cell) -> &[LiveSample] {
        if cell.prompt >= self.n_prompts || cell.language >= self.languages.len() {
            return &[];
        }
        self.begun.get(&(cell.prompt, cell.language)).unwrap_or(&self.waiting)
    }

    /// The states of a cell's samples, in sample order.
    pub fn states(&self, cell: Cell) -> Vec<SampleState> {
        self.samples(cell).iter().map(|sample| sample.state).collect()
    }

    /// Whether every sample of a cell has ended.
    pub fn is_done(&self, cell: Cell) -> bool {
        self.samples(cell).iter().all(|sample| sample.state == SampleState::Done)
    }

    /// The first cell with a running sample, in prompt order.
    pub fn first_running(&self) -> Option<Cell> {
        let runs = |samples: &Vec<LiveSample>| samples.iter().any(|s| s.state == SampleState::Running);
        let (&(prompt, language), _) = self.begun.iter().find(|(_, samples)| runs(samples))?;
        Some(Cell { prompt, language })
    }

    fn find(&mut self, prompt_id: &str, language: &Language, sample: u32) -> Option<&mut LiveSample> {
        let prompt = *self.prompt_idx.get(prompt_id)?;
        let language = self.languages.iter().position(|known| known == language)?;
        if sample as usize >= self.waiting.len() {
            return None;
        }
        let samples = self.begun.entry((prompt, language)).or_insert_with(|| self.waiting.clone());
        samples.get_mut(sample as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{FinishReason, TaskKind};

    fn prompt(id: &str) -> Prompt {
        Prompt { id: id.to_owned(), task: TaskKind::Math, ..Prompt::default() }
    }

    fn response(prompt_id: &str, language: &str, sample: u32) -> Response {
        Response {
            prompt_id: prompt_id.to_owned(),
            language: language.into(),
            sample,
            text: "whole".to_owned(),
            reasoning: None,
            reasoning_tokens: None,
            tokens: vec![1, 2, 3],
            logprob: Some(-1.0),
            ambiguous: Vec::new(),
            finish_reason: FinishReason::Stop,
            answer: Some("7".to_owned()),
            detected_language: None,
            model: None,
            translation_of: None,
        }
    }

    fn grid() -> LiveGrid {
        LiveGrid::new(&[prompt("a"), prompt("b")], &["en".into(), "sw".into()], 2)
    }

    #[test]
    fn text_grows_then_the_response_stands() {
        let mut grid = grid();
        let cell = Cell { prompt: 1, language: 1 };
        let sw = Language::from("sw");
        grid.grow(("b", &sw, 1), "", "wh", 1);
        grid.grow(("b", &sw, 1), "", "ol", 2);
        assert_eq!(grid.samples(cell)[1].text, "whol");
        assert_eq!(grid.states(cell), [SampleState::Waiting, SampleState::Running]);
        assert_eq!(grid.first_running(), Some(cell));
        grid.finish(&response("b", "sw", 1));
        grid.grow(("b", &sw, 1), "", "late", 9);
        let sample = &grid.samples(cell)[1];
        assert_eq!(
            (sample.text.as_str(), sample.n_tokens, sample.answer.as_deref()),
            ("whole", 3, Some("7"))
        );
        assert_eq!((grid.begun.len(), grid.first_running()), (1, None));
        assert!(!grid.is_done(cell));
    }

    #[test]
    fn what_had_not_ended_begins_anew_after_an_interruption() {
        let mut grid = grid();
        let cell = Cell { prompt: 0, language: 0 };
        let (language, ended) = (Language::from("en"), response("a", "en", 0));
        grid.finish(&ended);
        grid.grow(("a", &language, 1), "", "half of", 2);
        grid.interrupt();
        assert_eq!(grid.states(cell)[..2], [SampleState::Done, SampleState::Waiting]);
        grid.grow(("a", &language, 1), "", "half", 1);
        assert_eq!((grid.samples(cell)[1].text.as_str(), grid.samples(cell)[1].n_tokens), ("half", 1));
    }

    #[test]
    fn a_sample_with_fewer_tokens_has_begun_anew() {
        let mut grid = grid();
        let (cell, en) = (Cell { prompt: 0, language: 0 }, Language::from("en"));
        grid.grow(("a", &en, 0), "hm", "cut off he", 5);
        grid.grow(("a", &en, 0), "", "", 0);
        assert_eq!(
            grid.samples(cell)[0],
            LiveSample { state: SampleState::Running, ..LiveSample::default() }
        );
        grid.grow(("a", &en, 0), "", "whole", 1);
        grid.grow(("a", &en, 0), "", "?", 1);
        assert_eq!(grid.samples(cell)[0].text, "whole?");
    }

    #[test]
    fn reasoning_is_no_text() {
        let mut grid = grid();
        let en = Language::from("en");
        let cell = Cell { prompt: 0, language: 0 };
        grid.grow(("a", &en, 0), "hm", "", 1);
        grid.grow(("a", &en, 0), " so", "7", 2);
        let sample = &grid.samples(cell)[0];
        assert_eq!((sample.reasoning.as_str(), sample.text.as_str()), ("hm so", "7"));
        let cut = Response { text: String::new(), reasoning: Some("hm so".into()), ..response("a", "en", 0) };
        grid.finish(&cut);
        assert!(grid.samples(cell)[0].is_still_reasoning);
    }

    #[test]
    fn what_is_not_of_this_run_changes_nothing() {
        let mut grid = grid();
        let before = grid.clone();
        for (prompt, language, sample) in [("c", "sw", 0), ("a", "de", 0), ("a", "en", 2)] {
            grid.grow((prompt, &language.into(), sample), "", "x", 1);
        }
        grid.finish(&response("a", "en", 2));
        assert_eq!(grid, before);
        assert!(grid.samples(Cell { prompt: 0, language: 2 }).is_empty());
        assert!(grid.samples(Cell { prompt: 2, language: 0 }).is_empty());
    }
    #[test]
    fn only_what_has_begun_takes_room() {
        let prompts: Vec<Prompt> = (0..1_000).map(|i| prompt(&i.to_string())).collect();
        let languages: Vec<Language> = (0..500).map(|i| Language(format!("x{i}"))).collect();
        let mut grid = LiveGrid::new(&prompts, &languages, u32::MAX);
        assert_eq!((grid.begun.len(), grid.waiting.len()), (0, MOST_SAMPLES as usize));
        grid.grow(("999", &languages[499], 7), "", "x", 1);
        assert_eq!(grid.first_running(), Some(Cell { prompt: 999, language: 499 }));
        assert_eq!(
            grid.states(Cell { prompt: 0, language: 0 }),
            [SampleState::Waiting; MOST_SAMPLES as usize]
        );
    }
}
