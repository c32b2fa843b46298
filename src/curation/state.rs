//! The curation log and its fold.
//!
//! The log is never shortened: undo and redo are events too. The state of a row is what its last standing act left, or
//! the method's pick where none stands, so that undoing everything always leads back to the method.

use std::collections::HashMap;

use crate::data::{
    CurationAct, CurationEvent, ExportRow, Language, Pair, RowState, RowStatus, Session, SkipReason,
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
        self.state.status != RowStatus::LeftOut && self.has_pair()
    }

    /// The row to export, where there is one.
    pub fn export(&self) -> Option<ExportRow> {
        let (chosen, rejected) = self.state.chosen.zip(self.state.rejected).filter(|_| self.is_exported())?;
        Some(ExportRow {
            prompt_id: self.prompt_id.clone(),
            language: self.language.clone(),
            chosen,
            rejected,
        })
    }
}

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The pair is right as it stands.
    Accept {
        /// Prompt id.
        prompt_id: &'a str,
        /// Language of the row.
        language: &'a Language,
    },
    /// Chosen and rejected change places; the row counts as accepted.
    Swap {
        /// Prompt id.
        prompt_id: &'a str,
        /// Language of the row.
        language: &'a Language,
    },
    /// The row exports no pair.
    LeaveOut {
        /// Prompt id.
        prompt_id: &'a str,
        /// Language of the row.
        language: &'a Language,
    },
    /// These two responses are the pair; the row counts as accepted.
    Choose {
        /// Prompt id.
        prompt_id: &'a str,
        /// Language of the row.
        language: &'a Language,
        /// Sample index of the chosen response.
        chosen: u32,
        /// Sample index of the rejected response.
        rejected: u32,
    },
    /// Back to the method's pick, undecided.
    Reset {
        /// Prompt id.
        prompt_id: &'a str,
        /// Language of the row.
        language: &'a Language,
    },
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
struct Act {
    row_idx: usize,
    act: CurationAct,
    after: RowState,
}

/// The state folded from a session's pairs and log.
#[derive(Clone, Debug, PartialEq)]
pub struct Curation {
    rows: Vec<Row>,
    index: HashMap<(String, Language), usize>,
    standing: Vec<Act>,
    undone: Vec<Act>,
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
        curation.settle();
        curation
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, event: &CurationEvent) {
        self.replay(event);
        self.settle();
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

    fn replay(&mut self, event: &CurationEvent) {
        match event.event {
            CurationAct::Undo => self.undone.extend(self.standing.pop()),
            CurationAct::Redo => self.standing.extend(self.undone.pop()),
            act => {
                if let Some(row_idx) = self.row_idx(&event.item, &event.lang) {
                    self.standing.push(Act { row_idx, act, after: event.after });
                    self.undone.clear();
                }
            }
        }
    }

    /// Sets every row to what its last standing act left, or to the method's pick.
    fn settle(&mut self) {
        for row in &mut self.rows {
            row.state = row.method;
        }
        for act in &self.standing {
            let row = &mut self.rows[act.row_idx];
            row.state = if act.act == CurationAct::Reset { row.method } else { act.after };
        }
    }

    /// What `row_idx` is with the acts `standing` leaves.
    fn state_under(&self, row_idx: usize, standing: &[Act]) -> RowState {
        let last = standing.iter().rev().find(|act| act.row_idx == row_idx);
        match last {
            Some(act) if act.act != CurationAct::Reset => act.after,
            _ => self.rows[row_idx].method,
        }
    }

    /// The event that `decision` makes now; the log is not changed.
    ///
    /// # Errors
    /// The row is not there, has no pair, or nothing can be undone or redone.
    pub fn event(
        &self,
        session: &Session,
        decision: Decision<'_>,
        stamp: Stamp,
    ) -> Result<CurationEvent, CurationError> {
        let (row_idx, act, after) = match decision {
            Decision::Undo => {
                let (last, rest) = self.standing.split_last().ok_or(CurationError::NothingToUndo)?;
                (last.row_idx, CurationAct::Undo, self.state_under(last.row_idx, rest))
            }
            Decision::Redo => {
                let last = self.undone.last().ok_or(CurationError::NothingToRedo)?;
                (last.row_idx, CurationAct::Redo, self.state_under(last.row_idx, std::slice::from_ref(last)))
            }
            Decision::Accept { prompt_id, language } => {
                let (row_idx, pair) = self.pair_of(prompt_id, language)?;
                (row_idx, CurationAct::Accept, accepted(pair))
            }
            Decision::Swap { prompt_id, language } => {
                let (row_idx, (chosen, rejected)) = self.pair_of(prompt_id, language)?;
                (row_idx, CurationAct::Swap, accepted((rejected, chosen)))
            }
            Decision::LeaveOut { prompt_id, language } => {
                let row_idx = self.known(prompt_id, language)?;
                (
                    row_idx,
                    CurationAct::LeaveOut,
                    RowState { status: RowStatus::LeftOut, ..self.rows[row_idx].state },
                )
            }
            Decision::Reset { prompt_id, language } => {
                let row_idx = self.known(prompt_id, language)?;
                (row_idx, CurationAct::Reset, self.rows[row_idx].method)
            }
            Decision::Choose { prompt_id, language, chosen, rejected } => {
                let row_idx = self.known(prompt_id, language)?;
                let there = |sample| session.response(prompt_id, language, sample).is_some();
                if chosen == rejected || !there(chosen) || !there(rejected) {
                    return Err(CurationError::NotTwoResponses { chosen, rejected });
                }
                (row_idx, CurationAct::Choose, accepted((chosen, rejected)))
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
        })
    }

    fn known(&self, prompt_id: &str, language: &Language) -> Result<usize, CurationError> {
        self.row_idx(prompt_id, language).ok_or_else(|| CurationError::NoRow {
            prompt_id: prompt_id.to_owned(),
            language: language.as_str().to_owned(),
        })
    }

    fn pair_of(&self, prompt_id: &str, language: &Language) -> Result<(usize, (u32, u32)), CurationError> {
        let row_idx = self.known(prompt_id, language)?;
        let state = self.rows[row_idx].state;
        let pair = state.chosen.zip(state.rejected).ok_or(CurationError::NoPair)?;
        Ok((row_idx, pair))
    }
}

/// Makes the event of a decision and appends it to the session's log.
///
/// # Errors
/// As [`Curation::event`]; the log is then unchanged.
pub fn apply(session: &mut Session, decision: Decision<'_>, stamp: Stamp) -> Result<(), CurationError> {
    let event = Curation::fold(session).event(session, decision, stamp)?;
    session.events.push(event);
    Ok(())
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
    let method = RowState { chosen: pair.chosen, rejected: pair.rejected, status: RowStatus::Undecided };
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
    RowState { chosen: Some(chosen), rejected: Some(rejected), status: RowStatus::Accepted }
}
