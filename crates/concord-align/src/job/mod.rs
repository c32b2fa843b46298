//! A run that is done elsewhere: its requests as files, and what comes back of them.
//!
//! A [`Job`] is what the responses depend on: prompts, languages, sampling settings and a model's name. [`Plan`] writes its
//! requests in shards, [`Folder`] all files of the folder that goes to a server or a cluster, and [`Collector`] takes the result
//! lines, in any order and number, and says what was taken, what failed and what is missing.

mod answer;
mod choice;
mod collect;
mod embed;
mod folder;
mod import;
mod later;
mod lines;
mod plan;
mod request;
mod request_id;
mod train;
mod unpacking;
mod vectors;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use answer::{Answer, NotRead, Outcome, peek, peek_names, read_answer};
pub use choice::{Choice, End, Growing, NoLogprob, NoResponse, TokenEntry};
pub use collect::{Collector, Examples, FailureRecord, ModelQuestion, Report, is_same_model, report_lines};
pub use embed::{
    BadVectors, EmbedSettings, Vectors, embed_answered, embed_line, embed_requests, read_vectors,
};
pub use folder::{AskedModel, Folder, FolderFile, Manifest, ManifestFile, SHARD_PREFIX};
pub use import::{Head, ImportError, Returned, Role, handoff, import_archive, with_archive};
pub use later::{n_later, session_with_later};
pub use lines::LONGEST_LINE;
pub use plan::{Plan, Shard};
pub use request::{
    Asking, ChatBody, Dialect, Form, MOST_SAMPLES_PER_REQUEST, base_seed, chat_body, not_sent, request_line,
};
pub use request_id::{IdError, LONGEST_ID, RequestId};
pub use train::{TrainFacts, gamma_of, train_files};
pub use unpacking::{Sink, Unpacking};
pub use vectors::{Compared, VectorCollector};

use crate::data::{
    InOrder, Language, MOST_TOKENS, MOST_TOKENS_THINKING, Prompt, RunSize, SessionConfig, Tally,
};

/// The schema of `job.json` and of `manifest.json`.
pub const JOB_SCHEMA: &str = "concord-job/1";

/// Everything that the responses of a run depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The model that is asked, by the name that its server knows.
    pub model: String,
    /// Other names that a server may give the model in its answers; they do not belong to the job's hash.
    pub aliases: Vec<String>,
    /// The settings. Those that choose among responses do not belong to the job's hash.
    pub config: SessionConfig,
    /// The prompts; a request names one by its place here.
    pub prompts: Vec<Prompt>,
    hash: String,
}

/// What a job is made of, as the page and scripts say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobRequest {
    /// The model that is to be asked.
    pub model: String,
    /// The kind of server.
    pub server: Dialect,
    /// Whether log-probs are asked for.
    pub logprobs: bool,
    /// The settings; all languages of the prompts where they name none.
    pub config: SessionConfig,
    /// The prompts.
    pub prompts: Vec<Prompt>,
    /// The time, ISO 8601.
    pub created: String,
}

impl Default for JobRequest {
    fn default() -> Self {
        Self {
            model: String::new(),
            server: Dialect::default(),
            logprobs: true,
            config: SessionConfig::default(),
            prompts: Vec::new(),
            created: String::new(),
        }
    }
}

/// Why there is no job, or a folder's cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// No model was named.
    #[error("name the model that the server is to run, such as Qwen/Qwen2.5-7B-Instruct")]
    NoModel,
    /// No prompt has a text in any of the languages.
    #[error("no prompt has a text in any of the languages that are asked: choose other languages or prompts")]
    NothingAsked,
    /// A language cannot stand in the name of a request.
    #[error(
        "the language {language:?} cannot stand in the name of a request: give it a tag such as sw or zh-Hans"
    )]
    Language {
        /// As it is written.
        language: String,
    },
    /// A setting that no run could have.
    #[error("{0}")]
    Setting(String),
    /// A file of the folder is not what was written.
    #[error("{file} is not as it was written ({reason}): unpack the job again")]
    Damaged {
        /// Which file.
        file: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// A folder of a later version.
    #[error("this job is of the kind {schema:?}, and {JOB_SCHEMA} can be read here: use a newer Concord")]
    Schema {
        /// What it says it is.
        schema: String,
    },
}

