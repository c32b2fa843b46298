//! What becomes of a request when what ran it has failed: how often it is tried again, with what, and what of it is kept.
//!
//! Plain values. The worker follows this policy where a device is lost or memory refused, the page where the worker has died.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Answer, Fault, FaultCode, ModelRequest, Request, ToWorker};
use crate::data::Response;

/// What interrupted a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The GPU device is gone.
    DeviceLost,
    /// The device refused memory.
    OutOfMemory,
    /// The worker died.
    WorkerStopped,
}

/// What is done about it. All go on from the responses that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The same models are loaded again, on a new device or in a new worker.
    Again,
    /// The models of the lost device are loaded on the CPU.
    OnCpu,
    /// At most half as many responses are written at once.
    Fewer,
}

/// What happened to a request under way, and what is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interruption {
    /// What happened.
    pub cause: Cause,
    /// What is done.
    pub remedy: Remedy,
    /// Responses that are kept, those included that the request came with.
    pub kept: u32,
}

/// What could help besides the same once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// Nobody asked for the GPU by name, so the CPU may do it.
    pub has_cpu: bool,
    /// More than one response is written at once.
    pub has_fewer: bool,
}

/// How often a request was interrupted, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Responses that were kept when the device or the worker went last.
    lost_at: Option<usize>,
}

impl Cause {
    /// The cause behind a fault of the worker; `None` where trying again would not help.
    pub fn of(fault: &Fault) -> Option<Self> {
        match fault.code {
            FaultCode::DeviceLost => Some(Self::DeviceLost),
            FaultCode::OutOfMemory => Some(Self::OutOfMemory),
            _ => None,
        }
    }
}

impl Recovery {
    /// What to do about an interruption when so many responses are kept; `None` where nothing is left to try.
    ///
    /// The same once more is worth it as long as a response has come since the last time. Memory that is refused asks for
    /// less each time, so that it needs no count.
    pub fn on(&mut self, cause: Cause, n_kept: usize, means: Means) -> Option<Remedy> {
        if cause == Cause::OutOfMemory {
            return means.has_fewer.then_some(Remedy::Fewer);
        }
        let has_moved = self.lost_at.replace(n_kept).is_none_or(|before| before < n_kept);
        match cause {
            _ if has_moved => Some(Remedy::Again),
            Cause::DeviceLost if means.has_cpu => Some(Remedy::OnCpu),
            _ => None,
        }
    }

    /// What to do about an interruption of a load: it is begun anew once.
    pub fn on_load(&mut self) -> Option<Remedy> {
        self.lost_at.replace(0).is_none().then_some(Remedy::Again)
    }
}

impl Interruption {
    /// What happened, in a sentence for whoever reads the result.
    pub fn sentence(&self) -> String {
        let after = match self.kept {
            0 => String::new(),
            1 => " after 1 response".to_owned(),
            n => format!(" after {n} responses"),
        };
        match (self.cause, self.remedy) {
            (Cause::OutOfMemory, _) => {
                "There was no memory left, so fewer responses were written at once from then on.".to_owned()
            }
            (_, Remedy::OnCpu) => format!(
                "The GPU went away twice{after}, so the CPU went on. It rounds differently, so later responses may not be those of the GPU."
            ),
            (Cause::WorkerStopped, _) => {
                format!("What runs the model stopped{after}. It was started again and went on.")
            }
            (Cause::DeviceLost, _) => {
                format!("The GPU went away{after}. The model was loaded again and went on.")
            }
        }
    }
}

impl ModelRequest {
    /// The same request when responses to it are there already: they are not made again.
    #[must_use]
    pub fn going_on_from(self, responses: Vec<Response>) -> Self {
        match self {
            Self::Build(mut request) => {
                request.finished.extend(responses);
                Self::Build(request)
            }
            Self::Translate(mut request) => {
                let done: HashSet<_> =
                    responses.iter().map(|r| (r.prompt_id.as_str(), &r.language)).collect();
                request.texts.retain(|text| !done.contains(&(text.prompt_id.as_str(), &text.into)));
                Self::Translate(request)
            }
            other => other,
        }
    }

    /// Responses that it came with.
    pub fn n_finished(&self) -> usize {
        match self {
            Self::Build(request) => request.finished.len(),
            _ => 0,
        }
    }
}

impl ToWorker {
    /// A job as it is to be run when these responses to it are there already, and how many it then has.
    #[must_use]
    pub fn going_on_from(self, responses: Vec<Response>) -> (Self, usize) {
        match self {
            Self::Run { job, request: Request::Model(request) } => {
                let request = request.going_on_from(responses);
                let n_finished = request.n_finished();
                (Self::Run { job, request: Request::Model(request) }, n_finished)
            }
            other => (other, 0),
        }
    }
}

