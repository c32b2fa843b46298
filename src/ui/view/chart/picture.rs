//! A picture from plain values in its frame, with a cursor for keyboard and pointer.

use leptos::{html::Div, prelude::*};

use super::{frame::ChartFrame, width};
use crate::pictures::chart::{Cursor, Mark, Plot, Shape, Step, body, mark_at, moved, nearest};

/// Draws `draw(width)` again whenever its width or what `draw` reads changes.
#[component]
pub fn Chart(
    /// Its name on the page and in files; unique.
    #[prop(into)]
    id: String,
    /// The picture for a width in pixels.
    draw: impl Fn(f64) -> Plot + Send + Sync + 'static,
    /// What lies over the picture, such as a cut that can be moved.
    #[prop(optional)]
    overlay: Option<Callback<Memo<Plot>, AnyView>>,
) -> impl IntoView {
    let host = NodeRef::<Div>::new();
    let width = width::watch(host);
    let plot = Memo::new(move |_| draw(width.get()));
    let cursor = RwSignal::new(None::<Cursor>);
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(step) = Step::of_key(&event.key()) else { return };
        event.prevent_default();
        event.stop_propagation();
        let from = cursor.get_untracked();
        let to = plot.with_untracked(|plot| match from {
            Some(at) => moved(plot, at, step),
            None => moved(plot, Cursor { series: usize::MAX, mark: 0 }, step),
        });
        cursor.set(Some(to));
    };
    let on_pointer = move |event: web_sys::PointerEvent| {
        let svg: web_sys::Element = event_target::<web_sys::Element>(&event);
        let svg = svg.closest("svg").ok().flatten().unwrap_or(svg);
        let area = svg.get_bounding_client_rect();
        let found = plot.with_untracked(|plot| {
            let scale = plot.width / area.width().max(1.0);
            let x = (f64::from(event.client_x()) - area.left()) * scale;
            let y = (f64::from(event.client_y()) - area.top()) * scale;
            nearest(plot, x, y)
        });
        if found != cursor.get_untracked() {
            cursor.set(found);
        }
    };
    let under = Memo::new(move |_| plot.with(|plot| mark_at(plot, cursor.get()?).cloned()));
    let reading = move || {
        under.with(|mark| {
            mark.as_ref().map_or_else(
                || "Arrow keys or the pointer read single values.".to_owned(),
                |mark| mark.reading.clone(),
            )
        })
    };
    let reading_id = format!("{id}-reading");
    let described_by = reading_id.clone();
    view! {
        <ChartFrame
            id
            title=Signal::derive(move || plot.with(|plot| plot.title.clone()))
            summary=Signal::derive(move || plot.with(|plot| plot.summary.clone()))
            table=Signal::derive(move || plot.with(|plot| plot.table.clone()))
            plot=move || Some(plot.get())
        >
            <div class="plot" node_ref=host dir="ltr">
                <svg
                    class="plot__svg"
                    viewBox=move || plot.with(|plot| format!("0 0 {:.0} {:.0}", plot.width, plot.height))
                    width=move || plot.with(|plot| format!("{:.0}", plot.width))
                    height=move || plot.with(|plot| format!("{:.0}", plot.height))
                    tabindex="0"
                    role="application"
                    aria-roledescription="chart"
                    aria-label=move || plot.with(|plot| format!("{}. {}", plot.title, plot.summary))
                    aria-describedby=described_by
                    data-testid="chart"
                    on:keydown=on_key
                    on:pointermove=on_pointer
                    on:pointerdown=on_pointer
                >
                    <g inner_html=move || plot.with(|plot| body(plot, &|token| format!("var({token})")))></g>
                    <g class="plot__cursor">{move || under.get().map(|mark| cursor_view(&mark))}</g>
                </svg>
                {overlay.map(|overlay| overlay.run(plot))}
            </div>
            <p class="plot__reading number" id=reading_id aria-live="polite" data-testid="chart-reading">{reading}</p>
        </ChartFrame>
    }
}

/// A frame around a block, a ring around anything else, and lines to what belongs to it.
fn cursor_view(mark: &Mark) -> impl IntoView + use<> {
    let (x, y) = (mark.x, mark.y);
    let links = mark
        .links
        .iter()
        .map(|(to_x, to_y)| {
            view! { <line class="plot__link" x1=x.to_string() y1=y.to_string() x2=to_x.to_string() y2=to_y.to_string() /> }
        })
        .collect_view();
    let (left, top, width, height) = mark.frame();
    let radius = if mark.shape == Shape::Block { "1" } else { "50%" };
    view! {
        {links}
        <rect
            class="plot__frame"
            x=left.to_string()
            y=top.to_string()
            width=width.to_string()
            height=height.to_string()
            rx=radius
        />
    }
}
