//! What a model can be asked about a session's responses, and which method needs which. The names are a public contract.

use serde::{Deserialize, Serialize};

use super::Method;

/// One thing that a model can be asked about a session; most are a part of [`super::Measurements`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureKind {
    /// [`super::Measurements::own`], for the losses.
    Own,
    /// [`super::Measurements::instructed`], for the implicit cross-lingual reward.
    Instructed,
    /// [`super::Measurements::translations`], for MAPO.
    Translations,
    /// Translations of the anchor's response into each language, and of each language's into the anchor's, for LIDR.
    Translated,
    /// [`super::Measurements::states`], for LaCoMSA where an encoder scored.
    States,
    /// [`super::Measurements::representations`] of the prompts in the chat template, last token, for MLC.
    Chat,
    /// [`super::Measurements::representations`] of the prompts' bare text, mean over its tokens, for AlignX.
    Plain,
}

impl MeasureKind {
    /// Whether it is asked about prompts, not about responses.
    pub fn is_of_prompts(self) -> bool {
        matches!(self, Self::Chat | Self::Plain)
    }

    /// What a method needs to know of the model before it can pick, given whether an encoder embedded the responses.
    pub fn of(method: Method, has_encoder: bool) -> Option<Self> {
        match method {
            Method::CmAlign | Method::RandomReference => None,
            Method::Mapo => Some(Self::Translations),
            Method::Lidr => Some(Self::Translated),
            Method::Icr => Some(Self::Instructed),
            Method::Lacomsa => has_encoder.then_some(Self::States),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_asks_for_what_it_reads_and_for_no_more() {
        use MeasureKind::{Instructed, States, Translated, Translations};
        let cases: [(Method, &[MeasureKind], &[MeasureKind]); 6] = [
            (Method::CmAlign, &[], &[]),
            (Method::RandomReference, &[], &[]),
            (Method::Mapo, &[Translations], &[Translations]),
            (Method::Lidr, &[Translated], &[Translated]),
            (Method::Icr, &[Instructed], &[Instructed]),
            (Method::Lacomsa, &[], &[States]),
        ];
        for (method, alone, with_encoder) in cases {
            assert_eq!(MeasureKind::of(method, false).as_slice(), alone, "{method:?}");
            assert_eq!(
                MeasureKind::of(method, true).as_slice(),
                with_encoder,
                "{method:?} beside an encoder"
            );
        }
    }
}
