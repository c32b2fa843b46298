//! `concord collect`: the results of a job as rows of responses.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use concord_align::align::find_answer_of;
use concord_align::data::Response;
use concord_align::job::{Collector, Job, Plan, RequestId, handoff};
use serde_json::json;

use super::Outcome;
use super::select::RowKind;
use super::status::told;
use crate::error::CliError;
use crate::input::{HANDOFF, JobFolder};
use crate::output::{RowFileOut, Staged, columns_of};

/// The columns of a response, in their order.
const COLUMNS: [&str; 11] = [
    "prompt_id",
    "language",
    "sample",
    "text",
    "reasoning",
    "tokens",
    "logprob",
    "finish_reason",
    "answer",
    "model",
    "custom_id",
];

/// Takes the results of a job, wherever they come from and in whatever order, and writes its responses.
///
/// What does not belong to the job is not taken; what failed or is missing is said, and its requests are written with
/// --missing. Part of the results is enough; the same files again change nothing.
#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// The folder of the job
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Files of results; those in the job's results/ where none are given
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Take the responses of this model, by the name that its server gave it
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Write the requests of what is missing to this file; run it as any other request file of the job
    #[arg(long, value_name = "FILE")]
    missing: Option<PathBuf>,
    /// The kind of the files of responses
    #[arg(long, value_enum, default_value = "jsonl")]
    to: RowKind,
    /// The folder to write to; the job's responses/ where it is not given
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Collect {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let folder = JobFolder::open(&self.folder)?;
        let files = if self.files.is_empty() { folder.results()? } else { self.files.clone() };
        if files.is_empty() {
            let path = folder.path.join("results");
            return Err(CliError::Empty { path, what: "results" });
        }
        let out = self.out.clone().unwrap_or_else(|| folder.path.join("responses"));
        let gathered = folder.gather(&files, &out)?;
        if let (Some(question), None) = (gathered.question(), &self.model) {
            let said = format!("{} Say which with --model NAME.", question.sentence());
            return Err(CliError::Arguments(said));
        }
        let mut missing = self.missing.as_deref().map(Staged::begin).transpose()?;
        let plan = Plan::new(&folder.job, folder.form);
        let lines: HashMap<&str, usize> =
            folder.job.prompts.iter().map(|prompt| prompt.id.as_str()).zip(0..).collect();
        let report = gathered.collect(&files, self.model.as_deref(), |number, n_parts, collector| {
            if let (Some((_, file)), Some(path)) = (&mut missing, &self.missing) {
                for line in collector.missing_lines(&plan) {
                    file.write_all(line.as_bytes()).map_err(|error| CliError::unwritable(path, error))?;
                }
            }
            let name = format!("responses-{:05}-of-{n_parts:05}.{}", number + 1, self.to.ending());
            write_part(&folder.job, &lines, &out.join(name), collector)
        })?;
        if let (Some((staged, mut file)), Some(path)) = (missing, &self.missing) {
            file.flush().map_err(|error| CliError::unwritable(path, error))?;
            staged.publish()?;
        }
        let mut outcome = told(&report);
        let record = handoff(&folder.job, folder.form.server, &report);
        let text = serde_json::to_string_pretty(&record).map_err(|error| CliError::Bug(error.to_string()))?;
        Staged::write(&out.join(HANDOFF), (text + "\n").as_bytes())?;
        outcome.say(format!("responses in {}", out.display()));
        outcome.set("out", out.display().to_string());
        Ok(outcome)
    }
}

/// Writes the responses of some prompts; `lines` has the line of each prompt's id.
fn write_part(
    job: &Job,
    lines: &HashMap<&str, usize>,
    path: &Path,
    collector: Collector,
) -> Result<(), CliError> {
    let columns = columns_of(COLUMNS.into_iter()).map_err(CliError::Bug)?;
    let mut out = RowFileOut::begin(path, &columns)?;
    for mut response in collector.responses() {
        find_answer_of(&mut response);
        let line = lines.get(response.prompt_id.as_str()).copied().unwrap_or_default();
        out.row(row(job, line, response)?)?;
    }
    out.publish()
}

fn row(job: &Job, line: usize, response: Response) -> Result<concord_tables::Row, CliError> {
    let id = RequestId {
        job: job.short().to_owned(),
        line,
        language: response.language.clone(),
        first: response.sample,
        count: 1,
    };
    let row = json!({
        "prompt_id": response.prompt_id, "language": response.language, "sample": response.sample,
        "text": response.text, "reasoning": response.reasoning, "tokens": response.tokens,
        "logprob": response.logprob, "finish_reason": response.finish_reason, "answer": response.answer,
        "model": job.model, "custom_id": id.to_string(),
    });
    match row {
        serde_json::Value::Object(row) => Ok(row),
        _ => Err(CliError::Bug("a row is no object".to_owned())),
    }
}
