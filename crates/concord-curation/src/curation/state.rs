//! The fold of the curation log.
//!
//! The log is never shortened: undo and redo are events too, each of the person who asked for it. The state of a row is what
//! the latest standing vote left, or the method's pick where none stands, so that undoing everything always leads back to
//! the method. Where people differ, nothing is exported until somebody settles it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::act::PROGRAM;
pub use super::row::Row;
use super::row::Vote;
use crate::data::{CurationAct, CurationEvent, ExportRow, Language, Pair, RowState, Session, SkipReason};

/// An act of the log.
#[derive(Clone, Debug, PartialEq)]
struct Done {
    person: usize,
    kind: CurationAct,
    /// The rows that are there; at least one.
    rows: Vec<usize>,
    sample: Option<u32>,
    text: Option<String>,
    reasons: Vec<String>,
    reason: Option<String>,
    stands: bool,
}

/// Somebody who acted: their acts that stand, and those undone since their last act, the latest last.
#[derive(Clone, Debug, PartialEq)]
struct Person {
    actor: String,
    standing: Vec<usize>,
    undone: Vec<usize>,
}

/// What an act left of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Layer {
    act: usize,
    after: RowState,
}

/// A row that the same person judged a second time without being told.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// Id of its prompt.
    pub prompt_id: String,
    /// Its language.
    pub language: Language,
    /// Who.
    pub actor: String,
    /// What they had said.
    pub original: RowState,
    /// The order in which they had been shown the two sides, where that is known.
    pub original_order: Option<Vec<u32>>,
    /// What they said then.
    pub repeated: RowState,
    /// The order in which they were shown the two sides then.
    pub shown_order: Option<Vec<u32>>,
    act: usize,
}

/// The state folded from a session's pairs and log.
#[derive(Clone, Debug, PartialEq)]
pub struct Curation {
    rows: Vec<Row>,
    /// The rows of each prompt.
    index: HashMap<String, Vec<usize>>,
    /// What acts left of each row, in the order of the log; those undone are among them.
    layers: Vec<Vec<Layer>>,
    acts: Vec<Done>,
    people: Vec<Person>,
    repeats: Vec<Repeated>,
    /// The order in which people were last shown the sides of rows, by person and row.
    orders: HashMap<(usize, usize), Vec<u32>>,
}

