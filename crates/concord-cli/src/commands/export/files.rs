//! The files of an export: rows go to their file as they come or, where they stand in batches, once all are there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use concord_align::data::{
    Column, DataFile, ExportOptions, InOrder, Language, Part, Tally, llama_factory_name, part_name,
};

use crate::error::CliError;
use crate::output::{RowFileOut, Staged};

/// Where the rows of an export go: one file, or a folder of them.
pub(super) struct Files<'o> {
    out: &'o Path,
    is_file: bool,
    options: &'o ExportOptions,
    targets: BTreeMap<String, Target>,
    waiting: Option<Waiting>,
}

/// A file of rows under way; in a folder it is counted, too.
struct Target {
    language: Option<Language>,
    out: RowFileOut,
    counter: Tally,
    n_rows: u32,
    /// Rows that wait, by their place in the file.
    pieces: Vec<Piece>,
}

/// Rows in the order in which they were written, until they are put in theirs.
struct Waiting {
    staged: Staged,
    out: BufWriter<File>,
    n_bytes: u64,
}

#[derive(Clone, Copy)]
struct Piece {
    position: usize,
    start: u64,
    n_bytes: usize,
}

impl<'o> Files<'o> {
    /// Begins an export. Where rows do not come in their order, they wait in a file beside the others.
    pub(super) fn begin(
        out: &'o Path,
        is_file: bool,
        options: &'o ExportOptions,
        comes_in_order: bool,
    ) -> Result<Self, CliError> {
        let mut waiting = None;
        if !comes_in_order {
            let place = if is_file { out.with_extension("waiting") } else { out.join("waiting") };
            let (staged, out) = Staged::begin(&place)?;
            waiting = Some(Waiting { staged, out, n_bytes: 0 });
        }
        Ok(Self { out, is_file, options, targets: BTreeMap::new(), waiting })
    }

    /// Takes lines; `position` is the place of their row among all.
    pub(super) fn put(&mut self, file: &DataFile, position: usize) -> Result<(), CliError> {
        let language = file.language.as_ref();
        self.put_text(part_name(self.options, language), file, &file.text, position)?;
        match language {
            Some(language) => {
                self.put_text(llama_factory_name(language), file, &file.llama_factory, position)
            }
            None => Ok(()),
        }
    }

    fn put_text(
        &mut self,
        path: String,
        file: &DataFile,
        text: &str,
        position: usize,
    ) -> Result<(), CliError> {
        if !self.targets.contains_key(&path) {
            let columns: Vec<Column> =
                file.columns.iter().map(|column| Column::new(column.name, column.kind)).collect();
            let place = if self.is_file { self.out.to_owned() } else { self.out.join(&path) };
            let target = Target {
                language: file.language.clone(),
                out: RowFileOut::begin(&place, &columns)?,
                counter: Tally::default(),
                n_rows: 0,
                pieces: Vec::new(),
            };
            self.targets.insert(path.clone(), target);
        }
        let Some(target) = self.targets.get_mut(&path) else { return Ok(()) };
        let Some(waiting) = &mut self.waiting else { return target.lines(text) };
        let written = waiting.out.write_all(text.as_bytes());
        written.map_err(|error| CliError::unwritable(waiting.staged.place(), error))?;
        target.pieces.push(Piece { position, start: waiting.n_bytes, n_bytes: text.len() });
        waiting.n_bytes += text.len() as u64;
        Ok(())
    }

    /// Puts what waits in its order and gives the files their names; what is to be said of them.
    pub(super) fn publish(mut self) -> Result<Vec<Part>, CliError> {
        if self.targets.is_empty() && self.is_file {
            // No pairs make a file without rows.
            RowFileOut::begin(self.out, &[])?.publish()?;
        }
        if let Some(Waiting { staged, out, .. }) = self.waiting.take() {
            let fail = |error: std::io::Error| CliError::unwritable(staged.place(), error);
            drop(out.into_inner().map_err(|error| fail(error.into_error()))?);
            let mut waiting = File::open(staged.part()).map_err(CliError::unreadable(staged.part()))?;
            for target in self.targets.values_mut() {
                target.take_pieces(&mut waiting, staged.part())?;
            }
        }
        let mut parts = Vec::new();
        for (path, target) in self.targets {
            let place: PathBuf = target.out.place().to_owned();
            target.out.publish()?;
            // Of Parquet the bytes are those of the file.
            let is_parquet = Path::new(&path).extension().is_some_and(|ending| ending == "parquet");
            let counter = if is_parquet { tally_of(&place)? } else { target.counter };
            parts.push(Part::new(path, target.language, target.n_rows, counter));
        }
        Ok(parts)
    }
}

impl Target {
    fn lines(&mut self, text: &str) -> Result<(), CliError> {
        for line in text.lines() {
            self.out.line(line.as_bytes())?;
            self.n_rows += 1;
        }
        self.counter.push(text.as_bytes());
        Ok(())
    }

    /// Takes its rows out of the file at `place`, in which they wait.
    fn take_pieces(&mut self, waiting: &mut File, place: &Path) -> Result<(), CliError> {
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.order_by_key(|piece| piece.position);
        let mut text = String::new();
        for Piece { start, n_bytes, .. } in pieces {
            text.clear();
            let read = waiting.seek(SeekFrom::Start(start));
            let read = read.and_then(|_| waiting.take(n_bytes as u64).read_to_string(&mut text));
            read.map_err(CliError::unreadable(place))?;
            self.lines(&text)?;
        }
        Ok(())
    }
}

fn tally_of(place: &Path) -> Result<Tally, CliError> {
    let mut tally = Tally::default();
    tally.push(&std::fs::read(place).map_err(CliError::unreadable(place))?);
    Ok(tally)
}
