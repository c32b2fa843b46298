//! How far people agree, computed in slices.

use leptos::prelude::*;

use super::super::{slices::in_slices, state::Workbench};
use crate::{
    browser::clock,
    curation::agreement::{Agreeing, PeopleAgreement},
};

/// How far the session's people agree with each other; `None` without a session, or where `is_wanted` says no meanwhile.
pub async fn people(page: Workbench, is_wanted: impl Fn() -> bool) -> Option<PeopleAgreement> {
    // The screen is painted first.
    clock::breathe().await;
    let mut agreeing = page.desk.with_untracked(|desk| {
        desk.as_ref().map(|desk| Agreeing::new(desk.curation(), desk.session().config.seed))
    })?;
    in_slices(|| is_wanted() && agreeing.step()).await;
    is_wanted().then(|| agreeing.finish())
}
