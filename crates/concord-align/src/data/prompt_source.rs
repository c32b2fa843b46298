//! What is known of a prompt set as a whole: its name, where it comes from, and its licence.

use serde::{Deserialize, Serialize};

/// Where datasets of the Hub are.
const HUB: &str = "https://huggingface.co/datasets/";

/// Name, source and licence of a prompt set, each as a person wrote it; empty where nobody has said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromptSource {
    /// What the set is called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it comes from: an address, a dataset on the Hub, or who wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Its licence: an SPDX identifier such as `CC-BY-SA-4.0`, or free text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub licence: String,
}

impl PromptSource {
    /// A set of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        [&self.name, &self.source, &self.licence].into_iter().all(String::is_empty)
    }

    /// The dataset on the Hub that the source names, as `owner/name`.
    pub fn hub_dataset(&self) -> Option<&str> {
        let path = self.source.strip_prefix(HUB).unwrap_or(&self.source).trim_end_matches('/');
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let (owner, name) = path.split_once('/')?;
        (is_name(owner) && is_name(name)).then_some(path)
    }

    /// All that is known, in one line: `MGSM, from juletxara/mgsm, licence CC-BY-SA-4.0`.
    pub fn line(&self) -> String {
        let part = |before: &str, text: &str| (!text.is_empty()).then(|| format!("{before}{text}"));
        let parts = [part("", &self.name), part("from ", &self.source), part("licence ", &self.licence)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_of_the_hub_is_told_from_other_sources() {
        for (source, wanted) in [
            ("juletxara/mgsm", Some("juletxara/mgsm")),
            ("https://huggingface.co/datasets/juletxara/mgsm/", Some("juletxara/mgsm")),
            ("https://example.org/a/b", None),
            ("our own / 2026", None),
            ("mgsm", None),
            ("a/b/c", None),
            ("", None),
        ] {
            let set = PromptSource { source: source.into(), ..PromptSource::default() };
            assert_eq!(set.hub_dataset(), wanted, "{source}");
        }
    }

    #[test]
    fn what_nobody_said_is_not_written() {
        assert_eq!(serde_json::to_string(&PromptSource::named("x")).unwrap(), r#"{"name":"x"}"#);
        let all = PromptSource { name: "x".into(), source: "y".into(), licence: "z".into() };
        assert_eq!(all.line(), "x, from y, licence z");
        assert_eq!(PromptSource { name: String::new(), ..all }.line(), "from y, licence z");
        assert!(serde_json::from_str::<PromptSource>("{}").unwrap().is_empty());
    }
}
