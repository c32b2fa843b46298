//! How far a session's people agree, for scripts.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{super::slices::in_slices, sessions::checked_session, values::to_js};
use crate::{
    curation::{
        Desk,
        agreement::{
            Agreeing, Agreement, PeopleAgreement, SelfAgreement, agreement, conflicts, self_agreement,
        },
    },
    data::Language,
};

/// Margin bands, as on the screen.
const N_BANDS: usize = 10;

/// What `agreement` gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    with_method: Agreement,
    people: PeopleAgreement,
    repeats: Vec<SelfAgreement>,
    conflicts: Vec<(String, Language)>,
}

/// `agreement(session)`: people against the method, among themselves and with themselves, and the rows to settle.
pub(super) async fn report(session: JsValue, _options: JsValue) -> Result<JsValue, JsValue> {
    let desk = Desk::new(checked_session(session)?);
    let mut agreeing = Agreeing::new(desk.curation(), desk.session().config.seed);
    in_slices(|| agreeing.step()).await;
    let rows = conflicts(&desk).into_iter().filter_map(|cell| desk.row(cell));
    to_js(&Report {
        with_method: agreement(desk.curation(), N_BANDS),
        people: agreeing.finish(),
        repeats: self_agreement(desk.curation()),
        conflicts: rows.map(|row| (row.prompt_id.clone(), row.language.clone())).collect(),
    })
}
