//! Steps 1 to 5.

use super::pictures::{Dot, points, svg};
use crate::{
    Step,
    data::InOrder,
    draw::{
        Html,
        parts::{asked, bar, el, figure, line, number, numbered, response, row, table, tongue, txt},
    },
    scenes::{
        languages::Languages,
        marks::{Marks, Why},
        pair::PairScene,
        plane::Plane,
        vote::Vote,
    },
    shown::{Asked, Shown},
    state::Lesson,
};

/// Step 1: the first response in every language; right or wrong once the answer is shown.
pub fn languages(lesson: &Lesson, scene: &Languages) -> Html {
    let is_shown = lesson.is_revealed(Step::Languages);
    let rows = scene.rows.iter().map(|(shown, is_right)| {
        let (class, mark, text) =
            if *is_right { ("row--right", "✓", "is-right") } else { ("", "✗", "is-wrong") };
        let said = if is_shown { format!("{mark}\u{a0}{}", lesson.t(text, &[])) } else { String::new() };
        row(if is_shown { class } else { "" }, tongue(&shown.language), vec![response(shown), txt(said)])
    });
    let mut parts = vec![table(&lesson.t("first-responses", &[]), &[], rows.collect())];
    if is_shown {
        let of = format!("right/{}", scene.asked.prompt_id);
        parts.push(line(vec![
            txt(lesson.t("gold-is", &[("gold", &scene.gold)])),
            figure(lesson, &of, scene.n_right() as f64, 0),
            txt(lesson.t("of-all", &[("n", &scene.rows.len().to_string())])),
        ]));
    }
    Html::all(parts)
}

/// Step 2: the responses as points; who agrees with whom once the answer is shown.
pub fn vote(lesson: &Lesson, scene: &Vote) -> Html {
    let is_shown = lesson.is_revealed(Step::Vote);
    let reference = &scene.responses[scene.reference];
    let dots: Vec<Dot> = scene
        .responses
        .iter()
        .enumerate()
        .map(|(at, voter)| Dot {
            label: (voter.shown.sample + 1).to_string(),
            hue: if is_shown && voter.consistency < reference.consistency { 7 } else { 0 },
            place: voter.place,
            is_marked: is_shown && at == scene.reference,
        })
        .collect();
    let agrees = |at: &usize| {
        let answer = &scene.responses[*at].shown.answer;
        *at != scene.reference && answer.is_some() && *answer == reference.shown.answer
    };
    let lines: Vec<(usize, usize)> =
        (0..dots.len()).filter(|at| is_shown && agrees(at)).map(|at| (scene.reference, at)).collect();
    let mut parts = vec![points(&lesson.t("vote-picture", &[]), &dots, &lines)];
    if is_shown {
        let rows = scene.responses.iter().enumerate().map(|(at, voter)| {
            let of = of_response(&voter.shown);
            let cells = vec![
                txt(voter.shown.answer.as_deref().unwrap_or("–")),
                bar(f64::from(voter.consistency)),
                figure(lesson, &format!("consistency/{of}"), f64::from(voter.consistency), 3),
                figure(lesson, &format!("mean-cosine/{of}"), f64::from(voter.mean_cosine), 3),
            ];
            row(if at == scene.reference { "row--right" } else { "" }, number(voter.shown.sample + 1), cells)
        });
        let consistency = lesson.t("term-consistency.title", &[]);
        let heads = [
            lesson.t("term-response.title", &[]),
            lesson.t("answer", &[]),
            String::new(),
            consistency,
            lesson.t("mean-cosine", &[]),
        ];
        parts.push(table(&lesson.t("vote-title", &[]), &heads, rows.collect()));
    }
    Html::all(parts)
}

/// What a number of a response is of.
fn of_response(shown: &Shown) -> String {
    format!("{}/{}/{}", shown.prompt_id, shown.language.tag, shown.sample)
}

/// Step 3: the question and the reference.
pub fn pair_given(lesson: &Lesson, scene: &PairScene) -> Html {
    let title = el("b", "", vec![txt(lesson.t("term-reference.title", &[]))]);
    let reference = el("p", "l-reference", vec![title, txt(" "), response(&scene.reference)]);
    Html::all(vec![asked(&scene.asked), reference])
}

/// Step 3: the responses by score, once the answer is shown.
pub fn pair(lesson: &Lesson, scene: &PairScene) -> Html {
    if !lesson.is_revealed(Step::Pair) {
        return Html::default();
    }
    let mut order: Vec<usize> = (0..scene.items.len()).collect();
    order.order_by(|a, b| scene.items[*b].1.total_cmp(&scene.items[*a].1));
    let top = scene.items[order[0]].1.max(1e-6);
    let rows = order.into_iter().map(|at| {
        let (shown, score) = &scene.items[at];
        let (class, role) = if at == scene.chosen {
            ("row--right", lesson.t("term-chosen.title", &[]))
        } else if at == scene.rejected {
            ("row--wrong", lesson.t("term-rejected.title", &[]))
        } else {
            ("", String::new())
        };
        let score_of = format!("score/{}", of_response(shown));
        let cells =
            vec![bar(f64::from(score / top)), figure(lesson, &score_of, f64::from(*score), 3), txt(role)];
        row(class, numbered(shown.sample as usize + 1, shown), cells)
    });
    let of = format!("margin/{}/{}", scene.asked.prompt_id, scene.asked.language.tag);
    Html::all(vec![
        table(&lesson.t("pair-title", &[]), &[], rows.collect()),
        line(vec![txt(lesson.t("term-margin.title", &[])), figure(lesson, &of, f64::from(scene.margin), 3)]),
    ])
}