impl Curation {
    /// Replays the log over the method's picks. Events about rows that are no longer there are passed over. Where no method
    /// has looked at a prompt and language with responses, there is a row without a pick.
    pub fn fold(session: &Session) -> Self {
        let mut rows: Vec<Row> = session.pairs.iter().map(Row::of_pair).collect();
        rows.extend(unpaired(session));
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, row) in rows.iter().enumerate() {
            index.entry(row.prompt_id.clone()).or_default().push(i);
        }
        let mut curation = Self {
            layers: vec![Vec::new(); rows.len()],
            rows,
            index,
            acts: Vec::new(),
            people: Vec::new(),
            repeats: Vec::new(),
            orders: HashMap::new(),
        };
        for event in &session.events {
            curation.replay(event);
        }
        for row_idx in 0..curation.rows.len() {
            curation.refresh(row_idx);
        }
        curation
    }

    /// Takes the next event of the log; the rows that may have changed.
    pub fn take(&mut self, event: &CurationEvent) -> Vec<usize> {
        let touched = self.replay(event);
        touched.iter().for_each(|row_idx| self.refresh(*row_idx));
        touched
    }

    /// Every row, in the order of the session's pairs, then those that no method has looked at.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows to export: accepted and undecided ones that have a pair which nobody disputes.
    pub fn export_rows(&self) -> Vec<ExportRow> {
        self.rows.iter().filter_map(Row::export).collect()
    }

    /// One row.
    pub fn row(&self, prompt_id: &str, language: &Language) -> Option<&Row> {
        self.row_idx(prompt_id, language).map(|i| &self.rows[i])
    }

    /// True if an act of this person stands that can be undone.
    pub fn can_undo(&self, actor: &str) -> bool {
        self.latest(actor, CurationAct::Undo).is_some()
    }

    /// True if an act of this person was undone since their last one.
    pub fn can_redo(&self, actor: &str) -> bool {
        self.latest(actor, CurationAct::Redo).is_some()
    }

    /// Everybody who acted, in the order of their first act.
    pub fn actors(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(|person| person.actor.as_str())
    }

    /// Rows that people judged a second time; those undone are not among them.
    pub fn repeats(&self) -> impl Iterator<Item = &Repeated> {
        self.repeats.iter().filter(|repeated| self.acts[repeated.act].stands)
    }

    /// Place of a row: that of the session's pair that it stands over, where there is one.
    pub fn row_idx(&self, prompt_id: &str, language: &Language) -> Option<usize> {
        self.index.get(prompt_id)?.iter().copied().find(|i| self.rows[*i].language == *language)
    }

    /// The rows that a person has decided, in the order of their standing votes.
    pub fn decided_by(&self, actor: &str) -> Vec<usize> {
        let person = self.people.iter().find(|person| person.actor == actor);
        let mut seen = HashSet::new();
        let acts = person.into_iter().flat_map(|person| person.standing.iter().rev());
        let latest_first = acts.flat_map(|act| self.acts[*act].rows.iter().rev().copied());
        let is_voted = |row: &usize| self.rows[*row].votes.iter().any(|vote| vote.actor == actor);
        let mut rows: Vec<usize> = latest_first.filter(|row| seen.insert(*row)).filter(is_voted).collect();
        rows.reverse();
        rows
    }

    /// The order in which a person was last shown the sides of a row.
    pub fn shown_order(&self, actor: &str, row_idx: usize) -> Option<&[u32]> {
        let person = self.people.iter().position(|person| person.actor == actor)?;
        self.orders.get(&(person, row_idx)).map(Vec::as_slice)
    }

    /// What an undo or a redo of a person is about now: the act, and its rows.
    pub(super) fn latest(&self, actor: &str, kind: CurationAct) -> Option<(usize, &[usize])> {
        let person = self.people.iter().find(|person| person.actor == actor)?;
        let acts = if kind == CurationAct::Undo { &person.standing } else { &person.undone };
        acts.last().map(|act| (*act, self.acts[*act].rows.as_slice()))
    }

    /// What a row would be if an act were undone that stands, or stood again.
    pub(super) fn state_without(&self, row_idx: usize, act: usize) -> RowState {
        self.folded(row_idx, Some(act)).state
    }

    /// Takes an event into the log's order; the rows that it is about. An undo or a redo is of the person and the row that it
    /// names: of one that is not there, or of another tab's latest act, it takes nothing back that it did not mean.
    fn replay(&mut self, event: &CurationEvent) -> Vec<usize> {
        let others = event.rows.iter().map(|row| (&row.item, &row.lang, row.after));
        let named = std::iter::once((&event.item, &event.lang, event.after)).chain(others);
        let found: Vec<(usize, RowState)> = named
            .filter_map(|(item, language, after)| Some((self.row_idx(item, language)?, after)))
            .collect();
        let Some(&(first, _)) = found.first() else { return Vec::new() };
        let person = self.person(&event.actor);
        let Person { standing, undone, .. } = &mut self.people[person];
        let (from, to) = match event.event {
            CurationAct::Undo => (standing, undone),
            CurationAct::Redo => (undone, standing),
            kind => {
                let act = self.acts.len();
                standing.push(act);
                undone.clear();
                if kind == CurationAct::Repeat {
                    self.note_repeat(act, person, first, event);
                } else if let Some(order) = &event.shown_order {
                    self.orders.insert((person, first), order.clone());
                }
                for (row_idx, after) in &found {
                    self.layers[*row_idx].push(Layer { act, after: *after });
                }
                let rows: Vec<usize> = found.into_iter().map(|(row_idx, _)| row_idx).collect();
                self.acts.push(Done {
                    person,
                    kind,
                    rows: rows.clone(),
                    sample: event.sample,
                    text: event.text.clone(),
                    reasons: event.reasons.clone(),
                    reason: event.reason.clone(),
                    stands: true,
                });
                return rows;
            }
        };
        let Some(at) = from.iter().rposition(|act| self.acts[*act].rows[0] == first) else {
            return Vec::new();
        };
        let act = from.remove(at);
        to.push(act);
        self.acts[act].stands = event.event == CurationAct::Redo;
        self.acts[act].rows.clone()
    }

    fn person(&mut self, actor: &str) -> usize {
        self.people.iter().position(|person| person.actor == actor).unwrap_or_else(|| {
            let actor = actor.to_owned();
            self.people.push(Person { actor, standing: Vec::new(), undone: Vec::new() });
            self.people.len() - 1
        })
    }

    fn note_repeat(&mut self, act: usize, person: usize, row_idx: usize, event: &CurationEvent) {
        let before = self.folded(row_idx, None);
        let own = before.votes.iter().find(|vote| vote.actor == event.actor);
        self.repeats.push(Repeated {
            prompt_id: event.item.clone(),
            language: event.lang.clone(),
            actor: event.actor.clone(),
            original: own.map_or(event.before, |vote| vote.state),
            original_order: self.orders.get(&(person, row_idx)).cloned(),
            repeated: event.after,
            shown_order: event.shown_order.clone(),
            act,
        });
    }

    fn refresh(&mut self, row_idx: usize) {
        let Folded { state, votes, settled_by, note, edits } = self.folded(row_idx, None);
        let row = &mut self.rows[row_idx];
        (row.state, row.votes, row.settled_by, row.note, row.edits) = (state, votes, settled_by, note, edits);
    }

    /// What the standing acts make of a row; `turned` counts as undone if it stands, and the other way round.
    fn folded(&self, row_idx: usize, turned: Option<usize>) -> Folded {
        let mut out = Folded { state: self.rows[row_idx].method, ..Folded::default() };
        for layer in &self.layers[row_idx] {
            let done = &self.acts[layer.act];
            if done.stands == (turned == Some(layer.act)) {
                continue;
            }
            let actor = &self.people[done.person].actor;
            let vote = || Vote {
                actor: actor.clone(),
                state: layer.after,
                reasons: done.reasons.clone(),
                reason: done.reason.clone(),
            };
            match (done.kind, done.sample, &done.text) {
                (CurationAct::Flag, ..) => out.state.flagged = layer.after.flagged,
                (CurationAct::Note, ..) => out.note.clone_from(&done.text),
                (CurationAct::Edit, Some(sample), Some(text)) => {
                    out.edits.insert(sample, text.clone());
                }
                (CurationAct::Edit, Some(sample), None) => {
                    out.edits.remove(&sample);
                }
                (CurationAct::Edit | CurationAct::Repeat | CurationAct::Undo | CurationAct::Redo, ..) => {}
                (CurationAct::Adjudicate, ..) => out.settled_by = Some(vote()),
                (kind, ..) => {
                    // Responses that were made again are not what anybody voted on.
                    let is_of_all = actor == PROGRAM;
                    out.votes.retain(|vote| !is_of_all && vote.actor != *actor);
                    out.settled_by = None;
                    if kind != CurationAct::Reset {
                        out.votes.push(vote());
                    }
                }
            }
        }
        let flagged = out.state.flagged;
        for vote in out.votes.iter_mut().chain(&mut out.settled_by) {
            vote.state.flagged = flagged;
        }
        if let Some(vote) = out.settled_by.as_ref().or(out.votes.last()) {
            out.state = vote.state;
        }
        out
    }
}

