//! The frame of the lesson: the way through the steps, the step itself, and what a teacher sets.

use leptos::prelude::*;

use super::{
    ask::Ask,
    keys,
    sheet::Sheet,
    state::Lesson,
    steps,
    terms::{OpenTerm, Terms},
};
use crate::{
    browser::download,
    lesson::{LinkProblem, Page, Step, texts::LANGUAGES},
};

/// The lesson.
#[component]
pub fn Shell() -> impl IntoView {
    let lesson = Lesson::here();
    keys::listen(lesson);
    // The whole page reads in the lesson's direction.
    let language = Memo::new(move |_| lesson.link.with(|link| link.language));
    let shown = Memo::new(move |_| {
        lesson.link.with(|link| {
            (link.step, link.page, link.language, link.is_class, link.hides_numbers, link.hides_controls)
        })
    });
    view! {
        <div
            class="lesson"
            class:lesson--class=move || lesson.link.with(|link| link.is_class)
            lang=move || language.get()
            dir=move || if language.get() == "ar" { "rtl" } else { "ltr" }
            data-ready=move || lesson.is_ready().to_string()
        >
            <link rel="stylesheet" href="static/lesson/lesson.css" />
            {move || if lesson.is_ready() {
                let (step, page, ..) = shown.get();
                view! {
                    <Top step />
                    <Problems />
                    {match page {
                        Page::Step => view! { <StepView step /> }.into_any(),
                        Page::Questions => view! { <Sheet has_answers=false /> }.into_any(),
                        Page::Answers => view! { <Sheet has_answers=true /> }.into_any(),
                        Page::Terms => view! { <Terms /> }.into_any(),
                    }}
                    <OpenTerm />
                    <p class="lesson__origin" role="status" data-testid="origin">{move || lesson.origin.get()}</p>
                    <Tools />
                }
                .into_any()
            } else {
                view! { <p role="status" class="lesson__wait">{move || lesson.fault.get().unwrap_or_else(|| "…".to_owned())}</p> }.into_any()
            }}
        </div>
    }
}

/// The steps by number, and the way through them.
#[component]
fn Top(step: Step) -> impl IntoView {
    let lesson = Lesson::here();
    let to = move |to: Step| {
        lesson.go(move |link| {
            link.step = to;
            link.page = Page::Step;
        });
    };
    let numbers = Step::ALL.into_iter().map(|other| {
        let label = format!("{}. {}", other.number(), lesson.t(&format!("{}-title", other.name()), &[]));
        let result = move || {
            lesson.results.with(|results| results.get(&other.number()).map(|result| result.verdict.is_right))
        };
        view! {
            <li>
                <button
                    type="button"
                    class="lesson__number"
                    class:lesson__number--right=move || result() == Some(true)
                    class:lesson__number--wrong=move || result() == Some(false)
                    data-testid=format!("lesson-go-{}", other.number())
                    aria-label=label.clone()
                    title=label
                    aria-current=(other == step).then_some("step")
                    on:click=move |_| to(other)
                >
                    {other.number()}
                </button>
            </li>
        }
    });
    view! {
        <nav class="lesson__nav" aria-label=lesson.t("lesson-title", &[])>
            <button type="button" class="button button--quiet" data-testid="lesson-back" disabled={step.before() == step} on:click=move |_| to(step.before())>
                {lesson.t("back", &[])}
            </button>
            <ol class="lesson__steps">{numbers.collect_view()}</ol>
            <button type="button" class="button button--quiet" data-testid="lesson-play" on:click=move |_| lesson.is_playing.update(|is| *is = !*is)>
                {move || lesson.t(if lesson.is_playing.get() { "pause" } else { "play" }, &[])}
            </button>
            <button type="button" class="button" data-testid="lesson-next" disabled={step.next() == step} on:click=move |_| to(step.next())>
                {lesson.t("next", &[])}
            </button>
        </nav>
    }
}

/// What of the link could not be read.
#[component]
fn Problems() -> impl IntoView {
    let lesson = Lesson::here();
    move || {
        let problems = lesson.problems.get();
        (!problems.is_empty()).then(|| {
            let words = problems.into_iter().map(|problem| match problem {
                LinkProblem::TooLong => lesson.t("link-too-long", &[]),
                LinkProblem::Newer => lesson.t("link-newer", &[]),
                LinkProblem::Unknown(part) => lesson.t("link-unknown", &[("part", &part)]),
            });
            let words = words.map(|words| view! { <p>{words}</p> }).collect_view();
            view! { <div class="note note--warn" role="status" data-testid="lesson-problem">{words}</div> }
        })
    }
}

