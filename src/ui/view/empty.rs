//! What stands where there is nothing yet: a picture, a sentence, a button.

use leptos::prelude::*;

use super::super::screen::View;

/// A picture of what will be here, what is missing, and the way to it.
#[component]
pub fn Empty(
    /// Whose place it is; its picture shows what will be there.
    view: View,
    /// For the end-to-end test.
    #[prop(default = "empty-screen")]
    testid: &'static str,
    /// What will be there and what it takes, in a sentence.
    #[prop(into)]
    says: String,
    /// The way to it, most often a button.
    children: Children,
) -> impl IntoView {
    let (faint, lit) = picture(view);
    view! {
        <div class="empty" data-testid=testid>
            <svg class="empty__picture" viewBox="0 0 96 64" aria-hidden="true">
                <path d=faint />
                <path class="empty__lit" d=lit />
            </svg>
            <p>{says}</p>
            {children()}
        </div>
    }
}

/// Lines of a drawing on 96 by 64, and those of its point.
fn picture(view: View) -> (&'static str, &'static str) {
    match view {
        // An open book.
        View::Lesson => {
            ("M48 16c-8-6-22-6-34-4v40c12-2 26-2 34 4c8-6 22-6 34-4v-40c-12-2-26-2-34 4z", "M48 16v40")
        }
        // Bars of several methods, one ahead.
        View::Compare => ("M12 6v52h76 M20 58v-18h8v18 M36 58v-26h8v26 M68 58v-14h8v14", "M52 58v-42h8v42"),
        // Two clouds of points that share a middle.
        View::Representations => (
            "M12 6v52h76 M26 20h.1 M34 14h.1 M30 28h.1 M22 36h.1 M40 22h.1 M66 44h.1 M74 38h.1 M70 50h.1 M80 46h.1",
            "M42 34a10 8 0 1 0 20 0a10 8 0 1 0-20 0z M48 34h.1 M56 36h.1 M52 31h.1",
        ),
        // Rows of groups that fill up a batch.
        View::Batches => (
            "M10 12h12v12h-12z M26 12h12v12h-12z M42 12h12v12h-12z M10 40h12v12h-12z M26 40h12v12h-12z M42 40h12v12h-12z M68 40h12v12h-12z",
            "M6 8h52v20h-52z M6 36h52v20h-52z",
        ),
        // Two people's circles, and what lies in both.
        View::Agreement => (
            "M12 32a22 22 0 1 0 44 0a22 22 0 1 0-44 0z M40 32a22 22 0 1 0 44 0a22 22 0 1 0-44 0z",
            "M42 32l5 5 8-10",
        ),
        // Two sheets of lines, one ticked.
        View::Pairs => (
            "M10 10h34v44h-34z M16 20h22 M16 28h18 M16 36h22 M52 10h34v44h-34z M58 20h22 M58 28h14",
            "M60 41l7 7 13-15",
        ),
    }
}
