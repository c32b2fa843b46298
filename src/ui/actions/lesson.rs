//! What the lesson shows, computed here because its own program is small: of the session on the desk, or of the example.

use std::{cell::RefCell, sync::Arc};

use leptos::prelude::*;

use super::{
    super::{api, slices::in_slices, state::Workbench},
    pieces::{self, Opened, ReadError},
};
use crate::{
    data::Session,
    lesson::{Link, Scenes, Staged, Step, texts::LANGUAGES},
    protocol::{Fault, FaultCode},
};

thread_local! {
    /// The example, once it is here.
    static EXAMPLE: RefCell<Option<Arc<Session>>> = const { RefCell::new(None) };
}

/// The scenes of a link, packed; `None` where there is no session on the desk and that is what is asked for.
///
/// # Errors
/// When the example cannot be fetched.
pub async fn scenes(page: Workbench, link: String, is_mine: bool) -> Result<Option<Vec<u8>>, Fault> {
    // Nothing may hold the desk's session while people judge, so it is copied, as far as it is shown.
    let link = Link::read(&link, &LANGUAGES).0;
    let staged = if is_mine {
        page.desk.with_untracked(|desk| desk.as_ref().map(|desk| Staged::new(desk.session(), &link)))
    } else {
        Some(Staged::new(&*example().await?, &link))
    };
    let Some(staged) = staged else { return Ok(None) };
    let (mut scenes, mut steps) = (Scenes::new(&staged), Step::ALL.into_iter());
    in_slices(|| steps.next().map(|step| scenes.add(&staged, step)).is_some()).await;
    scenes.packed().map(Some).map_err(|error| Fault::new(FaultCode::Internal, error.to_string()))
}

async fn example() -> Result<Arc<Session>, Fault> {
    if let Some(kept) = EXAMPLE.with_borrow(Clone::clone) {
        return Ok(kept);
    }
    let broken = |error: ReadError| {
        let reason = match error {
            ReadError::Bad(error) => error.to_string(),
            ReadError::Unreadable => "it could not be read".to_owned(),
        };
        Fault::new(FaultCode::Internal, format!("the example session is broken: {reason}"))
    };
    let Opened { session, .. } = pieces::read(&api::example_session().await?).await.map_err(broken)?;
    let session = Arc::new(session);
    EXAMPLE.set(Some(Arc::clone(&session)));
    Ok(session)
}
