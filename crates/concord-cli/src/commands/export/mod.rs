//! `concord export`: pairs in the shapes that trainers read, by the exporter of the page.

mod batches;
mod files;
mod rows;

use std::path::{Path, PathBuf};

use clap::Args;
use concord_align::data::{
    ExportFormat, ExportOptions, ExportOrder, ExportStatuses, PairWriter, Part, SideFacts, Written,
    batches_read_me, beside,
};
use concord_align::job::{TrainFacts, train_files};

use super::{Outcome, named};
use crate::error::CliError;
use crate::input::{ENDINGS, Source, SourceArgs, files_of, kind_of};
use crate::output::Staged;
use batches::{BatchArgs, Composed};
use files::Files;
use rows::{Rows, Seen};

/// Writes pairs in the shape of a trainer, as the page does, with the same rows left out.
///
/// Takes a session, with what people decided in it, or a job with its responses and the pairs that `concord select` has written.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    source: SourceArgs,
    /// Files of pairs, or their folder; the job's folder pairs/ where they are not given
    #[arg(long, value_name = "DIR|FILES", num_args = 1..)]
    pairs: Vec<PathBuf>,
    /// The shape of the rows
    #[arg(long, value_parser = named::one_of(&ExportFormat::ALL, ExportFormat::as_str), default_value = "trl")]
    format: ExportFormat,
    /// Leave out the columns of margin, status, method and model
    #[arg(long)]
    plain: bool,
    /// KTO: a response is good from this score on, and bad below
    #[arg(long, value_name = "SCORE")]
    threshold: Option<f32>,
    /// Hub: the repository, such as you/pairs
    #[arg(long, default_value = "")]
    name: String,
    /// Hub: the licence of the data, such as cc-by-4.0
    #[arg(long, default_value = "")]
    licence: String,
    /// Write Parquet into a folder, instead of lines of JSON
    #[arg(long)]
    parquet: bool,
    /// Only the rows of a session that a person accepted, none that nobody has looked at
    #[arg(long, conflicts_with = "without_decisions")]
    accepted: bool,
    /// Pass over what people decided in a session, and take the method's pairs
    #[arg(long)]
    without_decisions: bool,
    #[command(flatten)]
    batches: BatchArgs,
    /// A file (.jsonl, .jsonl.gz, .parquet), or a folder, which also gets settings for trainers
    #[arg(short, long, value_name = "FILE|DIR")]
    out: PathBuf,
}

