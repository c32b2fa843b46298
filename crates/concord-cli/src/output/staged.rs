//! A file that is written beside its place and renamed once it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::CliError;

const BUFFER_BYTES: usize = 1 << 18;

/// Written under another name until [`Staged::publish`]; removed if that never comes.
#[derive(Debug)]
pub(crate) struct Staged {
    place: PathBuf,
    part: PathBuf,
    is_published: bool,
}

impl Staged {
    /// Begins a file, and the folder that it is to be in.
    pub(crate) fn begin(place: &Path) -> Result<(Self, BufWriter<File>), CliError> {
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name else {
            return Err(CliError::unwritable(place, "it names no file"));
        };
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|error| CliError::unwritable(folder, error))?;
        }
        let part = place.with_file_name(format!(".part-{}-{name}", std::process::id()));
        let file = File::create(&part).map_err(|error| CliError::unwritable(&part, error))?;
        let staged = Self { place: place.to_owned(), part, is_published: false };
        Ok((staged, BufWriter::with_capacity(BUFFER_BYTES, file)))
    }

    /// Where it will be.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Where it is until then.
    pub(crate) fn part(&self) -> &Path {
        &self.part
    }

    /// Gives the file its name.
    pub(crate) fn publish(mut self) -> Result<(), CliError> {
        std::fs::rename(&self.part, &self.place).map_err(|error| CliError::unwritable(&self.place, error))?;
        self.is_published = true;
        Ok(())
    }

    /// Writes a whole file of bytes.
    pub(crate) fn write(place: &Path, bytes: &[u8]) -> Result<(), CliError> {
        let (staged, mut out) = Self::begin(place)?;
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .map_err(|error| CliError::unwritable(place, error))?;
        staged.publish()
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_published {
            // What cannot be removed is seen as unfinished by its name.
            let _removed = std::fs::remove_file(&self.part);
        }
    }
}
