//! Response x response: the cosine of every two responses of a prompt, as a picture, a reading and a table.

use leptos::{html::Canvas, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::super::{
    super::{state::Workbench, words},
    chart::ChartFrame,
    speech::Speech,
};
use crate::{data::Language, pictures::Heat};

/// Side of the picture in its own pixels.
const SIDE: f64 = 512.0;

/// The picture with its keyboard cursor, the reading under it, and the table.
#[component]
pub fn HeatMap(
    /// Which prompt.
    prompt: usize,
) -> impl IntoView {
    let page = Workbench::here();
    let heat = Memo::new(move |_| page.desk.with(|desk| Heat::of(desk.as_ref()?.session(), prompt)));
    move || match heat.get() {
        None => {
            view! { <p>"These responses were not compared: the run was stopped before that."</p> }.into_any()
        }
        Some(heat) => view! { <Picture prompt heat /> }.into_any(),
    }
}

#[component]
fn Picture(
    /// Which prompt.
    prompt: usize,
    /// Its cosines.
    heat: Heat,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    let n = heat.order.len();
    let at = RwSignal::new((0_usize, 1.min(n.saturating_sub(1))));
    let heat = StoredValue::new(heat);
    // Counts changes of the theme: the picture is drawn in its colours.
    let n_themes = RwSignal::new(0_u32);
    let watch = window_event_listener(leptos::ev::change, move |_| n_themes.update(|n| *n += 1));
    on_cleanup(move || watch.remove());
    watch_system_theme(n_themes);
    Effect::new(move |_| {
        let cursor = at.get();
        n_themes.track();
        if let Some(canvas) = canvas.get() {
            heat.with_value(|heat| draw(&canvas, heat, cursor));
        }
    });
    let on_key = move |event: web_sys::KeyboardEvent| {
        let (row, column) = at.get_untracked();
        let last = n.saturating_sub(1);
        let to = match event.key().as_str() {
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowDown" => ((row + 1).min(last), column),
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, (column + 1).min(last)),
            "Home" => (row, 0),
            "End" => (row, last),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        at.set(to);
    };
    let on_pointer = move |event: web_sys::PointerEvent| {
        if let Some(canvas) = canvas.get_untracked() {
            at.set(heat.with_value(|heat| cell_under(&canvas, &event, heat)));
        }
    };
    let blocks = heat.with_value(Heat::blocks);
    let (low, high) = heat.with_value(|heat| heat.range);
    let summary =
        format!("Cosines of {n} responses to each other, from {low:.3} to {high:.3}; darker is closer.");
    let label = format!("{summary} Arrow keys move the cursor; the reading follows.");
    let title = format!("Prompt {}: all responses against each other", prompt + 1);
    let file_title = StoredValue::new(title.clone());
    let table = heat.with_value(Heat::means_table);
    view! {
        <ChartFrame
            id=format!("responses-{}", prompt + 1)
            title=Signal::derive(move || title.clone())
            summary=Signal::derive(move || summary.clone())
            table=Signal::derive(move || table.clone())
            plot=move || Some(heat.with_value(|heat| file_title.with_value(|title| heat.plot(title))))
            csv=Signal::derive(move || heat.with_value(|heat| heat.table().csv()))
        >
            <div class="heat">
                <div class="heat__picture">
                    <div class="heat__frame" dir="ltr">
                        <Axis blocks=blocks.clone() is_top=true />
                        <Axis blocks=blocks is_top=false />
                        <canvas
                            class="heat__canvas"
                            node_ref=canvas
                            width=SIDE.to_string()
                            height=SIDE.to_string()
                            tabindex="0"
                            role="application"
                            aria-roledescription="chart"
                            aria-label=label
                            aria-describedby=format!("reading-{prompt}")
                            data-testid="heat-map"
                            on:keydown=on_key
                            on:pointermove=on_pointer
                            on:pointerdown=on_pointer
                        ></canvas>
                    </div>
                    <p class="heat__scale number">
                        <span>{format!("{low:.2}")}</span><i class="heat__ramp" aria-hidden="true"></i>
                        <span>{format!("{high:.2}")}</span>
                    </p>
                </div>
                <div class="heat__reading" id=format!("reading-{prompt}") data-testid="heat-map-reading" aria-live="polite">
                    {move || heat.with_value(|heat| reading(prompt, heat, at.get()))}
                </div>
            </div>
        </ChartFrame>
    }
}

/// The languages along an axis.
#[component]
fn Axis(
    /// Each language with its start and length, in shares of the axis.
    blocks: Vec<(Language, f64, f64)>,
    /// Along the top, or else down the side.
    is_top: bool,
) -> impl IntoView {
    let labels = blocks.into_iter().map(|(language, start, length)| {
        let (start, length) = (format!("{}%", start * 100.0), format!("{}%", length * 100.0));
        let name = language.as_str().to_owned();
        // By property: the page's Content-Security-Policy refuses a whole `style` attribute.
        if is_top {
            view! { <span style:left=start style:width=length>{name}</span> }.into_any()
        } else {
            view! { <span style:top=start style:height=length>{name}</span> }.into_any()
        }
    });
    let class = if is_top { "heat__axis heat__axis--top" } else { "heat__axis heat__axis--side" };
    view! { <div class=class aria-hidden="true">{labels.collect_view()}</div> }
}

/// The two responses under the cursor and their cosine.
fn reading(prompt: usize, heat: &Heat, (row, column): (usize, usize)) -> impl IntoView + use<> {
    let page = Workbench::here();
    let side = |at: usize| {
        let (language, sample) = heat.order.get(at)?.clone();
        let text = page.desk.with_untracked(|desk| {
            let desk = desk.as_ref()?;
            let id = &desk.session().prompts.get(prompt)?.id;
            Some(desk.response(id, &language, sample)?.text.clone())
        })?;
        Some(response_view(language, sample, text))
    };
    let cosine = heat.at(row, column);
    view! {
        <p class="heat__cosine number">"cosine "<b>{format!("{cosine:.4}")}</b></p>
        {side(row)}
        {side(column)}
    }
}

fn response_view(language: Language, sample: u32, text: String) -> impl IntoView {
    let name = format!("{} · sample {}", words::english(&language), sample + 1);
    view! {
        <div class="heat__response">
            <p class="side__facts number">{name}</p>
            <Speech language text is_model_output=true />
        </div>
    }
}

/// One rectangle per pair of responses; darker is closer. Language borders are gaps, the cursor a frame.
fn draw(canvas: &HtmlCanvasElement, heat: &Heat, (row, column): (usize, usize)) {
    let context =
        canvas.get_context("2d").ok().flatten().and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok());
    let (Some(context), Some(window)) = (context, web_sys::window()) else { return };
    // The canvas's own text colour and border colour are the theme's ink and cursor.
    let style = window.get_computed_style(canvas).ok().flatten();
    let color = |name: &str| style.as_ref().and_then(|s| s.get_property_value(name).ok()).unwrap_or_default();
    let edges = heat.edges(SIDE);
    context.clear_rect(0.0, 0.0, SIDE, SIDE);
    context.set_fill_style_str(&color("color"));
    for (i, top) in edges.starts.iter().enumerate() {
        for (j, left) in edges.starts.iter().enumerate() {
            context.set_global_alpha(heat.shade(i, j));
            context.fill_rect(*left, *top, edges.size, edges.size);
        }
    }
    context.set_global_alpha(1.0);
    context.set_stroke_style_str(&color("outline-color"));
    context.set_line_width(3.0);
    for (i, j) in [(row, column), (column, row)] {
        if let (Some(top), Some(left)) = (edges.starts.get(i), edges.starts.get(j)) {
            context.stroke_rect(*left, *top, edges.size, edges.size);
        }
    }
}

/// Counts up when the system turns light or dark; the listener lives as long as the page and does nothing
/// once the picture is gone.
fn watch_system_theme(n_themes: RwSignal<u32>) {
    let query = web_sys::window()
        .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten());
    let Some(query) = query else { return };
    let on_change = Closure::<dyn Fn()>::new(move || {
        let _gone = n_themes.try_update(|n| *n += 1);
    });
    // Refused only by engines without this event; the picture then follows at the next cursor move.
    let _added = query.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
    on_change.forget();
}

/// Which cell the pointer is over.
fn cell_under(canvas: &HtmlCanvasElement, event: &web_sys::PointerEvent, heat: &Heat) -> (usize, usize) {
    let area = canvas.get_bounding_client_rect();
    (
        heat.index_at(f64::from(event.client_y()) - area.top(), area.height()),
        heat.index_at(f64::from(event.client_x()) - area.left(), area.width()),
    )
}