impl Export {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let source = Source::open(&self.source, None)?;
        let is_file = self.is_file()?;
        let options = self.options(is_file);
        let pairs = self.pairs(&source)?;
        let mut rows = Rows::of(source, pairs, self.without_decisions);
        let mut writer = PairWriter::new(options.clone());
        let composed = match self.batches.batches {
            true => Some(Composed::of(&mut rows, &self.batches, &mut writer)?),
            false => None,
        };
        let mut files = Files::begin(&self.out, is_file, &options, composed.is_none())?;
        let mut put = |writer: &mut PairWriter, position| {
            writer.take_lines().iter().try_for_each(|file| files.put(file, position))
        };
        match &composed {
            Some(composed) => {
                composed.each(&mut rows, options.statuses, &mut |record, position, columns| {
                    writer.write(record, Some(columns));
                    put(&mut writer, position)
                })?;
            }
            None => rows.each(options.statuses, &mut |seen| {
                match seen {
                    Seen::Conflict(prompt_id, language) => writer.refuse_conflict(prompt_id, language),
                    Seen::Row(_, record) => writer.write(record, None),
                }
                put(&mut writer, 0)
            })?,
        }
        let written = writer.finish();
        let parts = files.publish()?;
        if !is_file {
            self.write_beside(&rows, &options, &written, &parts, composed.as_ref())?;
        }
        Ok(self.told(&written, composed.as_ref()))
    }

    /// Whether the rows go to one file. A hub export is a folder.
    fn is_file(&self) -> Result<bool, CliError> {
        let is_file = kind_of(&self.out).is_some();
        if is_file && self.format == ExportFormat::Hub {
            let said = format!(
                "{}: the hub format is a folder, with a file for each language: name a folder with -o",
                self.out.display()
            );
            return Err(CliError::Arguments(said));
        }
        let is_named = self.out.extension().is_some() && !self.out.is_dir();
        if !is_file && is_named && !self.out.to_string_lossy().ends_with('/') {
            return Err(CliError::Ending { path: self.out.clone(), endings: ENDINGS });
        }
        Ok(is_file)
    }

    fn options(&self, is_file: bool) -> ExportOptions {
        let ends_parquet = self.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
        ExportOptions {
            statuses: if self.accepted { ExportStatuses::Accepted } else { ExportStatuses::default() },
            order: if self.batches.batches { ExportOrder::Batches } else { ExportOrder::Session },
            metadata: !self.plain,
            threshold: self.threshold,
            zip: !is_file,
            parquet: if is_file { ends_parquet } else { self.parquet },
            name: self.name.clone(),
            licence: self.licence.clone(),
            ..ExportOptions::of(self.format)
        }
    }

    /// The files of a job's pairs; a session has its own.
    fn pairs(&self, source: &Source) -> Result<Vec<PathBuf>, CliError> {
        let Source::Files { folder, .. } = source else { return Ok(Vec::new()) };
        if self.accepted {
            let said = "nobody has decided on a job's pairs: --accepted is for a session. Make one with `concord session`, and judge its rows in the page";
            return Err(CliError::Arguments(said.to_owned()));
        }
        let own = [folder.join("pairs")];
        if self.pairs.is_empty() && !own[0].is_dir() {
            let said = format!(
                "{}: there are no pairs yet: run `concord select {} -o {}` first, or name their files with --pairs",
                own[0].display(),
                folder.display(),
                own[0].display()
            );
            return Err(CliError::Arguments(said));
        }
        let given = if self.pairs.is_empty() { &own[..] } else { &self.pairs[..] };
        files_of(given, "pairs", "pairs", |name| !name.starts_with("references"))
    }

    /// What belongs beside the rows in a folder.
    fn write_beside(
        &self,
        rows: &Rows,
        options: &ExportOptions,
        written: &Written,
        parts: &[Part],
        composed: Option<&Composed>,
    ) -> Result<(), CliError> {
        let write = |path: &Path, text: &str| Staged::write(&self.out.join(path), text.as_bytes());
        let read_me = |Composed { batches, rows, .. }: &Composed| {
            batches_read_me(&batches.plan(), &batches.batched_rows(rows), written.n_pairs)
        };
        let facts = SideFacts {
            session: rows.session(),
            n_responses: rows.n_responses(),
            options,
            written,
            parts,
            batches_read_me: composed.map(read_me),
            decisions: if options.format == ExportFormat::Hub {
                rows.decisions()
            } else {
                Default::default()
            },
        };
        for (path, text) in beside(&facts) {
            write(Path::new(&path), &text)?;
        }
        if let Some(Composed { batches, .. }) = composed {
            for (path, text) in train_files(&TrainFacts::of(rows.session(), batches)) {
                write(Path::new(path), &text)?;
            }
        }
        Ok(())
    }

    fn told(&self, written: &Written, composed: Option<&Composed>) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.say(format!(
            "{} pairs in {} rows in {}",
            written.n_pairs,
            written.n_rows(),
            self.out.display()
        ));
        if let Some(Composed { batches, .. }) = composed {
            let (n_batches, n_left) = (batches.batches.len(), batches.remainder.len());
            outcome.say(format!(
                "the order of the rows is that of training, in {n_batches} batches of at most {} rows; {n_left} pairs are in no batch",
                batches.batch_size
            ));
            outcome.set("nBatches", n_batches);
            outcome.set("batchSize", batches.batch_size);
            outcome.set("nRemainder", n_left);
        }
        let left_out = written.problems.iter().filter(|problem| problem.left_out).count();
        for problem in written.problems.iter().filter(|problem| !problem.left_out) {
            outcome.say(format!("note: {}; {}", problem.reason, problem.fix));
        }
        if left_out > 0 {
            outcome.say(format!(
                "{left_out} pairs would be misread by a trainer, or people differ on them, and were left out"
            ));
        }
        outcome.set("out", self.out.display().to_string());
        outcome.set("nPairs", written.n_pairs);
        outcome.set("nAccepted", written.n_accepted);
        outcome.set("nRows", written.n_rows());
        outcome.set("nLeftOut", left_out);
        outcome
    }
}
