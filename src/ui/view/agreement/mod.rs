//! Agreement: how far people agree with the method, with each other and with themselves, and what they have to settle.

pub mod conflicts;
pub mod figures;
pub mod people;
pub mod repeats;
pub mod with_method;

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{actions::agreement, screen::View, state::Workbench},
    later::Later,
    screen::Screen,
};
use crate::curation::agreement::PeopleAgreement;

/// The screen.
#[component]
pub fn AgreementScreen() -> impl IntoView {
    view! {
        <Screen
            view=View::Agreement
            lead="How far people agree with the method, with each other, and with themselves."
            empty="How often people keep what the method picked, by language and by margin, and how far several annotators agree. It takes your own decisions, and no model."
        >
            <Parts />
        </Screen>
    }
}

#[component]
fn Parts() -> impl IntoView {
    let page = Workbench::here();
    let found = RwSignal::new(None::<PeopleAgreement>);
    // Each change of the desk begins anew; what was begun before gives up.
    let n_changes = StoredValue::new(0_u32);
    Effect::new(move |_| {
        page.desk.track();
        n_changes.update_value(|n| *n += 1);
        let this = n_changes.get_value();
        spawn_local(async move {
            let is_latest = move || n_changes.try_get_value() == Some(this);
            let people = agreement::people(page, is_latest).await;
            if is_latest() {
                let _gone = found.try_set(people);
            }
        });
    });
    view! {
        <conflicts::Conflicts />
        <with_method::WithMethod />
        <Later n=1><people::People found /></Later>
        <Later n=2><repeats::Repeats /></Later>
    }
}
