//! `concord merge`: the shards of a folder as one file; responses in the order of their job, on request.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use clap::Args;
use concord_align::data::InOrder;
use concord_tables::Row;
use serde_json::Value;

use super::Outcome;
use crate::error::{CliError, Place};
use crate::input::{ENDINGS, Job, Record, Rows, files_of, kind_of};
use crate::output::{RowFileOut, Staged, columns_of};

/// Rows of a bucket: those are sorted in memory.
const BUCKET_ROWS: usize = 20_000;

/// Puts the rows of several files into one, in the order of the files.
///
/// With --job the rows are put into the order of the job's prompts, languages and samples, whatever order they come in;
/// of rows that say the same response twice the first stays.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Files of responses or of pairs, or a folder of them (pairs/ and references/ are told apart by their names)
    #[arg(required = true, value_name = "DIR|FILES")]
    paths: Vec<PathBuf>,
    /// Put the rows into the order of this job
    #[arg(long, value_name = "DIR")]
    job: Option<PathBuf>,
    /// Of a folder, merge the references and not the pairs
    #[arg(long)]
    references: bool,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

impl Merge {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        if kind_of(&self.out).is_none() {
            return Err(CliError::Ending { path: self.out.clone(), endings: ENDINGS });
        }
        let is_wanted = |name: &str| name.starts_with("references") == self.references;
        let files = files_of(&self.paths, "responses", "rows to merge", is_wanted)?;
        let files: Vec<PathBuf> = files.into_iter().filter(|file| *file != self.out).collect();
        let lacking = lacking(&files);
        let mut outcome = Outcome::default();
        let (n_rows, n_twice) = match &self.job {
            None => (self.concatenate(files)?, 0),
            Some(folder) => self.in_order(files, &Job::read(folder, None, None)?)?,
        };
        outcome.say(format!("{n_rows} rows in {}", self.out.display()));
        if n_twice > 0 {
            outcome.say(format!("{n_twice} responses were there twice: the first stayed"));
        }
        if !lacking.is_empty() {
            outcome.say(format!("missing: {}", lacking.join(", ")));
        }
        outcome.is_partial = !lacking.is_empty();
        outcome.set("out", self.out.display().to_string());
        outcome.set("nRows", n_rows);
        outcome.set("nTwice", n_twice);
        outcome.set("missing", lacking);
        Ok(outcome)
    }

    fn concatenate(&self, files: Vec<PathBuf>) -> Result<u64, CliError> {
        let (mut rows, mut out) = (Rows::any(files), None::<RowFileOut>);
        while let Some(record) = rows.next_record()? {
            let out = self.opened(&mut out, &record, &rows.place())?;
            put(out, record, &rows.place())?;
        }
        self.closed(out)
    }

    /// The file, begun with the columns of the first row.
    fn opened<'o>(
        &self,
        out: &'o mut Option<RowFileOut>,
        first: &Record,
        place: &Place,
    ) -> Result<&'o mut RowFileOut, CliError> {
        if out.is_none() {
            let row: Row = first.clone().parse(place)?;
            let mut columns = Vec::new();
            if self.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
                columns = columns_of(row.keys().map(String::as_str)).map_err(|column| CliError::Value {
                    place: place.clone(),
                    reason: format!("the column \"{column}\" is not one that is written as Parquet: name a file that ends in .jsonl or .jsonl.gz"),
                })?;
            }
            *out = Some(RowFileOut::begin(&self.out, &columns)?);
        }
        out.as_mut().ok_or_else(|| CliError::Bug("no file was begun".to_owned()))
    }

    fn closed(&self, out: Option<RowFileOut>) -> Result<u64, CliError> {
        let Some(out) = out else {
            // Files without rows make one without rows.
            Staged::write(&self.out, b"")?;
            return Ok(0);
        };
        let n_rows = out.n_rows();
        out.publish()?;
        Ok(n_rows)
    }

    /// Sorts by parts that fit in memory: each is written to a file of its own first.
    fn in_order(&self, files: Vec<PathBuf>, job: &Job) -> Result<(u64, u64), CliError> {
        let buckets = Buckets::of(&files, job)?;
        let part = |at: usize| self.out.with_file_name(format!(".merge-{}-{at}.jsonl", std::process::id()));
        let mut parts = Vec::new();
        for at in 0..buckets.n {
            parts.push(Part::begin(part(at))?);
        }
        let mut rows = Rows::any(files);
        while let Some(record) = rows.next_record()? {
            let place = rows.place();
            let row: Row = record.parse(&place)?;
            let (at, ..) = key_of(&row, job, &place)?;
            parts[buckets.of[at]].put(&row)?;
        }
        let (mut out, mut n_twice) = (None, 0);
        for part in parts {
            let mut rows = part.rows(job)?;
            rows.order_by_key(|(key, _)| *key);
            let n_before = rows.len();
            rows.dedup_by_key(|(key, _)| *key);
            n_twice += (n_before - rows.len()) as u64;
            for (_, row) in rows {
                let place = Place { path: self.out.clone(), line: 0 };
                self.opened(&mut out, &Record::Row(row.clone()), &place)?.row(row)?;
            }
        }
        Ok((self.closed(out)?, n_twice))
    }
}

