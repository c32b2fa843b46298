//! The session: the tool's own record of one run. Field names are a public contract.

use serde::{Deserialize, Serialize};

use super::{
    CurationEvent, Handoff, Language, Measurements, ModelRecord, Prompt, ReasoningState, SessionConfig,
    Similarity, split_reasoning,
};
use crate::data::InOrder;

/// The schema tag every session file carries.
pub const SESSION_SCHEMA: &str = "concord-session/1";

/// Everything one run knows: settings, prompts, responses, the method's picks, and what people decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Always [`SESSION_SCHEMA`].
    pub schema: String,
    /// ISO 8601 time of creation, passed in by the caller.
    pub created: String,
    /// The program that wrote it.
    pub app: AppRecord,
    /// The settings of the run.
    pub config: SessionConfig,
    /// The generator.
    pub model: ModelRecord,
    /// The job that the responses are of, where another program ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
    /// The prompts that were answered.
    pub prompts: Vec<Prompt>,
    /// Every finished response, ordered by prompt, language, sample.
    pub responses: Vec<Response>,
    /// One per prompt: the anchor response that was picked, or why none was.
    pub references: Vec<Reference>,
    /// One per prompt and language: what was chosen and rejected, or why not.
    pub pairs: Vec<Pair>,
    /// Cosine matrices behind the scores, one per prompt; what the heat-map shows.
    #[serde(default)]
    pub similarities: Vec<Similarity>,
    /// What a model said of these responses afterwards, for the methods that ask it.
    #[serde(default, skip_serializing_if = "Measurements::is_empty")]
    pub measurements: Measurements,
    /// The curation log, append-only.
    #[serde(default)]
    pub events: Vec<CurationEvent>,
}

impl Session {
    /// The responses of a row that may be picked, in sample order: all but cancelled ones and translations.
    ///
    /// `Reference::consistency` and `Pair::scores` have one entry for each, in this order.
    pub fn candidates(&self, prompt_id: &str, language: &Language) -> Vec<&Response> {
        let mut row: Vec<_> = self
            .responses
            .iter()
            .filter(|r| r.prompt_id == prompt_id && r.language == *language && r.is_candidate())
            .collect();
        row.order_by_key(|r| r.sample);
        row
    }

    /// One response, if it is there.
    pub fn response(&self, prompt_id: &str, language: &Language, sample: u32) -> Option<&Response> {
        self.responses
            .iter()
            .find(|r| r.prompt_id == prompt_id && r.language == *language && r.sample == sample)
    }
}

impl Response {
    /// False for a cancelled response and for a translation: neither is a sample of what the model says to the prompt.
    pub fn is_candidate(&self) -> bool {
        self.finish_reason != FinishReason::Cancelled && self.translation_of.is_none()
    }

    /// Whether it reached the token limit, so that its end is missing.
    pub fn is_cut(&self) -> bool {
        self.finish_reason == FinishReason::Length
    }

    /// Whether it never left its reasoning, so that nothing was answered.
    pub fn is_still_reasoning(&self) -> bool {
        let has_reasoned = self.reasoning.is_some() || self.reasoning_tokens.is_some_and(|n| n > 0);
        has_reasoned && self.text.trim().is_empty()
    }

    /// Takes reasoning that stands in the text, as in files of before it was kept apart, out of it; says whether there was
    /// any. What had been read of the whole text, its answer and its language, goes; `align::reread` reads the answer again.
    pub fn separate_reasoning(&mut self) -> bool {
        let split = split_reasoning(&self.text, false);
        if self.reasoning.is_some() || split.state == ReasoningState::None {
            return false;
        }
        self.text = split.response;
        self.reasoning = split.reasoning;
        (self.answer, self.detected_language) = (None, None);
        true
    }
}

/// The program that wrote a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRecord {
    /// Version of Concord.
    pub version: String,
}

/// Why a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishReason {
    /// The model ended it, or a stop string did.
    Stop,
    /// It reached the token limit.
    Length,
    /// The person cancelled.
    Cancelled,
}

