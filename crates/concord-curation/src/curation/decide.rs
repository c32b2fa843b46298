//! The event that a decision makes. The log is not changed.

use super::act::{Act, CurationError, Decision, PROGRAM, Stamp};
use super::row::{Row, Vote, same};
use super::state::Curation;
use crate::data::{BulkRow, CurationAct, CurationEvent, InOrder, Language, RowState, RowStatus, Session};

/// What an act is called in the log, what it leaves of a row, and what it says besides.
struct Outcome {
    kind: CurationAct,
    after: RowState,
    sample: Option<u32>,
    text: Option<String>,
}

impl Curation {
    /// The event that a decision makes now.
    ///
    /// # Errors
    /// The row is not there, has no pair or is so already, or nothing can be undone or redone.
    pub fn event(
        &self,
        session: &Session,
        decision: Decision<(&str, &Language)>,
        stamp: Stamp,
    ) -> Result<CurationEvent, CurationError> {
        let decision = decision.try_map(|(prompt_id, language)| {
            self.row_idx(prompt_id, language).ok_or_else(|| CurationError::NoRow {
                prompt_id: prompt_id.to_owned(),
                language: language.as_str().to_owned(),
            })
        })?;
        let turn = |kind, none| {
            let (act, rows) = self.latest(&stamp.actor, kind).ok_or(none)?;
            let out = rows.iter().map(|row_idx| (*row_idx, self.state_without(*row_idx, act)));
            Ok((kind, out.collect(), None, None))
        };
        let (kind, rows, sample, text): (_, Vec<_>, _, _) = match decision {
            Decision::Undo => turn(CurationAct::Undo, CurationError::NothingToUndo)?,
            Decision::Redo => turn(CurationAct::Redo, CurationError::NothingToRedo)?,
            Decision::On(row_idx, act) => {
                let Outcome { kind, after, sample, text } = self.outcome(session, row_idx, &act, &stamp)?;
                (kind, vec![(row_idx, after)], sample, text)
            }
            Decision::OnMany(rows, act) => self.outcomes(session, rows, &act, &stamp)?,
        };
        let mut rows = rows.into_iter().map(|(row_idx, after)| {
            let row = &self.rows()[row_idx];
            BulkRow { item: row.prompt_id.clone(), lang: row.language.clone(), before: row.state, after }
        });
        let BulkRow { item, lang, before, after } = rows.next().ok_or(CurationError::NoneOfMany)?;
        Ok(CurationEvent {
            seq: u32::try_from(session.events.len()).unwrap_or(u32::MAX),
            time: stamp.time,
            actor: stamp.actor,
            item,
            lang,
            event: kind,
            before,
            after,
            reason: stamp.reason,
            shown_order: stamp.shown_order,
            seed: stamp.seed,
            reasons: stamp.reasons,
            sample,
            text,
            rows: rows.collect(),
        })
    }

    /// How many of some rows an act on many would change.
    pub fn n_possible(&self, session: &Session, rows: &[usize], act: &Act, actor: &str) -> usize {
        let stamp = Stamp { actor: actor.to_owned(), ..Stamp::default() };
        rows.iter().filter(|row_idx| self.outcome(session, **row_idx, act, &stamp).is_ok()).count()
    }

    /// An act on those of many rows that it can be done to, each once.
    #[expect(clippy::type_complexity, reason = "the parts of an event, taken apart at once")]
    fn outcomes(
        &self,
        session: &Session,
        mut rows: Vec<usize>,
        act: &Act,
        stamp: &Stamp,
    ) -> Result<(CurationAct, Vec<(usize, RowState)>, Option<u32>, Option<String>), CurationError> {
        if matches!(act, Act::Choose { .. } | Act::Edit { .. } | Act::Adjudicate(_) | Act::Repeat(_)) {
            return Err(CurationError::NotForMany);
        }
        rows.order();
        rows.dedup();
        let mut out = Vec::new();
        let mut said = None;
        for row_idx in rows {
            if let Ok(Outcome { kind, after, text, .. }) = self.outcome(session, row_idx, act, stamp) {
                out.push((row_idx, after));
                said = Some((kind, text));
            }
        }
        let (kind, text) = said.ok_or(CurationError::NoneOfMany)?;
        Ok((kind, out, None, text))
    }