/// Step 4: the points and the matrix, with the line that the plane hides once the answer is shown.
pub fn plane(lesson: &Lesson, scene: &Plane) -> Html {
    let is_shown = lesson.is_revealed(Step::Plane);
    let mut tongues: Vec<_> = scene.points.iter().map(|(shown, _)| shown.language.clone()).collect();
    tongues.dedup();
    let dot = |(at, (shown, place)): (usize, &(Shown, [f64; 2]))| Dot {
        label: (at + 1).to_string(),
        hue: tongues.iter().position(|known| *known == shown.language).unwrap_or_default(),
        place: *place,
        is_marked: at == scene.from,
    };
    let dots: Vec<Dot> = scene.points.iter().enumerate().map(dot).collect();
    let lines = if is_shown { vec![(scene.from, scene.nearest())] } else { Vec::new() };
    let legend = tongues.iter().enumerate().map(|(at, language)| {
        el(
            "span",
            &format!("l-legend hue-{at}"),
            vec![txt("● "), el("span", "l-legend__name", vec![tongue(language)])],
        )
    });
    let mut parts = vec![
        points(&lesson.t("plane-picture", &[]), &dots, &lines),
        line(legend.collect()),
        matrix(lesson, scene),
    ];
    if is_shown {
        let name = |at: usize| {
            let shown = &scene.points[at].0;
            format!("{}/{}", shown.language.tag, shown.sample)
        };
        let id = &scene.points[0].0.prompt_id;
        let rows = scene.options.iter().map(|at| {
            let of = format!("cosine/{id}/{}/{}", name(scene.from), name(*at));
            let seems = if *at == scene.seems() { lesson.t("seems-nearest", &[]) } else { String::new() };
            let cosine = figure(lesson, &of, f64::from(scene.cosine(scene.from, *at)), 4);
            let class = if *at == scene.nearest() { "row--right" } else { "" };
            row(class, number(format!("{} – {}", scene.from + 1, at + 1)), vec![cosine, txt(seems)])
        });
        parts.push(table(&lesson.t("term-cosine.title", &[]), &[], rows.collect()));
        let explained = scene.explained[0] + scene.explained[1];
        let explained = figure(lesson, &format!("explained/{id}"), explained, 3);
        parts.push(line(vec![txt(lesson.t("explained", &[])), explained]));
    }
    Html::all(parts)
}

/// All cosines: the darker, the closer.
fn matrix(lesson: &Lesson, scene: &Plane) -> Html {
    let n = scene.points.len();
    let least = scene.cosine.iter().copied().fold(f32::MAX, f32::min).min(0.999);
    let cell = |at: usize| {
        let strength = ((scene.cosine[at] - least) / (1.0 - least)).clamp(0.0, 1.0);
        let (x, y, opacity) =
            ((at % n).to_string(), (at / n).to_string(), format!("{:.2}", 0.08 + 0.92 * strength));
        let attributes =
            [("x", x.as_str()), ("y", &y), ("width", "0.94"), ("height", "0.94"), ("fill-opacity", &opacity)];
        Html::el("rect", &attributes, Vec::new())
    };
    svg("matrix", (n as f64, n as f64), &lesson.t("matrix-picture", &[]), (0..n * n).map(cell).collect())
}

/// Step 5: a response that has the best mark of its way of picking.
pub fn mark(lesson: &Lesson, (shown, question, why): &(Shown, Asked, Why)) -> Html {
    let mut parts = vec![
        el("span", "l-card__language", vec![tongue(&shown.language)]),
        asked(question),
        el("span", "l-card__response", vec![response(shown)]),
    ];
    if lesson.is_revealed(Step::Misleads) {
        parts.push(el("span", "l-card__why", vec![txt(lesson.t(&format!("misleads-{}", why.name()), &[]))]));
    }
    el("span", "l-card", parts)
}

/// Step 5: how often each kind is in the session, once the answer is shown.
pub fn marks(lesson: &Lesson, scene: &Marks) -> Html {
    if !lesson.is_revealed(Step::Misleads) {
        return Html::default();
    }
    let rows = scene.counts.iter().map(|(why, n, all)| {
        let name = why.name();
        let cells = vec![
            figure(lesson, &format!("misleads/{name}"), *n as f64, 0),
            txt(lesson.t("of-all", &[("n", &all.to_string())])),
        ];
        row("", txt(lesson.t(&format!("counted-{name}"), &[])), cells)
    });
    let table = table(&lesson.t("misleads-counts", &[]), &[], rows.collect());
    Html::all(vec![table, line(vec![txt(lesson.t("misleads-elsewhere", &[]))])])
}