/// What acts make of a row.
#[derive(Default)]
struct Folded {
    state: RowState,
    votes: Vec<Vote>,
    settled_by: Option<Vote>,
    note: Option<String>,
    edits: BTreeMap<u32, String>,
}

/// Rows for prompts and languages with responses that no method has looked at, in reading order. Beside rows that one has
/// looked at, the anchor's are the reference's.
fn unpaired(session: &Session) -> Vec<Row> {
    type Key<'a> = (&'a str, &'a Language);
    let languages = &session.config.languages;
    if session.pairs.len() >= session.prompts.len() * languages.len() {
        return Vec::new();
    }
    let there: HashSet<Key<'_>> = session.pairs.iter().map(|p| (p.prompt_id.as_str(), &p.language)).collect();
    let prompts: HashMap<&str, usize> =
        session.prompts.iter().enumerate().map(|(i, prompt)| (prompt.id.as_str(), i)).collect();
    let languages: HashMap<&Language, usize> = languages.iter().enumerate().map(|(i, l)| (l, i)).collect();
    let candidates = session.responses.iter().filter(|response| response.is_candidate());
    // In reading order, each once.
    let answered: BTreeMap<(usize, usize), Key<'_>> = candidates
        .map(|response| (response.prompt_id.as_str(), &response.language))
        .filter(|key| !there.contains(key))
        .filter_map(|key| Some(((*prompts.get(key.0)?, *languages.get(key.1)?), key)))
        .collect();
    let row = |(prompt_id, language): Key<'_>| {
        let is_anchors = !there.is_empty() && *language == session.config.anchor;
        Row::without_pick(prompt_id, language, is_anchors.then_some(SkipReason::AnchorLanguage))
    };
    answered.into_values().map(row).collect()
}

/// The rows to export: accepted and undecided ones that have a pair which nobody disputes.
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
