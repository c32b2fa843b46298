//! `concord stats`: the first pass, for methods that look at the whole set before they judge a prompt.

use std::path::{Path, PathBuf};

use clap::Args;
use concord_align::align::{SetStats, SetTally};
use concord_align::data::{Language, Method};
use serde::{Deserialize, Serialize};

use super::{Outcome, named};
use crate::error::CliError;
use crate::input::{Job, Source, SourceArgs};
use crate::output::Staged;

/// The schema tag of a file of statistics.
const SCHEMA: &str = "concord-stats/1";

/// Looks at a whole set once, for the methods that need it (lidr, icr, lacomsa), so that shards can be judged apart.
#[derive(Debug, Args)]
pub(crate) struct Stats {
    #[command(flatten)]
    source: SourceArgs,
    /// The method that pairs will be picked by; the job's own where it is not said
    #[arg(long, value_parser = named::method())]
    method: Option<Method>,
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = "stats.json")]
    out: PathBuf,
}

/// The file: what the method must know, and of what set.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatsFile {
    schema: String,
    anchor: Language,
    languages: Vec<Language>,
    n_prompts: usize,
    n_responses: usize,
    /// Absent for methods that judge every prompt by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stats: Option<SetStats>,
}

/// What a pass over a set has found.
pub(super) struct Tallied {
    pub(super) stats: Option<SetStats>,
    pub(super) n_responses: usize,
    n_without: usize,
}

/// Looks at every prompt of a source.
pub(super) fn tally(source: &Source) -> Result<Tallied, CliError> {
    let job = source.job();
    let (mut tally, mut n_responses, mut n_without) = (SetTally::new(&job.config), 0, 0);
    let mut groups = source.groups(0..job.prompts.len(), false);
    while let Some(group) = groups.next_group()? {
        let prompt = &job.prompts[group.prompt_idx];
        n_responses += group.responses.len();
        n_without += usize::from(group.responses.is_empty());
        let index = group.index(prompt);
        tally.add(prompt, index.of(prompt));
    }
    Ok(Tallied { stats: tally.finish(), n_responses, n_without })
}

impl Stats {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let source = Source::open(&self.source, self.method)?;
        let (job, tallied) = (source.job(), tally(&source)?);
        let file = StatsFile {
            schema: SCHEMA.to_owned(),
            anchor: job.config.anchor.clone(),
            languages: job.config.languages.clone(),
            n_prompts: job.prompts.len(),
            n_responses: tallied.n_responses,
            stats: tallied.stats,
        };
        let mut text = serde_json::to_vec_pretty(&file).map_err(|error| CliError::Bug(error.to_string()))?;
        text.push(b'\n');
        Staged::write(&self.out, &text)?;
        let mut outcome = Outcome::default();
        let (method, n) = (job.config.method.as_str(), tallied.n_responses);
        outcome.say(format!(
            "looked at {n} responses for {method}; {} is for `concord select --stats`",
            self.out.display()
        ));
        if file.stats.is_none() {
            outcome
                .say(format!("{method} judges every prompt by itself, so `concord select` does without it"));
        }
        if tallied.n_without > 0 {
            outcome.say(format!("{} prompts have no responses", tallied.n_without));
        }
        outcome.is_partial = tallied.n_without > 0;
        outcome.set("method", method);
        outcome.set("stats", self.out.display().to_string());
        outcome.set("nPrompts", file.n_prompts);
        outcome.set("nResponses", n);
        outcome.set("nPromptsMissing", tallied.n_without);
        Ok(outcome)
    }
}

/// Reads statistics, and holds them against the job.
pub(super) fn read_stats(path: &Path, job: &Job) -> Result<SetStats, CliError> {
    let text = std::fs::read(path).map_err(CliError::unreadable(path))?;
    let other = |found: String, wanted: String| CliError::OtherStats { path: path.to_owned(), found, wanted };
    let file: StatsFile = serde_json::from_slice(&text)
        .map_err(|error| other(format!("no set that can be read ({error})"), "this job".to_owned()))?;
    let method = file.stats.as_ref().map(SetStats::method);
    let wanted = job.config.method;
    if file.schema != SCHEMA {
        return Err(other(format!("the schema {}", file.schema), SCHEMA.to_owned()));
    }
    if method != Some(wanted) {
        let found = method.map_or("a method that needs none", |method| method.as_str());
        return Err(other(found.to_owned(), wanted.as_str().to_owned()));
    }
    let of_job = (&job.config.anchor, &job.config.languages, job.prompts.len());
    if (&file.anchor, &file.languages, file.n_prompts) != of_job {
        let said = |(anchor, languages, n): (&Language, &Vec<Language>, usize)| {
            let tags: Vec<&str> = languages.iter().map(Language::as_str).collect();
            format!("{n} prompts in {} with the anchor {}", tags.join(", "), anchor.as_str())
        };
        return Err(other(said((&file.anchor, &file.languages, file.n_prompts)), said(of_job)));
    }
    file.stats.ok_or_else(|| CliError::Bug("statistics without a method".to_owned()))
}
