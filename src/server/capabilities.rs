//! What a server can do, and which methods that is enough for.

use serde::{Deserialize, Serialize};

use super::ServerKind;
use crate::data::{LiveServer, Method};

/// What was found out about a server and one of its models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// The program.
    pub kind: ServerKind,
    /// The model that was asked, by the server's name for it.
    pub model: String,
    /// The name under which it answered, where it said one.
    pub served: Option<String>,
    /// One request may ask for several samples.
    pub several: bool,
    /// Sample i of a request has the request's seed + i, so that it does not matter how samples are asked for.
    pub counts_seeds: bool,
    /// The same seed gives the same text.
    pub seed: bool,
    /// All texts that were sampled were equal, whatever the seed.
    pub equal_texts: bool,
    /// It says the log-probs of what it samples.
    pub logprobs: bool,
    /// It says the ids of the tokens.
    pub token_ids: bool,
    /// It says the log-probs of a prompt's tokens.
    pub prompt_logprobs: bool,
    /// It turns texts into vectors.
    pub embeddings: bool,
}

/// A server that was found, as a run needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Found {
    /// Its address.
    pub base: String,
    /// Whether its key goes into a header of llama-server's own.
    pub has_own_header: bool,
    /// What it can do.
    pub can: Capabilities,
}

impl Found {
    /// What a session keeps of it.
    pub fn record(&self) -> LiveServer {
        LiveServer { address: self.base.clone(), can: self.can.names() }
    }
}

impl Capabilities {
    /// The names of what it can do.
    pub fn names(&self) -> Vec<String> {
        let all = [
            ("several", self.several),
            ("countsSeeds", self.counts_seeds),
            ("seed", self.seed),
            ("logprobs", self.logprobs),
            ("tokenIds", self.token_ids),
            ("promptLogprobs", self.prompt_logprobs),
            ("embeddings", self.embeddings),
        ];
        all.into_iter().filter(|(_, can)| *can).map(|(name, _)| name.to_owned()).collect()
    }

    /// How many of a row's `n` samples one request asks for. One alone where they would not differ, or would depend on how they
    /// are asked for; OpenAI's promises no seeds, and bills a prompt once a request.
    pub fn samples_per_request(&self, n: u32) -> u32 {
        let is_safe = self.counts_seeds || self.kind.is_strict();
        if self.several && is_safe && !self.equal_texts { n.max(1) } else { 1 }
    }

    /// What a method needs beside this server's responses; `None` where they are enough.
    pub fn lacks(&self, method: Method) -> Option<&'static str> {
        match method {
            Method::CmAlign | Method::RandomReference => None,
            Method::Mapo | Method::Icr if self.prompt_logprobs => None,
            Method::Mapo | Method::Icr => Some(
                "ICR and MAPO need the log-probs of given texts, which this server does not say: use vLLM, or this page's engine.",
            ),
            Method::Lidr => Some("LIDR needs translations, for which a model is loaded in this page."),
            Method::Lacomsa => Some(
                "LaCoMSA needs states from the model's middle, which no such server sends: use this page's engine.",
            ),
        }
    }

    /// What a person should know before a run, a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut note = |is_so: bool, text: &str| {
            if is_so {
                notes.push(text.to_owned());
            }
        };
        note(self.equal_texts, "This server gives the same text for every sample: its seed is fixed.");
        let is_single = self.samples_per_request(2) == 1;
        note(is_single, "This server gives one sample a request; Concord asks n times.");
        note(
            !self.seed && !self.equal_texts,
            "The same seed gives another text here: a run cannot be repeated exactly.",
        );
        note(
            !self.logprobs,
            "No log-probs from this server. CM-Align and the random reference work without; the losses of the current model cannot be shown.",
        );
        note(
            !self.embeddings,
            "No embeddings from this server: responses are compared by this page's engine.",
        );
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Capabilities {
        Capabilities {
            kind: ServerKind::Vllm,
            model: "m".to_owned(),
            served: None,
            several: true,
            counts_seeds: true,
            seed: true,
            equal_texts: false,
            logprobs: true,
            token_ids: true,
            prompt_logprobs: true,
            embeddings: true,
        }
    }

    #[test]
    fn samples_are_asked_for_together_only_where_that_changes_nothing() {
        for (found, expected) in [
            (all(), 8),
            (Capabilities { several: false, ..all() }, 1),
            (Capabilities { counts_seeds: false, ..all() }, 1),
            (Capabilities { counts_seeds: false, kind: ServerKind::Openai, ..all() }, 8),
            (Capabilities { equal_texts: true, ..all() }, 1),
        ] {
            assert_eq!(found.samples_per_request(8), expected, "{found:?}");
        }
        assert_eq!(all().samples_per_request(0), 1);
    }

    #[test]
    fn what_is_missing_is_said_with_what_to_use_instead() {
        assert_eq!(all().notes(), [""; 0]);
        let none = Capabilities::default();
        let notes = none.notes().join(" ");
        for part in ["Concord asks n times", "No log-probs", "No embeddings", "cannot be repeated"] {
            assert!(notes.contains(part), "{notes}");
        }
        let fixed = Capabilities { equal_texts: true, ..all() };
        assert!(fixed.notes()[0].contains("its seed is fixed"));
        for method in Method::ALL {
            let is_enough = matches!(method, Method::CmAlign | Method::RandomReference);
            assert_eq!(none.lacks(method).is_none(), is_enough, "{method:?}");
        }
        assert_eq!(all().lacks(Method::Icr), None);
        assert!(none.lacks(Method::Icr).unwrap().contains("use vLLM"));
        assert!(all().lacks(Method::Lacomsa).unwrap().contains("this page's engine"));
    }

    #[test]
    fn a_session_keeps_what_was_found_by_the_names_of_the_record() {
        let found = Found { base: "http://localhost:8080/v1".to_owned(), has_own_header: true, can: all() };
        let LiveServer { address, can } = found.record();
        assert_eq!(address, "http://localhost:8080/v1");
        let record = serde_json::to_value(all()).unwrap();
        let is_true: std::collections::BTreeSet<_> = record
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| **value == true)
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(can.into_iter().collect::<std::collections::BTreeSet<_>>(), is_true);
        assert_eq!(Capabilities::default().names(), [""; 0]);
    }

    #[test]
    fn what_was_found_can_be_kept() {
        let text = serde_json::to_string(&all()).unwrap();
        assert!(text.contains(r#""countsSeeds":true"#) && text.contains(r#""kind":"vllm""#), "{text}");
        assert_eq!(serde_json::from_str::<Capabilities>(&text).unwrap(), all());
        assert_eq!(serde_json::from_str::<Capabilities>("{}").unwrap(), Capabilities::default());
    }
}
