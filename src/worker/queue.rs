//! Which job runs next: the worker's pure state machine. No clock, no port, no model.

use std::collections::VecDeque;

use crate::protocol::{Fault, FaultCode, FromWorker, JobId, Origin, Request, ToWorker};

/// What the loop must do after a message.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Start this job; call [`Queue::ended`] when it is over.
    Start(JobId, Request),
    /// Tell the page.
    Send(FromWorker),
    /// Keep in mind how a model came.
    Remember(Box<Origin>),
}

/// The waiting jobs and the running one.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<(JobId, Request)>,
    running: Option<JobId>,
    running_is_cancelled: bool,
}

impl Queue {
    /// Takes a message of the page.
    pub fn on(&mut self, message: ToWorker) -> Vec<Effect> {
        match message {
            ToWorker::Run { job, request } => {
                self.waiting.push_back((job, request));
                self.start_next()
            }
            ToWorker::Cancel { job } if self.running == Some(job) => {
                self.running_is_cancelled = true;
                Vec::new()
            }
            ToWorker::Cancel { job } => {
                let n_before = self.waiting.len();
                self.waiting.retain(|(waiting, _)| *waiting != job);
                if self.waiting.len() == n_before {
                    return Vec::new();
                }
                let fault = Fault::new(FaultCode::Cancelled, "the job was cancelled before it started");
                vec![Effect::Send(FromWorker::Failed { job: Some(job), fault })]
            }
            // It starts nothing.
            ToWorker::Remember { origin } => vec![Effect::Remember(origin)],
        }
    }

    /// The running job is over; the next one may start.
    pub fn ended(&mut self) -> Vec<Effect> {
        self.running = None;
        self.running_is_cancelled = false;
        self.start_next()
    }

    /// Whether the running job was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.running_is_cancelled
    }

    fn start_next(&mut self) -> Vec<Effect> {
        if self.running.is_some() {
            return Vec::new();
        }
        let Some((job, request)) = self.waiting.pop_front() else { return Vec::new() };
        self.running = Some(job);
        vec![Effect::Start(job, request)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ModelRequest;

    const COUNTERS: Request = Request::Model(ModelRequest::Counters);

    fn run(job: JobId) -> ToWorker {
        ToWorker::Run { job, request: COUNTERS }
    }

    #[test]
    fn jobs_run_one_after_the_other_in_order() {
        let mut queue = Queue::default();
        assert_eq!(queue.on(run(1)), vec![Effect::Start(1, COUNTERS)]);
        assert_eq!(queue.on(run(2)), vec![]);
        assert_eq!(queue.on(run(3)), vec![]);
        assert_eq!(queue.ended(), vec![Effect::Start(2, COUNTERS)]);
        assert_eq!(queue.ended(), vec![Effect::Start(3, COUNTERS)]);
        assert_eq!(queue.ended(), vec![]);
    }

    #[test]
    fn cancelling_the_running_job_only_raises_a_flag_that_its_end_lowers() {
        let mut queue = Queue::default();
        queue.on(run(1));
        queue.on(run(2));
        assert!(!queue.is_cancelled());
        assert_eq!(queue.on(ToWorker::Cancel { job: 1 }), vec![]);
        assert!(queue.is_cancelled());
        queue.ended();
        assert!(!queue.is_cancelled());
    }

    #[test]
    fn cancelling_a_waiting_job_answers_for_it_and_never_starts_it() {
        let mut queue = Queue::default();
        queue.on(run(1));
        queue.on(run(2));
        let effects = queue.on(ToWorker::Cancel { job: 2 });
        assert!(matches!(&effects[..], [Effect::Send(FromWorker::Failed { job: Some(2), .. })]));
        assert_eq!(queue.ended(), vec![]);
        assert_eq!(queue.on(ToWorker::Cancel { job: 7 }), vec![], "an unknown job is nobody's");
    }
}
