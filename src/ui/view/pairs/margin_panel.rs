//! How margins spread by language, with the minimum as a cut that can be moved by pointer, by keys and by number.
//!
//! While it moves only counts change; when it is let go the pairs are picked again.

use leptos::{html::Div, prelude::*, task::spawn_local};

use super::super::{
    super::{actions::method, state::Workbench, words},
    chart::Chart,
    disclosure::Disclosure,
    fields::NumberField,
};
use crate::pictures::{
    Margins,
    chart::{ChartTable, Plot, Scale, Value, histogram},
};

/// Largest minimum that can be set: cosines differ by 2 at most.
const MOST: f64 = 2.0;

/// The panel, closed at first.
#[component]
pub fn MarginPanel() -> impl IntoView {
    view! {
        <Disclosure summary="Margins and scores by language" testid="open-margins">
            <Spreads />
        </Disclosure>
    }
}

#[component]
fn Spreads() -> impl IntoView {
    let page = Workbench::here();
    let margins = Memo::new(move |_| {
        page.desk.with(|desk| desk.as_ref().map(|desk| Margins::of(desk.session())).unwrap_or_default())
    });
    let held = Memo::new(move |_| {
        page.desk.with(|desk| desk.as_ref().map_or(0.0, |desk| f64::from(desk.session().config.min_margin)))
    });
    let draft = RwSignal::new(None::<f64>);
    let cut = Memo::new(move |_| draft.get().unwrap_or_else(|| held.get()));
    let shows_cosines = RwSignal::new(false);
    let apply = move |value: f64| {
        draft.set(None);
        #[expect(clippy::cast_possible_truncation, reason = "a margin is small")]
        let value = value.clamp(0.0, MOST) as f32;
        if (f64::from(value) - held.get_untracked()).abs() > 1e-9 {
            spawn_local(method::set_min_margin(page, value));
        }
    };
    let draw = move |width: f64| {
        let (title, what) = if shows_cosines.get() {
            ("Cosines to the reference by language", "cosine to the reference")
        } else {
            ("Margins by language", "margin")
        };
        let spreads = margins
            .with(|margins| if shows_cosines.get() { margins.cosine_spreads() } else { margins.spreads() });
        let mut plot = histogram(title, what, &spreads, width);
        if !shows_cosines.get() {
            add_counts(&mut plot.table, &margins.get(), cut.get());
        }
        plot
    };
    let kind = move |is_cosines: bool, word: &'static str| {
        view! {
            <button type="button" class="chip" aria-pressed=move || (shows_cosines.get() == is_cosines).to_string()
                on:click=move |_| shows_cosines.set(is_cosines)>
                {word}
            </button>
        }
    };
    let counted = Memo::new(move |_| margins.with(|margins| margins.counts(narrow(cut.get()))));
    let overlay = move |plot: Memo<Plot>| {
        let scale =
            Memo::new(move |_| plot.with(|plot| plot.x).unwrap_or(Scale::new((0.0, 1.0), (0.0, 1.0))));
        view! {
            <Show when=move || !shows_cosines.get()>
                <Cut cut draft scale counted apply />
            </Show>
        }
        .into_any()
    };
    view! {
        <div class="pictures" data-testid="margins">
            <div class="chips" role="group" aria-label="Numbers">
                {kind(false, "Margins")} {kind(true, "Cosines to the reference")}
            </div>
            <Chart
                id="margins"
                draw
                overlay=Callback::new(overlay)
            />
            <div class="row margins__cut">
                <NumberField
                    label="Minimum margin"
                    help="Pairs with a smaller margin are skipped. Drag the line in the picture, or type a number."
                    name="margin-cut"
                    value=cut
                    min=0.0
                    max=MOST
                    step=0.01
                    on_change=apply
                />
                <p class="number" role="status" data-testid="margin-counts">{move || count_words(counted.get())}</p>
            </div>
        </div>
    }
}

/// The line through the lanes.
#[component]
fn Cut(
    /// Where it stands.
    cut: Memo<f64>,
    /// Where it stands while it moves.
    draft: RwSignal<Option<f64>>,
    /// Where numbers lie.
    scale: Memo<Scale>,
    /// Pairs kept and skipped.
    counted: Memo<(usize, usize)>,
    /// Takes the place it is let go at.
    apply: impl Fn(f64) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let line = NodeRef::<Div>::new();
    let drag = move |event: &web_sys::PointerEvent| {
        if let Some(picture) = line.get_untracked().and_then(|line| line.parent_element()) {
            let at = f64::from(event.client_x()) - picture.get_bounding_client_rect().left();
            draft.set(Some(scale.get_untracked().invert(at).max(0.0)));
        }
    };
    let grab = move |event: web_sys::PointerEvent| {
        event.prevent_default();
        if let Some(line) = line.get_untracked() {
            // Without the capture the line follows only while the pointer is over it.
            let _captured = line.set_pointer_capture(event.pointer_id());
            let _focused = line.focus();
        }
        drag(&event);
    };
    let let_go = move || {
        if let Some(value) = draft.get_untracked() {
            apply(value);
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let (low, high) = scale.get_untracked().domain();
        let (low, step) = (low.max(0.0), (high - low) / 100.0);
        let at = cut.get_untracked();
        let to = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => at + step,
            "ArrowLeft" | "ArrowDown" => at - step,
            "PageUp" => at + 10.0 * step,
            "PageDown" => at - 10.0 * step,
            "Home" => low,
            "End" => high,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        draft.set(Some(to.clamp(low, high.max(low))));
    };
    view! {
        <div
            class="cut"
            node_ref=line
            role="slider"
            tabindex="0"
            aria-label="Minimum margin"
            aria-valuemin=move || format!("{:.3}", scale.get().domain().0.max(0.0))
            aria-valuemax=move || format!("{:.3}", scale.get().domain().1)
            aria-valuenow=move || format!("{:.3}", cut.get())
            aria-valuetext=move || format!("{:.3}: {}", cut.get(), count_words(counted.get()))
            data-testid="margin-slider"
            style:left=move || format!("{:.1}px", place(scale.get(), cut.get()))
            on:pointerdown=grab
            on:pointermove=move |event| if draft.get_untracked().is_some() { drag(&event) }
            on:pointerup=move |_| let_go()
            on:pointercancel=move |_| draft.set(None)
            on:keydown=on_key
            on:keyup=move |_| let_go()
            on:blur=move |_| let_go()
        ></div>
    }
}

/// The place of the line, within the picture also where the cut lies outside.
fn place(scale: Scale, cut: f64) -> f64 {
    let (low, high) = scale.domain();
    scale.at(cut.clamp(low, high))
}

#[expect(clippy::cast_possible_truncation, reason = "margins are f32")]
fn narrow(cut: f64) -> f32 {
    cut as f32
}

fn count_words((n_kept, n_skipped): (usize, usize)) -> String {
    format!("{} kept, {n_skipped} skipped", words::plural(n_kept, "pair", "pairs"))
}

fn add_counts(table: &mut ChartTable, margins: &Margins, cut: f64) {
    table.columns.extend(["kept".to_owned(), "skipped".to_owned()]);
    for (row, (_, n_kept, n_skipped)) in table.rows.iter_mut().zip(margins.counts_by_language(narrow(cut))) {
        row.extend([Value::count(n_kept), Value::count(n_skipped)]);
    }
}
