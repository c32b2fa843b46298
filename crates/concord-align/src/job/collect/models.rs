//! Which model the results are of, and whether it is the one that was asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The names that servers gave, and which of them count.
#[derive(Debug, Default)]
pub(super) struct Models {
    names: Vec<String>,
    is_asked: Vec<bool>,
    /// The one that a person chose.
    pub(super) accepted: Option<String>,
}

/// The results are not, or not all, of the model that was asked for; a person has to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelQuestion {
    /// What the job asked for.
    pub asked: String,
    /// What the servers say answered, with how many responses.
    pub served: Vec<(String, usize)>,
}

impl Models {
    pub(super) fn number(&mut self, asked: &str, served: &str) -> usize {
        self.names.iter().position(|name| name == served).unwrap_or_else(|| {
            self.names.push(served.to_owned());
            self.is_asked.push(is_same_model(asked, served));
            self.names.len() - 1
        })
    }

    /// What a response's server called its model. Those that were in the session, and of servers that say nothing, have none.
    pub(super) fn name(&self, number: Option<usize>) -> Option<&str> {
        number.map(|number| self.names[number].as_str())
    }

    pub(super) fn takes(&self, number: Option<usize>) -> bool {
        let (Some(accepted), Some(name)) = (&self.accepted, self.name(number)) else { return true };
        name == accepted
    }

    /// What is to be asked: nothing where a person has chosen, or all results are of the model that was asked for.
    pub(super) fn question(&self, asked: &str, n_of: &BTreeMap<String, usize>) -> Option<ModelQuestion> {
        let is_asked = |name: &String| {
            self.names.iter().zip(&self.is_asked).any(|(known, is_asked)| known == name && *is_asked)
        };
        let is_clear = n_of.len() <= 1 && n_of.keys().all(is_asked);
        let served = || n_of.iter().map(|(name, n)| (name.clone(), *n)).collect();
        (self.accepted.is_none() && !is_clear)
            .then(|| ModelQuestion { asked: asked.to_owned(), served: served() })
    }
}

/// Whether a served name is the asked one: the same, or the same behind the last `/`, whatever its case and the ending `.gguf`.
pub fn is_same_model(asked: &str, served: &str) -> bool {
    let last = |name: &str| {
        let name = name.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
        name.strip_suffix(".gguf").unwrap_or(&name).to_owned()
    };
    last(asked) == last(served)
}
