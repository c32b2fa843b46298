//! A session on the desk: the record, the state folded from its log, and an index for quick look-ups.
//!
//! Pure. What a screen shows of a row or a prompt is made here as plain values that compare cheaply.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Cell, Curation, CurationError, Decision, Heat, Row, Stamp, needs};
use crate::align::{Selection, canonical_answer, same_answer};
use crate::data::{
    FinishReason, Language, Measurements, Method, Prompt, Response, RowState, Session, SessionConfig,
    SkipReason, TieBreak,
};

/// A session under review.
#[derive(Clone, Debug)]
pub struct Desk {
    session: Arc<Session>,
    curation: Curation,
    /// Positions in `session.responses`, by prompt id and language: the candidates in sample order, then translations.
    responses: HashMap<(String, Language), Vec<usize>>,
}

/// One response as a candidate of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its sample index.
    pub sample: u32,
    /// Its text.
    pub text: String,
    /// Its final answer.
    pub answer: Option<String>,
    /// Detected language.
    pub detected_language: Option<Language>,
    /// Whether it is surely in another language than it was asked in.
    pub is_wrong_language: bool,
    /// Whether it stopped at the token limit.
    pub is_cut: bool,
    /// Score against the reference; for the anchor language, its consistency.
    pub score: Option<f32>,
    /// Cosine to the reference; for the anchor language of a math prompt, the mean cosine to its like.
    pub cosine: Option<f32>,
    /// Whether its answer is the gold answer; `None` without gold.
    pub is_right: Option<bool>,
    /// What the model translated to get it; `None` for a response to the prompt itself.
    pub translation_of: Option<(Language, u32)>,
}

/// One row as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// Where it is on the board.
    pub cell: Cell,
    /// Which prompt.
    pub prompt_id: String,
    /// Which language.
    pub language: Language,
    /// The question in this language.
    pub question: String,
    /// What holds now.
    pub state: RowState,
    /// What the method picked.
    pub method: RowState,
    /// The method's margin.
    pub margin: Option<f32>,
    /// Why the method picked nothing.
    pub skip: Option<SkipReason>,
    /// All candidates in sample order, then translations, which have no score.
    pub candidates: Vec<Candidate>,
}

impl RowView {
    /// A candidate by its sample index.
    pub fn candidate(&self, sample: Option<u32>) -> Option<&Candidate> {
        let sample = sample?;
        self.candidates.iter().find(|candidate| candidate.sample == sample)
    }

    /// Whether a person's pair differs from the method's.
    pub fn is_changed(&self) -> bool {
        (self.state.chosen, self.state.rejected) != (self.method.chosen, self.method.rejected)
    }
}

/// The reference of a prompt as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceView {
    /// The prompt.
    pub prompt: Prompt,
    /// How the pairs were picked.
    pub method: Method,
    /// What decided among equals.
    pub tie_break: TieBreak,
    /// The anchor language.
    pub language: Language,
    /// Sample index of the picked response.
    pub sample: Option<u32>,
    /// Majority count over n, for math.
    pub vote_share: Option<f32>,
    /// Why there is none.
    pub skip: Option<SkipReason>,
    /// All anchor candidates, in sample order.
    pub candidates: Vec<Candidate>,
}

impl Desk {
    /// Puts a session on the desk.
    pub fn new(session: Session) -> Self {
        Self { curation: Curation::fold(&session), responses: by_row(&session), session: Arc::new(session) }
    }

