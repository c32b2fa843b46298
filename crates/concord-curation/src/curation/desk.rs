//! A session on the desk: the record, the state folded from its log, and an index for quick look-ups.
//!
//! Pure. What is counted is counted once, and then changes with each decision.

use std::collections::HashMap;
use std::sync::Arc;

use super::candidate::{answer, is_right};
use super::status::Share;
use super::{Act, Cell, Curation, CurationError, Decision, Filter, Row, Stamp, Summary, needs};
use crate::align::{Selection, gold_answer};
use crate::data::{
    CurationEvent, FinishReason, InOrder, Language, Measurements, Pair, Prompt, PromptSource, Response,
    Session, SessionConfig, Similarity,
};

/// A session under review.
#[derive(Clone, Debug)]
pub struct Desk {
    session: Arc<Session>,
    curation: Curation,
    /// Positions in `session.responses`, by prompt id and language: the candidates in sample order, then translations.
    responses: HashMap<String, Vec<(Language, Vec<usize>)>>,
    board: Board,
    /// Each prompt's gold answer, read once.
    golds: Vec<Option<String>>,
    summary: Summary,
    shares: Vec<Share>,
    has_picks: bool,
    /// Whether a text of any prompt is a draft.
    has_drafts: bool,
}

/// Where rows are on the board.
#[derive(Clone, Debug, Default)]
struct Board {
    prompts: HashMap<String, usize>,
    /// Cells with a row, in reading order; a file may name far more that have none.
    rows: Vec<(Cell, usize)>,
    /// The cell of each row.
    cells: Vec<Option<Cell>>,
}

