//! The folder of a job: `job.json` with the settings, `prompts.jsonl`, and `manifest.json` with the model's name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use concord_align::data::{
    Handoff, Method, ModelRecord, Prompt, SessionConfig, check_languages, check_settings, languages_of,
};
use serde::Deserialize;

use super::lines::Lines;
use crate::error::CliError;

const JOB: &str = "job.json";
const PROMPTS: &str = "prompts.jsonl";
const MANIFEST: &str = "manifest.json";
/// Beside responses that `concord collect` wrote: where they came from.
pub(crate) const HANDOFF: &str = "handoff.json";

/// What was asked, and how pairs are to be picked.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) config: SessionConfig,
    pub(crate) model: ModelRecord,
    /// ISO 8601; empty where the folder does not say.
    pub(crate) created: String,
    pub(crate) prompts: Vec<Prompt>,
    /// Where the responses came from, if `concord collect` wrote them.
    pub(crate) handoff: Option<Handoff>,
    places: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct JobFile {
    config: SessionConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    created: String,
    model: ModelAsked,
    config: Option<SessionConfig>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ModelAsked {
    asked: String,
    sha256: Option<String>,
}

impl Job {
    /// Of a session's parts.
    pub(crate) fn new(
        config: SessionConfig,
        model: ModelRecord,
        created: String,
        prompts: Vec<Prompt>,
    ) -> Self {
        let places = prompts.iter().enumerate().map(|(i, prompt)| (prompt.id.clone(), i)).collect();
        Self { config, model, created, prompts, handoff: None, places }
    }

    /// Reads a folder. `config` is a file with other settings, `method` another method than theirs.
    pub(crate) fn read(
        folder: &Path,
        config: Option<&Path>,
        method: Option<Method>,
    ) -> Result<Self, CliError> {
        let of_job = read_json::<JobFile>(&folder.join(JOB))?.config;
        let manifest = folder.join(MANIFEST);
        let manifest =
            if manifest.is_file() { read_json::<Manifest>(&manifest)? } else { Manifest::default() };
        // The manifest has those that choose among responses as well.
        let of_job = manifest.config.unwrap_or(of_job);
        let mut settings = config.map_or(Ok(of_job), read_json::<SessionConfig>)?;
        settings.method = method.unwrap_or(settings.method);
        let prompts = read_prompts(&folder.join(PROMPTS))?;
        if settings.languages.is_empty() {
            settings.languages = languages_of(&prompts, &settings.anchor);
        }
        let model = ModelRecord {
            name: manifest.model.asked,
            sha256: manifest.model.sha256.unwrap_or_default(),
            ..ModelRecord::default()
        };
        if let Some(problem) = check_settings(&settings).into_iter().chain(check_languages(&settings)).next()
        {
            let path = config.map_or_else(|| folder.join(JOB), Path::to_owned);
            return Err(CliError::Job { path, reason: format!("config.{problem}") });
        }
        let handoff = folder.join("responses").join(HANDOFF);
        let handoff = if handoff.is_file() { Some(read_json(&handoff)?) } else { None };
        Ok(Self { handoff, ..Self::new(settings, model, manifest.created, prompts) })
    }

    /// The folder of the job that a path belongs to: the path itself or one of the two above it.
    pub(crate) fn folder_of(path: &Path) -> Result<PathBuf, CliError> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let whole = std::fs::canonicalize(path).map_err(CliError::unreadable(path))?;
        let has_job = |folder: &&Path| folder.join(JOB).is_file() && folder.join(PROMPTS).is_file();
        let found = whole.ancestors().take(3).find(has_job).map(Path::to_owned);
        found.ok_or_else(|| CliError::NoJob { path: path.to_owned() })
    }

    /// The place of a prompt in the job.
    pub(crate) fn place(&self, prompt_id: &str) -> Option<usize> {
        self.places.get(prompt_id).copied()
    }

    /// How many responses a prompt should have.
    pub(crate) fn n_expected(&self, prompt: &Prompt) -> usize {
        let asked = self.config.languages.iter().filter(|language| prompt.text.contains_key(language));
        asked.count() * self.config.n as usize
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, CliError> {
    let text = std::fs::read(path).map_err(CliError::unreadable(path))?;
    serde_json::from_slice(&text).map_err(|error| CliError::Job {
        path: path.to_owned(),
        reason: format!("{error}: make the job again, or correct the file"),
    })
}

fn read_prompts(path: &Path) -> Result<Vec<Prompt>, CliError> {
    let (mut lines, mut prompts) = (Lines::open(path)?, Vec::new());
    let mut seen = std::collections::HashSet::new();
    while let Some(line) = lines.next_line()? {
        let read = serde_json::from_slice::<Prompt>(line);
        let prompt =
            read.map_err(|error| CliError::NotJson { place: lines.place(), reason: error.to_string() })?;
        if !seen.insert(prompt.id.clone()) {
            let reason = format!("the prompt \"{}\" is there twice: give every prompt its own id", prompt.id);
            return Err(CliError::Value { place: lines.place(), reason });
        }
        prompts.push(prompt);
    }
    if prompts.is_empty() {
        let reason = "there are no prompts in it: make the job again".to_owned();
        return Err(CliError::Job { path: path.to_owned(), reason });
    }
    Ok(prompts)
}
