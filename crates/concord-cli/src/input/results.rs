//! The results of a job, for jobs of any size: lines are sorted into parts by their prompts first, and each part is then
//! collected in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use concord_align::data::{ImportedFile, InOrder, Tally};
use concord_align::job::{Collector, Form, Head, Job, LONGEST_LINE, ModelQuestion, Report, Role, Sink, peek};
use flate2::read::MultiGzDecoder;

use crate::error::CliError;

/// Responses that are collected in memory at once.
const PART_RESPONSES: usize = 20_000;
const BUFFER_BYTES: usize = 1 << 18;

/// A job's folder, as `concord plan` or the page wrote it.
#[derive(Debug)]
pub(crate) struct JobFolder {
    pub(crate) path: PathBuf,
    pub(crate) job: Job,
    pub(crate) form: Form,
}

/// What is found of a job's results.
pub(crate) struct Gathered<'f> {
    folder: &'f JobFolder,
    parts: Vec<Part>,
    report: Report,
    models: BTreeMap<String, usize>,
    spool: Spool,
}

/// Some prompts, by their lines, and where their results are kept until they are collected.
struct Part {
    lines: Range<usize>,
    path: PathBuf,
    out: BufWriter<File>,
}

/// A folder that goes when it is done with.
struct Spool(PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        // It is hidden and has the number of this process, so that nobody takes it for a result.
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

impl JobFolder {
    /// Reads what the job is.
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        let mut head = Head::default();
        for (name, role) in
            [("job.json", Role::Job), ("prompts.jsonl", Role::Prompts), ("manifest.json", Role::Manifest)]
        {
            let file = path.join(name);
            match std::fs::read(&file) {
                Ok(bytes) => _ = head.put(role, bytes),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(CliError::Unreadable { path: file, reason: error }),
            }
        }
        if head.job.is_none() || head.prompts.is_none() {
            return Err(CliError::NoJob { path: path.to_owned() });
        }
        let fail = |error: concord_align::job::ImportError| CliError::Job {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let (job, form) = head.open().map_err(fail)?;
        Ok(Self { path: path.to_owned(), job, form })
    }

    /// Every file of results in `results/`, by name; parts of a run that was ended, too.
    pub(crate) fn results(&self) -> Result<Vec<PathBuf>, CliError> {
        self.files_of(Role::Results)
    }

    /// Every file of a role in `results/`, by name.
    pub(crate) fn files_of(&self, role: Role) -> Result<Vec<PathBuf>, CliError> {
        let folder = self.path.join("results");
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let entries = std::fs::read_dir(&folder).map_err(CliError::unreadable(&folder))?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(CliError::unreadable(&folder))?.path();
            if path.is_file() && Role::of(&path.to_string_lossy()) == role {
                found.push(path);
            }
        }
        found.order();
        Ok(found)
    }

    /// Reads all files once and sorts their lines into parts. `beside` is where these are kept meanwhile.
    pub(crate) fn gather(&self, files: &[PathBuf], beside: &Path) -> Result<Gathered<'_>, CliError> {
        std::fs::create_dir_all(beside).map_err(|error| CliError::unwritable(beside, error))?;
        let spool = Spool(beside.join(format!(".collect-{}", std::process::id())));
        std::fs::create_dir_all(&spool.0).map_err(|error| CliError::unwritable(&spool.0, error))?;
        let mut parts = Vec::new();
        for (lines, number) in self.parts().into_iter().zip(0..) {
            let path = spool.0.join(format!("{number:05}"));
            let file = File::create(&path).map_err(|error| CliError::unwritable(&path, error))?;
            parts.push(Part { lines, path, out: BufWriter::with_capacity(BUFFER_BYTES, file) });
        }
        let mut gathered =
            Gathered { folder: self, parts, report: Report::default(), models: BTreeMap::new(), spool };
        // What belongs to no part is only reported.
        let mut others = Collector::of(&self.job, 0..0);
        for (path, number) in files.iter().zip(0..) {
            let record = gathered.sort_file(path, number, &mut others)?;
            if !gathered.report.files.iter().any(|known| known.sha256 == record.sha256) {
                gathered.report.files.push(record);
            }
        }
        gathered.report.add(others.report());
        gathered.report.job = self.job.short().to_owned();
        for part in &mut gathered.parts {
            part.out.flush().map_err(|error| CliError::unwritable(&part.path, error))?;
        }
        Ok(gathered)
    }

    /// Neighbouring prompts that have about as many responses together as fit into memory.
    fn parts(&self) -> Vec<Range<usize>> {
        let (mut parts, mut start, mut n) = (Vec::new(), 0, 0);
        for line in 0..self.job.prompts.len() {
            let more = self.job.languages_at(line).count() * self.job.config.n as usize;
            if n > 0 && n + more > PART_RESPONSES {
                parts.push(start..line);
                (start, n) = (line, 0);
            }
            n += more;
        }
        parts.push(start..self.job.prompts.len());
        parts
    }
}

