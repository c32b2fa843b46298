//! The table: methods by languages, one measure at a time, sorted by any column; every number opens its pairs.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};

use super::super::super::{actions::method, method_words, state::Workbench, words};
use super::{open_cell::OpenCell, pair_list::PairList};
use crate::{
    align::ComparisonTable,
    data::{Method, SessionConfig},
    pictures::{Column, Figure, Measure, Order, TableRow, table_rows},
};

/// The table with its choice of measure, and the pairs behind the cell that was pressed.
#[component]
pub fn MethodTable(
    /// What was computed.
    table: Arc<ComparisonTable>,
) -> impl IntoView {
    let has_gold = table.n_gold > 0;
    let first = if has_gold { Measure::RightOverWrong } else { Measure::Coverage };
    let measure = RwSignal::new(first);
    let order = RwSignal::new(Order::default());
    let open = RwSignal::new(OpenCell::None);
    let asked = RwSignal::new(None::<Method>);
    let is_unfolded = RwSignal::new(false);
    let to_view = move |rows: Vec<TableRow>| {
        rows.into_iter().map(|row| view! { <Row row measure open asked /> }).collect_view()
    };
    let rows = {
        let table = Arc::clone(&table);
        move || {
            let rows = table_rows(&table, measure.get(), order.get());
            let (unmeasured, measured): (Vec<_>, Vec<_>) =
                rows.into_iter().partition(TableRow::is_unmeasured);
            let (n, n_languages) = (unmeasured.len(), table.languages.len());
            view! {
                {to_view(measured)}
                {(n > 0).then(|| view! { <Fold n n_languages is_unfolded /> })}
                {move || is_unfolded.get().then(|| to_view(unmeasured.clone()))}
            }
        }
    };
    let heads = Arc::clone(&table);
    let listed = Arc::clone(&table);
    view! {
        <section class="methods" aria-labelledby="methods-title">
            <div class="methods__head">
                <h3 id="methods-title">"Methods by language"</h3>
                <MeasureChoice measure has_gold />
            </div>
            <p class="field__help" id="measure-help" aria-live="polite">{move || measure_words(measure.get(), table.n_gold)}</p>
            <div class="scroll" tabindex="0" role="group" aria-labelledby="methods-title">
                <table class="grid" data-testid="method-table" aria-describedby="measure-help">
                    <Heads table=heads order />
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Confirm asked />
            {move || {
                let table = Arc::clone(&listed);
                open.get().map(|(method, column)| view! { <PairList table method column open /> })
            }}
        </section>
    }
}

/// Which measure the cells show.
#[component]
fn MeasureChoice(
    /// The choice.
    measure: RwSignal<Measure>,
    /// Whether any prompt has a gold answer.
    has_gold: bool,
) -> impl IntoView {
    let options = Measure::ALL.into_iter().filter(move |measure| has_gold || !measure.needs_gold());
    let options = options.map(|choice| view! {
        <option value=choice.as_str() selected=move || measure.get() == choice>{measure_name(choice)}</option>
    });
    let choose = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        if let Some(choice) = Measure::ALL.into_iter().find(|choice| choice.as_str() == value) {
            measure.set(choice);
        }
    };
    view! {
        <label class="methods__measure">
            <span>"Show"</span>
            <select data-testid="measure" on:change=choose>{options.collect_view()}</select>
        </label>
    }
}

/// The head row; every column sorts.
#[component]
fn Heads(
    /// Its languages are columns.
    table: Arc<ComparisonTable>,
    /// How the rows are sorted.
    order: RwSignal<Order>,
) -> impl IntoView {
    let head = move |column: Column, label: AnyView, testid: String| {
        view! {
            <th scope="col" aria-sort=move || order.get().aria_sort(column)>
                <button
                    type="button"
                    class="grid__sort"
                    data-testid=testid
                    on:click=move |_| order.update(|order| *order = order.pressed(column))
                >
                    <span>{label}</span>
                    <span class="grid__arrow" aria-hidden="true">
                        {move || match order.get().aria_sort(column) { "ascending" => "↑", "descending" => "↓", _ => "↕" }}
                    </span>
                </button>
            </th>
        }
    };
    let languages = table.languages.iter().enumerate().map(|(at, language)| {
        let label = view! {
            <abbr title=words::english(language)>{language.as_str().to_owned()}</abbr>
            <span class="visually-hidden">" "{words::english(language)}</span>
        };
        head(Column::Figure(1 + at), label.into_any(), format!("sort-{}", language.as_str()))
    });
    let languages = languages.collect_view();
    view! {
        <thead>
            <tr>
                {head(Column::Method, "Method".into_any(), "sort-method".to_owned())}
                {head(Column::Figure(0), "All".into_any(), "sort-all".to_owned())}
                {languages}
                <th scope="col"><span class="visually-hidden">"Use its pairs"</span></th>
            </tr>
        </thead>
    }
}

/// Stands for the methods that have no numbers yet, and shows them when it is pressed.
#[component]
fn Fold(
    /// How many there are.
    n: usize,
    /// Languages of the table.
    n_languages: usize,
    /// Whether they are shown.
    is_unfolded: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <tr>
            // Name, all languages, each of them, and the button.
            <td colspan=n_languages + 3>
                <button
                    type="button"
                    class="grid__sort"
                    data-testid="unmeasured-methods"
                    aria-expanded=move || is_unfolded.get().to_string()
                    on:click=move |_| is_unfolded.update(|is| *is = !*is)
                >
                    {words::plural(n, "method was not measured", "methods were not measured")}
                    <span class="grid__arrow" aria-hidden="true">{move || if is_unfolded.get() { "▾" } else { "▸" }}</span>
                </button>
            </td>
        </tr>
    }
}

