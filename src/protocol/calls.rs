//! What the page still waits for, so that every request is answered once, whatever becomes of the worker. What a worker that
//! died has left is posted to the next one, as long as [`Recovery`] sees a point in it.
//!
//! Pure, as the worker's queue is: `ui::client` makes the worker, posts what is to be posted and hands the answers out.

use std::collections::HashMap;

use super::{Cause, Fault, FaultCode, JobId, Means, Recovery};
use crate::data::InOrder;

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Death {
    /// An error that it did not catch, while it started or later.
    Stopped,
    /// It can be of no use, and another one would be as little; the message says why and what to do.
    Useless(String),
}

/// Which worker of the page: one is made after another has died.
pub type Generation = u32;

/// How the worker is.
#[derive(Debug, Default)]
enum Life {
    /// None is there; the next request makes one.
    #[default]
    Absent,
    /// It was made, and has not spoken yet.
    Starting,
    /// It has spoken.
    Ready,
    /// None can be made on this page.
    Gone(Fault),
}

/// The page's requests: `P` is who waits for the answer of one, `E` what is posted for it.
#[derive(Debug)]
pub struct Calls<P, E> {
    life: Life,
    generation: Generation,
    last_job: JobId,
    waiting: HashMap<JobId, Waiting<P>>,
    /// To be posted once the worker has spoken.
    unsent: Vec<E>,
}

/// A request that is not answered yet.
#[derive(Debug)]
struct Waiting<P> {
    who: P,
    /// Responses to it that are kept.
    n_kept: usize,
    recovery: Recovery,
}

/// What a worker leaves that has died.
#[derive(Debug)]
pub struct Left<P> {
    /// Who gets no other answer than [`Left::fault`].
    pub given_up: Vec<P>,
    /// Why.
    pub fault: Fault,
    /// Jobs to be posted to another worker, in this order, each by [`Calls::post`] once it is started. The first one was under
    /// way, where it is there.
    pub again: Vec<JobId>,
}

impl<P, E> Default for Calls<P, E> {
    fn default() -> Self {
        let (waiting, unsent) = (HashMap::new(), Vec::new());
        Self { life: Life::Absent, generation: 0, last_job: 0, waiting, unsent }
    }
}

impl<P, E> Calls<P, E> {
    /// The worker that is to be made now, where one is to be.
    pub fn start(&mut self) -> Option<Generation> {
        matches!(self.life, Life::Absent).then(|| {
            self.life = Life::Starting;
            self.generation += 1;
            self.generation
        })
    }

    /// Whether this is the worker that the page has now; others are not listened to.
    pub fn is_current(&self, generation: Generation) -> bool {
        self.generation == generation && matches!(self.life, Life::Starting | Life::Ready)
    }

    /// Why there will never be a worker on this page, where that is so.
    pub fn gone(&self) -> Option<&Fault> {
        match &self.life {
            Life::Gone(fault) => Some(fault),
            _ => None,
        }
    }

    /// Takes a request; gives its job, and what is to be posted at once.
    ///
    /// # Errors
    /// Who waits, with the answer, where there will never be a worker.
    pub fn call(
        &mut self,
        waiting: P,
        envelope: impl FnOnce(JobId) -> E,
    ) -> Result<(JobId, Option<E>), (P, Fault)> {
        if let Life::Gone(fault) = &self.life {
            return Err((waiting, fault.clone()));
        }
        self.last_job += 1;
        let waiting = Waiting { who: waiting, n_kept: 0, recovery: Recovery::default() };
        self.waiting.insert(self.last_job, waiting);
        let envelope = envelope(self.last_job);
        Ok((self.last_job, self.post(envelope)))
    }

    /// What is to be posted at once, where the worker has spoken; else it is kept until then.
    pub fn post(&mut self, envelope: E) -> Option<E> {
        if let Life::Ready = self.life {
            return Some(envelope);
        }
        self.unsent.push(envelope);
        None
    }

    /// The worker has spoken: all that is to be posted to it, in order.
    pub fn ready(&mut self) -> Vec<E> {
        self.life = Life::Ready;
        std::mem::take(&mut self.unsent)
    }

    /// Who waits for a job's answer.
    pub fn waiting(&self, job: JobId) -> Option<&P> {
        self.waiting.get(&job).map(|waiting| &waiting.who)
    }

    /// The same, to be changed.
    pub fn waiting_mut(&mut self, job: JobId) -> Option<&mut P> {
        self.waiting.get_mut(&job).map(|waiting| &mut waiting.who)
    }

    /// So many more responses to a job are kept.
    pub fn kept(&mut self, job: JobId, n_more: usize) {
        if let Some(waiting) = self.waiting.get_mut(&job) {
            waiting.n_kept += n_more;
        }
    }

    /// A job is answered: who waited for it.
    pub fn answered(&mut self, job: JobId) -> Option<P> {
        self.waiting.remove(&job).map(|waiting| waiting.who)
    }

