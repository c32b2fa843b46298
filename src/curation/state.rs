//! The curation log and its fold.
//!
//! The log is never shortened: undo and redo are events too. The state of a row is what its last standing act left, or
//! the method's pick where none stands, so that undoing everything always leads back to the method.

use std::collections::HashMap;

use crate::data::{
    CurationAct, CurationEvent, ExportRow, Language, Pair, RowRecord, RowState, RowStatus, Session, SkipReason,
};

/// One row (prompt and language) as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: String,
    /// Its language, by the canonical tag.
    pub language: Language,
    /// What the method picked.
    pub method: RowState,
    /// The method's margin.
    pub margin: Option<f32>,
    /// Why the method picked nothing.
    pub skip: Option<SkipReason>,
    /// What holds now.
    pub state: RowState,
}

impl Row {
    /// True if the row has a chosen and a rejected response now.
    pub fn has_pair(&self) -> bool {
        self.state.chosen.is_some() && self.state.rejected.is_some()
    }

    /// Whether a person's pair differs from the method's.
    pub fn is_changed(&self) -> bool {
        (self.state.chosen, self.state.rejected) != (self.method.chosen, self.method.rejected)
    }

    /// True if this row would be written to an export.
    pub fn is_exported(&self) -> bool {
        self.state.status.holds_pair() && self.has_pair()
    }

    /// The row to export, where there is one.
    pub fn export(&self) -> Option<ExportRow> {
        let (chosen, rejected) = self.state.chosen.zip(self.state.rejected).filter(|_| self.is_exported())?;
        Some(ExportRow {
            prompt_id: self.prompt_id.clone(),
            language: self.language.clone(),
            chosen,
            rejected,
            record: RowRecord {
                status: self.state.status,
                is_changed: self.is_changed(),
                ..RowRecord::default()
            },
        })
    }
}

/// What a person does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The pair is right as it stands.
    Accept,
    /// Chosen and rejected change places; the row counts as accepted.
    Swap,
    /// The row exports no pair.
    LeaveOut,
    /// These two responses are the pair; the row counts as accepted.
    Choose {
        /// Sample index of the chosen response.
        chosen: u32,
        /// Sample index of the rejected response.
        rejected: u32,
    },
    /// Back to the method's pick, undecided.
    Reset,
}

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<R> {
    /// Something of a row.
    On(R, Act),
    /// Take back the latest act that still stands.
    Undo,
    /// Make the latest undone act stand again.
    Redo,
}

/// Who decided, when and why: all passed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// ISO 8601 time.
    pub time: String,
    /// Who decided.
    pub actor: String,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// The order in which the two sides were shown.
    pub shown_order: Option<Vec<u32>>,
    /// Seed of that order.
    pub seed: Option<u32>,
}

/// Why a decision cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurationError {
    /// There is no such row.
    #[error(
        "there is no row for language {language} of this prompt: pick one that is in the session, not {prompt_id}"
    )]
    NoRow {
        /// Prompt id asked for.
        prompt_id: String,
        /// Language asked for.
        language: String,
    },
    /// The row has no pair to accept or swap.
    #[error("this row has no pair to accept or swap: choose two responses first")]
    NoPair,
    /// The samples chosen are not two responses of the row.
    #[error(
        "samples {chosen} and {rejected} are not two different responses of this row: choose two that are shown"
    )]
    NotTwoResponses {
        /// Sample asked for as chosen.
        chosen: u32,
        /// Sample asked for as rejected.
        rejected: u32,
    },
    /// Nothing stands that could be undone.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Nothing was undone since the last act.
    #[error("there is nothing to redo")]
    NothingToRedo,
}

/// An act of the log that can be undone or redone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    row_idx: usize,
    act: CurationAct,
    after: RowState,
}

/// The state folded from a session's pairs and log.
#[derive(Clone, Debug, PartialEq)]
pub struct Curation {
    rows: Vec<Row>,
    index: HashMap<(String, Language), usize>,
    standing: Vec<Standing>,
    undone: Vec<Standing>,
}

impl Curation {
    /// Replays the log over the method's picks. Events about rows that are no longer there are passed over.
    pub fn fold(session: &Session) -> Self {
        let rows: Vec<Row> = session.pairs.iter().map(row_of).collect();
        let index =
            rows.iter().enumerate().map(|(i, r)| ((r.prompt_id.clone(), r.language.clone()), i)).collect();
        let mut curation = Self { rows, index, standing: Vec::new(), undone: Vec::new() };
        for event in &session.events {
            curation.replay(event);
        }
        for act in &curation.standing {
            curation.rows[act.row_idx].state = act.state(&curation.rows);
        }
        curation
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, event: &CurationEvent) {
        if let Some(row_idx) = self.replay(event) {
            self.rows[row_idx].state = self.state_under(row_idx, &self.standing);
        }
    }

    /// Every row, in the order of the session's pairs.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows to export: accepted and undecided ones that have a pair; left-out rows stay out.
    pub fn export_rows(&self) -> Vec<ExportRow> {
        self.rows.iter().filter_map(Row::export).collect()
    }

    /// One row.
    pub fn row(&self, prompt_id: &str, language: &Language) -> Option<&Row> {
        self.row_idx(prompt_id, language).map(|i| &self.rows[i])
    }

    /// True if an act stands that can be undone.
    pub fn can_undo(&self) -> bool {
        !self.standing.is_empty()
    }

    /// True if an act was undone since the last one.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Place of a row, and of the session's pair that it stands over.
    pub fn row_idx(&self, prompt_id: &str, language: &Language) -> Option<usize> {
        self.index.get(&(prompt_id.to_owned(), language.clone())).copied()
    }