fn put(out: &mut RowFileOut, record: Record, place: &Place) -> Result<(), CliError> {
    match record {
        Record::Row(row) => out.row(row),
        // A line that is no JSON would spoil the file for all who read it.
        Record::Line(line) => match serde_json::from_slice::<&serde_json::value::RawValue>(&line) {
            Ok(_) if line.starts_with(b"{") => out.line(&line),
            Ok(_) => Err(CliError::NotJson { place: place.clone(), reason: "another value".to_owned() }),
            Err(error) => Err(CliError::NotJson { place: place.clone(), reason: error.to_string() }),
        },
    }
}

/// A row's prompt, language and sample, as places.
type Key = (usize, usize, u64);

fn key_of(row: &Row, job: &Job, place: &Place) -> Result<Key, CliError> {
    let needed = "prompt_id and language, and responses a sample";
    let text = |column: &'static str| {
        let missing = || CliError::Missing { place: place.clone(), column, needed };
        row.get(column).and_then(Value::as_str).ok_or_else(missing)
    };
    let (prompt_id, language) = (text("prompt_id")?, text("language")?);
    let unknown = || CliError::UnknownPrompt { place: place.clone(), prompt_id: prompt_id.to_owned() };
    let at = job.place(prompt_id).ok_or_else(unknown)?;
    let languages = &job.config.languages;
    let of_language = languages.iter().position(|own| own.as_str() == language).unwrap_or(languages.len());
    Ok((at, of_language, row.get("sample").and_then(Value::as_u64).unwrap_or_default()))
}

/// Which prompts are sorted together.
struct Buckets {
    /// By the place of a prompt.
    of: Vec<usize>,
    n: usize,
}

impl Buckets {
    /// Counts the rows of every prompt.
    fn of(files: &[PathBuf], job: &Job) -> Result<Self, CliError> {
        let (mut counts, mut rows) = (vec![0_usize; job.prompts.len()], Rows::any(files.to_vec()));
        while let Some(record) = rows.next_record()? {
            let place = rows.place();
            let row: Row = record.parse(&place)?;
            counts[key_of(&row, job, &place)?.0] += 1;
        }
        let (mut of, mut at, mut n_rows) = (Vec::new(), 0, 0);
        for count in counts {
            if n_rows > 0 && n_rows + count > BUCKET_ROWS {
                (at, n_rows) = (at + 1, 0);
            }
            n_rows += count;
            of.push(at);
        }
        Ok(Self { of, n: at + 1 })
    }
}

/// The rows of a bucket, in a file that goes when they are read.
struct Part {
    path: PathBuf,
    out: Option<RowFileOut>,
}

impl Part {
    fn begin(path: PathBuf) -> Result<Self, CliError> {
        Ok(Self { out: Some(RowFileOut::begin(&path, &[])?), path })
    }

    fn put(&mut self, row: &Row) -> Result<(), CliError> {
        let line = serde_json::to_vec(row).map_err(|error| CliError::Bug(error.to_string()))?;
        self.out.as_mut().map_or(Ok(()), |out| out.line(&line))
    }

    fn rows(mut self, job: &Job) -> Result<Vec<(Key, Row)>, CliError> {
        if let Some(out) = self.out.take() {
            out.publish()?;
        }
        let (mut rows, mut found) = (Rows::any(vec![self.path.clone()]), Vec::new());
        while let Some(record) = rows.next_record()? {
            let row: Row = record.parse(&rows.place())?;
            found.push((key_of(&row, job, &rows.place())?, row));
        }
        Ok(found)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It is hidden and has the number of this process, so that nobody takes it for a result.
        let _removed = std::fs::remove_file(&self.path);
    }
}

/// The shards that are not among the files, by their names: `pairs-00002-of-00016`.
fn lacking(files: &[PathBuf]) -> Vec<String> {
    let mut sets: HashMap<(String, u32), BTreeSet<u32>> = HashMap::new();
    for file in files {
        if let Some((stem, part, parts)) = shard_of(file) {
            sets.entry((stem, parts)).or_default().insert(part);
        }
    }
    let mut lacking: Vec<String> = sets
        .iter()
        .flat_map(|((stem, parts), found)| {
            let missing = (1..=*parts).filter(|part| !found.contains(part));
            missing.map(move |part| format!("{stem}-{part:05}-of-{parts:05}"))
        })
        .collect();
    lacking.order();
    lacking
}

fn shard_of(file: &Path) -> Option<(String, u32, u32)> {
    let name = file.file_name()?.to_str()?.split('.').next()?;
    let (rest, parts) = name.rsplit_once("-of-")?;
    let (stem, part) = rest.rsplit_once('-')?;
    Some((stem.to_owned(), part.parse().ok()?, parts.parse().ok().filter(|parts| *parts < 100_000)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_that_are_not_there_are_named() {
        let files = ["a/pairs-00001-of-00003.jsonl", "a/pairs-00003-of-00003.parquet", "a/other.jsonl"];
        assert_eq!(lacking(&files.map(PathBuf::from)), ["pairs-00002-of-00003"]);
        assert_eq!(lacking(&[]), Vec::<String>::new());
    }
}
