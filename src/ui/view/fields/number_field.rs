//! A labelled number with a plain explanation.

use leptos::prelude::*;

/// A number input that takes only what lies in its range; anything else is put back.
#[component]
pub fn NumberField(
    /// Its name.
    label: &'static str,
    /// What it does, for somebody who does not know.
    help: &'static str,
    /// For the `id` and the end-to-end test; unique on the page.
    name: &'static str,
    /// Current value.
    #[prop(into)]
    value: Signal<f64>,
    /// Smallest value.
    min: f64,
    /// Largest value.
    max: f64,
    /// Step of the arrows; whole steps take whole numbers only.
    step: f64,
    /// Takes a new value.
    on_change: impl Fn(f64) + 'static,
) -> impl IntoView {
    let help_id = format!("{name}-help");
    let described_by = help_id.clone();
    let show = move || tidy(value.get());
    let change = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        match text.trim().replace(',', ".").parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let number = number.clamp(min, max);
                on_change(if step >= 1.0 { number.round() } else { number });
            }
            _ => {}
        }
        // Shows what holds now, also where the input was refused or clamped to what it was.
        let input: web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&tidy(value.get_untracked()));
    };
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <input
                class="field__input number"
                id=name
                data-testid=name
                type="number"
                inputmode="decimal"
                min=min
                max=max
                step=step
                aria-describedby=described_by
                prop:value=show
                on:change=change
            />
            <p class="field__help" id=help_id>{help}</p>
        </div>
    }
}

/// Up to four decimals, without trailing zeros: settings are kept as f32 and must not show its noise.
fn tidy(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
