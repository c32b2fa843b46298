//! How an encoder makes one vector of a text: pooling, normalisation and what goes before the text.
//!
//! From what lies beside the weights: `pooling_type` in GGUF; `modules.json`, `1_Pooling/config.json`,
//! `config_sentence_transformers.json` and `sentence_bert_config.json` of the Sentence Transformers library (Reimers and
//! Gurevych 2019). Where these say nothing, from a table of models known by name.

use serde::Deserialize;
use serde_json::Value;

use super::error::WeightsError;
use super::hyperparameters::Hyperparameters;
use super::metadata::Metadata;
use super::pooling::Pooling;

/// How vectors are made, and compared.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderProfile {
    /// Which states are pooled.
    pub pooling: Pooling,
    /// Vectors are scaled to length 1.
    pub normalise: bool,
    /// Goes before a text that is compared with others of its kind, as responses are.
    pub prefix: String,
    /// Goes before a question.
    pub query_prefix: String,
    /// Goes before a text that may answer one.
    pub passage_prefix: String,
    /// Tokens of the longest text, those around it among them; what is longer is cut.
    pub max_tokens: u32,
    /// Cosine, or the dot product.
    pub similarity: String,
    /// Where this comes from, for people.
    pub source: String,
}

/// The files of the Sentence Transformers library beside the weights, where there are any.
#[derive(Clone, Debug, Default)]
pub struct ProfileFiles {
    /// `modules.json`
    pub modules: Option<Vec<u8>>,
    /// `1_Pooling/config.json`
    pub pooling: Option<Vec<u8>>,
    /// `config_sentence_transformers.json`
    pub settings: Option<Vec<u8>>,
    /// `sentence_bert_config.json`
    pub transformer: Option<Vec<u8>>,
}

/// A model by a part of its name, with what its authors say of it: pooling, and prefixes for texts among their like, for
/// questions and for passages.
struct Known {
    name: &'static str,
    pooling: Pooling,
    prefixes: [&'static str; 3],
}

const fn known(name: &'static str, pooling: Pooling, prefixes: [&'static str; 3]) -> Known {
    Known { name, pooling, prefixes }
}

/// The instruction that Qwen3-Embedding's authors give for questions.
const QWEN3_QUERY: &str =
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:";

/// EmbeddingGemma's instructions for texts among their like, for questions and for passages.
const GEMMA: [&str; 3] =
    ["task: sentence similarity | query: ", "task: search result | query: ", "title: none | text: "];

