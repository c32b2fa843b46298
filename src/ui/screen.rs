//! The screens of the page, by their names in the URL.

use leptos::prelude::window;

/// A screen of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// How the methods work, step by step; a program of its own.
    Lesson,
    /// Setup, board and pairs.
    #[default]
    Pairs,
    /// Every method on the session's responses.
    Compare,
    /// What the model's states look like across languages.
    Representations,
    /// The pairs in batches of whole groups.
    Batches,
    /// How far people agree with the method, with each other and with themselves.
    Agreement,
}

impl View {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 6] =
        [Self::Lesson, Self::Pairs, Self::Compare, Self::Representations, Self::Batches, Self::Agreement];

    /// As in the URL, without the `#`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lesson => "lesson",
            Self::Pairs => "pairs",
            Self::Compare => "compare",
            Self::Representations => "representations",
            Self::Batches => "batches",
            Self::Agreement => "agreement",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lesson => "Lesson",
            Self::Pairs => "Pairs",
            Self::Compare => "Compare methods",
            Self::Representations => "Representations",
            Self::Batches => "Batches",
            Self::Agreement => "Agreement",
        }
    }

    /// The screen that a hash names, `#` included or not; an empty one names the pairs. What follows a `?`, `=` or `&` says more
    /// of the screen. Others, such as that of a skip link, name none.
    pub(super) fn of_hash(hash: &str) -> Option<Self> {
        match hash.trim_start_matches('#').split(['?', '=', '&']).next().unwrap_or_default() {
            "" => Some(Self::default()),
            name => Self::ALL.into_iter().find(|view| view.as_str() == name),
        }
    }

    /// The screen that the URL names when the page opens.
    pub fn of_url() -> Self {
        Self::of_hash(&hash()).unwrap_or_default()
    }
}

/// The hash of the URL, `#` included; empty without one.
pub(super) fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// What the URL's hash says after its `?`; empty without one.
pub(super) fn query() -> String {
    hash().split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}