impl Desk {
    /// Puts a session on the desk.
    pub fn new(session: Session) -> Self {
        let anchor = &session.config.anchor;
        let golds = session.prompts.iter().map(|prompt| gold_answer(prompt, anchor)).collect();
        let has_drafts = session.prompts.iter().any(|prompt| !prompt.drafts.is_empty());
        let mut desk = Self {
            curation: Curation::fold(&session),
            responses: by_row(&session),
            session: Arc::new(session),
            golds,
            board: Board::default(),
            summary: Summary::default(),
            shares: Vec::new(),
            has_picks: false,
            has_drafts,
        };
        desk.look_anew();
        desk
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

    /// How far the review is.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Whether the method has picked any pair.
    pub fn has_picks(&self) -> bool {
        self.has_picks
    }

    /// The event that a decision makes; it stands once it is [taken](Self::take), which whoever keeps the log does when it
    /// is stored.
    ///
    /// # Errors
    /// When the decision cannot be made.
    pub fn event(&self, decision: Decision<Cell>, stamp: Stamp) -> Result<CurationEvent, CurationError> {
        let decision = decision.try_map(|cell| {
            let row = self.row(cell).ok_or_else(|| self.no_row(cell))?;
            Ok((row.prompt_id.as_str(), &row.language))
        })?;
        self.curation.event(&self.session, decision, stamp)
    }

    /// How many of these rows an act on many would change: a preview.
    pub fn n_possible(&self, cells: &[Cell], act: &Act, actor: &str) -> usize {
        let rows: Vec<usize> = cells.iter().filter_map(|cell| self.row_idx(*cell)).collect();
        self.curation.n_possible(&self.session, &rows, act, actor)
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
        let is_it = |taken: &CurationEvent| {
            (&taken.item, &taken.lang, taken.event) == (&event.item, &event.lang, event.event)
                && CurationEvent { seq: event.seq, ..taken.clone() } == *event
        };
        let recent = self.session.events.iter().rev().take_while(|taken| taken.time >= event.time);
        recent.into_iter().any(is_it)
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, event: CurationEvent) {
        for row_idx in self.curation.take(&event) {
            let share = self.share(row_idx);
            self.summary.change(std::mem::replace(&mut self.shares[row_idx], share), false);
            self.summary.change(share, true);
        }
        Arc::make_mut(&mut self.session).events.push(event);
    }

    /// Takes a whole log in the place of its own: another tab has added to it. What was only added is taken event by event.
    pub fn take_log(&mut self, events: Vec<CurationEvent>) {
        let n = self.session.events.len();
        if events.get(..n) == Some(&self.session.events[..]) {
            return events.into_iter().skip(n).for_each(|event| self.take(event));
        }
        Arc::make_mut(&mut self.session).events = events;
        self.fold_anew();
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

    /// Takes what a person says of the prompt set.
    pub fn take_prompt_set(&mut self, known: PromptSource) {
        Arc::make_mut(&mut self.session).config.prompt_set = known;
    }

    /// Whether a text of any prompt is a draft that nobody has confirmed.
    pub fn has_drafts(&self) -> bool {
        self.has_drafts
    }

    /// Takes the marks off drafts that a person has confirmed in a set of these prompts since; `false` where there are none.
    pub fn confirm_drafts(&mut self, set: &[Prompt]) -> bool {
        if !self.has_drafts {
            return false;
        }
        let by_id: HashMap<&str, &Prompt> = set.iter().map(|prompt| (prompt.id.as_str(), prompt)).collect();
        let is_confirmed = |prompt: &Prompt, language: &Language| {
            by_id.get(prompt.id.as_str()).is_some_and(|theirs| {
                let text = theirs.text.get(language);
                text.is_some() && text == prompt.text.get(language) && !theirs.drafts.contains_key(language)
            })
        };
        let has_confirmed =
            |prompt: &Prompt| prompt.drafts.keys().any(|language| is_confirmed(prompt, language));
        if !self.session.prompts.iter().any(has_confirmed) {
            return false;
        }
        let prompts = &mut Arc::make_mut(&mut self.session).prompts;
        for prompt in prompts.iter_mut() {
            let drafts = std::mem::take(&mut prompt.drafts);
            prompt.drafts =
                drafts.into_iter().filter(|(language, _)| !is_confirmed(prompt, language)).collect();
        }
        self.has_drafts = prompts.iter().any(|prompt| !prompt.drafts.is_empty());
        true
    }

    /// Takes the cosines of all responses, and what they are of.
    pub fn take_similarities(&mut self, similarities: Vec<Similarity>, encoder: String) {
        let session = Arc::make_mut(&mut self.session);
        session.similarities = similarities;
        session.config.encoder = Some(encoder);
    }

    /// Takes what a method picked with these settings; the log stays, and with it what people decided.
    pub fn take_picks(&mut self, config: SessionConfig, picks: Selection) {
        let session = Arc::make_mut(&mut self.session);
        session.config = SessionConfig { imported_pairs: false, ..config };
        session.references = picks.references;
        session.pairs = picks.pairs;
        self.fold_anew();
    }

    fn fold_anew(&mut self) {
        self.curation = Curation::fold(&self.session);
        self.look_anew();
    }

    /// Finds every row's place, and counts all.
    fn look_anew(&mut self) {
        self.board = Board::of(&self.session, self.curation.rows());
        self.shares = (0..self.curation.rows().len()).map(|row_idx| self.share(row_idx)).collect();
        self.has_picks = self.curation.rows().iter().any(Row::has_pick);
        self.summary = Summary::default();
        self.shares.iter().for_each(|share| self.summary.change(*share, true));
    }

    /// What a row adds to the summary.
    fn share(&self, row_idx: usize) -> Share {
        let row = &self.curation.rows()[row_idx];
        let side = |gold: &str, sample: Option<u32>| {
            let response = self.response(&row.prompt_id, &row.language, sample?)?;
            Some(is_right(answer(response, row.edited(sample)).as_deref(), gold))
        };
        let is_right = || {
            let gold = self.golds.get(*self.board.prompts.get(&row.prompt_id)?)?.as_deref()?;
            side(gold, row.state.chosen).zip(side(gold, row.state.rejected))
        };
        let is_exported = row.is_exported();
        Share { kind: Filter::of(row), is_exported, is_right: is_exported.then(is_right).flatten() }
    }

    /// Place of the row at a cell among [`Curation::rows`], if the session has it.
    pub fn row_idx(&self, cell: Cell) -> Option<usize> {
        let at = self.board.rows.binary_search_by_key(&cell, |(cell, _)| *cell).ok()?;
        Some(self.board.rows[at].1)
    }

    /// The row at a cell, if the session has it.
    pub fn row(&self, cell: Cell) -> Option<&Row> {
        self.row_idx(cell).map(|at| &self.curation.rows()[at])
    }

    /// Where the row at a place of [`Curation::rows`] is on the board.
    pub fn cell_at(&self, row_idx: usize) -> Option<Cell> {
        self.board.cells.get(row_idx).copied().flatten()
    }

    /// Every cell with a row, in reading order.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = Cell> {
        self.board.rows.iter().map(|(cell, _)| *cell)
    }

    /// Where a row is on the board.
    pub fn cell_of(&self, prompt_id: &str, language: &Language) -> Option<Cell> {
        let prompt = *self.board.prompts.get(prompt_id)?;
        let language = self.session.config.languages.iter().position(|known| known == language)?;
        Some(Cell { prompt, language })
    }

    /// The question of a cell.
    pub fn question(&self, cell: Cell) -> Option<&str> {
        let language = self.session.config.languages.get(cell.language)?;
        self.session.prompts.get(cell.prompt)?.text.get(language).map(String::as_str)
    }

    /// The text of a response as it stands: a person's where one has edited it; empty where there is no such response.
    pub fn text(&self, cell: Cell, sample: u32) -> &str {
        let Some(row) = self.row(cell) else { return "" };
        let response = || self.response(&row.prompt_id, &row.language, sample);
        row.edited(Some(sample)).or_else(|| response().map(|response| response.text.as_str())).unwrap_or("")
    }

    /// Whether a person has edited a response.
    pub fn is_edited(&self, cell: Cell, sample: u32) -> bool {
        self.row(cell).is_some_and(|row| row.edited(Some(sample)).is_some())
    }

    /// One response of the record.
    pub fn response(&self, prompt_id: &str, language: &Language, sample: u32) -> Option<&Response> {
        self.responses(prompt_id, language).find(|response| response.sample == sample)
    }

    /// The responses of a row: the candidates in sample order, then translations.
    pub(super) fn responses(&self, prompt_id: &str, language: &Language) -> impl Iterator<Item = &Response> {
        let rows = self.responses.get(prompt_id).into_iter().flatten();
        let row = rows.filter(move |(known, _)| known == language).flat_map(|(_, row)| row);
        row.map(|i| &self.session.responses[*i])
    }

    /// The prompt of a row, and the method's pair beneath it; a row that no method has looked at has none.
    pub(super) fn beneath(&self, row_idx: usize) -> Option<(&Prompt, Option<&Pair>)> {
        let row = self.curation.rows().get(row_idx)?;
        let prompt = self.session.prompts.get(*self.board.prompts.get(&row.prompt_id)?)?;
        Some((prompt, self.session.pairs.get(row_idx)))
    }
}

impl Board {
    fn of(session: &Session, rows: &[Row]) -> Self {
        let prompts = session.prompts.iter().enumerate().map(|(i, prompt)| (prompt.id.clone(), i)).collect();
        let languages: HashMap<&Language, usize> =
            session.config.languages.iter().enumerate().map(|(i, language)| (language, i)).collect();
        let mut board = Self { prompts, ..Self::default() };
        for (i, row) in rows.iter().enumerate() {
            let prompt = board.prompts.get(&row.prompt_id);
            let cell = prompt.zip(languages.get(&row.language));
            let cell = cell.map(|(prompt, language)| Cell { prompt: *prompt, language: *language });
            board.rows.extend(cell.map(|cell| (cell, i)));
            board.cells.push(cell);
        }
        board.rows.order();
        board
    }
}

/// Positions of the responses that have finished, by prompt and language, in sample order; translations come last.
fn by_row(session: &Session) -> HashMap<String, Vec<(Language, Vec<usize>)>> {
    let mut prompts: HashMap<String, Vec<(Language, Vec<usize>)>> = HashMap::new();
    for (i, response) in session.responses.iter().enumerate() {
        if response.finish_reason == FinishReason::Cancelled {
            continue;
        }
        let rows = prompts.entry(response.prompt_id.clone()).or_default();
        match rows.iter_mut().find(|(language, _)| *language == response.language) {
            Some((_, row)) => row.push(i),
            None => rows.push((response.language.clone(), vec![i])),
        }
    }
    for (_, row) in prompts.values_mut().flatten() {
        // Scores stand in the order of the candidates, so translations come after them.
        row.order_by_key(|i| (!session.responses[*i].is_candidate(), session.responses[*i].sample));
    }
    prompts
}
