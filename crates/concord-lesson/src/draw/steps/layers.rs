//! Steps 6 and 7.

use super::pictures::{circle, label, polyline, stroke, svg};
use crate::{
    Step,
    draw::{
        Html,
        parts::{bar, button, el, figure, line, number, row, slider, table, tick, tongue, txt},
    },
    scenes::{alignx::AlignXScene, mlc::MlcScene},
    state::Lesson,
};

/// Half the side of the picture of arrows.
const HALF: f64 = 150.0;
/// Length of an arrow of length 1.
const UNIT: f64 = 135.0;
/// Width and height of the curve.
const SIZE: (f64, f64) = (320.0, 170.0);
/// Room around it.
const ROOM: f64 = 22.0;

fn is_on(lesson: &Lesson, scene: &MlcScene) -> Vec<bool> {
    (0..scene.languages.len()).map(|at| !lesson.tried.off.contains(&at)).collect()
}

/// Step 6: a switch for every arrow, the slider that turns one, and once the answer is shown what each would do.
pub fn mlc(lesson: &Lesson, scene: &MlcScene) -> Html {
    let mut parts = Vec::new();
    if !lesson.link.hides_controls {
        let (turned, share) = lesson.tried.turned;
        let switch = |(at, is_on): (usize, bool)| {
            let (value, name) = (at.to_string(), tongue(&scene.languages[at]));
            let class = if at == turned { "button button--quiet is-picked" } else { "button button--quiet" };
            let turn = lesson.t("turn", &[]);
            let parts = vec![
                tick(&format!("arrow-{at}"), ("arrow", &value), is_on, "", vec![name]),
                button(&format!("turn-{at}"), class, ("turn-which", &value), false, &turn),
            ];
            el("li", &format!("hue-{}", at % 8), parts)
        };
        let switches = is_on(lesson, scene).into_iter().enumerate().map(switch);
        parts.push(el("ul", "arrows", switches.collect()));
        let words = format!("{} ({})", lesson.t("turn-to-others", &[]), scene.languages[turned].name);
        parts.push(slider("turn", &words, [0.0, 100.0, 1.0, share * 100.0]));
    }
    if lesson.is_revealed(Step::Mlc) {
        let id = &scene.asked.prompt_id;
        let rows = scene.languages.iter().enumerate().map(|(at, language)| {
            let of = format!("mlc-turned/{id}/{}", language.tag);
            row("", tongue(language), vec![figure(lesson, &of, scene.loss_if_turned(at), 4)])
        });
        parts.push(table(&lesson.t("mlc-turned", &[]), &[], rows.collect()));
    }
    Html::all(parts)
}

/// Step 6: the arrows as they are now, and their numbers.
pub fn mlc_live(lesson: &Lesson, scene: &MlcScene) -> Html {
    let is_on = is_on(lesson, scene);
    let now = scene.now(&is_on, Some(lesson.tried.turned));
    let mut drawn = vec![circle("arrows__unit", (HALF, HALF), "135")];
    drawn.extend(now.ends.iter().enumerate().filter(|(at, _)| is_on[*at]).map(|(at, [x, y])| {
        let end = (HALF + x * UNIT, HALF - y * UNIT);
        let (beside, anchor) = if end.0 < HALF { (-6.0, "end") } else { (6.0, "start") };
        let parts = vec![
            stroke("", (HALF, HALF), end),
            circle("", end, "4"),
            label((end.0 + beside, end.1 + 4.0), anchor, &scene.languages[at].tag),
        ];
        el("g", &format!("arrow hue-{}", at % 8), parts)
    }));
    let id = &scene.asked.prompt_id;
    let most = now.singular.first().copied().unwrap_or(1.0);
    let singular = now.singular.iter().enumerate().map(|(at, value)| {
        row(
            "",
            number(at + 1),
            vec![bar(value / most), figure(lesson, &format!("singular/{id}/{at}"), *value, 3)],
        )
    });
    let pulls = now.pull.iter().enumerate().filter(|(at, _)| is_on[*at]).map(|(at, pull)| {
        let of = format!("pull/{id}/{}", scene.languages[at].tag);
        row("", tongue(&scene.languages[at]), vec![figure(lesson, &of, *pull, 3)])
    });
    Html::all(vec![
        svg("arrows__picture", (2.0 * HALF, 2.0 * HALF), &lesson.t("mlc-picture", &[]), drawn),
        line(vec![txt(lesson.t("loss", &[])), figure(lesson, &format!("mlc-loss/{id}"), now.loss, 4)]),
        table(&lesson.t("singular-values", &[]), &[], singular.collect()),
        table(&lesson.t("gradient", &[]), &[], pulls.collect()),
    ])
}

/// The name of a layer.
pub fn layer(lesson: &Lesson, layer: u32) -> Html {
    txt(match layer {
        0 => lesson.t("layer-embedding", &[]),
        n => lesson.t("layer-after", &[("n", &n.to_string())]),
    })
}

/// Step 7: the curve over the layers, once the answer is shown.
pub fn alignx(lesson: &Lesson, scene: &AlignXScene) -> Html {
    if !lesson.is_revealed(Step::AlignX) {
        return Html::default();
    }
    let last = (scene.layers.len() - 1) as f64;
    let x = |at: usize| ROOM + at as f64 / last * (SIZE.0 - 2.0 * ROOM);
    let y = |value: f64| SIZE.1 - ROOM - value.clamp(0.0, 1.0) * (SIZE.1 - 2.0 * ROOM);
    let layers = || scene.layers.iter().enumerate();
    let mut drawn = vec![
        stroke("curve__axis", (ROOM, y(0.0)), (SIZE.0 - ROOM, y(0.0))),
        polyline("curve__matched", layers().map(|(at, layer)| (x(at), y(layer.matched)))),
        polyline("curve__unmatched", layers().map(|(at, layer)| (x(at), y(layer.unmatched)))),
    ];
    drawn
        .extend(layers().map(|(at, layer)| label((x(at), SIZE.1 - 5.0), "middle", &layer.layer.to_string())));
    let (same, other) = (lesson.t("same-question", &[]), lesson.t("other-question", &[]));
    let legend = |class: &str, sign: &str, text: &str| {
        el(
            "span",
            &format!("l-legend {class}"),
            vec![txt(sign), el("span", "l-legend__name", vec![txt(text)])],
        )
    };
    let rows = scene.layers.iter().map(|layer| {
        let cell = |kind: &str, value: f64| figure(lesson, &format!("{kind}/{}", layer.layer), value, 3);
        let cells = vec![
            cell("matched", layer.matched),
            cell("unmatched", layer.unmatched),
            cell("retrieval", layer.retrieval),
            cell("contrastive", layer.loss),
        ];
        row("", number(layer.layer), cells)
    });
    let heads = [
        lesson.t("term-layer.title", &[]),
        same.clone(),
        other.clone(),
        lesson.t("term-retrieval.title", &[]),
        lesson.t("term-contrastive-loss.title", &[]),
    ];
    Html::all(vec![
        svg("curve", SIZE, &lesson.t("alignx-picture", &[]), drawn),
        line(vec![legend("curve__matched", "— ", &same), legend("curve__unmatched", "- - ", &other)]),
        table(&lesson.t("alignx-title", &[]), &heads, rows.collect()),
    ])
}
