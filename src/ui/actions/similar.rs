//! Rows like the one that is looked at: by what was measured of the questions, else by vectors of the texts, which the loaded
//! encoder makes, or the loaded model. What was made for one search serves the next.

use std::{cell::RefCell, collections::HashSet, sync::Arc};

use leptos::prelude::*;

use super::{
    super::{
        client,
        slices::in_slices,
        state::{Activity, Place, Workbench},
        words,
    },
    keep, pick, walk,
};
use crate::{
    browser::clock,
    curation::{Cell, LikeBy, Likeness, ReadQuestion, RowFilter, most_alike},
    protocol::{Answer, EmbedRequest, Fault, FaultCode, ModelRequest, Progress, Stage},
};

/// Rows that are shown as being like one.
const N_SIMILAR: usize = 20;
/// Texts of one request: few enough that neither message holds up the page, and that Cancel is quick.
const TEXTS_AT_ONCE: usize = 64;

thread_local! {
    static LIKENESS: RefCell<Likeness> = RefCell::default();
}

/// Shows only the rows that are most like the current one, and that one.
pub async fn show(page: Workbench, by: LikeBy) {
    if page.is_busy.get_untracked() {
        return page.status.set("Another task is under way. Wait for its end, or cancel it.".to_owned());
    }
    page.clear_fault(Place::Results);
    let cell = page.focus.get_untracked().cell;
    let record = page.record.get_untracked();
    let read = page.desk.with_untracked(|desk| match by {
        LikeBy::Question => desk.as_ref()?.read_question(cell),
        LikeBy::Response => None,
    });
    let measured = match read {
        Some(read) => Some(measured(page, read).await),
        None => None,
    };
    let found = match measured {
        Some(found) => found,
        None => match searched(page, cell, by).await {
            Ok(Some(found)) => found,
            Ok(None) => return,
            Err(fault) if fault.code == FaultCode::Cancelled => {
                return page.status.set("Stopped. What was read is used when you search again.".to_owned());
            }
            Err(fault) => return page.fail(Place::Results, fault),
        },
    };
    // Another session may have been opened meanwhile, or pairs picked again.
    if page.record.get_untracked() != record {
        return page.status.set("The session has changed meanwhile. Search again.".to_owned());
    }
    let name = walk::cell_words(page, cell);
    let what = match by {
        LikeBy::Question => "question",
        LikeBy::Response => "response",
    };
    page.status.set(match found.len() {
        0 => format!("No other row has a {what} to compare with that of {name}."),
        1 => words::sentence(&format!("{name}, is shown, with the one row that has a {what} to compare.")),
        n => words::sentence(&format!(
            "{name}, is shown, with the {n} rows whose {what}s are most like its own."
        )),
    });
    if !found.is_empty() {
        only(page, found.into_iter().map(|(cell, _)| cell).chain([cell]).collect());
    }
}

/// Looks at these rows only.
pub fn only(page: Workbench, cells: HashSet<Cell>) {
    let now = page.review.filter.get_untracked();
    walk::set_filter(page, RowFilter { only: Some(Arc::new(cells)), ..now });
}

/// The rows with the questions most like one, by what the model's states were when it read them.
async fn measured(page: Workbench, read: ReadQuestion) -> Vec<(Cell, f32)> {
    let (mut found, mut at) = (Vec::new(), 0);
    in_slices(|| {
        at += 1;
        page.desk.with_untracked(|desk| {
            desk.as_ref().is_some_and(|desk| desk.compare_question(read, at - 1, &mut found))
        })
    })
    .await;
    most_alike(found, N_SIMILAR)
}

/// The rows most like one by vectors of their texts; `None` where there is nothing to compare, or no model.
async fn searched(page: Workbench, cell: Cell, by: LikeBy) -> Result<Option<Vec<(Cell, f32)>>, Fault> {
    let own = with_text(page, cell, by, str::to_owned);
    let Some(own) = own else {
        page.status.set("There is no text in this row to compare.".to_owned());
        return Ok(None);
    };
    if !pick::has_model(page).await {
        return Ok(None);
    }
    // The screen is painted before all rows are looked through.
    clock::breathe().await;
    LIKENESS.with_borrow_mut(|likeness| likeness.begin(&pick::scored_by(page)));
    let cells = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.like_cells(cell)));
    let cells = cells.unwrap_or_default();
    learn(page, &cells, by).await?;
    let (mut found, mut others) = (Vec::new(), cells.iter().skip(1));
    in_slices(|| {
        let Some(other) = others.next() else { return false };
        let cosine = with_text(page, *other, by, |text| LIKENESS.with_borrow(|all| all.cosine(&own, text)));
        found.extend(cosine.flatten().map(|cosine| (*other, cosine)));
        true
    })
    .await;
    Ok(Some(most_alike(found, N_SIMILAR)))
}

/// Has vectors made of the texts of these rows that have none yet.
async fn learn(page: Workbench, cells: &[Cell], by: LikeBy) -> Result<(), Fault> {
    let created = keep::created(page);
    let (mut unknown, mut left) = (Vec::new(), cells.iter());
    in_slices(|| {
        let Some(cell) = left.next() else { return false };
        let is_unknown = with_text(page, *cell, by, |text| !LIKENESS.with_borrow(|all| all.knows(text)));
        unknown.extend(is_unknown.filter(|is_unknown| *is_unknown).map(|_| *cell));
        true
    })
    .await;
    if !unknown.is_empty() {
        page.status.set("Comparing the rows of this language.".to_owned());
    }
    let total = unknown.len() as f64;
    for (at, part) in unknown.chunks(TEXTS_AT_ONCE).enumerate() {
        page.progress.set(Progress::of(Stage::Embed, (at * TEXTS_AT_ONCE) as f64, total));
        let texts: Vec<String> =
            part.iter().filter_map(|cell| with_text(page, *cell, by, str::to_owned)).collect();
        let request = EmbedRequest { texts: texts.clone(), cuts: true, ..EmbedRequest::default() };
        let answer = page.job(Activity::Asking, ModelRequest::Embed(request).into(), None, |_| {}).await;
        let Ok(Answer::Vectors(vectors, _)) = answer else { return Err(client::fault_of(answer)) };
        LIKENESS.with_borrow_mut(|all| {
            texts.iter().zip(vectors).for_each(|(text, vector)| all.learn(text, vector));
        });
        if page.active.get_untracked().is_cancelling || keep::created(page) != created {
            return Err(Fault::new(FaultCode::Cancelled, "it was stopped"));
        }
    }
    Ok(())
}

fn with_text<T>(page: Workbench, cell: Cell, by: LikeBy, look: impl FnOnce(&str) -> T) -> Option<T> {
    page.desk.with_untracked(|desk| desk.as_ref()?.like_text(cell, by).map(look))
}
