//! What the page says of the methods: what each does, and what differs from its paper.

use crate::data::{MeasureKind, Method};

/// The name of a method.
pub fn name(method: Method) -> &'static str {
    match method {
        Method::CmAlign => "CM-Align",
        Method::RandomReference => "Random reference",
        Method::Mapo => "MAPO",
        Method::Lidr => "LIDR",
        Method::Icr => "ICR",
        Method::Lacomsa => "LaCoMSA",
    }
}

/// What a method does, in a sentence.
pub fn what(method: Method) -> &'static str {
    match method {
        Method::CmAlign => {
            "The anchor response that most others agree with is the reference; the response closest to it is chosen, the furthest rejected."
        }
        Method::RandomReference => "As CM-Align, but the reference is a random anchor response.",
        Method::Mapo => {
            "A response is the better, the likelier the anchor's responses are as translations of it."
        }
        Method::Lidr => {
            "The anchor's response, translated by the model, is chosen over the language's own response."
        }
        Method::Icr => {
            "A response is the better, the likelier it is after the anchor's prompt with the instruction to answer in its language."
        }
        Method::Lacomsa => {
            "A response is the better, the closer the model's own states for it are to those of the anchor's responses."
        }
    }
}

/// What differs from the paper, or what the paper leaves open and we decided; each a sentence.
pub fn differs(method: Method) -> &'static [&'static str] {
    match method {
        Method::CmAlign => &[
            "Math: among the majority's responses the one closest to its like is the reference, and inside right and wrong the closest is chosen, the furthest rejected; the paper leaves both open.",
            "Code: responses are compared by normalised tokens; the paper leaves the similarity open.",
            "A response that is surely in another language is never chosen, unless the gate is off.",
            "Samples, temperature and the encoder are those of this session; the paper's encoder is gte-multilingual-base.",
        ],
        Method::RandomReference => {
            &["Our baseline: the paper compares with a single sample, here drawn with the session's seed."]
        }
        Method::Mapo => &[
            "The likelihood of a translation is this model's own; the paper's is that of NLLB, a translation model.",
            "One pair a row, best over worst; the paper takes every ordered pair and keeps those whose chosen answer is right, for which it needs gold.",
            "A translation that the model is certain of does not decide alone: its cross-entropy has a floor.",
        ],
        Method::Lidr => &[
            "A sampled anchor response is translated, not a greedy one, and no rounds of training follow.",
            "Chosen and rejected are not both samples of the prompt, one is a translation; there are no scores, so there is no margin.",
        ],
        Method::Icr => &[
            "The paper's reward is a ratio of a trained model to the one before training; before training both are one, so the likelihood stands alone.",
            "Length is taken out by a slope fitted over all rows of the session.",
        ],
        Method::Lacomsa => &[
            "How the gap of a language is scaled before it weighs is ours; it scales the margins of a row and never turns a pair.",
            "Two responses are drawn by the session's seed and the higher is chosen, as in the paper.",
        ],
    }
}

/// What the model has to be asked, as the object of a sentence.
pub fn need(need: MeasureKind) -> &'static str {
    match need {
        MeasureKind::Own => "how likely each response is after its own prompt",
        MeasureKind::Instructed => "how likely each response is after the anchor's prompt",
        MeasureKind::Translations => "how likely each anchor response is as a translation of each response",
        MeasureKind::Translated => "for translations from and into the anchor's language",
        MeasureKind::States => "for its own states of every response",
        MeasureKind::Chat => "for its states of every prompt in the chat template",
        MeasureKind::Plain => "for its states of every prompt's bare text",
    }
}