/// One response of the model to one prompt in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// Which prompt.
    pub prompt_id: String,
    /// In which language it was asked.
    pub language: Language,
    /// 0..n-1 within prompt and language.
    pub sample: u32,
    /// The text, special tokens and reasoning left out.
    pub text: String,
    /// What the model thought before it answered, markers left out; `None` where there is none. Nothing is read of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// How many of `tokens` are reasoning and its markers; `None` where there is none or it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u32>,
    /// Token ids of reasoning and text, end-of-turn left out.
    pub tokens: Vec<u32>,
    /// Sum of the log-probs of `tokens` under the raw model, in nats; `None` (`null`) where what sampled it did not say.
    pub logprob: Option<f32>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The final number in canonical form, if there is one.
    pub answer: Option<String>,
    /// What else the answer could be, in canonical form, where the text can be read in more than one way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ambiguous: Vec<String>,
    /// Detected language, `None` when unsure.
    pub detected_language: Option<Language>,
    /// The response of the same prompt, by language and sample, that the model translated to get this one; `None` for
    /// a response to the prompt itself. Translations come after the samples: their `sample` is n or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translation_of: Option<(Language, u32)>,
    /// Who wrote it, where that is not the session's own model: a response that came from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Why a row has no reference or no pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The prompt has no text in the anchor language.
    NoAnchorText,
    /// No anchor response carries an answer.
    NoAnswer,
    /// The prompt has no reference.
    NoReference,
    /// Fewer than two finished responses.
    TooFewCandidates,
    /// The responses were not embedded, so there are no cosines to compare.
    NotEmbedded,
    /// Every candidate agrees with the reference: nothing to reject.
    NoneDisagree,
    /// No candidate agrees with the reference: nothing to choose.
    NoneAgree,
    /// Every candidate scores the same: nothing to prefer.
    EqualScores,
    /// Chosen and rejected are the same text after normalisation.
    SameText,
    /// The margin is below the minimum.
    SmallMargin,
    /// Fewer than two responses have any text (a pair), or none has (a reference).
    EmptyResponses,
    /// Every candidate that could be chosen is surely in another language.
    WrongLanguage,
    /// The anchor language gets no pair unless anchor pairs are switched on.
    AnchorLanguage,
    /// The method asks the model about the responses, and that was not done.
    NotMeasured,
    /// The method needs a translation by the model, and there is none.
    NoTranslation,
}

/// The anchor response picked for a prompt. Methods that compare with no single response
/// ([`super::Method::has_reference`] is false) leave both `sample` and `skip` empty, unless the prompt lacks what they
/// need of the anchor language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// Which prompt.
    pub prompt_id: String,
    /// The anchor language.
    pub language: Language,
    /// Index of the picked response, if any.
    pub sample: Option<u32>,
    /// Consistency of every anchor candidate, in the order of [`Session::candidates`].
    pub consistency: Vec<f32>,
    /// Math: mean cosine of every anchor candidate to the others with its answer, which picks among the majority.
    #[serde(default)]
    pub mean_cosine: Vec<f32>,
    /// Majority count over n, for math.
    pub vote_share: Option<f32>,
    /// Why there is none.
    pub skip: Option<SkipReason>,
}

/// What was chosen and rejected for a prompt in a language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    /// Which prompt.
    pub prompt_id: String,
    /// Which language.
    pub language: Language,
    /// Sample index of the chosen response.
    pub chosen: Option<u32>,
    /// Sample index of the rejected response.
    pub rejected: Option<u32>,
    /// Score of every candidate, in the order of [`Session::candidates`]; empty where the method gives none.
    pub scores: Vec<f32>,
    /// Cosine of every candidate to the reference, in the same order; empty where nothing was embedded.
    #[serde(default)]
    pub cosine: Vec<f32>,
    /// Score of chosen minus score of rejected, in the method's own unit; kept for a row that was skipped because it is
    /// too small. `None` for a pair of a method without scores.
    pub margin: Option<f32>,
    /// Why there is no pair.
    pub skip: Option<SkipReason>,
}

#[cfg(test)]
mod tests {
    use super::Response;

    #[test]
    fn a_log_prob_that_is_not_known_is_null() {
        let file = r#"{"promptId":"p","language":"de","sample":0,"text":"2","tokens":[],"logprob":null,"finishReason":"stop","answer":"2","detectedLanguage":null}"#;
        let response: Response = serde_json::from_str(file).unwrap();
        assert_eq!(response.logprob, None);
        assert_eq!(serde_json::to_string(&response).unwrap(), file);
    }

    #[test]
    fn what_an_answer_could_also_be_is_kept_and_may_be_missing() {
        let file = |ambiguous: &str| {
            format!(
                r#"{{"promptId":"p","language":"de","sample":0,"text":"2.125","tokens":[],"logprob":0.0,"finishReason":"stop","answer":"2125",{ambiguous}"detectedLanguage":null}}"#
            )
        };
        for (written, readings) in [("", &[][..]), (r#""ambiguous":["2.125"],"#, &["2.125"])] {
            let response: Response = serde_json::from_str(&file(written)).unwrap();
            assert_eq!(response.ambiguous, readings);
            assert_eq!(serde_json::to_string(&response).unwrap(), file(written));
        }
    }
}
