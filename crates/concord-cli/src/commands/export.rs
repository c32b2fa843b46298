//! `concord export`: pairs in the shapes that trainers read, by the exporter of the page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use concord_align::data::{
    Column, DataFile, ExportFormat, ExportOptions, ExportRow, Language, PairRecord, PairWriter, Part,
    RowParts, RowRecord, Session, SideFacts, Tally, beside, llama_factory_name, part_name,
};

use super::{Outcome, named};
use crate::error::CliError;
use crate::input::{ENDINGS, Group, PairRow, Source, SourceArgs, files_of, kind_of};
use crate::output::{RowFileOut, Staged};

/// Writes pairs in the shape of a trainer, as the page does, with the same rows left out.
///
/// Takes a job with its responses and the pairs that `concord select` has written, or a session with the pairs in it.
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
    /// Pass over what people decided in a session, and take the method's pairs
    #[arg(long)]
    without_decisions: bool,
    /// A file (.jsonl, .jsonl.gz, .parquet), or a folder, which also gets settings for trainers
    #[arg(short, long, value_name = "FILE|DIR")]
    out: PathBuf,
}

/// A file of rows under way; in a folder it is counted, too.
struct Target {
    path: String,
    language: Option<Language>,
    out: RowFileOut,
    counter: Tally,
    n_rows: u32,
}

impl Export {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let source = Source::open(&self.source, None)?;
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
        let options = self.options(is_file);
        let job = source.job();
        let mut shell = Session {
            created: job.created.clone(),
            config: job.config.clone(),
            model: job.model.clone(),
            ..Session::default()
        };
        shell.app.version = env!("CARGO_PKG_VERSION").to_owned();
        let mut pairs = self.pairs(&source)?;
        let has_drafts = job.prompts.iter().any(|prompt| !prompt.drafts.is_empty());
        let (mut writer, mut targets, mut n_responses) =
            (PairWriter::new(options.clone()), BTreeMap::new(), 0);
        let mut groups = source.groups(0..job.prompts.len(), false);
        while let Some(group) = groups.next_group()? {
            n_responses += group.responses.len();
            let rows = pairs.of(&source, &group)?;
            if let Some(row) = rows.first().filter(|row| !row.method.is_empty()) {
                shell.config.method = concord_align::data::Method::ALL
                    .into_iter()
                    .find(|m| m.as_str() == row.method)
                    .unwrap_or(shell.config.method);
            }
            rows.iter().for_each(|row| write_pair(&mut writer, &shell, (&source, &group), row, has_drafts));
            for file in writer.take_lines() {
                self.put(&mut targets, file, &options, is_file)?;
            }
        }
        let written = writer.finish();
        let mut outcome = Outcome::default();
        outcome.say(format!(
            "{} pairs in {} rows in {}",
            written.n_pairs,
            written.n_rows(),
            self.out.display()
        ));
        let left_out = written.problems.iter().filter(|problem| problem.left_out).count();
        for problem in written.problems.iter().filter(|problem| !problem.left_out) {
            outcome.say(format!("note: {}; {}", problem.reason, problem.fix));
        }
        if left_out > 0 {
            outcome.say(format!("{left_out} pairs would be misread by a trainer and were left out"));
        }
        outcome.set("out", self.out.display().to_string());
        outcome.set("nPairs", written.n_pairs);
        outcome.set("nRows", written.n_rows());
        outcome.set("nLeftOut", left_out);
        if targets.is_empty() && is_file {
            // No pairs make a file without rows.
            RowFileOut::begin(&self.out, &[])?.publish()?;
        }
        let parts = published(targets)?;
        if !is_file {
            shell.prompts = job.prompts.clone();
            let facts = SideFacts {
                session: &shell,
                n_responses,
                options: &options,
                written: &written,
                parts: &parts,
                batches_read_me: None,
                decisions: (String::new(), 0),
            };
            for (path, text) in beside(&facts) {
                Staged::write(&self.out.join(path), text.as_bytes())?;
            }
        }
        Ok(outcome)
    }

    fn options(&self, is_file: bool) -> ExportOptions {
        let ends_parquet = self.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
        ExportOptions {
            metadata: !self.plain,
            threshold: self.threshold,
            zip: !is_file,
            parquet: if is_file { ends_parquet } else { self.parquet },
            name: self.name.clone(),
            licence: self.licence.clone(),
            ..ExportOptions::of(self.format)
        }
    }

    /// Where the pairs come from.
    fn pairs<'s>(&self, source: &'s Source) -> Result<Pairs<'s>, CliError> {
        match source {
            Source::Session { session, .. } => {
                if !session.events.is_empty() && !self.without_decisions {
                    let said = format!(
                        "{}: people have decided {} times in this session: export it in the page, which applies that, or take the method's pairs with --without-decisions",
                        self.source.paths[0].display(),
                        session.events.len()
                    );
                    return Err(CliError::Arguments(said));
                }
                Ok(Pairs::Session(session))
            }
            Source::Files { job, folder, .. } => {
                let own = [folder.join("pairs")];
                let given = if self.pairs.is_empty() { &own[..] } else { &self.pairs[..] };
                if self.pairs.is_empty() && !own[0].is_dir() {
                    let said = format!(
                        "{}: there are no pairs yet: run `concord select {} -o {}` first, or name their files with --pairs",
                        own[0].display(),
                        folder.display(),
                        own[0].display()
                    );
                    return Err(CliError::Arguments(said));
                }
                let files = files_of(given, "pairs", "pairs", |name| !name.starts_with("references"))?;
                Ok(Pairs::Files(Box::new(PairRow::rows(files, job))))
            }
        }
    }

    /// Writes some lines to their file, which is begun with the first.
    fn put(
        &self,
        targets: &mut BTreeMap<String, Target>,
        file: DataFile,
        options: &ExportOptions,
        is_file: bool,
    ) -> Result<(), CliError> {
        let columns: Vec<Column> =
            file.columns.iter().map(|column| Column::new(column.name, column.kind)).collect();
        let mut write = |path: String, language: Option<Language>, text: &str| {
            if text.is_empty() {
                return Ok(());
            }
            let place = if is_file { self.out.clone() } else { self.out.join(&path) };
            if !targets.contains_key(&path) {
                let out = RowFileOut::begin(&place, &columns)?;
                let target =
                    Target { path: path.clone(), language, out, counter: Tally::default(), n_rows: 0 };
                targets.insert(path.clone(), target);
            }
            let Some(target) = targets.get_mut(&path) else { return Ok(()) };
            for line in text.lines() {
                target.out.line(line.as_bytes())?;
                target.n_rows += 1;
            }
            target.counter.push(text.as_bytes());
            Ok(())
        };
        write(part_name(options, file.language.as_ref()), file.language.clone(), &file.text)?;
        match &file.language {
            Some(language) => {
                write(llama_factory_name(language), Some(language.clone()), &file.llama_factory)
            }
            None => Ok(()),
        }
    }
}

