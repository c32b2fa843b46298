//! Which model the results are of, and whether it is the one that was asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::Job;

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
    pub(super) fn number(&mut self, job: &Job, served: &str) -> usize {
        self.names.iter().position(|name| name == served).unwrap_or_else(|| {
            self.names.push(served.to_owned());
            self.is_asked.push(job.is_model(served));
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

/// Whether a served name is the asked one: the same, or the same behind the last `/`, whatever its case. A file is called after
/// its model, with its quantisation and `.gguf` behind: that is said in the session, and no other model.
pub fn is_same_model(asked: &str, served: &str) -> bool {
    let last =
        |name: &str| name.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    let (asked, served) = (last(asked), last(served));
    let file = served.strip_suffix(".gguf");
    let plain = file.and_then(|name| name.rsplit_once(['.', '-'])).filter(|(_, end)| is_quantisation(end));
    asked == served || [file, plain.map(|(name, _)| name)].contains(&Some(asked.as_str()))
}

/// Such as `q4_k_m`, `iq2_xs` and `bf16`.
fn is_quantisation(end: &str) -> bool {
    let bits = end.strip_prefix("iq").or(end.strip_prefix('q'));
    bits.is_some_and(|bits| bits.starts_with(|c: char| c.is_ascii_digit()))
        || ["f16", "bf16", "f32"].contains(&end)
}

#[cfg(test)]
mod tests {
    use super::is_same_model;

    #[test]
    fn a_model_is_known_by_its_name_and_by_its_files() {
        let asked = "HuggingFaceTB/SmolLM2-135M-Instruct";
        for (served, is_same) in [
            ("HuggingFaceTB/SmolLM2-135M-Instruct", true),
            ("smollm2-135m-instruct", true),
            ("/models/SmolLM2-135M-Instruct.gguf", true),
            ("C:\\models\\SmolLM2-135M-Instruct.Q4_1.gguf", true),
            ("SmolLM2-135M-Instruct-Q4_K_M.gguf", true),
            ("smollm2-135m-instruct-bf16.gguf", true),
            ("SmolLM2-360M-Instruct.Q4_1.gguf", false),
            ("SmolLM2-135M", false),
            ("SmolLM2-135M-Instruct-Q4_1", false),
            ("", false),
        ] {
            assert_eq!(is_same_model(asked, served), is_same, "{served}");
        }
    }
}
