//! Waiting for a server: no longer than the job is wanted, and not for ever.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use crate::{
    protocol::Fault,
    shelf::ShelfError,
    worker::task::{Host, Task, cancelled},
};

use super::shelf_fault;

/// A server that sends nothing for so long is given up, in milliseconds.
pub const MOST_SILENT_MS: u32 = 30_000;

/// Waits for an answer of the server at `url`. `silence` ends after [`MOST_SILENT_MS`]. Work that is given up is dropped, and
/// with it its connection.
///
/// # Errors
/// [`crate::protocol::FaultCode::Cancelled`] as soon as the job is cancelled;
/// [`crate::protocol::FaultCode::Unreachable`] where `silence` ends first.
pub async fn watched<T>(
    task: &Task<impl Host>,
    url: &str,
    silence: impl Future<Output = ()>,
    work: impl Future<Output = T>,
) -> Result<T, Fault> {
    let (mut work, mut unwanted, mut silence) = (pin!(work), pin!(task.cancelled()), pin!(silence));
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            Poll::Ready(Ok(done))
        } else if unwanted.as_mut().poll(context).is_ready() {
            Poll::Ready(Err(cancelled()))
        } else if silence.as_mut().poll(context).is_ready() {
            let (url, secs) = (url.to_owned(), MOST_SILENT_MS / 1_000);
            Poll::Ready(Err(shelf_fault(&ShelfError::Silent { url, secs })))
        } else {
            Poll::Pending
        }
    })
    .await
}

/// Waits until `sleep` ends, or the job is cancelled.
///
/// # Errors
/// [`crate::protocol::FaultCode::Cancelled`].
pub async fn wait(task: &Task<impl Host>, sleep: impl Future<Output = ()>) -> Result<(), Fault> {
    let (mut sleep, mut unwanted) = (pin!(sleep), pin!(task.cancelled()));
    poll_fn(|context| {
        let is_over = sleep.as_mut().poll(context).is_ready() || unwanted.as_mut().poll(context).is_ready();
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    task.check().await
}
