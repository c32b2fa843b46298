//! Step 9.

use leptos::prelude::*;

use super::{
    super::{figure::Figure, state::Lesson},
    response,
};
use crate::{
    align::losses::LogProbs,
    lesson::{
        Step,
        scenes::dpo::{BETA, DpoScene},
    },
};

/// The pair, and the log-probs that the model gives it.
pub fn given(lesson: Lesson, scene: &DpoScene) -> AnyView {
    let side = |name: &str, shown: &crate::lesson::shown::Shown, logprob: f32, kind: &str| {
        let of = format!("{kind}/{}/{}/{}", shown.prompt_id, shown.language.tag, shown.sample);
        view! {
            <p class=format!("side side--{name}")>
                <b>{lesson.t(&format!("term-{name}.title"), &[])}</b>" "{response(shown, false)}" "
                <span class="side__logprob">{lesson.t("term-log-prob.title", &[])}" "<Figure at=of value=f64::from(logprob) decimals=2 /></span>
            </p>
        }
    };
    view! {
        {side("chosen", &scene.chosen, scene.chosen_logprob, "logprob")}
        {side("rejected", &scene.rejected, scene.rejected_logprob, "logprob")}
    }
    .into_any()
}

/// Sliders for what training moves, and what the loss then is, once the answer is shown.
pub fn picture(lesson: Lesson, scene: DpoScene) -> AnyView {
    let (chosen, rejected, beta) = (RwSignal::new(0.0), RwSignal::new(0.0), RwSignal::new(BETA));
    let slider = move |testid: &'static str,
                       text: &str,
                       least: f64,
                       most: f64,
                       step: f64,
                       value: RwSignal<f64>| {
        view! {
            <label class="slider">
                <span>{lesson.t(text, &[])}" "<span class="number" dir="ltr">{move || format!("{:+.2}", value.get())}</span></span>
                <input type="range" min=least.to_string() max=most.to_string() step=step.to_string() data-testid=testid
                    prop:value=move || value.get().to_string()
                    on:input=move |event| value.set(event_target_value(&event).parse().unwrap_or_default()) />
            </label>
        }
    };
    let hides_controls = lesson.link.with_untracked(|link| link.hides_controls);
    (move || {
        lesson.is_revealed(Step::Dpo).then(|| {
            let scene = scene.clone();
            let numbers = move || {
                let now = scene.now(LogProbs { chosen: chosen.get(), rejected: rejected.get() }, beta.get());
                let of = format!("{}/{}/{}", chosen.get(), rejected.get(), beta.get());
                view! {
                    <table class="answers answers--numbers"><tbody>
                        <tr><th scope="row">{lesson.t("loss", &[])}</th><td><Figure at=format!("dpo-loss/{of}") value=now.loss decimals=4 /></td></tr>
                        <tr><th scope="row">{lesson.t("pull-chosen", &[])}</th><td><Figure at=format!("dpo-chosen/{of}") value=now.by_chosen decimals=4 /></td></tr>
                        <tr><th scope="row">{lesson.t("pull-rejected", &[])}</th><td><Figure at=format!("dpo-rejected/{of}") value=now.by_rejected decimals=4 /></td></tr>
                    </tbody></table>
                }
            };
            view! {
                {(!hides_controls).then(|| view! {
                    {slider("move-chosen", "move-chosen", -20.0, 20.0, 0.5, chosen)}
                    {slider("move-rejected", "move-rejected", -20.0, 20.0, 0.5, rejected)}
                    {slider("beta", "term-beta.title", 0.01, 1.0, 0.01, beta)}
                })}
                {numbers}
            }
        })
    })
    .into_any()
}
