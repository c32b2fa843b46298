//! All that is known of one pair, borrowed from where it stands.

use super::{ExportRow, RowParts};
use crate::data::{FinishReason, Language, Response, RowStatus, Session};

/// One pair of a prompt in a language.
#[derive(Clone, Debug)]
pub struct PairRecord<'a> {
    /// Id of its prompt, as in the prompt set.
    pub prompt_id: &'a str,
    /// Its language, by the canonical tag.
    pub language: &'a Language,
    /// How the prompt set writes that language, where it is not by the canonical tag.
    pub spelling: Option<&'a str>,
    /// The prompt in that language, if it is there.
    pub prompt: Option<&'a str>,
    /// The model that drafted that text, where nobody has confirmed it, else ""; `None` where no prompt of the session is
    /// a draft.
    pub prompt_draft: Option<&'a str>,
    /// The chosen response, if it is there.
    pub chosen: Option<PairSide<'a>>,
    /// The rejected response, if it is there.
    pub rejected: Option<PairSide<'a>>,
    /// Where the decision on it stands.
    pub status: RowStatus,
    /// Whether a person picked other responses than the method.
    pub is_changed: bool,
    /// The method that scored the responses, as a session file names it; empty where it is not known.
    pub method: &'a str,
    /// Reasons that a person gave.
    pub reasons: Vec<&'a str>,
    /// The reference of its prompt: its language and its text.
    pub reference: Option<(&'a Language, &'a str)>,
    /// Licence of the prompt, where the prompt set says one.
    pub licence: Option<&'a str>,
}

/// One side of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairSide<'a> {
    /// Index of the response.
    pub sample: u32,
    /// Its text, as a person left it.
    pub text: &'a str,
    /// Its score, where the method gives one.
    pub score: Option<f32>,
    /// Who wrote it.
    pub model: &'a str,
    /// Whether a person rewrote it.
    pub is_edited: bool,
    /// Whether it stopped at the token limit.
    pub is_cut: bool,
}

impl<'a> PairRecord<'a> {
    /// A row with what stands behind it; `responses` are those of its prompt and language, in any order.
    pub fn of(
        session: &'a Session,
        row: &'a ExportRow,
        parts: RowParts<'a>,
        responses: impl Iterator<Item = &'a Response>,
    ) -> Self {
        let samples = [row.chosen, row.rejected];
        let edited = [&row.record.chosen_text, &row.record.rejected_text];
        let mut sides = [None; 2];
        // Scores stand in the order of the candidates, which is that of their samples.
        let mut places = [0; 2];
        for response in responses {
            for (i, sample) in samples.into_iter().enumerate() {
                places[i] += usize::from(response.is_candidate() && response.sample < sample);
                if response.sample == sample && response.finish_reason != FinishReason::Cancelled {
                    sides[i] = Some(response);
                }
            }
        }
        let side = |i: usize| {
            let response: &Response = sides[i]?;
            let is_scored = response.is_candidate();
            let score = parts.pair.filter(|_| is_scored).and_then(|pair| pair.scores.get(places[i]).copied());
            Some(PairSide {
                sample: response.sample,
                text: edited[i].as_deref().unwrap_or(&response.text),
                score,
                model: response.model.as_deref().unwrap_or(&session.model.name),
                is_edited: edited[i].is_some(),
                is_cut: response.is_cut() && edited[i].is_none(),
            })
        };
        let drafted_by = parts.prompt.and_then(|prompt| prompt.drafted_by(&row.language));
        Self {
            prompt_id: &row.prompt_id,
            language: &row.language,
            spelling: session.config.spellings.of(&row.language),
            prompt: parts.prompt.and_then(|prompt| prompt.text.get(&row.language)).map(String::as_str),
            prompt_draft: parts.has_drafts.then(|| drafted_by.unwrap_or_default()),
            chosen: side(0),
            rejected: side(1),
            status: row.record.status,
            is_changed: row.record.is_changed,
            method: session.config.picked_by(),
            reasons: row.record.reasons.iter().map(String::as_str).collect(),
            reference: parts.reference.map(|response| (&response.language, response.text.as_str())),
            licence: Some(session.config.prompt_set.licence.trim()).filter(|licence| !licence.is_empty()),
        }
    }
}

impl PairRecord<'_> {
    /// Whether the prompt is a draft that nobody has confirmed.
    pub fn is_draft(&self) -> bool {
        self.prompt_draft.is_some_and(|model| !model.is_empty())
    }

    /// The language as the prompt set writes it.
    pub fn written_language(&self) -> &str {
        self.spelling.unwrap_or(self.language.as_str())
    }

    /// Scores of chosen and rejected, where both have one that is a number.
    pub fn scores(&self) -> Option<[f32; 2]> {
        let score = |side: Option<PairSide<'_>>| side?.score.filter(|score| score.is_finite());
        Some([score(self.chosen)?, score(self.rejected)?])
    }
}
