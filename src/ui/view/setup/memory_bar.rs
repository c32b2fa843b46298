//! What a loaded model takes of the device's memory: a bar, and the same in words.

use leptos::prelude::*;

use super::super::super::words;
use crate::protocol::ModelInfo;

/// The bar, its legend, and what the device allows.
#[component]
pub fn MemoryBar(
    /// A loaded model.
    info: ModelInfo,
) -> impl IntoView {
    let memory = info.memory;
    let total = memory.weights + memory.kv + memory.scratch;
    // Where the device does not say what it has, the bar shows the shares only.
    let whole = if memory.budget > 0.0 { memory.budget } else { total.max(1.0) };
    let parts = [
        ("weights", "Weights", memory.weights),
        ("kv", "Keys and values", memory.kv),
        ("scratch", "Working space", memory.scratch),
    ];
    let bar = parts.map(|(class, _, bytes)| {
        let width = format!("{:.2}%", 100.0 * bytes / whole);
        view! { <span class=format!("memory__part memory__part--{class}") style:inline-size=width></span> }
    });
    let legend = parts.map(|(class, name, bytes)| {
        view! {
            <li>
                <span class=format!("memory__mark memory__part--{class}") aria-hidden="true"></span>
                {name}
                " "
                <span class="number">{words::bytes(bytes)}</span>
            </li>
        }
    });
    let rows = format!("At most {} at once.", words::plural(info.rows as usize, "response", "responses"));
    let pool = words::pool(&memory);
    view! {
        <div class="memory" data-testid="memory">
            <p>{words::bytes(total)}</p>
            // The legend says in words what the bar shows.
            <div class="memory__bar" aria-hidden="true">{bar}</div>
            <ul class="memory__legend">{legend}</ul>
            <p class="facts__why">{words::memory_limit(&memory)}</p>
            <p class="facts__why" data-testid="memory-pool">{pool}" "{rows}</p>
        </div>
    }
}
