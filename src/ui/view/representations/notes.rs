//! What is the papers' and what is ours.

use leptos::prelude::*;

/// The differences, for who compares these numbers with published ones.
#[component]
pub fn Notes() -> impl IntoView {
    view! {
        <details class="more" data-testid="study-notes">
            <summary>"What comes from the papers, and what is ours"</summary>
            <ul class="notes">
                <li><b>"The papers'. "</b>"MLC (arXiv 2602.16660): the last token in the chat template after the last layer, the loss in the form of the authors' code, temperature 0.2. AlignX (arXiv 2509.24338): the mean over tokens after the middle layer, contrastive temperature 0.1."</li>
                <li><b>"Ours: no trained extractor. "</b>"MLC trains a projection to 512 dimensions along with the model; here the states themselves are compared, so values differ from those of a training log."</li>
                <li><b>"Ours: the lowest cosine beside the loss. "</b>"The loss asks whether languages lie on one line. Opposite directions are collinear too, and only the cosine tells."</li>
                <li><b>"Ours: each text is read on its own. "</b>"AlignX reads source and translation in one pass over an instruction to translate; here no language sees the other."</li>
                <li><b>"The authors' code: an extra one half. "</b>"The contrastive loss is the mean over sources times 1/2, as their code has it."</li>
                <li><b>"Ours: the classifier. "</b>"AlignX trains it with the model, on last-layer states; here it is trained on fixed vectors of any layer, two languages at a time, and judged on prompts it has not seen."</li>
            </ul>
        </details>
    }
}