#[component]
fn Row(
    /// What it shows.
    row: TableRow,
    /// What the numbers are.
    measure: RwSignal<Measure>,
    /// The cell whose pairs are listed.
    open: RwSignal<OpenCell>,
    /// The method to use, while the user is asked to confirm it.
    asked: RwSignal<Option<Method>>,
) -> impl IntoView {
    let page = Workbench::here();
    let TableRow { place, method, figures } = row;
    let is_own = Memo::new(move |_| {
        let is_own = |config: &SessionConfig| config.method == method && !config.imported_pairs;
        page.desk.with(|desk| desk.as_ref().is_some_and(|desk| is_own(&desk.session().config)))
    });
    let cells = figures.into_iter().enumerate().map(|(column, figure)| {
        let is_open = move || open.get() == Some((place, column));
        let (text, counts) = figure_words(figure, measure.get_untracked());
        view! {
            <td>
                <button
                    type="button"
                    class="grid__cell number"
                    data-testid="method-cell"
                    data-column=column.to_string()
                    aria-pressed=move || is_open().to_string()
                    on:click=move |_| open.set(if is_open() { None } else { Some((place, column)) })
                >
                    <span class="grid__figure">{text}</span>
                    <span class="grid__counts">{counts}</span>
                </button>
            </td>
        }
    });
    view! {
        <tr data-testid="method-row" data-method=method.as_str()>
            <th scope="row">{method_words::name(method)}</th>
            {cells.collect_view()}
            <td class="grid__use">
                <Show
                    when=move || is_own.get()
                    fallback=move || view! {
                        <button type="button" class="button button--quiet" data-testid="use-method" on:click=move |_| use_or_ask(page, method, asked)>
                            "Use its pairs"
                            <span class="visually-hidden">": "{method_words::name(method)}</span>
                        </button>
                    }
                >
                    <span class="state state--accepted" data-testid="own-method">"in use"</span>
                </Show>
            </td>
        </tr>
    }
}

fn use_or_ask(page: Workbench, choice: Method, asked: RwSignal<Option<Method>>) {
    if method::n_decisions(page) > 0 || method::are_imported(page) {
        asked.set(Some(choice));
    } else {
        spawn_local(method::use_method(page, choice));
    }
}

/// Asks before other pairs come under decisions that were made.
#[component]
fn Confirm(
    /// The method in question.
    asked: RwSignal<Option<Method>>,
) -> impl IntoView {
    let page = Workbench::here();
    let agree = move |choice: Method| {
        asked.set(None);
        spawn_local(method::use_method(page, choice));
    };
    move || {
        asked.get().map(|choice| view! {
            <div class="note" role="group" aria-label="Decisions that were made" data-testid="confirm-method">
                <p>
                    {words::plural(method::n_decisions(page), "row was", "rows were")}
                    " judged by hand. Those judgements stay in the log and still hold; every other row gets the pair of "
                    {method_words::name(choice)}"."
                    {method::are_imported(page).then_some(" The pairs that came with the file are then gone from this session.")}
                </p>
                <div class="note__acts">
                    <button type="button" class="button" data-testid="confirm-use" on:click=move |_| agree(choice)>"Use its pairs"</button>
                    <button type="button" class="button button--quiet" on:click=move |_| asked.set(None)>"Keep the present ones"</button>
                </div>
            </div>
        })
    }
}

/// The name of a measure.
pub fn measure_name(measure: Measure) -> &'static str {
    match measure {
        Measure::RightOverWrong => "Gold answer over another",
        Measure::ChosenRight => "Chosen answer is gold",
        Measure::RejectedWrong => "Rejected answer is not gold",
        Measure::Coverage => "Coverage",
        Measure::MeanMargin => "Mean margin",
        Measure::SameAsCmAlign => "Same pair as CM-Align",
    }
}

fn measure_words(measure: Measure, n_gold: u32) -> String {
    let gold = format!(
        "By the {} with a gold answer; what leads to the answer is not judged. Below each share: its counts, and where it lies in 95 % of resampled prompt sets.",
        words::plural(n_gold as usize, "prompt", "prompts")
    );
    match measure {
        Measure::RightOverWrong => format!("Pairs whose chosen response has the gold answer and whose rejected one has another, or none. {gold}"),
        Measure::ChosenRight => format!("Pairs whose chosen response has the gold answer. {gold}"),
        Measure::RejectedWrong => format!("Pairs whose rejected response has another answer than gold, or none. {gold}"),
        Measure::Coverage => "Prompts and languages that get a pair.".to_owned(),
        Measure::MeanMargin => {
            "Mean of the pairs' margins. Every method has its own scale: compare along a row, not down a column.".to_owned()
        }
        Measure::SameAsCmAlign => {
            "Of the rows that both methods pair: how often chosen and rejected are those of CM-Align.".to_owned()
        }
    }
}

/// The number of a cell, and its counts and interval.
fn figure_words(figure: Figure, measure: Measure) -> (String, String) {
    if figure.is_unmeasured {
        return (method_words::NOT_MEASURED.to_owned(), String::new());
    }
    let Some(value) = figure.value else { return ("–".to_owned(), String::new()) };
    if measure == Measure::MeanMargin {
        return (format!("{value:.3}"), String::new());
    }
    let counts = figure.counts.map(|(part, whole)| format!("{part}/{whole}"));
    let interval = figure
        .interval
        .map(|interval| format!("{}–{}", words::percent(interval.low), words::percent(interval.high)));
    (
        format!("{} %", words::percent(value)),
        [counts, interval].into_iter().flatten().collect::<Vec<_>>().join(" · "),
    )
}