    /// Moves acts between those that stand and those undone; which row that concerns. An undo or a redo is of the row that it
    /// names: of one that is not there, or of another tab's latest act, it takes nothing back that it did not mean.
    fn replay(&mut self, event: &CurationEvent) -> Option<usize> {
        let row_idx = self.row_idx(&event.item, &event.lang)?;
        let (from, to) = match event.event {
            CurationAct::Undo => (&mut self.standing, &mut self.undone),
            CurationAct::Redo => (&mut self.undone, &mut self.standing),
            act => {
                self.standing.push(Standing { row_idx, act, after: event.after });
                self.undone.clear();
                return Some(row_idx);
            }
        };
        let last = from.iter().rposition(|act| act.row_idx == row_idx)?;
        to.push(from.remove(last));
        Some(row_idx)
    }

    /// What `row_idx` is with the acts `standing` leaves.
    fn state_under(&self, row_idx: usize, standing: &[Standing]) -> RowState {
        let last = standing.iter().rev().find(|act| act.row_idx == row_idx);
        last.map_or(self.rows[row_idx].method, |act| act.state(&self.rows))
    }

    /// The event that a decision on a row makes now; the log is not changed.
    ///
    /// # Errors
    /// The row is not there, has no pair, or nothing can be undone or redone.
    pub fn event(
        &self,
        session: &Session,
        decision: Decision<(&str, &Language)>,
        stamp: Stamp,
    ) -> Result<CurationEvent, CurationError> {
        let (row_idx, act, after) = match decision {
            Decision::Undo => {
                let (last, rest) = self.standing.split_last().ok_or(CurationError::NothingToUndo)?;
                (last.row_idx, CurationAct::Undo, self.state_under(last.row_idx, rest))
            }
            Decision::Redo => {
                let last = self.undone.last().ok_or(CurationError::NothingToRedo)?;
                (last.row_idx, CurationAct::Redo, last.state(&self.rows))
            }
            Decision::On((prompt_id, language), act) => {
                let row_idx = self.known(prompt_id, language)?;
                let (name, after) = self.outcome(session, row_idx, act)?;
                (row_idx, name, after)
            }
        };
        let row = &self.rows[row_idx];
        Ok(CurationEvent {
            seq: u32::try_from(session.events.len()).unwrap_or(u32::MAX),
            time: stamp.time,
            actor: stamp.actor,
            item: row.prompt_id.clone(),
            lang: row.language.clone(),
            event: act,
            before: row.state,
            after,
            reason: stamp.reason,
            shown_order: stamp.shown_order,
            seed: stamp.seed,
            reasons: Vec::new(),
            sample: None,
            text: None,
            rows: Vec::new(),
        })
    }

    fn known(&self, prompt_id: &str, language: &Language) -> Result<usize, CurationError> {
        self.row_idx(prompt_id, language).ok_or_else(|| CurationError::NoRow {
            prompt_id: prompt_id.to_owned(),
            language: language.as_str().to_owned(),
        })
    }

    /// What an act is called in the log, and what it leaves of a row.
    fn outcome(
        &self,
        session: &Session,
        row_idx: usize,
        act: Act,
    ) -> Result<(CurationAct, RowState), CurationError> {
        let row = &self.rows[row_idx];
        let pair = || row.state.chosen.zip(row.state.rejected).ok_or(CurationError::NoPair);
        Ok(match act {
            Act::Accept => (CurationAct::Accept, accepted(pair()?)),
            Act::Swap => {
                let (chosen, rejected) = pair()?;
                (CurationAct::Swap, accepted((rejected, chosen)))
            }
            Act::LeaveOut => (CurationAct::LeaveOut, RowState { status: RowStatus::LeftOut, ..row.state }),
            Act::Reset => (CurationAct::Reset, row.method),
            Act::Choose { chosen, rejected } => {
                let there = |sample| session.response(&row.prompt_id, &row.language, sample).is_some();
                if chosen == rejected || !there(chosen) || !there(rejected) {
                    return Err(CurationError::NotTwoResponses { chosen, rejected });
                }
                (CurationAct::Choose, accepted((chosen, rejected)))
            }
        })
    }
}

impl Standing {
    /// What its row is while it stands.
    fn state(self, rows: &[Row]) -> RowState {
        if self.act == CurationAct::Reset { rows[self.row_idx].method } else { self.after }
    }
}

/// The rows to export: accepted and undecided ones that have a pair; left-out rows stay out.
pub fn export_rows(session: &Session) -> Vec<ExportRow> {
    Curation::fold(session).export_rows()
}

/// Rows to export as pairs, as people left them.
pub fn exported_pairs(rows: Vec<ExportRow>) -> Vec<Pair> {
    let to_pair = |row: ExportRow| Pair {
        prompt_id: row.prompt_id,
        language: row.language,
        chosen: Some(row.chosen),
        rejected: Some(row.rejected),
        scores: Vec::new(),
        cosine: Vec::new(),
        margin: None,
        skip: None,
    };
    rows.into_iter().map(to_pair).collect()
}

fn row_of(pair: &Pair) -> Row {
    let method = RowState {
        chosen: pair.chosen,
        rejected: pair.rejected,
        status: RowStatus::Undecided,
        flagged: false,
    };
    Row {
        prompt_id: pair.prompt_id.clone(),
        language: pair.language.clone(),
        method,
        margin: pair.margin,
        skip: pair.skip,
        state: method,
    }
}

fn accepted((chosen, rejected): (u32, u32)) -> RowState {
    RowState { chosen: Some(chosen), rejected: Some(rejected), status: RowStatus::Accepted, flagged: false }
}
