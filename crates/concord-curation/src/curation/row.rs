//! One row as it stands: the method's pick, what people said, and what goes out.

use std::collections::BTreeMap;

use crate::data::{ExportRow, Language, Pair, RowRecord, RowState, RowStatus, SkipReason};

/// What one person said of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// Who.
    pub actor: String,
    /// What they left.
    pub state: RowState,
    /// Reasons they picked from a list.
    pub reasons: Vec<String>,
    /// Why, in their own words.
    pub reason: Option<String>,
}

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
    /// What each person said who decided, the latest last.
    pub votes: Vec<Vote>,
    /// Who settled it, where several people had decided differently and nobody has decided since.
    pub settled_by: Option<Vote>,
    /// The latest remark.
    pub note: Option<String>,
    /// Texts that people gave responses, by sample.
    pub edits: BTreeMap<u32, String>,
}

impl Row {
    /// A row over what a method picked.
    pub(super) fn of_pair(pair: &Pair) -> Self {
        let method = RowState { chosen: pair.chosen, rejected: pair.rejected, ..RowState::default() };
        Self {
            method,
            margin: pair.margin,
            skip: pair.skip,
            state: method,
            ..Self::without_pick(&pair.prompt_id, &pair.language, None)
        }
    }

    /// A row that no method has picked anything for.
    pub(super) fn without_pick(prompt_id: &str, language: &Language, skip: Option<SkipReason>) -> Self {
        Self {
            prompt_id: prompt_id.to_owned(),
            language: language.clone(),
            method: RowState::default(),
            margin: None,
            skip,
            state: RowState::default(),
            votes: Vec::new(),
            settled_by: None,
            note: None,
            edits: BTreeMap::new(),
        }
    }

    /// True if the row has a chosen and a rejected response now.
    pub fn has_pair(&self) -> bool {
        self.state.chosen.is_some() && self.state.rejected.is_some()
    }

    /// Whether the method picked a pair.
    pub fn has_pick(&self) -> bool {
        self.method.chosen.is_some() && self.method.rejected.is_some()
    }

    /// Whether a person's pair differs from the method's.
    pub fn is_changed(&self) -> bool {
        (self.state.chosen, self.state.rejected) != (self.method.chosen, self.method.rejected)
    }

    /// Whether people decided differently and nobody has settled it.
    pub fn is_conflict(&self) -> bool {
        self.settled_by.is_none() && self.votes.windows(2).any(|two| !same(two[0].state, two[1].state))
    }

    /// Whether it is among the rows that people work through: the anchor's rows are the reference's unless they hold a pair
    /// or somebody said something of them.
    pub fn is_listed(&self) -> bool {
        self.has_pair()
            || self.skip != Some(SkipReason::AnchorLanguage)
            || self.state.status != RowStatus::Undecided
    }

    /// True if this row would be written to an export.
    pub fn is_exported(&self) -> bool {
        self.state.status.holds_pair() && self.has_pair() && !self.is_conflict()
    }

    /// The text that a person gave a response.
    pub fn edited(&self, sample: Option<u32>) -> Option<&str> {
        self.edits.get(&sample?).map(String::as_str)
    }

    /// Whether a person rewrote one of its two sides; where it has none, any of its responses.
    pub fn is_edited(&self) -> bool {
        let sides = [self.state.chosen, self.state.rejected];
        match self.has_pair() {
            true => sides.into_iter().any(|side| self.edited(side).is_some()),
            false => !self.edits.is_empty(),
        }
    }

    /// What stands behind the state: who settled it, else everybody who decided.
    fn behind(&self) -> impl Iterator<Item = &Vote> {
        let votes = if self.settled_by.is_some() { &[] } else { self.votes.as_slice() };
        self.settled_by.iter().chain(votes)
    }

    /// How the row came to be as it is, for an export.
    pub fn record(&self) -> RowRecord {
        let mut reasons: Vec<String> = Vec::new();
        for reason in self.behind().flat_map(|vote| &vote.reasons) {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        RowRecord {
            status: self.state.status,
            is_changed: self.is_changed(),
            is_flagged: self.state.flagged,
            is_settled: self.settled_by.is_some(),
            actors: self.behind().map(|vote| vote.actor.clone()).collect(),
            reasons,
            note: self.note.clone(),
            chosen_text: self.edited(self.state.chosen).map(str::to_owned),
            rejected_text: self.edited(self.state.rejected).map(str::to_owned),
        }
    }

    /// The row to export, where there is one.
    pub fn export(&self) -> Option<ExportRow> {
        let (chosen, rejected) = self.state.chosen.zip(self.state.rejected).filter(|_| self.is_exported())?;
        Some(ExportRow {
            prompt_id: self.prompt_id.clone(),
            language: self.language.clone(),
            chosen,
            rejected,
            record: self.record(),
        })
    }
}

/// Whether two states say the same of the pair.
pub(super) fn same(a: RowState, b: RowState) -> bool {
    (a.chosen, a.rejected, a.status) == (b.chosen, b.rejected, b.status)
}
