//! Steps 8 to 10.

use crate::{
    Step,
    align::losses::LogProbs,
    data::InOrder,
    draw::{
        Html,
        parts::{bar, el, figure, line, number, prompt_of, response, row, slider, table, tick, tongue, txt},
    },
    scenes::{batch::BatchScene, dpo::DpoScene, file::FileScene},
    shown::Shown,
    state::Lesson,
};

/// Step 8: a grid of the pairs, in which a batch is put together by hand; the steps of both ways once the answer is shown.
pub fn batch(lesson: &Lesson, scene: &BatchScene) -> Html {
    let heads =
        scene.languages.iter().map(|language| Html::el("th", &[("scope", "col")], vec![tongue(language)]));
    let heads = [Html::el("td", &[], Vec::new())].into_iter().chain(heads).collect();
    let cell = |prompt: usize, language: usize| {
        let pair = scene.pairs.iter().position(|pair| *pair == (prompt, language));
        let tick = pair.map(|pair| {
            let name = format!("{} {}", scene.prompts[prompt], scene.languages[language].name);
            let is_on = lesson.tried.batch.contains(&pair);
            tick(&format!("pair-{pair}"), ("pair", &pair.to_string()), is_on, &name, Vec::new())
        });
        tick.unwrap_or_default()
    };
    let rows = scene.prompts.iter().enumerate().map(|(prompt, id)| {
        let cells = (0..scene.languages.len()).map(|language| cell(prompt, language)).collect();
        row("", number(id), cells)
    });
    let grid = vec![el("thead", "", vec![el("tr", "", heads)]), el("tbody", "", rows.collect())];
    let label = lesson.t("batch-by-hand", &[]);
    let scroll = [("class", "lesson__scroll"), ("tabindex", "0"), ("role", "group"), ("aria-label", &*label)];
    let seen = scene.seen(&lesson.tried.batch);
    let counts =
        [lesson.tried.batch.len(), seen.n_prompts, seen.n_languages, seen.n_whole].map(|n| n.to_string());
    let values =
        [("n", &*counts[0]), ("prompts", &counts[1]), ("languages", &counts[2]), ("whole", &counts[3])];
    let seen = [("class", "facts-line"), ("role", "status"), ("data-testid", "step-sees")];
    let mut parts = vec![
        el("p", "", vec![txt(&label)]),
        Html::el("div", &scroll, vec![el("table", "pairs-grid", grid)]),
        Html::el("p", &seen, vec![txt(lesson.t("step-sees", &values))]),
    ];
    if lesson.is_revealed(Step::Batch) {
        parts.extend([
            steps(lesson, scene, "random", &scene.random),
            steps(lesson, scene, "whole", &scene.whole),
        ]);
    }
    Html::all(parts)
}

/// What the steps of one way to compose see.
fn steps(lesson: &Lesson, scene: &BatchScene, kind: &str, steps: &[Vec<usize>]) -> Html {
    let rows = steps.iter().enumerate().map(|(at, step)| {
        let seen = scene.seen(step);
        let cell = |what: &str, n: usize| figure(lesson, &format!("seen-{what}/{kind}/{at}"), n as f64, 0);
        let cells = vec![
            cell("prompts", seen.n_prompts),
            cell("languages", seen.n_languages),
            cell("whole", seen.n_whole),
        ];
        row("", number(at + 1), cells)
    });
    let heads = ["term-optimiser-step.title", "seen-prompts", "seen-languages", "seen-whole"];
    table(&lesson.t(&format!("batch-{kind}"), &[]), &heads.map(|name| lesson.t(name, &[])), rows.collect())
}

/// Step 9: the pair, and the log-probs that the model gives it.
pub fn dpo_given(lesson: &Lesson, scene: &DpoScene) -> Html {
    let side = |name: &str, shown: &Shown, logprob: f32| {
        let of = format!("logprob/{}/{}/{}", shown.prompt_id, shown.language.tag, shown.sample);
        let parts = vec![
            el("b", "", vec![txt(lesson.t(&format!("term-{name}.title"), &[]))]),
            txt(" "),
            response(shown),
            line(vec![txt(lesson.t("term-log-prob.title", &[])), figure(lesson, &of, f64::from(logprob), 2)]),
        ];
        el("div", &format!("l-side l-side--{name}"), parts)
    };
    Html::all(vec![
        side("chosen", &scene.chosen, scene.chosen_logprob),
        side("rejected", &scene.rejected, scene.rejected_logprob),
    ])
}

