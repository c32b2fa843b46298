//! What was made in vain goes back to the device at once: in a browser, buffers without an owner stay until they are
//! collected, and take the memory that the next attempt needs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wgpu::Buffer;

/// Buffers that were made since the first of the attempts under way began.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    n_under_way: usize,
    made: Vec<Buffer>,
}

/// Something that may fail, under way. Dropped, it destroys all buffers that the device has made since it began, those of
/// attempts within it included.
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    attempts: Attempts,
    /// Buffers made before.
    first: usize,
    is_kept: bool,
}

impl Attempts {
    /// Begins one.
    pub(super) fn begin(&self) -> Attempt {
        let mut state = self.state();
        state.n_under_way += 1;
        Attempt { attempts: self.clone(), first: state.made.len(), is_kept: false }
    }

    pub(super) fn count(&self, buffer: &Buffer) {
        let mut state = self.state();
        if state.n_under_way > 0 {
            state.made.push(buffer.clone());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// Ends it well: what was made stays, unless an attempt around it fails.
    pub fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut state = self.attempts.state();
        state.n_under_way -= 1;
        if !self.is_kept {
            let first = self.first.min(state.made.len());
            state.made.drain(first..).for_each(|buffer| buffer.destroy());
        }
        if state.n_under_way == 0 {
            state.made = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::engine::{Adapter, Gpu, Recording};

    #[test]
    fn what_was_made_in_vain_is_destroyed_and_nothing_else() {
        let gpu =
            block_on(Gpu::new(Adapter::Software)).expect("a software adapter is needed, such as lavapipe");
        let upload = |value: u32| block_on(gpu.upload("numbers", &[value; 4])).unwrap();
        let read = |buffer: &Buffer| block_on(gpu.run_once::<u32>(&Recording::new(), buffer, 4));
        let held = || gpu.attempts.state().made.len();
        let before = upload(1);
        let outer = gpu.attempt();
        let first = upload(2);
        let inner = gpu.attempt();
        let in_vain = upload(3);
        drop(inner);
        let inner = gpu.attempt();
        let second = upload(4);
        inner.keep();
        assert_eq!(held(), 2);
        outer.keep();
        let after = upload(5);
        assert_eq!(held(), 0, "nothing is held when nothing is under way");
        for (value, buffer) in [(1, &before), (2, &first), (4, &second), (5, &after)] {
            assert_eq!(read(buffer).unwrap(), [value; 4]);
        }
        assert!(read(&in_vain).is_err());

        // An attempt within one that fails goes with it.
        let outer = gpu.attempt();
        let inner = gpu.attempt();
        let in_vain = upload(6);
        inner.keep();
        drop(outer);
        assert!(read(&in_vain).is_err());
        assert_eq!(read(&before).unwrap(), [1; 4]);
    }
}
