//! People among themselves: how far they agree by language and by two, and what each has done.

use leptos::prelude::*;

use super::super::{
    super::{screen::View, state::Workbench, words},
    empty::Empty,
};
use super::figures::{CoefficientView, RateView, rate_of};
use crate::curation::agreement::{AgreementCell, PeopleAgreement, Reliability, with_method_of};

/// How far people agree with each other.
#[component]
pub fn People(
    /// What was computed, once it is.
    found: RwSignal<Option<PeopleAgreement>>,
) -> impl IntoView {
    view! {
        <section class="methods" aria-labelledby="people-title" data-testid="people">
            <h3 id="people-title">"People among themselves"</h3>
            {move || found.with(|found| match found {
                None => view! { <p class="panel__line" data-testid="people-computing">"Computing…"</p> }.into_any(),
                Some(found) if found.actors.len() < 2 => view! { <Alone /> }.into_any(),
                Some(found) => view! { <Tables found=found.clone() /> }.into_any(),
            })}
        </section>
    }
}

#[component]
fn Alone() -> impl IntoView {
    view! {
        <Empty
            view=View::Agreement
            testid="one-annotator"
            says="At most one person has decided so far. Open a second annotator's session file to merge it: their decisions are added to yours, and this screen shows how far you agree and what there is to settle."
        >
            <a class="button" href=format!("#{}", View::Pairs.as_str())>"Open a session file"</a>
        </Empty>
    }
}

#[component]
fn Tables(
    /// What was computed.
    found: PeopleAgreement,
) -> impl IntoView {
    let all = reliability_row("All".to_owned(), "all".to_owned(), found.all);
    let languages = found.by_language.iter().map(|(language, reliability)| {
        reliability_row(words::english(language), language.as_str().to_owned(), *reliability)
    });
    let rows: Vec<_> = std::iter::once(all).chain(languages).collect();
    let name = |place: u32| found.actors.get(place as usize).cloned().unwrap_or_default();
    let pairs = found.pairs.iter().map(|pair| {
        view! {
            <tr data-testid="annotator-pair">
                <th scope="row"><bdi>{name(pair.first)}</bdi>" and "<bdi>{name(pair.second)}</bdi></th>
                <td class="number">{pair.same.n_units}</td>
                <td class="number"><CoefficientView found=pair.same is_share=true /></td>
                <td class="number"><CoefficientView found=pair.kappa /></td>
                <td class="number"><CoefficientView found=pair.weighted_kappa /></td>
            </tr>
        }
    });
    let pairs: Vec<_> = pairs.collect();
    view! {
        <p class="field__help">
            "Alike: of all pairs of people who judged the same row, the share that judged it alike. Alpha is Krippendorff's, kappa is Cohen's: 1 is full agreement, 0 what chance gives, below 0 less than that. The first of each reads the judgement (kept, swapped, another pair, tie and so on), the second the preference (the method's rejected response, neither, the method's chosen one) as a rank. Below each number lies its 95 % interval over resampled prompts. Fewer than 50 rows are too few to rely on."
        </p>
        <div class="scroll" tabindex="0" role="group" aria-labelledby="people-title">
            <table class="grid" data-testid="people-table">
                <thead>
                    <tr>
                        <th scope="col">"Language"</th>
                        <th scope="col">"Rows judged by several"</th>
                        <th scope="col">"Alike"</th>
                        <th scope="col">"Alpha, judgement"</th>
                        <th scope="col">"Alpha, preference"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <div class="scroll" tabindex="0" role="group" aria-labelledby="people-title">
            <table class="grid" data-testid="pairs-table">
                <thead>
                    <tr>
                        <th scope="col">"Two people"</th>
                        <th scope="col">"Rows both judged"</th>
                        <th scope="col">"Alike"</th>
                        <th scope="col">"Kappa, judgement"</th>
                        <th scope="col">"Kappa, preference"</th>
                    </tr>
                </thead>
                <tbody>{pairs}</tbody>
            </table>
        </div>
        <Annotators actors=found.actors />
    }
}

fn reliability_row(name: String, tag: String, found: Reliability) -> impl IntoView {
    view! {
        <tr data-testid="people-row" data-language=tag>
            <th scope="row">{name}</th>
            <td class="number">{found.same.n_units}</td>
            <td class="number"><CoefficientView found=found.same is_share=true /></td>
            <td class="number"><CoefficientView found=found.alpha /></td>
            <td class="number"><CoefficientView found=found.ordinal_alpha /></td>
        </tr>
    }
}

/// What each person made of the method's picks.
#[component]
fn Annotators(
    /// Everybody who decided.
    actors: Vec<String>,
) -> impl IntoView {
    let page = Workbench::here();
    let cells: Vec<(String, AgreementCell)> = page.desk.with_untracked(|desk| {
        let of = |actor: String| {
            let cell = desk.as_ref().map(|desk| with_method_of(desk.curation(), &actor));
            (actor, cell.unwrap_or_default())
        };
        actors.into_iter().map(of).collect()
    });
    let rows = cells.into_iter().map(|(actor, cell)| {
        view! {
            <tr data-testid="annotator">
                <th scope="row"><bdi>{actor}</bdi></th>
                <td class="number">{cell.decided}</td>
                <td class="number"><RateView rate=rate_of(cell) /></td>
                <td class="number">{cell.changed}</td>
                <td class="number">{cell.left_out}</td>
            </tr>
        }
    });
    view! {
        <h4 id="annotators-title">"Each person and the method"</h4>
        <div class="scroll" tabindex="0" role="group" aria-labelledby="annotators-title">
            <table class="grid" data-testid="annotators">
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Picks decided"</th>
                        <th scope="col">"Kept"</th>
                        <th scope="col">"Another pair"</th>
                        <th scope="col">"No pair"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
