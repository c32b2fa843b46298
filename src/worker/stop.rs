//! How what a model is doing hears in its middle that nobody wants it any more.

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
};

use crate::{generate::ModelError, reference::Pause};

/// What a model listens to.
#[derive(Clone)]
pub struct Stop {
    /// Lets messages in; what computes on this thread takes it often.
    pub pause: Pause,
    is_wanted: Rc<IsWanted>,
}

/// Ready once the running job is to stop.
type IsWanted = dyn Fn(&mut Context<'_>) -> Poll<()>;

impl Stop {
    /// `is_wanted` is ready once the running job is to stop, and else wakes who asks when it is.
    pub fn new(pause: Pause, is_wanted: impl Fn(&mut Context<'_>) -> Poll<()> + 'static) -> Self {
        Self { pause, is_wanted: Rc::new(is_wanted) }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stop")
    }
}

/// Waits for a call of a model, or gives it up: a device goes on with what it was given, and nobody waits for it.
///
/// # Errors
/// The call's, or [`ModelError::Stopped`].
pub(super) async fn unless_stopped<T>(
    stop: Option<&Stop>,
    call: impl Future<Output = Result<T, ModelError>>,
) -> Result<T, ModelError> {
    let mut call = pin!(call);
    poll_fn(|context| match stop {
        Some(stop) if (stop.is_wanted)(context).is_ready() => Poll::Ready(Err(ModelError::Stopped)),
        _ => call.as_mut().poll(context),
    })
    .await
}
