//! What the steps are made of: numbers, bars, texts, tables.

use super::html::{Html, on};
use crate::{
    shown::{Asked, Shown, Tongue},
    state::Lesson,
};

/// An element with a class.
pub fn el(tag: &str, class: &str, children: Vec<Html>) -> Html {
    Html::el(tag, &[on(!class.is_empty(), "class", class)], children)
}

/// A text.
pub fn txt(text: impl AsRef<str>) -> Html {
    Html::text(text.as_ref())
}

/// A button that does an act.
pub fn button(id: &str, class: &str, (act, value): (&str, &str), is_disabled: bool, label: &str) -> Html {
    let attributes = [
        ("type", "button"),
        ("id", id),
        ("data-testid", id),
        ("class", class),
        ("data-act", act),
        ("data-value", value),
        on(is_disabled, "disabled", ""),
    ];
    Html::el("button", &attributes, vec![txt(label)])
}

/// A number. Pressed, it says where it comes from: `at` is its kind, then what it is of, with slashes between. A class reads it
/// and presses nothing.
pub fn figure(lesson: &Lesson, at: &str, value: f64, decimals: usize) -> Html {
    let shown = format!("{value:.decimals$}").replace('-', "−");
    let shown = if lesson.link.hides_numbers { "…" } else { &shown };
    let is_class = lesson.link.is_class;
    let attributes = [
        on(!is_class, "type", "button"),
        ("class", "l-figure"),
        ("dir", "ltr"),
        ("data-testid", "figure"),
        on(!is_class, "data-act", "origin"),
        on(!is_class, "data-value", at),
        ("data-figure", at),
        ("data-number", &value.to_string()),
    ];
    Html::el(if is_class { "span" } else { "button" }, &attributes, vec![txt(shown)])
}

/// A bar as long as a share of the whole, from 0 to 1.
pub fn bar(share: f64) -> Html {
    let rect = |class: &str, width: f64| {
        Html::el("rect", &[("class", class), ("width", &format!("{width:.1}")), ("height", "8")], Vec::new())
    };
    let attributes = [
        ("class", "bar"),
        ("viewBox", "0 0 100 8"),
        ("preserveAspectRatio", "none"),
        ("aria-hidden", "true"),
    ];
    let parts = vec![rect("bar__all", 100.0), rect("bar__part", share.clamp(0.0, 1.0) * 100.0)];
    Html::el("svg", &attributes, parts)
}

/// The name of a language.
pub fn tongue(language: &Tongue) -> Html {
    Html::el("bdi", &[("lang", &language.tag)], vec![txt(&language.name)])
}

/// A text in a language.
fn spoken(tag: &str, class: &str, language: &Tongue, text: &str) -> Html {
    let direction = if language.is_rtl { "rtl" } else { "ltr" };
    Html::el(tag, &[("class", class), ("lang", &language.tag), ("dir", direction)], vec![txt(text)])
}

/// A prompt's text.
pub fn asked(asked: &Asked) -> Html {
    spoken("span", "asked", &asked.language, &asked.text)
}

/// A response's text.
pub fn response(shown: &Shown) -> Html {
    spoken("span", "response", &shown.language, &shown.text)
}

/// A response's text after its number.
pub fn numbered(number: usize, shown: &Shown) -> Html {
    Html::all(vec![el("b", "response__number number", vec![txt(number.to_string())]), response(shown)])
}

/// A prompt in the language of a response.
pub fn prompt_of(shown: &Shown, text: &str) -> Html {
    spoken("span", "asked", &shown.language, text)
}

/// A plain number.
pub fn number(value: impl ToString) -> Html {
    Html::el("span", &[("class", "number"), ("dir", "ltr")], vec![txt(value.to_string())])
}

/// A row of a table: its head, then its cells; the class says right or wrong.
pub fn row(class: &str, head: Html, cells: Vec<Html>) -> Html {
    let mut all = vec![Html::el("th", &[("scope", "row")], vec![head])];
    all.extend(cells.into_iter().map(|cell| Html::el("td", &[], vec![cell])));
    el("tr", class, all)
}

/// A table of rows, in a part that scrolls by itself; `heads` may be empty.
pub fn table(label: &str, heads: &[String], rows: Vec<Html>) -> Html {
    let head = |name: &String| {
        if name.is_empty() {
            Html::el("td", &[], Vec::new())
        } else {
            Html::el("th", &[("scope", "col")], vec![txt(name)])
        }
    };
    let mut parts = vec![el("caption", "", vec![txt(label)])];
    if !heads.is_empty() {
        let heads = vec![Html::el("tr", &[], heads.iter().map(head).collect())];
        parts.push(el("thead", "", heads));
    }
    parts.push(el("tbody", "", rows));
    let scroll = [("class", "lesson__scroll"), ("tabindex", "0"), ("role", "group"), ("aria-label", label)];
    Html::el("div", &scroll, vec![el("table", "answers answers--numbers", parts)])
}

/// Facts in one line.
pub fn line(parts: Vec<Html>) -> Html {
    el("p", "facts-line", parts)
}

/// A slider with its label and its value.
pub fn slider(id: &str, label: &str, [least, most, step, value]: [f64; 4]) -> Html {
    let [least, most, step, value] = [least, most, step, value].map(|number| number.to_string());
    let input = [
        ("type", "range"),
        ("id", id),
        ("data-testid", id),
        ("data-act", id),
        ("min", &least),
        ("max", &most),
        ("step", &step),
        ("value", &value),
    ];
    el("label", "slider", vec![el("span", "", vec![txt(label)]), Html::el("input", &input, Vec::new())])
}

/// A box to tick, with its label behind it.
pub fn tick(id: &str, (act, value): (&str, &str), is_on: bool, label: &str, shown: Vec<Html>) -> Html {
    let input = [
        ("type", "checkbox"),
        ("id", id),
        ("data-testid", id),
        ("data-act", act),
        ("data-value", value),
        on(!label.is_empty(), "aria-label", label),
        on(is_on, "checked", ""),
    ];
    let input = Html::el("input", &input, Vec::new());
    if shown.is_empty() { input } else { el("label", "lesson__tool", [vec![input], shown].concat()) }
}