/// Encoders known by name; the first that fits. Sources: the models' own cards.
const KNOWN: [Known; 10] = [
    known("e5", Pooling::Mean, ["query: ", "query: ", "passage: "]),
    known("qwen3-embedding", Pooling::Last, ["", QWEN3_QUERY, ""]),
    known("embeddinggemma", Pooling::Mean, GEMMA),
    known("gte-multilingual", Pooling::First, [""; 3]),
    known("bge", Pooling::First, [""; 3]),
    known("arctic-embed", Pooling::First, ["", "query: ", ""]),
    known("minilm", Pooling::Mean, [""; 3]),
    known("labse", Pooling::First, [""; 3]),
    known("mpnet", Pooling::Mean, [""; 3]),
    known("gte", Pooling::Mean, [""; 3]),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct PoolingConfig {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
    pooling_mode_max_tokens: bool,
    pooling_mode_mean_sqrt_len_tokens: bool,
    pooling_mode_weightedmean_tokens: bool,
    pooling_mode_lasttoken: bool,
    /// The newer form: one word.
    pooling_mode: Option<String>,
    include_prompt: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    prompts: Option<serde_json::Map<String, Value>>,
    default_prompt_name: Option<String>,
    similarity_fn_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TransformerConfig {
    max_seq_length: Option<u32>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: String,
}

impl EncoderProfile {
    /// The profile of a GGUF file; `name` is the model's, or the file's.
    ///
    /// # Errors
    /// A pooling that is not known, or a model that generates and that no one trained to embed.
    pub fn from_metadata(
        metadata: &Metadata,
        name: &str,
        hyperparameters: &Hyperparameters,
    ) -> Result<Self, WeightsError> {
        let key = format!("{}.pooling_type", hyperparameters.architecture.name());
        let pooling = match metadata.u32(&key) {
            Some(1) => Some(Pooling::Mean),
            Some(2) => Some(Pooling::First),
            Some(3) => Some(Pooling::Last),
            Some(4) => return Err(unsupported("pooling for reranking".to_owned())),
            None | Some(0) => None,
            Some(other) => return Err(unsupported(format!("pooling of type {other}"))),
        };
        let source = if pooling.is_some() { "the file's metadata" } else { "" };
        Self::with_table(name, pooling, source, hyperparameters)
    }

    /// The profile of a model in safetensors; `name` is its repository's or folder's.
    ///
    /// # Errors
    /// A file that cannot be read, a pooling or a module that is not known.
    pub fn from_files(
        files: &ProfileFiles,
        name: &str,
        hyperparameters: &Hyperparameters,
    ) -> Result<Self, WeightsError> {
        let pooling = match &files.pooling {
            Some(json) => Some(read::<PoolingConfig>("1_Pooling/config.json", json)?.pooling()?),
            None => None,
        };
        let source = if pooling.is_some() { "the model's 1_Pooling/config.json" } else { "" };
        let mut profile = Self::with_table(name, pooling, source, hyperparameters)?;
        if let Some(json) = &files.modules {
            let modules: Vec<Module> = read("modules.json", json)?;
            let last_words: Vec<&str> =
                modules.iter().filter_map(|module| module.kind.rsplit('.').next()).collect();
            if let Some(other) =
                last_words.iter().find(|kind| !["Transformer", "Pooling", "Normalize"].contains(kind))
            {
                return Err(unsupported(format!("a module \"{other}\" after its layers")));
            }
            profile.normalise = last_words.contains(&"Normalize");
        }
        if let Some(json) = &files.settings {
            profile.apply(read("config_sentence_transformers.json", json)?);
        }
        if let Some(json) = &files.transformer {
            let config: TransformerConfig = read("sentence_bert_config.json", json)?;
            let longest = config.max_seq_length.unwrap_or(profile.max_tokens);
            profile.max_tokens = longest.clamp(1, hyperparameters.seq_len);
        }
        Ok(profile)
    }

    fn with_table(
        name: &str,
        pooling: Option<Pooling>,
        source: &str,
        hyperparameters: &Hyperparameters,
    ) -> Result<Self, WeightsError> {
        let name = name.to_lowercase();
        let found = KNOWN.iter().find(|known| name.contains(known.name));
        let (pooling, source) = match (pooling, found) {
            (Some(pooling), _) => (pooling, source.to_owned()),
            (None, Some(known)) => (known.pooling, format!("what is known of {} models", known.name)),
            (None, None) if hyperparameters.causal => {
                return Err(WeightsError::NotAnEncoder);
            }
            (None, None) => (Pooling::Mean, "a guess: nothing beside the weights says".to_owned()),
        };
        let [prefix, query_prefix, passage_prefix] =
            found.map_or([""; 3], |known| known.prefixes).map(str::to_owned);
        Ok(Self {
            pooling,
            normalise: true,
            prefix,
            query_prefix,
            passage_prefix,
            max_tokens: hyperparameters.seq_len,
            similarity: "cosine".to_owned(),
            source,
        })
    }

    /// Takes the prompts that a model's authors set.
    fn apply(&mut self, settings: Settings) {
        let prompts = settings.prompts.unwrap_or_default();
        let text = |name: &str| prompts.get(name).and_then(Value::as_str).map(str::to_owned);
        let default = settings.default_prompt_name.as_deref().and_then(text);
        if let Some(prompt) = text("STS").or(default) {
            self.prefix = prompt;
        }
        if let Some(prompt) = text("query") {
            self.query_prefix = prompt;
        }
        if let Some(prompt) = text("document").or_else(|| text("passage")) {
            self.passage_prefix = prompt;
        }
        if let Some(similarity) = settings.similarity_fn_name {
            self.similarity = similarity;
        }
    }
}

impl PoolingConfig {
    fn pooling(&self) -> Result<Pooling, WeightsError> {
        if self.include_prompt == Some(false) {
            return Err(unsupported("pooling that leaves out the prompt".to_owned()));
        }
        let modes = [
            (self.pooling_mode_cls_token, "cls"),
            (self.pooling_mode_mean_tokens, "mean"),
            (self.pooling_mode_max_tokens, "max"),
            (self.pooling_mode_mean_sqrt_len_tokens, "mean_sqrt_len_tokens"),
            (self.pooling_mode_weightedmean_tokens, "weightedmean"),
            (self.pooling_mode_lasttoken, "lasttoken"),
        ];
        let mut on: Vec<&str> = modes.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name).collect();
        on.extend(self.pooling_mode.as_deref());
        on.dedup();
        match on[..] {
            ["mean"] => Ok(Pooling::Mean),
            ["cls"] => Ok(Pooling::First),
            ["lasttoken"] => Ok(Pooling::Last),
            [] => Err(unsupported("no pooling at all".to_owned())),
            _ => Err(unsupported(format!("pooling of the kind {}", on.join(" and ")))),
        }
    }
}

fn read<'a, T: Deserialize<'a>>(name: &str, json: &'a [u8]) -> Result<T, WeightsError> {
    serde_json::from_slice(json)
        .map_err(|error| WeightsError::Config { name: name.to_owned(), reason: error.to_string() })
}

fn unsupported(feature: String) -> WeightsError {
    WeightsError::Unsupported { feature }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Architecture;
    use crate::weights::testing::{GgufWriter, RandomModel};
    use crate::weights::{Header, Parsed};

    fn encoder() -> Hyperparameters {
        RandomModel { architecture: Architecture::Bert, ..RandomModel::default() }.hyperparameters()
    }

    fn metadata(pooling_type: Option<u32>) -> Metadata {
        let mut writer = GgufWriter::new();
        if let Some(kind) = pooling_type {
            writer.u32("bert.pooling_type", kind);
        }
        let Ok(Parsed::Header(header)) = Header::parse(&writer.finish(), None) else {
            panic!("a whole file")
        };
        header.metadata
    }

    #[test]
    fn the_files_go_before_the_table() {
        let from_file =
            EncoderProfile::from_metadata(&metadata(Some(2)), "multilingual-e5", &encoder()).unwrap();
        assert_eq!(from_file.pooling, Pooling::First);
        assert_eq!(from_file.prefix, "query: ", "prefixes are in no GGUF file");
        let from_table =
            EncoderProfile::from_metadata(&metadata(None), "multilingual-E5-small", &encoder()).unwrap();
        assert_eq!(from_table.pooling, Pooling::Mean);
        assert!(from_table.source.contains("e5"), "{}", from_table.source);
    }

    #[test]
    fn the_librarys_files_are_read() {
        let files = ProfileFiles {
            modules: Some(
                br#"[{"type": "sentence_transformers.models.Transformer"}, {"type": "a.Pooling"}]"#.to_vec(),
            ),
            pooling: Some(br#"{"pooling_mode_cls_token": false, "pooling_mode_lasttoken": true}"#.to_vec()),
            settings: Some(
                br#"{"prompts": {"query": "Q: ", "document": "D: ", "STS": "S: "}, "similarity_fn_name": "dot"}"#
                    .to_vec(),
            ),
            transformer: Some(br#"{"max_seq_length": 128}"#.to_vec()),
        };
        let profile = EncoderProfile::from_files(&files, "someone/some-model", &encoder()).unwrap();
        assert_eq!(profile.pooling, Pooling::Last);
        assert!(!profile.normalise, "no module normalises");
        let prefixes = [profile.prefix, profile.query_prefix, profile.passage_prefix];
        assert_eq!(prefixes, ["S: ", "Q: ", "D: "]);
        assert_eq!((profile.max_tokens, profile.similarity.as_str()), (128, "dot"));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let files = |pooling: &str, modules: &str| ProfileFiles {
            modules: Some(modules.as_bytes().to_vec()),
            pooling: Some(pooling.as_bytes().to_vec()),
            ..ProfileFiles::default()
        };
        let mean = r#"{"pooling_mode_mean_tokens": true}"#;
        let cases = [
            (r#"{"pooling_mode_max_tokens": true}"#, "[]", "max"),
            (r#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}"#, "[]", "cls and mean"),
            (mean, r#"[{"type": "sentence_transformers.models.Dense"}]"#, "Dense"),
            (mean, "{", "modules.json"),
        ];
        for (pooling, modules, expected) in cases {
            let error = EncoderProfile::from_files(&files(pooling, modules), "x", &encoder()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        let generator = RandomModel::default().hyperparameters();
        let refused = EncoderProfile::from_metadata(&metadata(None), "a chat model", &generator);
        assert_eq!(refused, Err(WeightsError::NotAnEncoder));
    }
}