impl Gathered<'_> {
    /// Puts each line of a file into its part, as `FILE LINE JSON`.
    fn sort_file(
        &mut self,
        path: &Path,
        number: usize,
        others: &mut Collector,
    ) -> Result<ImportedFile, CliError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut reader = opened(path)?;
        let (mut line, mut n_lines, mut tally) = (Vec::new(), 0, Tally::default());
        loop {
            line.clear();
            let read = reader.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line);
            let is_end = match read {
                Ok(0) => break,
                Ok(_) => false,
                Err(error) if is_damage(&error) => true,
                Err(error) => return Err(CliError::Unreadable { path: path.to_owned(), reason: error }),
            };
            n_lines += 1;
            tally.push(&line);
            if line.len() > LONGEST_LINE {
                others.long_line(&name, n_lines);
                skip_line(&mut reader, &mut tally).map_err(CliError::unreadable(path))?;
                continue;
            }
            let is_ended = line.last() == Some(&b'\n');
            let text = line.trim_ascii();
            if !text.is_empty() {
                match peek(text).and_then(|(id, model)| Some((self.part_of(&id)?, model))) {
                    Some((part, model)) => {
                        if let Some(model) = model {
                            *self.models.entry(model).or_default() += 1;
                        }
                        self.put(part, number, n_lines, text)?;
                    }
                    None if !is_ended && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err() => {
                        others.cut(&name);
                    }
                    _ => others.line(&name, n_lines, text),
                }
            }
            if is_end {
                others.cut(&name);
                break;
            }
        }
        Ok(ImportedFile { name, sha256: tally.sha256(), lines: n_lines })
    }

    /// The part that a request's prompt is in, if it is of the job.
    fn part_of(&self, id: &concord_align::job::RequestId) -> Option<usize> {
        let is_ours = id.job == self.folder.job.short() && id.line < self.folder.job.prompts.len();
        is_ours.then(|| self.parts.partition_point(|part| part.lines.end <= id.line))
    }

    fn put(&mut self, part: usize, file: usize, line: usize, text: &[u8]) -> Result<(), CliError> {
        let part = &mut self.parts[part];
        let written = write!(part.out, "{file} {line} ")
            .and_then(|()| part.out.write_all(text))
            .and_then(|()| part.out.write_all(b"\n"));
        written.map_err(|error| CliError::unwritable(&part.path, error))
    }

    /// What a person has to choose before anything is taken: results of another model, or of several.
    pub(crate) fn question(&self) -> Option<ModelQuestion> {
        let job = &self.folder.job;
        let is_clear = self.models.len() <= 1 && self.models.keys().all(|name| job.is_model(name));
        let served = || self.models.iter().map(|(name, n)| (name.clone(), *n)).collect();
        (!is_clear).then(|| ModelQuestion { asked: job.model.clone(), served: served() })
    }

    /// Collects part after part, hands each to `take`, and says what came of all.
    pub(crate) fn collect(
        mut self,
        files: &[PathBuf],
        model: Option<&str>,
        mut take: impl FnMut(usize, usize, Collector) -> Result<(), CliError>,
    ) -> Result<Report, CliError> {
        let parts = std::mem::take(&mut self.parts);
        let n_parts = parts.len();
        let names: Vec<String> = files
            .iter()
            .map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned())
            .collect();
        for (part, number) in parts.into_iter().zip(0..) {
            let mut collector = Collector::of(&self.folder.job, part.lines.clone());
            collector.accept_model(model);
            read_part(&part.path, &names, &mut collector)?;
            self.report.add(collector.report());
            take(number, n_parts, collector)?;
            // What is done with need not stay on the disk; the folder goes anyway.
            let _removed = std::fs::remove_file(&part.path);
        }
        let asked = self.question();
        let Self { mut report, spool, .. } = self;
        drop(spool);
        report.question = asked.filter(|_| model.is_none());
        Ok(report)
    }
}

fn read_part(path: &Path, names: &[String], collector: &mut Collector) -> Result<(), CliError> {
    let bug = || CliError::Bug("a part of the results is not as it was written".to_owned());
    let file = File::open(path).map_err(CliError::unreadable(path))?;
    let (mut reader, mut line) = (BufReader::with_capacity(BUFFER_BYTES, file), Vec::new());
    while reader.read_until(b'\n', &mut line).map_err(CliError::unreadable(path))? > 0 {
        let mut pieces = line.trim_ascii_end().splitn(3, |byte| *byte == b' ');
        let number = |piece: Option<&[u8]>| {
            piece.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok()).ok_or_else(bug)
        };
        let (file, at) = (number(pieces.next())?, number(pieces.next())?);
        collector.line(names.get(file).ok_or_else(bug)?, at, pieces.next().ok_or_else(bug)?);
        line.clear();
    }
    Ok(())
}

/// A file of results, unpacked where gzip packed it.
fn opened(path: &Path) -> Result<Box<dyn BufRead>, CliError> {
    let file = File::open(path).map_err(CliError::unreadable(path))?;
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    let is_packed = file.fill_buf().map_err(CliError::unreadable(path))?.starts_with(b"\x1f\x8b");
    Ok(if is_packed {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

/// Whether what was packed ends early or is damaged: what came before counts.
fn is_damage(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}

/// Reads on to the end of a line that is too long.
fn skip_line(reader: &mut dyn BufRead, tally: &mut Tally) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let n = end.map_or(buffer.len(), |at| at + 1);
        if n == 0 {
            return Ok(());
        }
        tally.push(&buffer[..n]);
        reader.consume(n);
        if end.is_some() {
            return Ok(());
        }
    }
}
