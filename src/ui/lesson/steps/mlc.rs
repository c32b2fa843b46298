//! Step 6.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    super::{
        figure::{Bar, Figure},
        state::Lesson,
    },
    points::px,
    tongue,
};
use crate::lesson::{
    Step,
    scenes::mlc::{MlcNow, MlcScene},
};

/// Half the side of the picture.
const HALF: f64 = 150.0;
/// Length of an arrow of length 1.
const UNIT: f64 = 135.0;

/// What the person has set: which arrows are on, and which one is turned how far.
#[derive(Clone)]
struct Arrows {
    lesson: Lesson,
    scene: Arc<MlcScene>,
    is_on: RwSignal<Vec<bool>>,
    turned: RwSignal<(usize, f64)>,
    now: Memo<MlcNow>,
}

/// The arrows, each with a switch; one can be turned.
pub fn picture(lesson: Lesson, scene: MlcScene) -> AnyView {
    let n = scene.languages.len();
    let scene = Arc::new(scene);
    let (is_on, turned) = (RwSignal::new(vec![true; n]), RwSignal::new((n - 1, 0.0_f64)));
    let now = {
        let scene = Arc::clone(&scene);
        Memo::new(move |_| is_on.with(|is_on| scene.now(is_on, Some(turned.get()))))
    };
    let arrows = Arrows { lesson, scene, is_on, turned, now };
    let (drawn, numbers, after) = (arrows.clone(), arrows.clone(), arrows.clone());
    let hides_controls = lesson.link.with_untracked(|link| link.hides_controls);
    view! {
        <svg class="arrows__picture" viewBox="0 0 300 300" role="img" aria-label=lesson.t("mlc-picture", &[])>
            <circle class="arrows__unit" cx="150" cy="150" r="135" />
            {move || drawn.drawn()}
        </svg>
        {(!hides_controls).then(|| arrows.controls())}
        {move || numbers.numbers()}
        {move || lesson.is_revealed(Step::Mlc).then(|| after.if_turned())}
    }
    .into_any()
}

impl Arrows {
    fn drawn(&self) -> impl IntoView + use<> {
        let is_on = self.is_on.get();
        let ends = self.now.get().ends;
        let arrows = ends.into_iter().enumerate().filter(|(at, _)| is_on[*at]).map(|(at, [x, y])| {
            let (x, y) = (HALF + x * UNIT, HALF - y * UNIT);
            let (beside, anchor) = if x < HALF { (-6.0, "end") } else { (6.0, "start") };
            view! {
                <g class=format!("arrow hue-{}", at % 8)>
                    <line x1=px(HALF) y1=px(HALF) x2=px(x) y2=px(y) />
                    <circle cx=px(x) cy=px(y) r="4" />
                    <text x=px(x + beside) y=px(y + 4.0) text-anchor=anchor>{self.scene.languages[at].tag.clone()}</text>
                </g>
            }
        });
        arrows.collect_view()
    }

    fn controls(&self) -> impl IntoView + use<> {
        let (lesson, turned) = (self.lesson, self.turned);
        let switches = (0..self.scene.languages.len()).map(|at| self.switch(at)).collect_view();
        let turn = move |event: web_sys::Event| {
            let share = event_target_value(&event).parse::<f64>().unwrap_or_default() / 100.0;
            turned.update(|turned| turned.1 = share);
        };
        view! {
            <ul class="arrows">{switches}</ul>
            <label class="slider">
                <span>{lesson.t("turn-to-others", &[])}</span>
                <input
                    type="range"
                    min="0"
                    max="100"
                    data-testid="turn"
                    prop:value=move || (turned.get().1 * 100.0).to_string()
                    on:input=turn
                />
            </label>
        }
    }

    fn switch(&self, at: usize) -> impl IntoView + use<> {
        let (lesson, is_on, turned, now) = (self.lesson, self.is_on, self.turned, self.now);
        let toggle = move |_| {
            is_on.update(|is_on| {
                // Two arrows are the least that can agree.
                if !is_on[at] || is_on.iter().filter(|is_on| **is_on).count() > 2 {
                    is_on[at] = !is_on[at];
                }
            });
        };
        let pull = move || now.with(|now| format!("{:.3}", now.pull[at]));
        view! {
            <li class=format!("hue-{}", at % 8)>
                <label>
                    <input
                        type="checkbox"
                        data-testid=format!("arrow-{at}")
                        prop:checked=move || is_on.with(|is_on| is_on[at])
                        on:change=toggle
                    />
                    {tongue(&self.scene.languages[at])}
                </label>
                <span class="number" dir="ltr">{pull}</span>
                <button
                    type="button"
                    class="button button--quiet"
                    data-testid=format!("turn-{at}")
                    aria-pressed=move || (turned.get().0 == at).to_string()
                    on:click=move |_| turned.set((at, 0.0))
                >
                    {lesson.t("turn", &[])}
                </button>
            </li>
        }
    }

    fn numbers(&self) -> impl IntoView + use<> {
        let (lesson, now, id) = (self.lesson, self.now.get(), &self.scene.asked.prompt_id);
        let most = now.singular.first().copied().unwrap_or(1.0);
        let singular = now.singular.iter().enumerate().map(|(at, value)| {
            view! {
                <tr>
                    <th scope="row" class="number">{at + 1}</th>
                    <td><Bar share=value / most /></td>
                    <td><Figure at=format!("singular/{id}/{at}") value=*value /></td>
                </tr>
            }
        });
        view! {
            <p class="facts-line">
                {lesson.t("loss", &[])}" "<Figure at=format!("mlc-loss/{id}") value=now.loss decimals=4 />
            </p>
            <table class="answers answers--numbers">
                <caption>{lesson.t("singular-values", &[])}</caption>
                <tbody>{singular.collect_view()}</tbody>
            </table>
        }
    }

    fn if_turned(&self) -> impl IntoView + use<> {
        let (scene, id) = (&self.scene, &self.scene.asked.prompt_id);
        let rows = scene.languages.iter().enumerate().map(|(at, language)| {
            view! {
                <tr>
                    <th scope="row">{tongue(language)}</th>
                    <td>
                        <Figure
                            at=format!("mlc-turned/{id}/{}", language.tag)
                            value=scene.loss_if_turned(at)
                            decimals=4
                        />
                    </td>
                </tr>
            }
        });
        view! {
            <table class="answers answers--numbers">
                <caption>{self.lesson.t("mlc-turned", &[])}</caption>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
    }
}