/// A line of `prompts.jsonl`.
#[derive(Serialize, Deserialize)]
struct PromptLine {
    index: usize,
    #[serde(flatten)]
    prompt: Prompt,
}

/// `job.json`, with its keys in order.
#[derive(Serialize, Deserialize)]
struct JobFile {
    config: Sampling,
    model: String,
    prompts: PromptsFile,
    schema: String,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct PromptsFile {
    lines: usize,
    sha256: String,
}

/// The settings that responses depend on, with their keys in order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sampling {
    languages: Vec<Language>,
    max_tokens: u32,
    min_p: f32,
    n: u32,
    repetition_penalty: f32,
    seed: u32,
    temperature: f32,
    thinking: bool,
    top_k: u32,
    top_p: f32,
}

/// Only the schema, to tell a later version from a damaged file.
#[derive(Deserialize)]
struct JobSchema {
    schema: String,
}

impl Job {
    /// A job of these prompts. A token limit that is still to be measured becomes the largest that would be.
    ///
    /// # Errors
    /// Where nothing would be asked, a language has no tag, or the run is larger than a session may be.
    pub fn new(model: &str, config: &SessionConfig, prompts: Vec<Prompt>) -> Result<Self, JobError> {
        let model = model.trim();
        if model.is_empty() {
            return Err(JobError::NoModel);
        }
        if let Some(language) = config.languages.iter().find(|language| !is_nameable(language)) {
            return Err(JobError::Language { language: language.as_str().to_owned() });
        }
        if config.n == 0 {
            return Err(JobError::Setting(
                "ask for at least one response per prompt and language".to_owned(),
            ));
        }
        let mut job = Self {
            model: model.to_owned(),
            aliases: Vec::new(),
            config: config.clone(),
            prompts,
            hash: String::new(),
        };
        job.config.max_tokens = Some(job.max_tokens());
        if RunSize::of(&job.prompts, config).n_responses == 0 {
            return Err(JobError::NothingAsked);
        }
        job.hash = job.hashed(&job.job_json());
        Ok(job)
    }

    /// The job of a folder, from its `job.json` and `prompts.jsonl`. Settings that choose among responses are the defaults.
    ///
    /// # Errors
    /// Where one of the two is not what was written.
    pub fn read(job_json: &[u8], prompts_jsonl: &[u8]) -> Result<Self, JobError> {
        let damaged = |reason: String| JobError::Damaged { file: "job.json", reason };
        let schema: JobSchema =
            serde_json::from_slice(job_json).map_err(|error| damaged(error.to_string()))?;
        if schema.schema != JOB_SCHEMA {
            return Err(JobError::Schema { schema: schema.schema });
        }
        let file: JobFile = serde_json::from_slice(job_json).map_err(|error| damaged(error.to_string()))?;
        let prompts = read_prompts(prompts_jsonl, &file.prompts)?;
        let config = file.config.settings();
        let job = Self::new(&file.model, &config, prompts)?;
        if job.job_json().as_bytes() != job_json {
            return Err(damaged("written by hand or by another program".to_owned()));
        }
        Ok(job)
    }

    /// The same with other names that a server may give the model.
    pub fn with_aliases(self, aliases: Vec<String>) -> Self {
        Self { aliases, ..self }
    }

    /// Whether a server means the model that was asked for.
    pub fn is_model(&self, served: &str) -> bool {
        std::iter::once(&self.model).chain(&self.aliases).any(|name| is_same_model(name, served))
    }

    /// The SHA-256 of `job.json`, in hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The first eight digits of the hash, which stand in every request's name.
    pub fn short(&self) -> &str {
        &self.hash[..8]
    }