    /// The record.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The record, to be held while something long is computed from it.
    pub fn shared(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    /// The folded state.
    pub fn curation(&self) -> &Curation {
        &self.curation
    }

    /// Records a decision.
    ///
    /// # Errors
    /// When the decision cannot be made; nothing is changed then.
    pub fn decide(&mut self, decision: Decision<'_>, stamp: Stamp) -> Result<(), CurationError> {
        let event = self.curation.event(&self.session, decision, stamp)?;
        Arc::make_mut(&mut self.session).events.push(event);
        self.curation = Curation::fold(&self.session);
        Ok(())
    }

    /// Takes what a model said of the responses, and the translations it wrote. What was measured again is replaced; the
    /// pairs stay as they are.
    pub fn take_measurements(&mut self, newer: Measurements, translated: Vec<Response>) {
        let session = Arc::make_mut(&mut self.session);
        needs::merge_measurements(&mut session.measurements, newer);
        if !translated.is_empty() {
            needs::merge_translated(&mut session.responses, translated);
            self.responses = by_row(session);
        }
    }

    /// Takes what a method picked with these settings; the log stays, and with it what people decided.
    pub fn take_picks(&mut self, config: SessionConfig, picks: Selection) {
        let session = Arc::make_mut(&mut self.session);
        session.config = config;
        session.references = picks.references;
        session.pairs = picks.pairs;
        self.curation = Curation::fold(&self.session);
    }

    /// The row at a cell, if the session has it.
    pub fn row(&self, cell: Cell) -> Option<&Row> {
        let prompt = self.session.prompts.get(cell.prompt)?;
        let language = self.session.config.languages.get(cell.language)?;
        self.curation.row(&prompt.id, language)
    }

    /// The row at a cell with all its candidates.
    pub fn row_view(&self, cell: Cell) -> Option<RowView> {
        let row = self.row(cell)?;
        let prompt = self.session.prompts.get(cell.prompt)?;
        let pair = self
            .session
            .pairs
            .iter()
            .find(|pair| pair.prompt_id == row.prompt_id && pair.language == row.language)?;
        Some(RowView {
            cell,
            prompt_id: row.prompt_id.clone(),
            language: row.language.clone(),
            question: prompt.text.get(&row.language).cloned().unwrap_or_default(),
            state: row.state,
            method: row.method,
            margin: row.margin,
            skip: row.skip,
            candidates: self.candidates(
                prompt,
                &row.language,
                &pair.scores,
                &pair.cosine,
                &[row.state.chosen, row.state.rejected, row.method.chosen, row.method.rejected],
            ),
        })
    }

    /// The reference of a prompt with all anchor candidates.
    pub fn reference_view(&self, prompt_idx: usize) -> Option<ReferenceView> {
        let prompt = self.session.prompts.get(prompt_idx)?;
        let reference = self.session.references.iter().find(|found| found.prompt_id == prompt.id)?;
        Some(ReferenceView {
            prompt: prompt.clone(),
            method: self.session.config.method,
            tie_break: self.session.config.tie_break,
            language: reference.language.clone(),
            sample: reference.sample,
            vote_share: reference.vote_share,
            skip: reference.skip,
            candidates: self.candidates(
                prompt,
                &reference.language,
                &reference.consistency,
                &reference.mean_cosine,
                &[],
            ),
        })
    }

    /// The cosines of a prompt's responses, where they were compared.
    pub fn heat(&self, prompt_idx: usize) -> Option<Heat> {
        let prompt = self.session.prompts.get(prompt_idx)?;
        Heat::new(self.session.similarities.iter().find(|found| found.prompt_id == prompt.id)?)
    }

    /// One response of the record.
    pub fn response(&self, prompt_id: &str, language: &Language, sample: u32) -> Option<&Response> {
        let row = self.responses.get(&(prompt_id.to_owned(), language.clone()))?;
        row.iter().map(|i| &self.session.responses[*i]).find(|response| response.sample == sample)
    }

    /// One response as a candidate, without scores: those are a method's own.
    pub fn candidate(&self, prompt: &Prompt, language: &Language, sample: u32) -> Option<Candidate> {
        Some(candidate(prompt, self.response(&prompt.id, language, sample)?))
    }

    /// Where a row is on the board.
    pub fn cell_of(&self, prompt_id: &str, language: &Language) -> Option<Cell> {
        let prompt = self.session.prompts.iter().position(|prompt| prompt.id == prompt_id)?;
        let language = self.session.config.languages.iter().position(|known| known == language)?;
        Some(Cell { prompt, language })
    }

    /// The candidates of a row, then its translations among `picked`: the others are no responses to the prompt.
    fn candidates(
        &self,
        prompt: &Prompt,
        language: &Language,
        scores: &[f32],
        cosines: &[f32],
        picked: &[Option<u32>],
    ) -> Vec<Candidate> {
        let row = self.responses.get(&(prompt.id.clone(), language.clone()));
        let responses = row.into_iter().flatten().map(|i| &self.session.responses[*i]);
        let is_shown =
            |response: &&Response| response.is_candidate() || picked.contains(&Some(response.sample));
        responses
            .filter(is_shown)
            .enumerate()
            .map(|(at, response)| Candidate {
                score: scores.get(at).copied(),
                cosine: cosines.get(at).copied(),
                ..candidate(prompt, response)
            })
            .collect()
    }
}

fn candidate(prompt: &Prompt, response: &Response) -> Candidate {
    let is_other = |found: &Language| !found.may_be(&response.language);
    Candidate {
        sample: response.sample,
        text: response.text.clone(),
        answer: response.answer.clone(),
        is_wrong_language: response.detected_language.as_ref().is_some_and(is_other),
        detected_language: response.detected_language.clone(),
        is_cut: response.finish_reason == FinishReason::Length,
        translation_of: response.translation_of.clone(),
        score: None,
        cosine: None,
        is_right: is_right(prompt, response.answer.as_deref()),
    }
}

/// Positions of the responses that have finished, by prompt and language, in sample order; translations come last.
fn by_row(session: &Session) -> HashMap<(String, Language), Vec<usize>> {
    let mut rows: HashMap<(String, Language), Vec<usize>> = HashMap::new();
    for (i, response) in session.responses.iter().enumerate() {
        if response.finish_reason != FinishReason::Cancelled {
            rows.entry((response.prompt_id.clone(), response.language.clone())).or_default().push(i);
        }
    }
    for row in rows.values_mut() {
        // Scores stand in the order of the candidates, so translations come after them.
        row.sort_by_key(|i| (!session.responses[*i].is_candidate(), session.responses[*i].sample));
    }
    rows
}

/// Whether an answer is the prompt's gold answer, read with English number habits; `None` without gold.
pub fn is_right(prompt: &Prompt, answer: Option<&str>) -> Option<bool> {
    let gold = prompt.answer.as_deref()?;
    let gold = canonical_answer(gold, &Language::from("en")).unwrap_or_else(|| gold.to_owned());
    Some(answer.is_some_and(|answer| same_answer(answer, &gold)))
}