/// Step 9: sliders for what training moves, once the answer is shown.
pub fn dpo(lesson: &Lesson, _scene: &DpoScene) -> Html {
    if !lesson.is_revealed(Step::Dpo) || lesson.link.hides_controls {
        return Html::default();
    }
    let tried = &lesson.tried;
    Html::all(vec![
        slider("move-chosen", &lesson.t("move-chosen", &[]), [-20.0, 20.0, 0.5, tried.moved[0]]),
        slider("move-rejected", &lesson.t("move-rejected", &[]), [-20.0, 20.0, 0.5, tried.moved[1]]),
        slider("beta", &lesson.t("term-beta.title", &[]), [0.01, 1.0, 0.01, tried.beta]),
    ])
}

/// Step 9: the loss where the sliders stand.
pub fn dpo_live(lesson: &Lesson, scene: &DpoScene) -> Html {
    let ([chosen, rejected], beta) = (lesson.tried.moved, lesson.tried.beta);
    let now = scene.now(LogProbs { chosen, rejected }, beta);
    let of = format!("{chosen}/{rejected}/{beta}");
    let moved =
        |text: &str, value: f64| row("", txt(lesson.t(text, &[])), vec![number(format!("{value:+.2}"))]);
    let found = |text: &str, kind: &str, value: f64| {
        row("", txt(lesson.t(text, &[])), vec![figure(lesson, &format!("{kind}/{of}"), value, 4)])
    };
    let rows = vec![
        moved("move-chosen", chosen),
        moved("move-rejected", rejected),
        moved("term-beta.title", beta),
        found("loss", "dpo-loss", now.loss),
        found("pull-chosen", "dpo-chosen", now.by_chosen),
        found("pull-rejected", "dpo-rejected", now.by_rejected),
    ];
    table(&lesson.t("dpo-title", &[]), &[], rows)
}

/// Step 10: one line as it stands in the file, and its parts; the margins once the answer is shown.
pub fn file(lesson: &Lesson, scene: &FileScene) -> Html {
    let label = lesson.t("file-line", &[]);
    let line_of =
        [("class", "line"), ("dir", "ltr"), ("tabindex", "0"), ("role", "group"), ("aria-label", &*label)];
    let title = |name: &str| txt(lesson.t(name, &[]));
    let rows = vec![
        row("", title("term-prompt.title"), vec![prompt_of(&scene.chosen, &scene.prompt)]),
        row("row--right", title("term-chosen.title"), vec![response(&scene.chosen)]),
        row("row--wrong", title("term-rejected.title"), vec![response(&scene.rejected)]),
    ];
    let mut parts = vec![
        el("p", "", vec![txt(&label)]),
        Html::el("pre", &line_of, vec![txt(&scene.line)]),
        table(&lesson.t("line-parts", &[]), &[], rows),
    ];
    if lesson.is_revealed(Step::File) {
        let most = scene.margins.iter().copied().fold(1e-6, f32::max);
        let mut sorted = scene.margins.clone();
        sorted.order_by(|a, b| b.total_cmp(a));
        let bars = sorted.iter().map(|margin| {
            el("div", if *margin < scene.cut { "is-cut" } else { "" }, vec![bar(f64::from(margin / most))])
        });
        let picture = lesson.t("margins-picture", &[]);
        parts.push(Html::el(
            "div",
            &[("class", "margins"), ("role", "img"), ("aria-label", &picture)],
            bars.collect(),
        ));
        parts.push(line(vec![
            figure(lesson, &format!("lines/{}", scene.cut), scene.n_left() as f64, 0),
            txt(lesson.t("of-all", &[("n", &scene.margins.len().to_string())])),
        ]));
    }
    Html::all(parts)
}
