//! The frame of the lesson: the way through the steps, the step itself, and what a teacher sets.

use super::{
    LIVE, ask,
    html::{Html, on},
    parts::{button, el, tick, txt},
    sheet, steps,
    terms::{open_term, term, terms},
};
use crate::{
    LinkProblem, Page, Step,
    state::Lesson,
    texts::{LANGUAGES, native},
};

/// The lesson.
pub fn shell(lesson: &Lesson) -> Html {
    let link = &lesson.link;
    let content = if lesson.is_ready() {
        let shown = match link.page {
            Page::Step => step(lesson),
            Page::Questions => sheet::sheet(lesson, false),
            Page::Answers => sheet::sheet(lesson, true),
            Page::Terms => terms(lesson),
        };
        let origin = [("class", "lesson__origin"), ("role", "status"), ("data-testid", "origin")];
        let origin = Html::el("p", &origin, vec![txt(&lesson.origin)]);
        vec![top(lesson), problems(lesson), shown, open_term(lesson), origin, tools(lesson)]
    } else {
        let words = lesson.fault.as_deref().unwrap_or("…");
        vec![Html::el("p", &[("role", "status"), ("class", "lesson__wait")], vec![txt(words)])]
    };
    let is_ready = lesson.is_ready().to_string();
    let attributes = [
        ("class", if link.is_class { "lesson lesson--class" } else { "lesson" }),
        ("lang", link.language),
        ("dir", if link.language == "ar" { "rtl" } else { "ltr" }),
        ("data-ready", &is_ready),
    ];
    Html::el("div", &attributes, content)
}

/// The steps by number, and the way through them.
fn top(lesson: &Lesson) -> Html {
    let now = lesson.link.step;
    let number = |step: Step| {
        let label = format!("{}. {}", step.number(), lesson.t(&format!("{}-title", step.name()), &[]));
        let class = match lesson.results[step.place()].as_ref().map(|result| result.verdict.is_right) {
            Some(true) => "lesson__number lesson__number--right",
            Some(false) => "lesson__number lesson__number--wrong",
            None => "lesson__number",
        };
        let (id, value) = (format!("lesson-go-{}", step.number()), step.number().to_string());
        let attributes = [
            ("type", "button"),
            ("class", class),
            ("id", &id),
            ("data-testid", &id),
            ("data-act", "step"),
            ("data-value", &value),
            ("aria-label", &label),
            ("title", &label),
            on(step == now, "aria-current", "step"),
        ];
        el("li", "", vec![Html::el("button", &attributes, vec![txt(&value)])])
    };
    let to = |id: &str, class: &str, to: Step, text: &str| {
        button(id, class, ("step", &to.number().to_string()), to == now, &lesson.t(text, &[]))
    };
    let play = lesson.t(if lesson.is_playing { "pause" } else { "play" }, &[]);
    let parts = vec![
        to("lesson-back", "button button--quiet", now.before(), "back"),
        el("ol", "lesson__steps", Step::ALL.map(number).to_vec()),
        button("lesson-play", "button button--quiet", ("play", ""), false, &play),
        to("lesson-next", "button", now.next(), "next"),
    ];
    Html::el("nav", &[("class", "lesson__nav"), ("aria-label", &lesson.t("lesson-title", &[]))], parts)
}

/// What of the link could not be read.
fn problems(lesson: &Lesson) -> Html {
    let words = lesson.problems.iter().map(|problem| match problem {
        LinkProblem::TooLong => lesson.t("link-too-long", &[]),
        LinkProblem::Newer => lesson.t("link-newer", &[]),
        LinkProblem::Unknown(part) => lesson.t("link-unknown", &[("part", part)]),
    });
    let words: Vec<Html> = words.map(|words| el("p", "", vec![txt(words)])).collect();
    if words.is_empty() {
        return Html::default();
    }
    Html::el(
        "div",
        &[("class", "note note--warn"), ("role", "status"), ("data-testid", "lesson-problem")],
        words,
    )
}