    fn outcome(
        &self,
        session: &Session,
        row_idx: usize,
        act: &Act,
        stamp: &Stamp,
    ) -> Result<Outcome, CurationError> {
        let row = self.rows().get(row_idx).ok_or(CurationError::NoneOfMany)?;
        let of = |kind, after| Outcome { kind, after, sample: None, text: None };
        let (chosen, rejected, flagged) = (row.state.chosen, row.state.rejected, row.state.flagged);
        let pair = || chosen.zip(rejected).ok_or(CurationError::NoPair);
        let there = |sample| session.response(&row.prompt_id, &row.language, sample).is_some();
        let accepted = |kind, (chosen, rejected)| {
            let (chosen, rejected) = (Some(chosen), Some(rejected));
            of(kind, RowState { chosen, rejected, status: RowStatus::Accepted, flagged })
        };
        let out = match act {
            Act::Accept | Act::Judge(RowStatus::Accepted) => accepted(CurationAct::Accept, pair()?),
            Act::Swap => {
                let (chosen, rejected) = pair()?;
                accepted(CurationAct::Swap, (rejected, chosen))
            }
            Act::LeaveOut | Act::Judge(RowStatus::LeftOut) => {
                pair().map_err(|_no_pair| CurationError::NothingToLeaveOut)?;
                of(CurationAct::LeaveOut, RowState { status: RowStatus::LeftOut, ..row.state })
            }
            Act::Reset | Act::Judge(RowStatus::Undecided) => {
                let is_own = |vote: &Vote| stamp.actor == PROGRAM || vote.actor == stamp.actor;
                if !row.votes.iter().any(is_own) && row.settled_by.is_none() {
                    return Err(CurationError::NothingToReset);
                }
                of(CurationAct::Reset, RowState { flagged, ..Self::without_votes_of(row, &stamp.actor) })
            }
            Act::Judge(status) => of(verdict(*status), RowState { status: *status, ..row.state }),
            Act::Choose { chosen, rejected } => {
                let (chosen, rejected) = (*chosen, *rejected);
                if chosen == rejected || !there(chosen) || !there(rejected) {
                    return Err(CurationError::NotTwoResponses { chosen, rejected });
                }
                accepted(CurationAct::Choose, (chosen, rejected))
            }
            Act::Edit { sample, text } => {
                let text = Self::edit(session, row, *sample, text.as_deref())?;
                Outcome { sample: Some(*sample), text, ..of(CurationAct::Edit, row.state) }
            }
            Act::Note(text) => {
                let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
                if row.note.as_deref() == text {
                    return Err(CurationError::AlreadySo);
                }
                Outcome { text: text.map(str::to_owned), ..of(CurationAct::Note, row.state) }
            }
            Act::Flag(flagged) if *flagged == row.state.flagged => return Err(CurationError::AlreadySo),
            Act::Flag(flagged) => of(CurationAct::Flag, RowState { flagged: *flagged, ..row.state }),
            Act::Adjudicate(state) => of(CurationAct::Adjudicate, settled(row, *state, there)?),
            Act::Repeat(act) => {
                // Deciding the same again is what a repeat is there to see.
                let anew = Stamp { reasons: vec![String::new()], ..stamp.clone() };
                let out = self.outcome(session, row_idx, act, &anew)?;
                if !is_vote(out.kind) {
                    return Err(CurationError::NothingSettled);
                }
                Outcome { kind: CurationAct::Repeat, ..out }
            }
        };
        if is_so(row, &out, stamp) { Err(CurationError::AlreadySo) } else { Ok(out) }
    }

    /// What is left of a row where a person takes their vote back.
    fn without_votes_of(row: &Row, actor: &str) -> RowState {
        let left = row.votes.iter().rev().find(|vote| actor != PROGRAM && vote.actor != actor);
        left.map_or(row.method, |vote| vote.state)
    }

    /// The text that an edit leaves, as the log says it.
    fn edit(
        session: &Session,
        row: &Row,
        sample: u32,
        text: Option<&str>,
    ) -> Result<Option<String>, CurationError> {
        let response = session
            .response(&row.prompt_id, &row.language, sample)
            .ok_or(CurationError::NoResponse { sample })?;
        let now = row.edited(Some(sample));
        match text {
            None if now.is_none() => Err(CurationError::AlreadySo),
            Some(text) if text.trim().is_empty() => Err(CurationError::EmptyEdit),
            Some(text) if text == response.text => Err(CurationError::UnchangedEdit),
            text if text == now => Err(CurationError::AlreadySo),
            text => Ok(text.map(str::to_owned)),
        }
    }
}

/// Whether a person has said just this of a row, with these reasons, and it holds.
fn is_so(row: &Row, out: &Outcome, stamp: &Stamp) -> bool {
    let said = match out.kind {
        CurationAct::Adjudicate => row.settled_by.as_ref(),
        _ if row.settled_by.is_some() && !same(row.state, out.after) => None,
        _ => row.votes.iter().find(|vote| vote.actor == stamp.actor),
    };
    (is_vote(out.kind) || out.kind == CurationAct::Adjudicate)
        && said.is_some_and(|vote| {
            same(vote.state, out.after)
                && (stamp.reasons.is_empty() || stamp.reasons == vote.reasons)
                && (stamp.reason.is_none() || stamp.reason == vote.reason)
        })
}

/// Whether an act says what a person thinks of a pair.
fn is_vote(kind: CurationAct) -> bool {
    use CurationAct::{Accept, BothBad, BothGood, CannotJudge, Choose, Harmful, LeaveOut, Swap, Tie};
    matches!(kind, Accept | Swap | LeaveOut | Choose | Tie | BothGood | BothBad | CannotJudge | Harmful)
}

/// What settles a row: two different responses, or a status without a pair.
fn settled(row: &Row, state: RowState, there: impl Fn(u32) -> bool) -> Result<RowState, CurationError> {
    if state.status == RowStatus::Undecided {
        return Err(CurationError::NothingSettled);
    }
    match (state.chosen, state.rejected) {
        (Some(chosen), Some(rejected)) if chosen == rejected || !there(chosen) || !there(rejected) => {
            Err(CurationError::NotTwoResponses { chosen, rejected })
        }
        (Some(_), Some(_)) => Ok(RowState { flagged: row.state.flagged, ..state }),
        _ if state.status.holds_pair() => Err(CurationError::NoPair),
        _ => Ok(RowState { chosen: None, rejected: None, flagged: row.state.flagged, ..state }),
    }
}

/// What a verdict is called in the log.
fn verdict(status: RowStatus) -> CurationAct {
    match status {
        RowStatus::Undecided => CurationAct::Reset,
        RowStatus::Accepted => CurationAct::Accept,
        RowStatus::LeftOut => CurationAct::LeaveOut,
        RowStatus::Tie => CurationAct::Tie,
        RowStatus::BothGood => CurationAct::BothGood,
        RowStatus::BothBad => CurationAct::BothBad,
        RowStatus::CannotJudge => CurationAct::CannotJudge,
        RowStatus::Harmful => CurationAct::Harmful,
    }
}
