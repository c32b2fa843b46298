//! Making a method the session's: its pairs take the place of those that are there.

use leptos::prelude::*;

use super::{
    super::{method_words, slices::in_slices, state::Workbench},
    keep,
};
use crate::{
    align::{Material, PromptIndex, Selection, Selector},
    browser::clock,
    data::{MeasureKind, Method, RowStatus, SessionConfig},
};

/// Picks the session's pairs with another method. What people decided stays in the log and stands over the new picks.
pub async fn use_method(page: Workbench, method: Method) {
    let before = page.record.get_untracked();
    if pick_again(page, |config| config.method = method).await {
        // The comparison is of all methods, so it holds whichever is the session's.
        let after = page.record.get_untracked();
        page.compared.update(|compared| {
            if compared.of == Some(before) && compared.table.is_some() {
                compared.of = Some(after);
            }
        });
        page.status.set(format!("The pairs are now those of {}.", method_words::name(method)));
    }
}

/// Whether the pairs came with a file.
pub fn are_imported(page: Workbench) -> bool {
    page.desk.with_untracked(|desk| desk.as_ref().is_some_and(|desk| desk.session().config.imported_pairs))
}

/// The same, and says so: nothing was compared, so another pick would be of nothing.
fn stay_imported(page: Workbench) -> bool {
    let are = are_imported(page);
    if are {
        page.status
            .set("These pairs came with a file. They have no margins, and no method picks them.".to_owned());
    }
    are
}

/// Picks the session's pairs again with pairs of the anchor's own, which whole batches need.
pub async fn add_anchor_pairs(page: Workbench) {
    if !stay_imported(page) && pick_again(page, |config| config.anchor_pairs = true).await {
        page.status.set("The anchor language now has pairs too.".to_owned());
    }
}

/// Picks again with another minimum margin.
pub async fn set_min_margin(page: Workbench, min_margin: f32) {
    if !stay_imported(page) {
        pick_again(page, |config| config.min_margin = min_margin).await;
    }
}

/// Picks again with the same settings, as the responses have changed.
pub async fn pick_again_as_it_is(page: Workbench) -> bool {
    pick_again(page, |_| {}).await
}

/// Picks with changed settings, in slices; begins again where the session was picked again meanwhile. `false` without a
/// session, or where another was opened.
async fn pick_again(page: Workbench, change: impl Fn(&mut SessionConfig)) -> bool {
    let created = keep::created(page);
    loop {
        let before = page.record.get_untracked();
        let session = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.shared()));
        let Some(session) = session.filter(|session| Some(&session.created) == created.as_ref()) else {
            return false;
        };
        let mut config = session.config.clone();
        change(&mut config);
        let is_same = move || page.record.get_untracked() == before;
        let picks = {
            let index = PromptIndex::new(Material::of(&session));
            clock::breathe().await;
            let selector = Selector::new(&index, &config);
            let mut picks = Selection::default();
            let mut prompts = 0..session.prompts.len();
            in_slices(|| {
                let Some(prompt) = prompts.next().filter(|_| is_same()) else { return false };
                let (reference, pairs) = selector.pick(prompt);
                picks.references.push(reference);
                picks.pairs.extend(pairs);
                true
            })
            .await;
            picks
        };
        drop(session);
        clock::breathe().await;
        if !is_same() {
            continue;
        }
        page.change_desk(|desk| {
            if let Some(desk) = desk {
                desk.take_picks(config, picks);
            }
        });
        clock::breathe().await;
        page.setup.update(|setup| setup.change(change));
        keep::session_changed(page);
        return true;
    }
}

/// After the model was asked: the session's own method may have been waiting for the answer.
pub async fn pick_again_if_it_needs(page: Workbench, needs: &[MeasureKind]) {
    // Pairs that came with a file wait for no method.
    let method = page.desk.with_untracked(|desk| {
        let config = desk.as_ref().map(|desk| &desk.session().config);
        config.filter(|config| !config.imported_pairs).map(|config| config.method)
    });
    if let Some(method) = method
        && MeasureKind::of(method, true).is_some_and(|need| needs.contains(&need))
    {
        use_method(page, method).await;
    }
}

/// Rows that a person has judged.
pub fn n_decisions(page: Workbench) -> usize {
    page.desk.with_untracked(|desk| {
        let rows = desk.as_ref().map(|desk| desk.curation().rows()).unwrap_or_default();
        rows.iter().filter(|row| row.state.status != RowStatus::Undecided).count()
    })
}
