//! A session on the desk: the record, the state folded from its log, and an index for quick look-ups.
//!
//! Pure. What a screen shows of a row or a prompt is made here as plain values that compare cheaply.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Cell, Curation, CurationError, Decision, Row, Stamp, needs};
use crate::align::{Selection, gold_answer, same_answer};
use crate::data::{
    CurationEvent, FinishReason, Language, Measurements, Method, Pair, Prompt, Reference, Response, RowTexts,
    Session, SessionConfig, SkipReason, TieBreak, TrlWriter,
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
    /// What the model thought before it answered.
    pub reasoning: Option<String>,
    /// How many tokens it had where it never left its reasoning.
    pub still_reasoning: Option<usize>,
    /// Its final answer.
    pub answer: Option<String>,
    /// What else that could be.
    pub ambiguous: Vec<String>,
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

/// One row as the screen shows it, until all its responses are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// Where it is on the board.
    pub cell: Cell,
    /// What was picked and decided.
    pub row: Row,
    /// The question in this language.
    pub question: String,
    /// What is chosen now.
    pub chosen: Option<Candidate>,
    /// What is rejected now.
    pub rejected: Option<Candidate>,
    /// How many responses are shown; [`Desk::candidates`] has them.
    pub n_candidates: usize,
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

    /// The session as it was built; decisions are in its log.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The record, to be held while something long is computed from it.
    pub fn shared(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    /// The state of every row, folded from the log.
    pub fn curation(&self) -> &Curation {
        &self.curation
    }

    /// The event that a decision makes; it stands once it is [taken](Self::take), which whoever keeps the log does when it
    /// is stored.
    ///
    /// # Errors
    /// When the decision cannot be made.
    pub fn event(&self, decision: Decision<Cell>, stamp: Stamp) -> Result<CurationEvent, CurationError> {
        let decision = match decision {
            Decision::On(cell, act) => {
                let row = self.row(cell).ok_or_else(|| self.no_row(cell))?;
                Decision::On((row.prompt_id.as_str(), &row.language), act)
            }
            Decision::Undo => Decision::Undo,
            Decision::Redo => Decision::Redo,
        };
        self.curation.event(&self.session, decision, stamp)
    }

    fn no_row(&self, cell: Cell) -> CurationError {
        let prompt = self.session.prompts.get(cell.prompt).map(|prompt| prompt.id.clone());
        let language =
            self.session.config.languages.get(cell.language).map(|language| language.as_str().to_owned());
        CurationError::NoRow {
            prompt_id: prompt.unwrap_or_else(|| format!("prompt {}", cell.prompt + 1)),
            language: language.unwrap_or_else(|| format!("number {}", cell.language + 1)),
        }
    }

    /// Whether an event stands in the log already, wherever it came by: the log may have been read since it was stored.
    pub fn has_taken(&self, event: &CurationEvent) -> bool {
        let is_it = |taken: &CurationEvent| CurationEvent { seq: event.seq, ..taken.clone() } == *event;
        let recent = self.session.events.iter().rev().take_while(|taken| taken.time >= event.time);
        recent.into_iter().any(is_it)
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, event: CurationEvent) {
        self.curation.take(&event);
        Arc::make_mut(&mut self.session).events.push(event);
    }

    /// Takes a whole log in the place of its own: another tab has added to it.
    pub fn take_log(&mut self, events: Vec<CurationEvent>) {
        Arc::make_mut(&mut self.session).events = events;
        self.curation = Curation::fold(&self.session);
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

    /// The row at a cell with its pair.
    pub fn row_view(&self, cell: Cell) -> Option<RowView> {
        let (prompt, row, pair) = self.found(cell)?;
        let side = |sample: Option<u32>| {
            let sample = sample?;
            let (at, response) =
                self.shown(row).enumerate().find(|(_, response)| response.sample == sample)?;
            Some(self.scored(prompt, response, at, &pair.scores, &pair.cosine))
        };
        Some(RowView {
            cell,
            row: row.clone(),
            question: prompt.text.get(&row.language).cloned().unwrap_or_default(),
            chosen: side(row.state.chosen),
            rejected: side(row.state.rejected),
            n_candidates: self.shown(row).count(),
        })
    }

    /// All responses of a row in sample order, then translations, which have no score.
    pub fn candidates(&self, cell: Cell) -> Vec<Candidate> {
        let Some((prompt, row, pair)) = self.found(cell) else { return Vec::new() };
        let responses = self.shown(row).enumerate();
        responses
            .map(|(at, response)| self.scored(prompt, response, at, &pair.scores, &pair.cosine))
            .collect()
    }

    /// What stands behind a cell: its prompt, its row, and the method's pair.
    fn found(&self, cell: Cell) -> Option<(&Prompt, &Row, &Pair)> {
        let prompt = self.session.prompts.get(cell.prompt)?;
        let language = self.session.config.languages.get(cell.language)?;
        let at = self.curation.row_idx(&prompt.id, language)?;
        Some((prompt, &self.curation.rows()[at], self.session.pairs.get(at)?))
    }

    /// The responses of a row that are shown, in sample order, then the translations among its picks: the others are no
    /// responses to the prompt.
    pub fn shown<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = &'a Response> {
        let picked = [row.state.chosen, row.state.rejected, row.method.chosen, row.method.rejected];
        self.responses(&row.prompt_id, &row.language)
            .filter(move |response| response.is_candidate() || picked.contains(&Some(response.sample)))
    }

    /// What was picked of the anchor's responses to a prompt.
    pub fn reference(&self, prompt_idx: usize) -> Option<&Reference> {
        let prompt = self.session.prompts.get(prompt_idx)?;
        let is_of = |reference: &&Reference| reference.prompt_id == prompt.id;
        // They stand in the order of the prompts, but where a file says otherwise.
        let references = &self.session.references;
        references.get(prompt_idx).filter(is_of).or_else(|| references.iter().find(is_of))
    }

    /// The reference of a prompt with all anchor candidates.
    pub fn reference_view(&self, prompt_idx: usize) -> Option<ReferenceView> {
        let prompt = self.session.prompts.get(prompt_idx)?;
        let reference = self.reference(prompt_idx)?;
        let responses = self.responses(&prompt.id, &reference.language);
        let candidates = responses.filter(|response| response.is_candidate()).enumerate();
        let candidates = candidates.map(|(at, response)| {
            self.scored(prompt, response, at, &reference.consistency, &reference.mean_cosine)
        });
        Some(ReferenceView {
            prompt: prompt.clone(),
            method: self.session.config.method,
            tie_break: self.session.config.tie_break,
            language: reference.language.clone(),
            sample: reference.sample,
            vote_share: reference.vote_share,
            skip: reference.skip,
            candidates: candidates.collect(),
        })
    }

    /// Writes the session's row at a place, if an export would hold it; `false` where there is no such row.
    pub fn export_row(&self, at: usize, writer: &mut TrlWriter) -> bool {
        let Some(row) = self.curation.rows().get(at) else { return false };
        if let Some(row) = row.export() {
            let prompt =
                self.cell_of(&row.prompt_id, &row.language).map(|cell| &self.session.prompts[cell.prompt]);
            let side = |sample| self.response(&row.prompt_id, &row.language, sample);
            let texts = RowTexts {
                prompt: prompt.and_then(|prompt| prompt.text.get(&row.language)).map(String::as_str),
                chosen: side(row.chosen),
                rejected: side(row.rejected),
                spelling: self.session.config.spellings.of(&row.language),
            };
            writer.write(&row, texts);
        }
        true
    }

    /// One response of the record.
    pub fn response(&self, prompt_id: &str, language: &Language, sample: u32) -> Option<&Response> {
        self.responses(prompt_id, language).find(|response| response.sample == sample)
    }

    /// One response as a candidate, without scores: those are a method's own.
    pub fn candidate(&self, prompt: &Prompt, language: &Language, sample: u32) -> Option<Candidate> {
        Some(candidate(prompt, self.response(&prompt.id, language, sample)?, &self.session.config.anchor))
    }

    /// A candidate with the scores at its place among the row's.
    fn scored(
        &self,
        prompt: &Prompt,
        response: &Response,
        at: usize,
        scores: &[f32],
        cosines: &[f32],
    ) -> Candidate {
        Candidate {
            score: scores.get(at).copied(),
            cosine: cosines.get(at).copied(),
            ..candidate(prompt, response, &self.session.config.anchor)
        }
    }

    /// Where a row is on the board.
    pub fn cell_of(&self, prompt_id: &str, language: &Language) -> Option<Cell> {
        let prompt = self.session.prompts.iter().position(|prompt| prompt.id == prompt_id)?;
        let language = self.session.config.languages.iter().position(|known| known == language)?;
        Some(Cell { prompt, language })
    }

    /// The responses of a row: the candidates in sample order, then translations.
    fn responses(&self, prompt_id: &str, language: &Language) -> impl Iterator<Item = &Response> {
        let row = self.responses.get(&(prompt_id.to_owned(), language.clone()));
        row.into_iter().flatten().map(|i| &self.session.responses[*i])
    }
}

fn candidate(prompt: &Prompt, response: &Response, anchor: &Language) -> Candidate {
    let is_other = |found: &Language| !found.may_be(&response.language);
    Candidate {
        sample: response.sample,
        text: response.text.clone(),
        reasoning: response.reasoning.clone(),
        still_reasoning: response.is_still_reasoning().then_some(response.tokens.len()),
        answer: response.answer.clone(),
        ambiguous: response.ambiguous.clone(),
        is_wrong_language: response.detected_language.as_ref().is_some_and(is_other),
        detected_language: response.detected_language.clone(),
        is_cut: response.is_cut(),
        translation_of: response.translation_of.clone(),
        score: None,
        cosine: None,
        is_right: is_right(prompt, response.answer.as_deref(), anchor),
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

/// Whether an answer is the prompt's gold answer; `None` without one that can be read.
fn is_right(prompt: &Prompt, answer: Option<&str>, anchor: &Language) -> Option<bool> {
    let gold = gold_answer(prompt, anchor)?;
    Some(answer.is_some_and(|answer| same_answer(answer, &gold)))
}
