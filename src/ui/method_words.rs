//! What the page says about the methods: what each does, how it differs from its paper, what it asks the model.

use crate::data::{MeasureKind, Method};

/// In the place of a number that nothing was measured for.
pub const NOT_MEASURED: &str = "not measured";

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
        Method::RandomReference => {
            "Like CM-Align, but the reference is a random anchor response: what CM-Align has to beat."
        }
        Method::Mapo => {
            "The likelier the anchor's responses are as translations of a response, the better that response."
        }
        Method::Lidr => {
            "The anchor's response, translated by the model, is chosen over the language's own response."
        }
        Method::Icr => {
            "The likelier a response is after the anchor's prompt, with the instruction to answer in its language, the better."
        }
        Method::Lacomsa => {
            "The closer the model's own states for a response are to those of the anchor's responses, the better."
        }
    }
}

/// What differs from the paper, or what the paper leaves open and we decided; each a sentence.
pub fn differs(method: Method) -> &'static [&'static str] {
    match method {
        Method::CmAlign => &[
            "Math: of the majority's responses, the one closest to the others is the reference; among those that agree with it the closest is chosen, among the rest the furthest rejected. The paper leaves both open.",
            "Code: responses are compared by normalised tokens; the paper leaves the similarity open.",
            "A response that is clearly in another language is never chosen, unless the gate is off.",
            "Samples, temperature and the encoder are those of this session; the paper's encoder is gte-multilingual-base.",
        ],
        Method::RandomReference => {
            &["The paper compares with a single sample; here it is drawn with the session's seed."]
        }
        Method::Mapo => &[
            "This model scores the translations; the paper uses NLLB, a translation model.",
            "One pair per row, best over worst; the paper takes every ordered pair and keeps those whose chosen answer is the gold one.",
            "The cross-entropy has a floor, so that one translation that the model is certain of does not decide alone.",
        ],
        Method::Lidr => &[
            "A sampled anchor response is translated instead of the greedy one, and no rounds of training follow.",
            "The chosen response is a translation, not a sample. There are no scores, so there is no margin.",
        ],
        Method::Icr => &[
            "The paper's reward is a ratio of a trained model to the one before training. Before training the two are the same, so the likelihood stands alone.",
            "A slope fitted over all rows of the session corrects for length.",
        ],
        Method::Lacomsa => &[
            "How a language's weight is scaled is ours; it scales the margins of a row and never reverses a pair.",
            "Two responses are drawn with the session's seed and the higher one is chosen, as in the paper.",
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