impl Answer {
    /// Says in the result what happened on the way to it, where it has a place for that.
    #[must_use]
    pub fn noting(mut self, interruptions: &[Interruption]) -> Self {
        let problems = match &mut self {
            Self::Built(outcome) => &mut outcome.problems,
            Self::Measured(outcome) => &mut outcome.problems,
            Self::Translated(problems) => problems,
            _ => return self,
        };
        for said in interruptions.iter().map(Interruption::sentence) {
            if !problems.contains(&said) {
                problems.push(said);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::FinishReason;
    use crate::protocol::{SourceText, TranslateRequest};

    const AUTO: Means = Means { has_cpu: true, has_fewer: true };
    const BY_NAME: Means = Means { has_cpu: false, has_fewer: true };
    const ONE_ROW: Means = Means { has_cpu: true, has_fewer: false };

    /// The interruptions of one request, one after the other, and what is done about each.
    #[test]
    fn each_interruption_has_its_remedy() {
        use Cause::{DeviceLost, OutOfMemory, WorkerStopped};
        use Remedy::{Again, Fewer, OnCpu};
        type Case = (&'static str, &'static [(Cause, usize, Means)], &'static [Option<Remedy>]);
        let cases: [Case; 8] = [
            ("a device lost once", &[(DeviceLost, 0, AUTO)], &[Some(Again)]),
            (
                "a device lost twice in a row",
                &[(DeviceLost, 5, AUTO), (DeviceLost, 5, AUTO)],
                &[Some(Again), Some(OnCpu)],
            ),
            (
                "with a response in between",
                &[(DeviceLost, 5, AUTO), (DeviceLost, 6, AUTO), (DeviceLost, 6, AUTO)],
                &[Some(Again), Some(Again), Some(OnCpu)],
            ),
            (
                "where the GPU was asked for by name",
                &[(DeviceLost, 5, BY_NAME), (DeviceLost, 5, BY_NAME)],
                &[Some(Again), None],
            ),
            (
                "memory refused until one row is left",
                &[(OutOfMemory, 0, AUTO), (OutOfMemory, 0, AUTO), (OutOfMemory, 0, ONE_ROW)],
                &[Some(Fewer), Some(Fewer), None],
            ),
            (
                "refused memory is no lost device",
                &[(OutOfMemory, 3, AUTO), (DeviceLost, 3, AUTO), (OutOfMemory, 3, AUTO)],
                &[Some(Fewer), Some(Again), Some(Fewer)],
            ),
            (
                "a worker that dies twice in a row",
                &[(WorkerStopped, 2, AUTO), (WorkerStopped, 2, AUTO)],
                &[Some(Again), None],
            ),
            (
                "a worker that dies again later",
                &[(WorkerStopped, 2, AUTO), (WorkerStopped, 3, AUTO)],
                &[Some(Again), Some(Again)],
            ),
        ];
        for (what, interruptions, remedies) in cases {
            let mut recovery = Recovery::default();
            let done: Vec<_> = interruptions
                .iter()
                .map(|&(cause, n_kept, means)| recovery.on(cause, n_kept, means))
                .collect();
            assert_eq!(done, remedies, "{what}");
        }
    }

    #[test]
    fn a_load_is_begun_anew_once() {
        let mut recovery = Recovery::default();
        assert_eq!([recovery.on_load(), recovery.on_load()], [Some(Remedy::Again), None]);
    }

    #[test]
    fn only_what_can_be_tried_again_has_a_cause() {
        let cause = |code| Cause::of(&Fault::new(code, ""));
        assert_eq!(cause(FaultCode::DeviceLost), Some(Cause::DeviceLost));
        assert_eq!(cause(FaultCode::OutOfMemory), Some(Cause::OutOfMemory));
        for code in [FaultCode::Cancelled, FaultCode::BadInput, FaultCode::NotFinite, FaultCode::Internal] {
            assert_eq!(cause(code), None, "{code:?}");
        }
    }

    #[test]
    fn texts_that_are_translated_are_not_asked_for_again() {
        let text = |id: &str, into: &str| SourceText {
            prompt_id: id.to_owned(),
            from: "en".into(),
            into: into.into(),
            text: String::new(),
        };
        let texts = vec![text("a", "de"), text("a", "sw"), text("b", "de")];
        let done = Response {
            prompt_id: "a".to_owned(),
            language: "de".into(),
            sample: 0,
            text: "Hallo".to_owned(),
            reasoning: None,
            reasoning_tokens: None,
            tokens: Vec::new(),
            logprob: Some(0.0),
            answer: None,
            ambiguous: Vec::new(),
            finish_reason: FinishReason::Stop,
            detected_language: None,
            model: None,
            translation_of: None,
        };
        let request = ModelRequest::Translate(TranslateRequest { texts, date: None });
        let ModelRequest::Translate(left) = request.going_on_from(vec![done]) else {
            panic!("the same kind")
        };
        assert_eq!(left.texts, [text("a", "sw"), text("b", "de")]);
    }

    #[test]
    fn a_result_says_once_what_happened() {
        let lost = Interruption { cause: Cause::DeviceLost, remedy: Remedy::Again, kept: 14 };
        let fewer = Interruption { cause: Cause::OutOfMemory, remedy: Remedy::Fewer, kept: 2 };
        let Answer::Translated(said) = Answer::Translated(Vec::new()).noting(&[lost, fewer, fewer]) else {
            panic!("the same kind")
        };
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("GPU") && said[0].contains("after 14 responses"), "{said:?}");
        assert_eq!(Answer::Done.noting(&[lost]), Answer::Done);
    }
}
