//! What the lesson shows: of the session on the desk, or of the example. The reader computes it, which has the methods' code and
//! works beside the page.

use js_sys::Uint8Array;

use super::{
    super::{api, reader, state::Workbench},
    pieces,
};
use crate::protocol::{Fault, FaultCode};

/// The scenes of a link, packed; `None` where there is no session on the desk and that is what is asked for.
///
/// # Errors
/// When the example or the reader cannot be fetched, or the session is too large to be written.
pub async fn scenes(page: Workbench, link: String, is_mine: bool) -> Result<Option<Uint8Array>, Fault> {
    let session = if is_mine {
        pieces::written(page).await.map_err(|reason| Fault::new(FaultCode::BadInput, reason))?
    } else {
        Some(api::example_session().await?)
    };
    match session {
        Some(session) => reader::scenes(link, session).await.map(Some),
        None => Ok(None),
    }
}
