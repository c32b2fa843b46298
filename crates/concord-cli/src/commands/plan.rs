//! `concord plan`: the folder of a job, from prompts or a session.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use concord_align::data::{
    Language, Prompt, SessionConfig, SourceFile, check_languages, check_settings, import, languages_of,
};
use concord_align::job::{Dialect, Folder, Form, Job, Plan as Requests, not_sent};

use super::{Outcome, named};
use crate::error::CliError;
use crate::input::{is_session, read_session};
use crate::output::Staged;

/// Writes the folder of a job: its prompts, its requests in shards, and the scripts that run them.
///
/// The requests say all settings and seeds, so the same job always has the same requests, and each can be sent again.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// A session of the page (.json, .zip), or prompts: JSON, JSON lines or a table, as the page reads them
    #[arg(value_name = "SESSION|PROMPTS")]
    source: PathBuf,
    /// The model that is to be asked, by the name that its server knows
    #[arg(long, value_name = "NAME")]
    model: String,
    /// The kind of server that the requests are for
    #[arg(long = "for", value_parser = named::one_of(&Dialect::ALL, Dialect::as_str), default_value = "vllm", value_name = "SERVER")]
    server: Dialect,
    /// Another name that the server may give the model in its answers; may be given several times
    #[arg(long = "alias", value_name = "NAME")]
    aliases: Vec<String>,
    /// Ask for no log-probs, where a server or a model refuses such requests
    #[arg(long)]
    no_logprobs: bool,
    /// Settings: a JSON file, as "config" in a session
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The languages to ask in; those of the prompts where the settings do not say
    #[arg(long, value_delimiter = ',', value_name = "TAGS")]
    languages: Vec<String>,
    /// Responses per prompt and language
    #[arg(short, long)]
    n: Option<u32>,
    /// Most requests of a shard
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    most_lines: Option<u32>,
    /// The folder to write: new, or this very job's
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

impl Plan {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let (prompts, config, notes) = self.read()?;
        let fail = |reason: String| CliError::Job { path: self.source.clone(), reason };
        if let Some(problem) = check_settings(&config).into_iter().chain(check_languages(&config)).next() {
            return Err(fail(format!("config.{problem}")));
        }
        let job = Job::new(&self.model, &config, prompts).map_err(|error| fail(error.to_string()))?;
        let job = job.with_aliases(self.aliases.clone());
        let form = Form { server: self.server, has_logprobs: !self.no_logprobs };
        let mut requests = Requests::new(&job, form);
        if let Some(most) = self.most_lines {
            requests = requests.with_most_lines(most as usize);
        }
        self.check_folder(&job)?;
        let created = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let (n_requests, mut n_shards) = (requests.n_requests(), 0);
        for file in Folder::new(requests, created) {
            let path = self.out.join(&file.name);
            Staged::write(&path, file.text.as_bytes())?;
            if file.is_program {
                make_runnable(&path)?;
            }
            n_shards += usize::from(file.name.starts_with(concord_align::job::SHARD_PREFIX));
        }
        let mut outcome = Outcome::default();
        let folder = self.out.display();
        outcome.say(format!(
            "{folder}: job {}, {} responses by {n_requests} requests in {n_shards} {}",
            job.short(),
            job.n_responses(),
            if n_shards == 1 { "file" } else { "files" }
        ));
        notes.into_iter().for_each(|note| outcome.say(note));
        not_sent(&config, self.server).into_iter().for_each(|note| outcome.say(note));
        outcome.say(format!("run it as {folder}/README.md says, then: concord collect {folder}"));
        outcome.set("job", job.hash());
        outcome.set("folder", folder.to_string());
        outcome.set("nRequests", n_requests);
        outcome.set("nResponses", job.n_responses());
        outcome.set("nShards", n_shards);
        Ok(outcome)
    }

    /// Prompts and settings, and what is to be said of the file.
    fn read(&self) -> Result<(Vec<Prompt>, SessionConfig, Vec<String>), CliError> {
        let read_config = |path: &PathBuf| {
            let bytes = std::fs::read(path).map_err(CliError::unreadable(path))?;
            serde_json::from_slice::<SessionConfig>(&bytes)
                .map_err(|error| CliError::Job { path: path.clone(), reason: error.to_string() })
        };
        let given = self.config.as_ref().map(read_config).transpose()?;
        let mut notes = Vec::new();
        let session = if is_session(&self.source) { read_session(&self.source).ok() } else { None };
        let (prompts, mut config) = match session {
            Some(session) => (session.prompts, given.unwrap_or(session.config)),
            None => {
                let bytes = std::fs::read(&self.source).map_err(CliError::unreadable(&self.source))?;
                let mut config = given.unwrap_or_default();
                let name = self.source.to_string_lossy().into_owned();
                let imported =
                    import(vec![SourceFile::new(name, bytes)], &Default::default(), &config.anchor);
                if let Some(refusal) = imported.refusal {
                    return Err(CliError::Job { path: self.source.clone(), reason: refusal });
                }
                notes.extend(imported.problems.iter().take(3).map(|found| {
                    let problem = &found.problem;
                    format!("row {}: {}: {}", problem.row, problem.reason, problem.fix)
                }));
                if imported.problems.len() > 3 {
                    notes.push(format!("{} rows have problems in all", imported.problems.len()));
                }
                config.task = imported.prompts.first().map_or(config.task, |prompt| prompt.task);
                (imported.prompts, config)
            }
        };
        if !self.languages.is_empty() {
            config.languages = self.languages.iter().map(|tag| Language::from(tag.as_str())).collect();
        } else if config.languages.is_empty() {
            config.languages = languages_of(&prompts, &config.anchor);
        }
        config.n = self.n.unwrap_or(config.n);
        let spoken: BTreeSet<&Language> = prompts.iter().flat_map(|prompt| prompt.text.keys()).collect();
        if let Some(language) = config.languages.iter().find(|language| !spoken.contains(language)) {
            notes.push(format!("no prompt has a text in {}", language.as_str()));
        }
        Ok((prompts, config, notes))
    }

    /// A folder that is there must be this job's: nothing of another is overwritten.
    fn check_folder(&self, job: &Job) -> Result<(), CliError> {
        let file = self.out.join("job.json");
        match std::fs::read(&file) {
            Ok(bytes) if bytes != job.job_json().as_bytes() => Err(CliError::Job {
                path: self.out.clone(),
                reason: "another job is in this folder: name a new one with -o".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn make_runnable(path: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, mode).map_err(|error| CliError::unwritable(path, error))
}

#[cfg(not(unix))]
fn make_runnable(_path: &Path) -> Result<(), CliError> {
    Ok(())
}