/// One step: what is given, what is asked, and what it looks like.
#[component]
fn StepView(step: Step) -> impl IntoView {
    let lesson = Lesson::here();
    let name = step.name();
    let title = format!("{}. {}", step.number(), lesson.t(&format!("{name}-title"), &[]));
    let content = match lesson.question(step) {
        Some(question) => view! {
            <div class="step__given">{steps::given(lesson, step)}</div>
            <div class="step__work">
                <Ask step question />
                <div class="step__picture">{steps::picture(lesson, step)}</div>
            </div>
            <p class="step__terms">{steps::terms(step)}</p>
        }
        .into_any(),
        None => view! {
            <div class="note" data-testid="needs">
                <p>{lesson.t(&format!("{name}-needs"), &[])}</p>
                {move || lesson.is_mine.get().then(|| view! {
                    <button type="button" class="button button--strong" data-testid="look-at-example" on:click=move |_| lesson.is_mine.set(false)>
                        {lesson.t("try-example", &[])}
                    </button>
                })}
            </div>
        }
        .into_any(),
    };
    view! {
        <section
            class="step"
            aria-labelledby="step-title"
            data-testid="lesson-step"
            data-step=step.number().to_string()
            data-revealed=move || lesson.is_revealed(step).to_string()
        >
            <h3 id="step-title" class="step__title" tabindex="-1">{title}</h3>
            <p class="step__lead">{lesson.t(&format!("{name}-lead"), &[])}</p>
            {content}
        </section>
    }
}

/// Language, data, large type, link, sheets, result.
#[component]
fn Tools() -> impl IntoView {
    let lesson = Lesson::here();
    let link = lesson.link.get_untracked();
    let languages = LANGUAGES.map(|tag| {
        let name = native(tag);
        view! { <option value=tag lang=tag selected={tag == link.language}>{name}</option> }
    });
    let set_language = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        if let Some(tag) = LANGUAGES.into_iter().find(|tag| *tag == value) {
            lesson.go(|link| link.language = tag);
        }
    };
    let show = |testid: &'static str, text: &str, page: Page| {
        view! {
            <button type="button" class="button button--quiet" data-testid=testid on:click=move |_| lesson.go(|link| link.page = page)>
                {lesson.t(text, &[])}
            </button>
        }
    };
    let name = RwSignal::new(String::new());
    let save = move |_| {
        let result = lesson.result(name.get_untracked());
        // Plain records always have a JSON.
        let text = serde_json::to_string_pretty(&result).unwrap_or_default();
        // Refused where downloads are not allowed, and the browser says so.
        let _saved = download::save("concord-lesson.json", "application/json", &text);
    };
    let address = move || {
        let location = window().location();
        let page = location.href().unwrap_or_default();
        format!("{}#{}", page.split('#').next().unwrap_or_default(), lesson.link.with(|link| link.write()))
    };
    let n_right = move || {
        lesson.results.with(|all| {
            let n_right = all.values().filter(|result| result.verdict.is_right).count();
            lesson.t("score", &[("n", n_right.to_string().as_str()), ("all", all.len().to_string().as_str())])
        })
    };
    let is_draft = lesson.has_own("draft");
    view! {
        <footer class="lesson__tools">
            {is_draft.then(|| view! { <p class="lesson__draft">{lesson.t("draft", &[])}</p> })}
            <label class="lesson__tool">
                <span>{lesson.t("language", &[])}</span>
                <select data-testid="lesson-language" on:change=set_language>{languages.collect_view()}</select>
            </label>
            {(!link.hides_controls).then(|| view! {
                <label class="lesson__tool">
                    <input
                        type="checkbox"
                        data-testid="lesson-class"
                        prop:checked=link.is_class
                        on:change=move |_| lesson.go(|link| link.is_class = !link.is_class)
                    />
                    <span>{lesson.t("class-view", &[])}</span>
                </label>
                <button
                    type="button"
                    class="button button--quiet"
                    data-testid="lesson-mine"
                    on:click=move |_| lesson.is_mine.update(|is| *is = !*is)
                >
                    {move || lesson.t(if lesson.is_mine.get() { "try-example" } else { "try-mine" }, &[])}
                </button>
            })}
            {show("lesson-print", "sheet-questions", Page::Questions)}
            {show("lesson-answers", "sheet-answers", Page::Answers)}
            {show("lesson-all-terms", "terms-title", Page::Terms)}
            <label class="lesson__tool">
                <span>{lesson.t("your-name", &[])}</span>
                <input type="text" data-testid="lesson-name" maxlength="80" on:input=move |event| name.set(event_target_value(&event)) />
            </label>
            <button type="button" class="button button--quiet" data-testid="lesson-result" on:click=save>{lesson.t("save-result", &[])}</button>
            <span class="lesson__score" data-testid="lesson-score">{n_right}</span>
            <label class="lesson__tool lesson__tool--link">
                <span>{lesson.t("link", &[])}</span>
                <input type="text" readonly dir="ltr" data-testid="lesson-link" prop:value=address />
            </label>
            <p class="lesson__keys">{lesson.t("keys", &[])}</p>
        </footer>
    }
}

/// The name of a language in itself.
fn native(tag: &str) -> &'static str {
    match tag {
        "de" => "Deutsch",
        "es" => "Español",
        "ru" => "Русский",
        "zh-Hans" => "简体中文",
        "ar" => "العربية",
        "bn" => "বাংলা",
        "sw" => "Kiswahili",
        _ => "English",
    }
}
