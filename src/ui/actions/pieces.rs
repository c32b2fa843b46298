//! Sessions in and out of bytes, a slice at a time, so that one of tens of thousands of responses never holds up the page.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use web_sys::Blob;

use super::super::{slices::in_slices, state::Workbench};
use crate::{
    align::read_answer,
    browser::download,
    curation::Desk,
    data::{
        DataError, Session, SessionChecks, SessionPacker, SessionReader, SessionUnpacker, SessionWriter,
        archive,
    },
};

/// Bytes that are read from a file at once.
const READ_BYTES: f64 = 262_144.0;
/// Bytes of a file that are put together at once.
const PART_BYTES: usize = 1 << 20;
/// The largest zip archive that is opened, packed.
const MOST_PACKED_BYTES: f64 = 536_870_912.0;

/// A session that was read.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Responses whose texts held reasoning, which is kept apart now; the pairs are those that were picked before.
    pub n_separated: usize,
    /// Whether the file was a zip archive.
    pub is_archive: bool,
}

/// Why a session could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The file is gone or may not be read any more.
    Unreadable,
    /// What is in it is no session.
    Bad(DataError),
}

/// Reads a session.
///
/// # Errors
/// When the file cannot be read or holds no session.
pub async fn read(blob: &Blob) -> Result<Opened, ReadError> {
    let start = download::bytes_of(blob, 0.0, 4.0).await.ok_or(ReadError::Unreadable)?;
    let is_archive = archive::is_archive(&start);
    let (mut session, n_separated) = if is_archive { unpacked(blob).await? } else { parsed(blob).await? };
    let mut checks = SessionChecks::new(&session);
    in_slices(|| checks.step()).await;
    let problems = checks.finish();
    if !problems.is_empty() {
        return Err(ReadError::Bad(DataError::Fields { problems }));
    }
    if n_separated > 0 {
        let mut responses = session.responses.iter_mut();
        in_slices(|| responses.next().map(read_answer).is_some()).await;
    }
    Ok(Opened { session, n_separated, is_archive })
}

/// Reads a session's JSON.
async fn parsed(blob: &Blob) -> Result<(Session, usize), ReadError> {
    let mut reader = SessionReader::default();
    let mut from = 0.0;
    while from < blob.size() {
        let to = (from + READ_BYTES).min(blob.size());
        let bytes = download::bytes_of(blob, from, to).await.ok_or(ReadError::Unreadable)?;
        reader.push(&bytes);
        let mut outcome = Ok(true);
        in_slices(|| {
            outcome = reader.step();
            matches!(outcome, Ok(true))
        })
        .await;
        outcome.map_err(ReadError::Bad)?;
        from = to;
    }
    let n_separated = reader.n_separated();
    Ok((reader.complete().map_err(ReadError::Bad)?, n_separated))
}

/// Reads a session's archive. Its list of files stands at its end, so it is in memory as a whole.
async fn unpacked(blob: &Blob) -> Result<(Session, usize), ReadError> {
    if blob.size() > MOST_PACKED_BYTES {
        let most = MOST_PACKED_BYTES as u64;
        return Err(ReadError::Bad(archive::ArchiveError::TooLarge { most }.into()));
    }
    let mut bytes = Vec::with_capacity(blob.size() as usize);
    while (bytes.len() as f64) < blob.size() {
        let from = bytes.len() as f64;
        let to = (from + PART_BYTES as f64).min(blob.size());
        bytes.extend(download::bytes_of(blob, from, to).await.ok_or(ReadError::Unreadable)?);
    }
    let mut unpacker = SessionUnpacker::new(bytes).map_err(ReadError::Bad)?;
    let mut outcome = Ok(true);
    in_slices(|| {
        outcome = unpacker.step();
        matches!(outcome, Ok(true))
    })
    .await;
    outcome.map_err(ReadError::Bad)?;
    let n_separated = unpacker.n_separated();
    Ok((unpacker.complete().map_err(ReadError::Bad)?, n_separated))
}

/// The session on the desk as a zip archive, and how many events it holds; `None` without one, and where another took its
/// place meanwhile.
///
/// # Errors
/// When a number cannot be written.
pub async fn pack(page: Workbench) -> Result<Option<(Blob, usize)>, DataError> {
    let record = page.record.get_untracked();
    let mut packer = SessionPacker::default();
    let mut outcome = Ok(true);
    let mut is_same = true;
    in_slices(|| {
        is_same = page.record.get_untracked() == record;
        let step = |desk: &Option<Desk>| desk.as_ref().map(|desk| packer.step(desk.session()));
        outcome = page.desk.with_untracked(step).unwrap_or(Ok(false));
        is_same && matches!(outcome, Ok(true))
    })
    .await;
    outcome?;
    if !is_same || page.desk.with_untracked(Option::is_none) {
        return Ok(None);
    }
    let n_events = packer.n_events();
    Ok(zipped(packer)?.map(|blob| (blob, n_events)))
}

