//! The pictures of a prompt's responses, one at a time: matrix, siblings, against the reference, points.

use leptos::prelude::*;

use super::{
    super::{super::state::Workbench, chart::Chart},
    heat_map::HeatMap,
};
use crate::pictures::{chart::Plot, prompt_pictures};

/// Which picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Picture {
    #[default]
    All,
    Siblings,
    Targets,
    Points,
}

impl Picture {
    const ALL: [Self; 4] = [Self::All, Self::Siblings, Self::Targets, Self::Points];

    fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Siblings => "siblings",
            Self::Targets => "targets",
            Self::Points => "points",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::All => "All responses",
            Self::Siblings => "The anchor's own",
            Self::Targets => "Against the reference",
            Self::Points => "As points",
        }
    }
}

/// A choice of pictures, and the chosen one.
#[component]
pub fn PromptPictures(
    /// Which prompt.
    prompt: usize,
) -> impl IntoView {
    let shown = RwSignal::new(Picture::default());
    let buttons = Picture::ALL
        .map(|picture| {
            view! {
                <button
                    type="button"
                    class="chip"
                    data-testid=format!("picture-{}", picture.as_str())
                    aria-pressed=move || (shown.get() == picture).to_string()
                    on:click=move |_| shown.set(picture)
                >
                    {picture.name()}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="pictures">
            <div class="chips" role="group" aria-label="Picture">{buttons}</div>
            {move || match shown.get() {
                Picture::All => view! { <HeatMap prompt /> }.into_any(),
                picture => view! { <Drawn prompt picture /> }.into_any(),
            }}
        </div>
    }
}

/// A picture that is drawn from the session, where it has what that takes.
#[component]
fn Drawn(
    /// Which prompt.
    prompt: usize,
    /// Which picture.
    picture: Picture,
) -> impl IntoView {
    let page = Workbench::here();
    // The projection takes longer than drawing, so it waits for the responses alone, not for the width.
    let cloud = Memo::new(move |_| {
        let is_cloud = picture == Picture::Points;
        page.desk.with(|desk| prompt_pictures::cloud(desk.as_ref().filter(|_| is_cloud)?.session(), prompt))
    });
    let draw = move |width: f64| -> Option<Plot> {
        match picture {
            Picture::Points => cloud.with(|cloud| Some(prompt_pictures::cloud_plot(cloud.as_ref()?, width))),
            Picture::Targets => {
                page.desk.with(|desk| prompt_pictures::targets(desk.as_ref()?.session(), prompt, width))
            }
            Picture::Siblings | Picture::All => {
                page.desk.with(|desk| prompt_pictures::siblings(desk.as_ref()?.session(), prompt, width))
            }
        }
    };
    let is_there = Memo::new(move |_| draw(640.0).is_some());
    let id = format!("{}-{}", picture.as_str(), prompt + 1);
    move || {
        if is_there.get() {
            view! { <Chart id=id.clone() draw=move |width| draw(width).unwrap_or_default() /> }.into_any()
        } else {
            let why =
                "This prompt has no such picture: its responses were not compared, or there is no reference.";
            view! { <p>{why}</p> }.into_any()
        }
    }
}
