//! The frame around every picture, however it is drawn.

use leptos::{html::Figure, prelude::*, task::spawn_local};

use super::{
    super::{
        super::state::{Place, Workbench},
        disclosure::Disclosure,
    },
    export,
    table::TableView,
};
use crate::{
    pictures::chart::{ChartTable, Plot},
    protocol::{Fault, FaultCode},
};

/// What kinds of files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Svg,
    Png,
    Csv,
}

/// Title, sentence, picture, files, table.
#[component]
pub fn ChartFrame(
    /// Its name on the page and in files; unique.
    #[prop(into)]
    id: String,
    /// What it is called.
    #[prop(into)]
    title: Signal<String>,
    /// One sentence that says what the picture shows.
    #[prop(into)]
    summary: Signal<String>,
    /// The table beside it.
    #[prop(into)]
    table: Signal<ChartTable>,
    /// The picture for a file.
    plot: impl Fn() -> Option<Plot> + Copy + Send + Sync + 'static,
    /// The CSV file, where it has more than the table.
    #[prop(optional, into)]
    csv: Option<Signal<String>>,
    /// The picture itself.
    children: Children,
) -> impl IntoView {
    let page = Workbench::here();
    let host = NodeRef::<Figure>::new();
    let stem = StoredValue::new(format!("concord-{id}"));
    let save = move |file: File| {
        let Some(host) = host.get_untracked() else { return };
        let name = stem.get_value();
        if file == File::Csv {
            let text = csv.map_or_else(|| table.with_untracked(ChartTable::csv), |csv| csv.get_untracked());
            return tell(page, export::save_text(&format!("{name}.csv"), "text/csv", &text));
        }
        let Some(plot) = untrack(plot) else { return };
        let svg = export::svg(&plot, &host);
        if file == File::Svg {
            return tell(page, export::save_text(&format!("{name}.svg"), "image/svg+xml", &svg));
        }
        spawn_local(async move {
            tell(page, export::save_png(&format!("{name}.png"), &svg, (plot.width, plot.height)).await);
        });
    };
    let button = move |file: File, word: &'static str| {
        let label = move || format!("Download {} as {word}", title.get());
        let test_id = format!("chart-{}", word.to_lowercase());
        view! {
            <button type="button" class="button button--small" data-testid=test_id aria-label=label
                on:click=move |_| save(file)>
                {word}
            </button>
        }
    };
    view! {
        <figure class="chart" node_ref=host data-testid="chart-frame" data-chart=id>
            <figcaption class="chart__head">
                <strong class="chart__title">{title}</strong>
                <span class="chart__summary number" data-testid="chart-summary">{summary}</span>
            </figcaption>
            {children()}
            <div class="chart__foot">
                <Disclosure class="chart__table" summary="As a table" testid="chart-as-table">
                    <TableView table is_sortable=true />
                </Disclosure>
                <div class="chart__files">
                    {button(File::Svg, "SVG")} {button(File::Png, "PNG")} {button(File::Csv, "CSV")}
                </div>
            </div>
        </figure>
    }
}

fn tell(page: Workbench, is_saved: bool) {
    if is_saved {
        page.status.set("The picture was handed to the browser's downloads.".to_owned());
    } else {
        let message = "the browser refused to save the picture; allow downloads for this page and try again";
        page.fail(Place::Files, Fault::new(FaultCode::Internal, message));
    }
}