/// A session's zip archive; `None` where the browser refuses to put it together.
///
/// # Errors
/// When a number cannot be written.
pub async fn archive_of(session: &Session) -> Result<Option<Blob>, DataError> {
    let mut packer = SessionPacker::default();
    let mut outcome = Ok(true);
    in_slices(|| {
        outcome = packer.step(session);
        matches!(outcome, Ok(true))
    })
    .await;
    outcome?;
    zipped(packer)
}

fn zipped(packer: SessionPacker) -> Result<Option<Blob>, DataError> {
    let mut parts = Parts::default();
    packer.finish()?.chunks(PART_BYTES).for_each(|bytes| parts.push(bytes));
    Ok(download::blob_of("application/zip", &parts.finish()).ok())
}

/// The session on the desk as the bytes of its file, and how many events they hold; `None` without one. Begins again where
/// the session is replaced or picked again meanwhile.
///
/// # Errors
/// When a number cannot be written.
pub async fn write(page: Workbench) -> Result<Option<(Array, usize)>, DataError> {
    'again: loop {
        let with = |look: &mut dyn FnMut(&Session)| {
            page.desk.with_untracked(|desk| desk.as_ref().map(|desk| look(desk.session())))
        };
        let mut settings = None;
        with(&mut |session| settings = Some((session.created.clone(), session.config.clone())));
        let Some((created, config)) = settings else { return Ok(None) };
        let record = page.record.get_untracked();
        let (mut parts, mut writer) = (Parts::default(), SessionWriter::default());
        let mut n_events = 0;
        let mut outcome = Ok(true);
        let mut is_same = true;
        in_slices(|| {
            let found = with(&mut |session| {
                // A copy of a session is made at the same time, with the same settings.
                is_same = page.record.get_untracked() == record
                    && session.created == created
                    && session.config == config;
                if is_same {
                    n_events = session.events.len();
                    outcome =
                        writer.piece(session).map(|piece| piece.map(|piece| parts.push(&piece)).is_some());
                }
            });
            found.is_some() && is_same && matches!(outcome, Ok(true))
        })
        .await;
        if !is_same {
            continue 'again;
        }
        return outcome.map(|_| Some((parts.finish(), n_events)));
    }
}

/// The session on the desk as a file; `None` without one.
///
/// # Errors
/// Why it could not be written.
pub async fn written(page: Workbench) -> Result<Option<Blob>, String> {
    match write(page).await {
        Ok(Some((parts, _))) => {
            let blob = download::blob_of("application/json", &parts);
            blob.map(Some).map_err(|_refused| "the browser could not assemble the session".to_owned())
        }
        Ok(None) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// A session's file; `None` where a number cannot be written or the browser refuses.
pub async fn blob_of(session: &Session) -> Option<Blob> {
    let (mut parts, mut writer) = (Parts::default(), SessionWriter::default());
    let mut outcome = Ok(true);
    in_slices(|| {
        outcome = writer.piece(session).map(|piece| piece.map(|piece| parts.push(&piece)).is_some());
        matches!(outcome, Ok(true))
    })
    .await;
    outcome.ok()?;
    download::blob_of("application/json", &parts.finish()).ok()
}

/// Bytes as a file; `None` where the browser refuses.
pub async fn blob_of_bytes(media_type: &str, bytes: &[u8]) -> Option<Blob> {
    let (mut parts, mut left) = (Parts::default(), bytes.chunks(PART_BYTES));
    in_slices(|| left.next().map(|part| parts.push(part)).is_some()).await;
    download::blob_of(media_type, &parts.finish()).ok()
}

/// Parts of a file, put together a part at a time: a blob of many megabytes takes the browser a long task to make of bytes,
/// and none to make of blobs.
#[derive(Default)]
struct Parts {
    closed: Array,
    open: Array,
    n_open: usize,
}

impl Parts {
    fn push(&mut self, bytes: &[u8]) {
        self.open.push(&Uint8Array::from(bytes));
        self.n_open += bytes.len();
        if self.n_open >= PART_BYTES {
            self.close();
        }
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.n_open = 0;
        match download::blob_of("", &open) {
            Ok(blob) => {
                self.closed.push(&blob);
            }
            // Whoever makes the whole will be refused as well, and says so.
            Err(_) => self.closed = self.closed.concat(&open),
        }
    }

    fn finish(mut self) -> Array {
        self.close();
        self.closed
    }
}
