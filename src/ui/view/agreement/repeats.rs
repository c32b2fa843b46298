//! People with themselves: pairs that come up again with their sides swapped.

use leptos::prelude::*;

use super::super::{
    super::{actions::repeats, state::Workbench},
    fields::SwitchField,
};
use super::figures::RateView;
use crate::curation::agreement::self_agreement;

/// The switch, and what the repeats have shown.
#[component]
pub fn Repeats() -> impl IntoView {
    let page = Workbench::here();
    let people = Memo::new(move |_| {
        page.desk.with(|desk| desk.as_ref().map(|desk| self_agreement(desk.curation())).unwrap_or_default())
    });
    let is_on = RwSignal::new(repeats::are_on());
    let rows = move || {
        let rows = people.get().into_iter().map(|person| {
            view! {
                <tr data-testid="self-row">
                    <th scope="row"><bdi>{person.actor}</bdi></th>
                    <td class="number">{person.same.whole}</td>
                    <td class="number"><RateView rate=person.same /></td>
                    <td class="number"><RateView rate=person.first_shown /></td>
                </tr>
            }
        });
        rows.collect_view()
    };
    view! {
        <section class="methods" aria-labelledby="repeats-title" data-testid="repeats">
            <h3 id="repeats-title">"People with themselves"</h3>
            <SwitchField
                label="Show one pair in ten again later, with sides swapped"
                help="In a blind review: the options of the Pairs screen switch it on. The second decision goes into the log and changes nothing else."
                testid="repeats-on"
                is_on
                on_change=move |on| {
                    repeats::set_on(on);
                    is_on.set(on);
                }
            />
            <Show
                when=move || people.with(|people| !people.is_empty())
                fallback=|| view! {
                    <p class="panel__line" data-testid="no-repeats">
                        "No pair has come up twice yet. In a blind review some do, and then this table shows how often people decide the same again."
                    </p>
                }
            >
                <p class="field__help">
                    "Same again: the same verdict on the same pair. First side: of the times that a side was preferred, those in which it was the one shown first. Each row counts once in each order, so 50 % is a person who looks at the texts alone; an interval that leaves 50 % out shows a habit."
                </p>
                <div class="scroll" tabindex="0" role="group" aria-labelledby="repeats-title">
                    <table class="grid" data-testid="self-table">
                        <thead>
                            <tr>
                                <th scope="col">"Person"</th>
                                <th scope="col">"Pairs judged twice"</th>
                                <th scope="col">"Same again"</th>
                                <th scope="col">"First side preferred"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}