/// Pairs of a session or of files.
enum Pairs<'s> {
    Session(&'s Session),
    Files(Box<crate::input::PairRows>),
}

impl Pairs<'_> {
    /// Those of a prompt.
    fn of(&mut self, source: &Source, group: &Group) -> Result<Vec<PairRow>, CliError> {
        match self {
            Self::Files(rows) => rows.of(source.job(), group.prompt_idx),
            Self::Session(session) => {
                let id = &source.job().prompts[group.prompt_idx].id;
                let reference = session.references.iter().find(|reference| reference.prompt_id == *id);
                let reference = reference.and_then(|reference| reference.sample);
                let own = session.pairs.iter().filter(|pair| pair.prompt_id == *id);
                Ok(own.map(|pair| PairRow { pair: pair.clone(), reference, method: String::new() }).collect())
            }
        }
    }
}

/// Writes a pair, if it is one.
fn write_pair(
    writer: &mut PairWriter,
    shell: &Session,
    (source, group): (&Source, &Group),
    row: &PairRow,
    has_drafts: bool,
) {
    let Some((chosen, rejected)) = row.pair.chosen.zip(row.pair.rejected) else { return };
    let export_row = ExportRow {
        prompt_id: row.pair.prompt_id.clone(),
        language: row.pair.language.clone(),
        chosen,
        rejected,
        record: RowRecord::default(),
    };
    let anchor = &shell.config.anchor;
    let reference = group.responses.iter().find(|r| Some(r.sample) == row.reference && r.language == *anchor);
    let prompt = &source.job().prompts[group.prompt_idx];
    let parts = RowParts { prompt: Some(prompt), pair: Some(&row.pair), reference, has_drafts };
    let own = group.responses.iter().filter(|response| response.language == row.pair.language);
    writer.write(&PairRecord::of(shell, &export_row, parts, own), None);
}

/// Gives the files their names; of Parquet the bytes are those of the file.
fn published(targets: BTreeMap<String, Target>) -> Result<Vec<Part>, CliError> {
    let mut parts = Vec::new();
    for (_, target) in targets {
        let place = target.out.place().to_owned();
        target.out.publish()?;
        let counter = if Path::new(&target.path).extension().is_some_and(|ending| ending == "parquet") {
            let mut counter = Tally::default();
            counter.push(&std::fs::read(&place).map_err(CliError::unreadable(&place))?);
            counter
        } else {
            target.counter
        };
        parts.push(Part::new(target.path, target.language, target.n_rows, counter));
    }
    Ok(parts)
}
