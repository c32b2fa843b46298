//! A text in its own language and direction, with what is to be seen in it marked.

use std::ops::Range;

use leptos::prelude::*;

use crate::{
    align::evidence::{Piece, pieces},
    data::Language,
};

/// A part of a text that is marked.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where, in bytes of the text. It is widened to whole graphemes, and may overlap others.
    pub range: Range<usize>,
    /// What for.
    pub kind: MarkKind,
}

/// What a mark says.
#[derive(Clone, Debug, PartialEq)]
pub enum MarkKind {
    /// Words in a script that the language does not use.
    Foreign,
    /// A sum that does not hold, and what would.
    BrokenSum {
        /// The right result.
        holds: String,
    },
    /// Where the final answer was read.
    Answer,
    /// Words that the text compared with does not have, and that go if this one is changed to it.
    Removed,
    /// Words that the text compared with does not have, and that are new here.
    Added,
    /// What was looked for.
    Found,
}

impl MarkKind {
    fn class(&self) -> &'static str {
        match self {
            Self::Foreign => " marked--foreign",
            Self::BrokenSum { .. } => " marked--sum",
            Self::Answer => " marked--answer",
            Self::Removed => " marked--removed",
            Self::Added => " marked--added",
            Self::Found => " marked--found",
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Foreign => "another script".to_owned(),
            Self::BrokenSum { holds } => format!("does not hold, the result is {holds}"),
            Self::Answer => "answer read here".to_owned(),
            Self::Removed => "only in this text".to_owned(),
            Self::Added => "new in this text".to_owned(),
            Self::Found => "found".to_owned(),
        }
    }
}

/// A box of text with `lang`, `dir` by script and a direction per paragraph where the text is the model's.
#[component]
pub fn Speech(
    /// The language the text is meant to be in.
    language: Language,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// Whether a model wrote it: then each paragraph finds its own direction.
    #[prop(optional)]
    is_model_output: bool,
    /// What is marked in the text.
    #[prop(into, default = Signal::stored(Vec::new()))]
    marks: Signal<Vec<Mark>>,
) -> impl IntoView {
    let direction = language.info().direction.as_str();
    let lang = language.as_str().to_owned();
    let paragraph_dir = if is_model_output { "auto" } else { direction };
    let paragraphs = move || {
        marks.with(|marks| {
            let ranges: Vec<Range<usize>> = marks.iter().map(|mark| mark.range.clone()).collect();
            text.with(|text| {
                let to_view = |paragraph: Vec<Piece>| {
                    let parts = paragraph.into_iter().map(|piece| part(text, piece, marks)).collect_view();
                    view! { <p dir=paragraph_dir>{parts}</p> }
                };
                pieces(text, &ranges).into_iter().map(to_view).collect_view()
            })
        })
    };
    view! { <div class="speech" lang=lang dir=direction>{paragraphs}</div> }
}

/// A piece of a paragraph under its marks. What a mark says is its title, and a screen reader hears it where it begins.
fn part(text: &str, piece: Piece, marks: &[Mark]) -> AnyView {
    let shown = text[piece.range.clone()].to_owned();
    let over: Vec<&Mark> = piece.marks.iter().filter_map(|mark| marks.get(*mark)).collect();
    if over.is_empty() {
        return shown.into_any();
    }
    let class = over.iter().fold("marked".to_owned(), |class, mark| class + mark.kind.class());
    let words = |marks: &mut dyn Iterator<Item = &&Mark>| {
        marks.map(|mark| mark.kind.words()).collect::<Vec<_>>().join("; ")
    };
    // A search inside a word is seen, not said.
    let begin = |mark: &&&Mark| mark.kind != MarkKind::Found && piece.range.contains(&mark.range.start);
    let says = Some(words(&mut over.iter().filter(begin))).filter(|says| !says.is_empty());
    view! { <mark class=class title=words(&mut over.iter()) data-says=says>{shown}</mark> }.into_any()
}