/// One step: what is given, what is asked, and what it looks like.
fn step(lesson: &Lesson) -> Html {
    let step = lesson.link.step;
    let name = step.name();
    let title = format!("{}. {}", step.number(), lesson.t(&format!("{name}-title"), &[]));
    let title = Html::el(
        "h3",
        &[("id", "step-title"), ("class", "step__title"), ("tabindex", "-1")],
        vec![txt(title)],
    );
    let mut parts = vec![title, el("p", "step__lead", vec![txt(lesson.t(&format!("{name}-lead"), &[]))])];
    if let Some(question) = lesson.question(step) {
        let picture = steps::picture(lesson, step).unwrap_or_default();
        let live = Html::el("div", &[("id", LIVE), ("class", "step__picture")], vec![super::live(lesson)]);
        let ids = steps::terms(step).iter().map(|id| term(lesson, id)).collect();
        parts.push(el("div", "step__given", vec![steps::given(lesson, step).unwrap_or_default()]));
        parts.push(el(
            "div",
            "step__work",
            vec![ask::ask(lesson, step, &question), el("div", "step__picture", vec![picture, live])],
        ));
        parts.push(el("p", "step__terms", ids));
    } else {
        let mut needs = vec![el("p", "", vec![txt(lesson.t(&format!("{name}-needs"), &[]))])];
        if lesson.is_mine {
            let label = lesson.t("try-example", &[]);
            needs.push(button("look-at-example", "button button--strong", ("mine", ""), false, &label));
        }
        parts.push(Html::el("div", &[("class", "note"), ("data-testid", "needs")], needs));
    }
    let (number, is_revealed) = (step.number().to_string(), lesson.is_revealed(step).to_string());
    let attributes = [
        ("class", "step"),
        ("aria-labelledby", "step-title"),
        ("data-testid", "lesson-step"),
        ("data-step", &number),
        ("data-revealed", &is_revealed),
    ];
    Html::el("section", &attributes, parts)
}

/// Language, data, large type, link, sheets, result.
fn tools(lesson: &Lesson) -> Html {
    let link = &lesson.link;
    let label = |text: &str| el("span", "", vec![txt(lesson.t(text, &[]))]);
    let quiet = |id: &str, act: (&str, &str), text: &str| {
        button(id, "button button--quiet", act, false, &lesson.t(text, &[]))
    };
    let mut parts = Vec::new();
    if let Some(draft) = lesson.own.get("draft", &[]) {
        parts.push(el("p", "lesson__draft", vec![txt(draft)]));
    }
    let option = |tag: &str| {
        let attributes = [("value", tag), ("lang", tag), on(tag == link.language, "selected", "")];
        Html::el("option", &attributes, vec![txt(native(tag))])
    };
    let id = "lesson-language";
    let select = Html::el(
        "select",
        &[("id", id), ("data-testid", id), ("data-act", "language")],
        LANGUAGES.map(option).to_vec(),
    );
    parts.push(el("label", "lesson__tool", vec![label("language"), select]));
    if !link.hides_controls {
        parts.push(tick("lesson-class", ("class", ""), link.is_class, "", vec![label("class-view")]));
        parts.push(quiet(
            "lesson-mine",
            ("mine", ""),
            if lesson.is_mine { "try-example" } else { "try-mine" },
        ));
    }
    parts.push(quiet("lesson-print", ("page", Page::Questions.as_str()), "sheet-questions"));
    parts.push(quiet("lesson-answers", ("page", Page::Answers.as_str()), "sheet-answers"));
    parts.push(quiet("lesson-all-terms", ("page", Page::Terms.as_str()), "terms-title"));
    let name = [
        ("type", "text"),
        ("id", "lesson-name"),
        ("data-testid", "lesson-name"),
        ("data-act", "name"),
        ("maxlength", "80"),
        ("value", &lesson.name),
    ];
    parts.push(el("label", "lesson__tool", vec![label("your-name"), Html::el("input", &name, Vec::new())]));
    parts.push(quiet("lesson-result", ("save", ""), "save-result"));
    let n_right =
        lesson.results.iter().flatten().filter(|result| result.verdict.is_right).count().to_string();
    let score =
        lesson.t("score", &[("n", &n_right), ("all", &lesson.results.iter().flatten().count().to_string())]);
    parts.push(Html::el(
        "span",
        &[("class", "lesson__score"), ("data-testid", "lesson-score")],
        vec![txt(score)],
    ));
    let address = format!("#{}", link.write());
    let shared = [
        ("type", "text"),
        ("id", "lesson-link"),
        ("data-testid", "lesson-link"),
        ("readonly", ""),
        ("dir", "ltr"),
        ("value", &address),
    ];
    let shared = Html::el("input", &shared, Vec::new());
    parts.push(el("label", "lesson__tool lesson__tool--link", vec![label("link"), shared]));
    parts.push(el("p", "lesson__keys", vec![txt(lesson.t("keys", &[]))]));
    el("footer", "lesson__tools", parts)
}
