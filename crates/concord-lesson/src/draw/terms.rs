//! Explanations: one for one thing.

use super::{
    html::Html,
    parts::{button, el, txt},
};
use crate::state::Lesson;

/// A word that opens its explanation.
pub fn term(lesson: &Lesson, id: &str) -> Html {
    let (title, name) = (lesson.t(&format!("term-{id}.title"), &[]), format!("term-{id}"));
    let attributes = [
        ("type", "button"),
        ("class", "term"),
        ("id", &*format!("open-{id}")),
        ("data-testid", "lesson-term"),
        ("data-act", "term"),
        ("data-value", &name),
    ];
    Html::el("button", &attributes, vec![txt(title)])
}

/// The explanation that is open; nothing if none is.
pub fn open_term(lesson: &Lesson) -> Html {
    if lesson.term.is_empty() {
        return Html::default();
    }
    let title = lesson.t(&format!("{}.title", lesson.term), &[]);
    let close = button("close-term", "button button--quiet", ("term", ""), false, &lesson.t("close", &[]));
    let parts = vec![explanation(lesson, &lesson.term, "explained-text"), close];
    Html::el("aside", &[("class", "explained"), ("aria-label", &title)], parts)
}

/// All of them.
pub fn terms(lesson: &Lesson) -> Html {
    let title = Html::el("h3", &[("id", "terms-title")], vec![txt(lesson.t("terms-title", &[]))]);
    let all = lesson.english.names("term-").map(|name| explanation(lesson, name, name));
    let attributes =
        [("class", "terms"), ("data-testid", "lesson-terms"), ("aria-labelledby", "terms-title")];
    Html::el("section", &attributes, [title].into_iter().chain(all).collect())
}

/// What it is, its formula, its source, and why it matters.
fn explanation(lesson: &Lesson, name: &str, id: &str) -> Html {
    let part = |part: &str| {
        let name = format!("{name}.{part}");
        lesson.english.get(&name, &[]).map(|_| lesson.t(&name, &[]))
    };
    let exact = |tag: &str, text: String| Html::el("p", &[("class", tag), ("dir", "ltr")], vec![txt(text)]);
    let mut parts = vec![
        el("h4", "", vec![txt(part("title").unwrap_or_default())]),
        el("p", "", vec![txt(lesson.t(name, &[]))]),
    ];
    parts.extend(part("formula").map(|text| exact("explanation__formula", text)));
    parts.extend(part("why").map(|text| el("p", "", vec![txt(text)])));
    parts.extend(part("differs").map(|text| el("p", "", vec![txt(text)])));
    parts.extend(part("source").map(|text| exact("explanation__source", text)));
    Html::el("div", &[("class", "explanation"), ("id", id), ("data-testid", "term-text")], parts)
}
