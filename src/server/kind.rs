//! The servers that people use, what each says of itself, and how each is started for a page.

use serde::{Deserialize, Serialize};

use crate::job::Dialect;

/// Browsers as far as they differ in reaching a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chrome, Edge and others: they ask a person before a page reaches this computer or its network.
    Chromium,
    /// Firefox.
    Firefox,
    /// Safari, and every browser on iOS.
    Safari,
    /// One that is not known.
    Other,
}

impl Browser {
    /// From the text that browsers send of themselves.
    pub fn of(user_agent: &str) -> Self {
        let says = |word: &str| user_agent.contains(word);
        match () {
            () if says("Firefox/") => Self::Firefox,
            () if says("Chrome/") || says("Chromium/") => Self::Chromium,
            () if says("Safari/") && says("AppleWebKit/") => Self::Safari,
            () => Self::Other,
        }
    }
}

/// A server by the program that it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerKind {
    /// vLLM.
    Vllm,
    /// llama.cpp's own.
    LlamaServer,
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// SGLang.
    Sglang,
    /// llama-cpp-python.
    LlamaCppPython,
    /// OpenAI's service.
    Openai,
    /// Any other.
    #[default]
    Unknown,
}

/// A command to copy, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, or the place where it is set.
    pub name: &'static str,
    /// What to type.
    pub text: String,
}

impl ServerKind {
    /// The kind by what a server's list of models says in `owned_by`.
    pub fn by_owner(owner: &str) -> Self {
        match owner {
            "vllm" => Self::Vllm,
            "llamacpp" => Self::LlamaServer,
            "library" => Self::Ollama,
            "organization_owner" => Self::LmStudio,
            "sglang" => Self::Sglang,
            "me" => Self::LlamaCppPython,
            "openai" | "system" => Self::Openai,
            _ => Self::Unknown,
        }
    }

    /// The kind by a port that no other is known to use.
    pub fn by_port(port: u16) -> Self {
        match port {
            9931 => Self::LlamaServer,
            11434 => Self::Ollama,
            1234 => Self::LmStudio,
            30000 => Self::Sglang,
            _ => Self::Unknown,
        }
    }

    /// Its name, `None` where it is not known.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Vllm => Some("vLLM"),
            Self::LlamaServer => Some("llama-server"),
            Self::Ollama => Some("Ollama"),
            Self::LmStudio => Some("LM Studio"),
            Self::Sglang => Some("SGLang"),
            Self::LlamaCppPython => Some("llama-cpp-python"),
            Self::Openai => Some("OpenAI"),
            Self::Unknown => None,
        }
    }

    /// How to start it so that a page of `origin` may ask it; for one that is not known, how to start each of the usual four.
    ///
    /// SGLang and llama-cpp-python let every page in, and nobody can start OpenAI's.
    pub fn starts(self, origin: &str) -> Vec<Command> {
        let all = [Self::Vllm, Self::LlamaServer, Self::Ollama, Self::LmStudio];
        let of = |kind: &Self| {
            let text = match kind {
                Self::Vllm => format!("vllm serve MODEL --allowed-origins '[\"{origin}\"]'"),
                Self::LlamaServer => format!("llama-server -m MODEL.gguf --cors-origins {origin}"),
                Self::Ollama => format!("OLLAMA_ORIGINS={origin} ollama serve"),
                Self::LmStudio => "lms server start --cors".to_owned(),
                _ => return None,
            };
            Some(Command { name: kind.name()?, text })
        };
        if self == Self::Unknown {
            all.iter().filter_map(of).collect()
        } else {
            of(&self).into_iter().collect()
        }
    }

    /// Which requests it understands.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Vllm => Dialect::Vllm,
            Self::LlamaServer => Dialect::LlamaServer,
            Self::Openai => Dialect::Openai,
            _ => Dialect::Other,
        }
    }

    /// Whether it refuses fields that it does not know.
    pub fn is_strict(self) -> bool {
        self == Self::Openai
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_what_they_send() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0";
        let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
        let on_ios = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1";
        for (text, browser) in [
            (chrome, Browser::Chromium),
            (firefox, Browser::Firefox),
            (safari, Browser::Safari),
            (on_ios, Browser::Safari),
            ("curl/8", Browser::Other),
        ] {
            assert_eq!(Browser::of(text), browser, "{text}");
        }
    }

    #[test]
    fn each_kind_is_started_by_its_own_command_and_an_unknown_one_by_four() {
        let origin = "https://concord.example";
        let of =
            |kind: ServerKind| kind.starts(origin).into_iter().map(|start| start.text).collect::<Vec<_>>();
        assert_eq!(
            of(ServerKind::Vllm),
            ["vllm serve MODEL --allowed-origins '[\"https://concord.example\"]'"]
        );
        assert_eq!(
            of(ServerKind::LlamaServer),
            ["llama-server -m MODEL.gguf --cors-origins https://concord.example"]
        );
        assert_eq!(of(ServerKind::Ollama), ["OLLAMA_ORIGINS=https://concord.example ollama serve"]);
        assert_eq!(of(ServerKind::LmStudio), ["lms server start --cors"]);
        assert_eq!(of(ServerKind::Unknown).len(), 4);
        assert!(of(ServerKind::Sglang).is_empty() && of(ServerKind::Openai).is_empty());
    }

    #[test]
    fn a_kind_is_known_by_its_list_of_models_or_its_port() {
        assert_eq!(ServerKind::by_owner("llamacpp"), ServerKind::LlamaServer);
        assert_eq!(ServerKind::by_owner("acme"), ServerKind::Unknown);
        assert_eq!(ServerKind::by_port(11434), ServerKind::Ollama);
        assert_eq!(ServerKind::by_port(8080), ServerKind::Unknown, "many programs listen there");
        assert_eq!(serde_json::to_value(ServerKind::LlamaServer).unwrap(), "llama-server");
    }
}
