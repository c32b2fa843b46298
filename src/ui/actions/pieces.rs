//! Sessions in and out of bytes, a slice at a time, so that one of tens of thousands of responses never holds up the page.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use web_sys::Blob;

use super::super::{slices::in_slices, state::Workbench};
use crate::{
    browser::{clock, download},
    data::{DataError, Session, SessionReader, SessionWriter},
};

/// Bytes that are read from a file at once.
const READ_BYTES: f64 = 262_144.0;

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
pub async fn read(blob: &Blob) -> Result<Session, ReadError> {
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
    let session = reader.finish().map_err(ReadError::Bad);
    // The checks of the whole are a task of their own.
    clock::breathe().await;
    session
}

/// The session on the desk as the bytes of its file, and how many events they hold; `None` without one. Begins again where
/// the session is replaced or picked anew meanwhile.
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
        let (parts, mut writer) = (Array::new(), SessionWriter::default());
        let mut n_events = 0;
        let mut outcome = Ok(true);
        let mut is_same = true;
        in_slices(|| {
            let found = with(&mut |session| {
                is_same = session.created == created && session.config == config;
                if is_same {
                    n_events = session.events.len();
                    outcome = writer.piece(session).map(|piece| {
                        piece.is_some_and(|piece| parts.push(&Uint8Array::from(&piece[..])) > 0)
                    });
                }
            });
            found.is_some() && is_same && matches!(outcome, Ok(true))
        })
        .await;
        if !is_same {
            continue 'again;
        }
        return outcome.map(|_| Some((parts, n_events)));
    }
}