    /// The longest response, in tokens.
    pub fn max_tokens(&self) -> u32 {
        let measured = if self.config.thinking { MOST_TOKENS_THINKING } else { MOST_TOKENS };
        self.config.max_tokens.unwrap_or(measured)
    }

    /// The languages in which the prompt at a line is asked, in the order of the settings.
    pub fn languages_at(&self, line: usize) -> impl Iterator<Item = &Language> {
        let texts = self.prompts.get(line).map(|prompt| &prompt.text);
        self.config.languages.iter().filter(move |language| texts.is_some_and(|t| t.contains_key(*language)))
    }

    /// How many responses the job is of.
    pub fn n_responses(&self) -> usize {
        RunSize::of(&self.prompts, &self.config).n_responses
    }

    /// A line of `prompts.jsonl`, with its line feed.
    pub fn prompt_line(&self, line: usize) -> String {
        let prompt = self.prompts.get(line).cloned().unwrap_or_default();
        // Records of texts always serialise.
        serde_json::to_string(&PromptLine { index: line, prompt }).unwrap_or_default() + "\n"
    }

    /// `job.json`: no time, no path, keys in order, so that equal jobs have equal files.
    pub fn job_json(&self) -> String {
        let mut tally = Tally::default();
        (0..self.prompts.len()).for_each(|line| tally.push(self.prompt_line(line).as_bytes()));
        let file = JobFile {
            config: Sampling::of(self),
            model: self.model.clone(),
            prompts: PromptsFile { lines: self.prompts.len(), sha256: tally.sha256() },
            schema: JOB_SCHEMA.to_owned(),
        };
        serde_json::to_string(&file).unwrap_or_default() + "\n"
    }

    fn hashed(&self, job_json: &str) -> String {
        let mut tally = Tally::default();
        tally.push(job_json.as_bytes());
        tally.sha256()
    }
}

impl Sampling {
    fn of(job: &Job) -> Self {
        let config = &job.config;
        let mut languages = config.languages.clone();
        languages.order();
        Self {
            languages,
            max_tokens: job.max_tokens(),
            min_p: config.min_p,
            n: config.n,
            repetition_penalty: config.repetition_penalty,
            seed: config.seed,
            temperature: config.temperature,
            thinking: config.thinking,
            top_k: config.top_k,
            top_p: config.top_p,
        }
    }

    fn settings(self) -> SessionConfig {
        SessionConfig {
            languages: self.languages,
            max_tokens: Some(self.max_tokens),
            min_p: self.min_p,
            n: self.n,
            repetition_penalty: self.repetition_penalty,
            seed: self.seed,
            temperature: self.temperature,
            thinking: self.thinking,
            top_k: self.top_k,
            top_p: self.top_p,
            ..SessionConfig::default()
        }
    }
}

fn is_nameable(language: &Language) -> bool {
    // What is left of a name for the language when everything else is as long as it can be.
    let most = LONGEST_ID - "c1_01234567_g_00000000__1024_1024".len();
    request_id::is_tag(language.as_str()) && language.as_str().len() <= most
}

fn read_prompts(bytes: &[u8], wanted: &PromptsFile) -> Result<Vec<Prompt>, JobError> {
    let damaged = |reason: String| JobError::Damaged { file: "prompts.jsonl", reason };
    let mut tally = Tally::default();
    tally.push(bytes);
    let lines = serde_json::Deserializer::from_slice(bytes).into_iter::<PromptLine>();
    let prompts: Result<Vec<Prompt>, _> = lines.map(|line| line.map(|line| line.prompt)).collect();
    let prompts = prompts.map_err(|error| damaged(error.to_string()))?;
    let found = PromptsFile { lines: prompts.len(), sha256: tally.sha256() };
    if found == *wanted { Ok(prompts) } else { Err(damaged("job.json names another SHA-256".to_owned())) }
}
