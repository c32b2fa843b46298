//! What the worker says, and the results of jobs.

use serde::{Deserialize, Serialize};

use super::{
    CounterReport, Environment, Fault, Interruption, JobId, MemoryReport, ModelInfo, Progress, Role,
    StoredModel, TokenUpdate,
};
use crate::data::{FinishReason, Response, Session};

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FromWorker {
    /// Said first, once; the page queues until then.
    Ready {
        /// What the machine offers.
        environment: Environment,
    },
    /// How far a job is.
    Progress {
        /// The job that caused the message.
        job: JobId,
        /// How far.
        progress: Progress,
    },
    /// New text of running responses.
    Tokens {
        /// The job that caused the message.
        job: JobId,
        /// One entry per response that grew.
        updates: Vec<TokenUpdate>,
    },
    /// Responses that have ended: to be kept at once.
    Responses {
        /// The job that caused the message.
        job: JobId,
        /// The ended ones.
        responses: Vec<Response>,
    },
    /// What the loaded generator takes now that its pool has followed a job.
    Memory {
        /// The job that caused the message.
        job: JobId,
        /// All of it.
        memory: MemoryReport,
    },
    /// A job was interrupted and goes on: what had begun and not ended begins anew.
    Interrupted {
        /// The job that was interrupted.
        job: JobId,
        /// What happened, and what is done about it.
        interruption: Interruption,
    },
    /// A model was loaded again on its own, and is not quite what it was: it runs on something else, or writes less at once.
    Restored {
        /// The job that it was needed for.
        job: JobId,
        /// What for.
        role: Role,
        /// What is to be known of it now.
        info: Box<ModelInfo>,
    },
    /// A job's end: its result.
    Finished {
        /// The job that caused the message.
        job: JobId,
        /// Its result.
        answer: Answer,
    },
    /// A job's end: it failed. `job` is absent when the whole worker is concerned.
    Failed {
        /// The job that caused the message.
        job: Option<JobId>,
        /// Why.
        fault: Fault,
    },
}

/// The result of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// The model is loaded.
    Loaded(Box<ModelInfo>),
    /// The session, whole or, when cancelled, as far as it came.
    Built(Box<BuildOutcome>),
    /// What was measured, whole or, when cancelled, as far as it came.
    Measured(Box<super::MeasureOutcome>),
    /// The responses, and what of the prompt the model could not read, in sentences.
    Generated(Vec<Generated>, Vec<String>),
    /// What was not translated, in sentences; the translations have come as responses.
    Translated(Vec<String>),
    /// The forced completion's tokens.
    Scored(Scored),
    /// Numbers, such as logits.
    Numbers(Vec<f32>),
    /// Vectors of texts, and what of the texts the model could not read, in sentences.
    Vectors(Vec<Vec<f32>>, Vec<String>),
    /// Token ids in the model's vocabulary.
    Ids(Vec<u32>),
    /// A text.
    Text(String),
    /// The models kept on this device.
    Stored(Vec<StoredModel>),
    /// Counts.
    Counted(CounterReport),
    /// The job is done, and has no result.
    Done,
}

/// What a build gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildOutcome {
    /// The session; references and pairs cover what has finished.
    pub session: Session,
    /// Whether it was cancelled before all responses ended.
    pub cancelled: bool,
    /// Prompts left out, each with what to do about it.
    pub problems: Vec<String>,
}

/// One response of `generate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    /// Special tokens, reasoning and stop string left out.
    pub text: String,
    /// What the model thought before it answered; `None` where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// How many of the tokens are reasoning and its markers; `None` where none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u32>,
    /// Token ids, end-of-turn left out.
    pub tokens: Vec<u32>,
    /// Raw log-prob of each token, in nats.
    pub logprobs: Vec<f32>,
    /// Log-prob of each token under the sampling distribution, in nats; `generate` asks for them, `build` does not.
    pub sampled_logprobs: Vec<f32>,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// A forced completion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Its token ids.
    pub tokens: Vec<u32>,
    /// Raw log-prob of each, in nats.
    pub logprobs: Vec<f32>,
    /// What of prompt and completion the model could not read; sentences.
    #[serde(default)]
    pub problems: Vec<String>,
}
