//! Free lists: KV slots and table rows.

/// Hands out the numbers `0..n`, lowest first as long as none came back.
#[derive(Clone, Debug)]
pub struct FreeList {
    free: Vec<u32>,
}

impl FreeList {
    /// All of `0..n` free.
    pub fn new(n: u32) -> Self {
        Self { free: (0..n).rev().collect() }
    }

    /// How many are free.
    pub fn n_free(&self) -> u32 {
        self.free.len() as u32
    }

    /// Takes `n`, or none when fewer are free.
    pub fn take(&mut self, n: u32) -> Option<Vec<u32>> {
        let rest = self.free.len().checked_sub(n as usize)?;
        let mut taken = self.free.split_off(rest);
        taken.reverse();
        Some(taken)
    }

    /// Takes one.
    pub fn take_one(&mut self) -> Option<u32> {
        self.free.pop()
    }

    /// Takes back numbers that were handed out, to be handed out next in the same order.
    pub fn give_back(&mut self, numbers: &[u32]) {
        self.free.extend(numbers.iter().rev());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_each_once_and_takes_back() {
        let mut list = FreeList::new(4);
        assert_eq!(list.take(3), Some(vec![0, 1, 2]));
        assert_eq!(list.take(2), None);
        assert_eq!(list.n_free(), 1);
        assert_eq!((list.take_one(), list.take_one()), (Some(3), None));
        list.give_back(&[1, 2]);
        assert_eq!(list.take(2), Some(vec![1, 2]));
    }
}