    /// The worker has died. One that died before it had spoken would die again, and all who wait are given up; else it is the
    /// job under way alone, where it has brought nothing since a worker died of it before.
    pub fn died(&mut self, death: Death) -> Left<P> {
        let was_ready = matches!(self.life, Life::Ready);
        let (message, is_gone) = match death {
            Death::Useless(why) => (why, true),
            Death::Stopped if was_ready => {
                ("the worker stopped; load the model again to go on, or reload the page".to_owned(), false)
            }
            Death::Stopped => (
                "the worker could not be started; reload the page, and check that the site's files are complete"
                    .to_owned(),
                true,
            ),
        };
        let fault = Fault::new(FaultCode::Internal, message);
        self.life = if is_gone { Life::Gone(fault.clone()) } else { Life::Absent };
        self.unsent.clear();
        let mut again: Vec<JobId> = self.waiting.keys().copied().collect();
        again.order();
        // Jobs run in the order of their ids, so the first one was under way.
        let is_hopeless = |waiting: &mut Waiting<P>| {
            waiting.recovery.on(Cause::WorkerStopped, waiting.n_kept, Means::default()).is_none()
        };
        let n_given_up = match again.first().and_then(|job| self.waiting.get_mut(job)) {
            _ if is_gone => again.len(),
            Some(waiting) => usize::from(is_hopeless(waiting)),
            None => 0,
        };
        let given_up = again.drain(..n_given_up).filter_map(|job| self.waiting.remove(&job));
        let given_up = given_up.map(|waiting| waiting.who).collect();
        Left { given_up, fault, again }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Page = Calls<&'static str, JobId>;

    fn call(page: &mut Page, name: &'static str) -> Option<JobId> {
        page.call(name, |job| job).unwrap().1
    }

    #[test]
    fn requests_wait_until_the_worker_speaks_and_are_answered_once() {
        let mut page = Page::default();
        assert_eq!((page.start(), page.start()), (Some(1), None));
        assert_eq!((call(&mut page, "a"), call(&mut page, "b")), (None, None));
        assert_eq!(page.ready(), [1, 2]);
        assert_eq!(call(&mut page, "c"), Some(3));
        assert_eq!(
            (page.waiting(2).copied(), page.answered(2), page.answered(2)),
            (Some("b"), Some("b"), None)
        );
    }

    #[test]
    fn what_a_worker_leaves_that_stops_is_posted_to_another_one_in_its_order() {
        let mut page = Page::default();
        let first = page.start().unwrap();
        for name in ["a", "b", "c"] {
            call(&mut page, name);
        }
        page.ready();
        page.answered(1);
        let left = page.died(Death::Stopped);
        assert_eq!((left.given_up, left.again), (vec![], vec![2, 3]));
        assert!(!page.is_current(first) && page.gone().is_none());
        let second = page.start().unwrap();
        assert_eq!([2, 3].map(|job| page.post(job)), [None, None]);
        assert_eq!(call(&mut page, "d"), None);
        assert!(page.is_current(second) && !page.is_current(first));
        assert_eq!(page.ready(), [2, 3, 4], "nothing else of the dead worker is posted to the new one");
        assert_eq!(page.answered(2), Some("b"));
    }

    #[test]
    fn a_job_that_two_workers_die_of_is_given_up_and_the_others_go_on() {
        let mut page = Page::default();
        let restart = |page: &mut Page| {
            page.start().unwrap();
            page.ready();
        };
        restart(&mut page);
        for name in ["a", "b"] {
            call(&mut page, name);
        }
        page.kept(1, 5);
        assert_eq!(page.died(Death::Stopped).again, [1, 2]);
        restart(&mut page);
        page.kept(1, 1);
        assert_eq!(page.died(Death::Stopped).again, [1, 2], "a response has come in between");
        restart(&mut page);
        let left = page.died(Death::Stopped);
        assert_eq!((left.given_up, left.again), (vec!["a"], vec![2]));
        assert!(left.fault.message.contains("load the model again") && left.fault.message.contains("reload"));
        restart(&mut page);
        assert_eq!(page.died(Death::Stopped).again, [2], "nothing died of it before");
    }

    #[test]
    fn a_worker_that_never_spoke_is_not_made_again_and_every_later_request_is_refused() {
        for death in [Death::Stopped, Death::Useless("of different versions; reload the page".to_owned())] {
            let mut page = Page::default();
            page.start();
            call(&mut page, "a");
            let Left { given_up, fault, again } = page.died(death);
            assert_eq!((given_up, again), (vec!["a"], vec![]));
            assert!(fault.message.contains("reload the page"), "{}", fault.message);
            assert_eq!((page.start(), page.gone()), (None, Some(&fault)));
            assert_eq!(page.call("b", |job| job), Err(("b", fault)));
        }
    }
}
