//! `concord status`: how far a job's results are, without writing anything.

use std::path::PathBuf;

use clap::Args;
use concord_align::job::{Report, report_lines};

use super::Outcome;
use crate::error::CliError;
use crate::input::JobFolder;

/// Says what has come of a job, what failed and what is missing.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The folder of the job
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Status {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let folder = JobFolder::open(&self.folder)?;
        let files = folder.results()?;
        let gathered = folder.gather(&files, &std::env::temp_dir())?;
        let report = gathered.collect(&files, None, |_, _, _| Ok(()))?;
        Ok(told(&report))
    }
}

/// A report as what a command says.
pub(super) fn told(report: &Report) -> Outcome {
    let mut outcome = Outcome { is_partial: !report.is_whole(), ..Outcome::default() };
    report_lines(report).into_iter().for_each(|line| outcome.say(line));
    // A record of texts and numbers always has a JSON.
    outcome.set("report", serde_json::to_value(report).unwrap_or_default());
    outcome
}
