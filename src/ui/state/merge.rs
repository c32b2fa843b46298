//! Another person's decisions, read from a file and not yet taken.

use std::{collections::BTreeMap, sync::Arc};

use crate::curation::PERSON;
use crate::data::{CurationEvent, Merged, merge_logs, renamed};

/// Another person's decisions on the session that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeOffer {
    /// The file's name.
    pub file: String,
    /// Its log.
    pub theirs: Arc<Vec<CurationEvent>>,
    /// Names that need another one, and that one: they stand for two people, or for nobody.
    pub names: BTreeMap<String, String>,
    /// Whether its pairs were picked with other settings.
    pub has_other_picks: bool,
}

impl MergeOffer {
    /// Reads who decided, and finds the names that must change. `file` suggests one.
    pub fn new(
        file: String,
        theirs: Vec<CurationEvent>,
        ours: &[CurationEvent],
        has_other_picks: bool,
    ) -> Self {
        let merged = merge_logs(ours, &theirs);
        let new = &merged.events[ours.len()..];
        let mut names: Vec<String> = merged.on_both_sides;
        if new.iter().any(|event| event.actor == PERSON) && !names.iter().any(|name| name == PERSON) {
            names.push(PERSON.to_owned());
        }
        let stem = file.split('.').next().unwrap_or_default().to_owned();
        let names = names.into_iter().map(|name| (name, stem.clone())).collect();
        Self { file, theirs: Arc::new(theirs), names, has_other_picks }
    }

    /// What taking it would come to.
    pub fn merged(&self, ours: &[CurationEvent]) -> Merged {
        let mut theirs = self.theirs.to_vec();
        for (from, to) in &self.names {
            theirs = renamed(ours, &theirs, from, to.trim());
        }
        merge_logs(ours, &theirs)
    }

    /// What still stands in the way, in words.
    pub fn blocker(&self, merged: &Merged) -> Option<String> {
        if self.names.values().any(|name| name.trim().is_empty() || name.trim() == PERSON) {
            return Some("Say who decided in that file.".to_owned());
        }
        let name = merged.on_both_sides.first()?;
        Some(format!(
            "{name} has decided here as well, and otherwise. Give the decisions of the file another name."
        ))
    }
}
