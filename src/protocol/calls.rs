//! What the page still waits for, so that every request is answered once, whatever becomes of the worker.
//!
//! Pure, as the worker's queue is: `ui::client` makes the worker, posts what is to be posted and hands the answers out.

use std::collections::HashMap;

use super::{Fault, FaultCode, JobId};
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
    waiting: HashMap<JobId, P>,
    /// To be posted once the worker has spoken.
    unsent: Vec<E>,
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
        self.waiting.get(&job)
    }

    /// A job is answered: who waited for it.
    pub fn answered(&mut self, job: JobId) -> Option<P> {
        self.waiting.remove(&job)
    }

    /// The worker has died: all who wait, and their answer. One that died before it had spoken would die again.
    pub fn died(&mut self, death: Death) -> (Vec<P>, Fault) {
        let (message, is_gone) = match (death, &self.life) {
            (Death::Useless(why), _) => (why, true),
            (Death::Stopped, Life::Ready) => {
                ("the worker stopped; load the model again to go on, or reload the page".to_owned(), false)
            }
            (Death::Stopped, _) => (
                "the worker could not be started; reload the page, and check that the site's files are complete"
                    .to_owned(),
                true,
            ),
        };
        let fault = Fault::new(FaultCode::Internal, message);
        self.life = if is_gone { Life::Gone(fault.clone()) } else { Life::Absent };
        self.unsent.clear();
        let mut waiting: Vec<(JobId, P)> = self.waiting.drain().collect();
        waiting.order_by_key(|(job, _)| *job);
        (waiting.into_iter().map(|(_, waiting)| waiting).collect(), fault)
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
    fn a_worker_that_stops_leaves_nobody_waiting_and_the_next_request_makes_another() {
        let mut page = Page::default();
        let first = page.start().unwrap();
        call(&mut page, "a");
        page.ready();
        call(&mut page, "b");
        let (waiting, fault) = page.died(Death::Stopped);
        assert_eq!(waiting, ["a", "b"]);
        assert!(fault.message.contains("load the model again") && fault.message.contains("reload"));
        assert!(!page.is_current(first) && page.gone().is_none());
        let second = page.start().unwrap();
        assert_eq!(call(&mut page, "c"), None);
        assert!(page.is_current(second) && !page.is_current(first));
        assert_eq!(page.ready(), [3], "nothing of the dead worker is posted to the new one");
    }

    #[test]
    fn a_worker_that_never_spoke_is_not_made_again_and_every_later_request_is_refused() {
        for death in [Death::Stopped, Death::Useless("of different versions; reload the page".to_owned())] {
            let mut page = Page::default();
            page.start();
            call(&mut page, "a");
            let (waiting, fault) = page.died(death);
            assert_eq!(waiting, ["a"]);
            assert!(fault.message.contains("reload the page"), "{}", fault.message);
            assert_eq!((page.start(), page.gone()), (None, Some(&fault)));
            assert_eq!(page.call("b", |job| job), Err(("b", fault)));
        }
    }
}
