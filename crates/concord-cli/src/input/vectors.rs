//! The vectors that have come back of a job: where each request's answer stands, and the vectors of one prompt at a time.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use concord_align::data::{InOrder, Language};
use concord_align::job::{LONGEST_LINE, RequestId, Role, embed_answered, is_same_model, read_vectors};

use super::results::JobFolder;
use crate::error::CliError;

/// Most notes on lines that gave no vectors.
const MOST_NOTES: usize = 3;

/// Where the answer to a request is.
#[derive(Clone, Copy, Debug)]
struct Place {
    file: usize,
    start: u64,
    n_bytes: usize,
}

/// The files of vectors, of which no more than a prompt's are in memory.
#[derive(Debug)]
pub(crate) struct VectorFiles {
    paths: Vec<PathBuf>,
    files: Vec<File>,
    /// By the prompt's line.
    places: HashMap<usize, Vec<(RequestId, Place)>>,
    models: BTreeSet<String>,
    width: Option<usize>,
    n_bad: usize,
    notes: Vec<String>,
}

impl VectorFiles {
    /// Finds every answer in `results/`. Of two answers to one request the later is used.
    pub(crate) fn open(folder: &JobFolder) -> Result<Self, CliError> {
        let mut this = Self {
            paths: folder.files_of(Role::Vectors)?,
            files: Vec::new(),
            places: HashMap::new(),
            models: BTreeSet::new(),
            width: None,
            n_bad: 0,
            notes: Vec::new(),
        };
        for (path, file) in this.paths.clone().into_iter().zip(0..) {
            let opened = File::open(&path).map_err(CliError::unreadable(&path))?;
            let mut reader = BufReader::with_capacity(1 << 18, opened);
            if reader.fill_buf().map_err(CliError::unreadable(&path))?.starts_with(b"\x1f\x8b") {
                let said =
                    format!("{}: vectors are read in place, so unpack it first: gzip -d", path.display());
                return Err(CliError::Arguments(said));
            }
            let (mut line, mut start, mut number) = (Vec::new(), 0, 0);
            let most = LONGEST_LINE as u64 + 1;
            while reader
                .by_ref()
                .take(most)
                .read_until(b'\n', &mut line)
                .map_err(CliError::unreadable(&path))?
                > 0
            {
                number += 1;
                if line.len() > LONGEST_LINE {
                    let said = format!(
                        "{}, line {number} is longer than 64 MiB: ask for its vectors again",
                        path.display()
                    );
                    return Err(CliError::Arguments(said));
                }
                this.take(folder, &line, Place { file, start, n_bytes: line.len() }, number);
                start += line.len() as u64;
                line.clear();
            }
            this.files.push(reader.into_inner());
        }
        Ok(this)
    }

    fn take(&mut self, folder: &JobFolder, line: &[u8], place: Place, number: usize) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let Some((id, model)) = embed_answered(&folder.job, line) else {
            let name = self.paths[place.file].display().to_string();
            return self
                .note(format!("{name}, line {number}: not an answer to a request for vectors of this job"));
        };
        self.models.extend(model);
        self.places.entry(id.line).or_default().push((id, place));
    }

    fn note(&mut self, note: String) {
        self.n_bad += 1;
        if self.notes.len() < MOST_NOTES {
            self.notes.push(note);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Vectors of two encoders cannot be compared.
    pub(crate) fn check_model(&self, asked: &str) -> Result<(), CliError> {
        match self.models.iter().find(|served| !is_same_model(asked, served)) {
            Some(served) => Err(CliError::Arguments(format!(
                "{asked:?} was asked for vectors, and the server says that {served:?} answered: name the one that it is with --model, or move results-embed-* away and ask again"
            ))),
            None => Ok(()),
        }
    }

    /// The vectors of a prompt's responses.
    pub(crate) fn of_prompt(&mut self, line: usize) -> Result<HashMap<(Language, u32), Vec<f32>>, CliError> {
        let mut found = HashMap::new();
        let mut places = self.places.remove(&line).unwrap_or_default();
        places.order_by_key(|(_, place)| (place.file, place.start));
        for (id, place) in places {
            let path = &self.paths[place.file];
            let mut text = vec![0; place.n_bytes];
            let file = &mut self.files[place.file];
            let read = file.seek(SeekFrom::Start(place.start)).and_then(|_| file.read_exact(&mut text));
            read.map_err(CliError::unreadable(path))?;
            match read_vectors(&text, id.count, &mut self.width) {
                Ok(answer) => {
                    for (vector, sample) in answer.vectors.into_iter().zip(id.first..) {
                        found.extend(vector.map(|vector| ((id.language.clone(), sample), vector)));
                    }
                    if let Some(bad) = answer.bad {
                        self.note(format!("{}: {bad}", id.embed_name()));
                    }
                }
                Err(error) => self.note(format!("{}: {error}", id.embed_name())),
            }
        }
        Ok(found)
    }

    /// What could not be used.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        let more = (self.n_bad > self.notes.len())
            .then(|| format!("{} lines gave no vectors, or not all", self.n_bad));
        self.notes.iter().cloned().chain(more)
    }
}
