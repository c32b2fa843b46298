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
