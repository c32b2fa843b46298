//! Sorting with one routine for all types.
//!
//! The standard library compiles its sort anew for every type and every comparison, 6 kB each time; a hundred of them were
//! 5 % of the page. Here the places are sorted by one routine, and only the last step knows the type.

use std::cmp::Ordering;

/// Stable sorts that cost a program little; a comparison is a call, so they are slower than those of the standard library.
pub trait InOrder {
    /// What is sorted.
    type Item;

    /// Sorts from least to greatest.
    fn order(&mut self)
    where
        Self::Item: Ord,
    {
        self.order_by(Ord::cmp);
    }

    /// Sorts by a comparison, which must be a total order.
    fn order_by(&mut self, compare: impl FnMut(&Self::Item, &Self::Item) -> Ordering);

    /// Sorts by a key, from least to greatest.
    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&Self::Item) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

impl<T> InOrder for [T] {
    type Item = T;

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut places = places_in_order(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        // Each cycle of places is walked once; a place that is done points to itself.
        for start in 0..places.len() {
            let mut at = start;
            loop {
                let next = std::mem::replace(&mut places[at], at);
                if next == start {
                    break;
                }
                self.swap(at, next);
                at = next;
            }
        }
    }
}

/// The places `0..n_items` as they follow each other.
fn places_in_order(n_items: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n_items).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(items in proptest::collection::vec((0u8..9, any::<u16>()), 0..60)) {
            let (mut ours, mut theirs) = (items.clone(), items);
            ours.order_by_key(|item| item.0);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(&ours, &theirs, "equal keys stay in order");
            ours.order();
            theirs.sort();
            prop_assert_eq!(&ours, &theirs);
            ours.order_by(|a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(&ours, &theirs);
        }
    }
}
