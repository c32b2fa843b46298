//! What a run has brought so far, cell by cell: prompts x languages x samples.
//!
//! Pure: token updates and finished responses go in, states and texts come out. Independent of the worker.

use std::collections::HashMap;

use crate::data::{Language, Prompt, Response};

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

/// A cell of the grid: indices into the run's prompts and languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Which prompt.
    pub prompt: usize,
    /// Which language.
    pub language: usize,
}

/// The grid of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveGrid {
    prompt_idx: HashMap<String, usize>,
    languages: Vec<Language>,
    n: usize,
    /// `[n_prompts, n_languages, n]`.
    samples: Vec<LiveSample>,
}

impl LiveGrid {
    /// An empty grid: everything waits.
    pub fn new(prompts: &[Prompt], languages: &[Language], n: u32) -> Self {
        let n = n as usize;
        Self {
            prompt_idx: prompts.iter().enumerate().map(|(i, prompt)| (prompt.id.clone(), i)).collect(),
            languages: languages.to_vec(),
            n,
            samples: vec![LiveSample::default(); prompts.len() * languages.len() * n],
        }
    }

    /// Adds new text of a running sample; an update for a sample that has ended or is not of this run is dropped.
    pub fn grow(&mut self, at: (&str, &Language, u32), reasoning: &str, text: &str, n_tokens: u32) {
        if let Some(found) = self.find(at.0, at.1, at.2)
            && found.state != SampleState::Done
        {
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

    /// The samples of a cell; empty for a cell outside the grid.
    pub fn samples(&self, cell: Cell) -> &[LiveSample] {
        let start = (cell.prompt * self.languages.len() + cell.language) * self.n;
        if cell.language >= self.languages.len() {
            return &[];
        }
        self.samples.get(start..start + self.n).unwrap_or_default()
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
        let at = self.samples.iter().position(|sample| sample.state == SampleState::Running)?;
        let cell = at / self.n;
        Some(Cell { prompt: cell / self.languages.len(), language: cell % self.languages.len() })
    }

    /// Samples that have ended.
    pub fn n_done(&self) -> usize {
        self.samples.iter().filter(|sample| sample.state == SampleState::Done).count()
    }

    /// All samples.
    pub fn n_total(&self) -> usize {
        self.samples.len()
    }

    fn find(&mut self, prompt_id: &str, language: &Language, sample: u32) -> Option<&mut LiveSample> {
        let prompt = *self.prompt_idx.get(prompt_id)?;
        let language = self.languages.iter().position(|known| known == language)?;
        let sample = sample as usize;
        if sample >= self.n {
            return None;
        }
        self.samples.get_mut((prompt * self.languages.len() + language) * self.n + sample)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::data::{FinishReason, Task};

    fn prompt(id: &str) -> Prompt {
        Prompt { id: id.to_owned(), task: Task::Math, answer: None, text: BTreeMap::new() }
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
            logprob: -1.0,
            ambiguous: Vec::new(),
            finish_reason: FinishReason::Stop,
            answer: Some("7".to_owned()),
            detected_language: None,
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
        assert_eq!((grid.n_done(), grid.n_total(), grid.first_running()), (1, 8, None));
        assert!(!grid.is_done(cell));
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
}
