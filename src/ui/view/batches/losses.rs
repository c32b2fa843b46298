//! The losses that training on these pairs would start from, by language.

use leptos::{prelude::*, task::spawn_local};

use super::super::{
    super::{
        actions::batches::{self, Judged},
        state::Workbench,
        words,
    },
    compare::{AskButton, Asking},
    why::Why,
};
use crate::{align::losses::PairLosses, data::MeasureKind};

/// DPO, ORPO and NLL of the current model on the pair set.
#[component]
pub fn LossTable() -> impl IntoView {
    let page = Workbench::here();
    let judged = RwSignal::new(None::<Judged>);
    Effect::new(move |_| {
        page.desk.track();
        spawn_local(async move {
            let found = batches::judged(page).await;
            let _gone = judged.try_set(found);
        });
    });
    view! {
        <section class="methods" aria-labelledby="losses-title">
            <h3 id="losses-title">"What the model thinks of these pairs"</h3>
            <p class="field__help">
                "The losses that training would start from, with the current model as its own reference. DPO is then log 2 for every pair; what matters is how often the model already finds the chosen response likelier. "
                <Why term="dpo" of="DPO" />
            </p>
            <Asking />
            {move || judged.get().map(|judged| {
                let n_missing = judged.n_missing;
                view! {
                    {(n_missing > 0).then(|| view! {
                        <AskButton needs=vec![MeasureKind::Own] n_texts=n_missing label="Ask the model" testid="ask-own" about="the likelihood of the responses" />
                    })}
                    <Table judged />
                }
            })}
        </section>
    }
}

#[component]
fn Table(
    /// The losses.
    judged: Judged,
) -> impl IntoView {
    let Judged { losses, settings, .. } = judged;
    if losses.all.n_pairs == 0 {
        return ().into_any();
    }
    let languages = losses.languages.iter().map(|(language, losses)| row(words::english(language), losses));
    let rows: Vec<_> = std::iter::once(row("All".to_owned(), &losses.all)).chain(languages).collect();
    let gaps = [
        (losses.preference_gap, "in how often the chosen response is likelier"),
        (losses.accuracy_gap, "in responses with the gold answer"),
    ];
    let gaps = gaps
        .into_iter()
        .filter_map(|(gap, what)| gap.map(|gap| view! { <li>{format!("{gap:.1} points {what}.")}</li> }));
    let gaps: Vec<_> = gaps.collect();
    let n_not_measured = losses.all.n_not_measured as usize;
    view! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="losses-title">
            <table class="grid" data-testid="losses">
                <thead>
                    <tr>
                        <th scope="col">"Language"</th>
                        <th scope="col">"Pairs"</th>
                        <th scope="col">"DPO"</th>
                        <th scope="col">"NLL"</th>
                        <th scope="col">{format!("DPO + {} NLL", settings.gamma)}</th>
                        <th scope="col">"ORPO"</th>
                        <th scope="col">"Margin a token"</th>
                        <th scope="col">"Chosen is likelier"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="field__help">{format!("beta {}, gamma {}, lambda of ORPO {}; nats.", settings.beta, settings.gamma, settings.lam)}</p>
        {(!gaps.is_empty()).then(|| view! {
            <p>"The anchor is ahead of the mean of the other languages by"</p>
            <ul class="facts-list" data-testid="gaps">{gaps}</ul>
        })}
        {(n_not_measured > 0).then(|| view! {
            <p class="field__help">{words::plural(n_not_measured, "pair holds", "pairs hold")}" a response that was not measured, such as a translation."</p>
        })}
    }
    .into_any()
}

fn row(name: String, losses: &PairLosses) -> impl IntoView + use<> {
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let likelier = losses
        .chosen_likelier
        .share
        .map_or_else(|| "–".to_owned(), |share| format!("{} %", words::percent(share)));
    let cells = [losses.dpo, losses.nll, losses.total, losses.orpo, losses.token_margin].map(number);
    view! {
        <tr data-testid="loss-row">
            <th scope="row">{name}</th>
            <td class="number">{losses.n_pairs}</td>
            {cells.into_iter().map(|cell| view! { <td class="number">{cell}</td> }).collect_view()}
            <td class="number">{likelier}</td>
        </tr>
    }
}
