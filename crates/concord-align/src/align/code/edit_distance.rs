//! Levenshtein distance over tokens, 64 rows of the table at a time (Myers 1999, in Hyyrö's form for several words).

use std::collections::HashMap;

/// How many tokens have to be put in, left out or replaced to make one sequence of the other.
pub(super) fn edit_distance(a: &[u32], b: &[u32]) -> usize {
    let n_same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[n_same..], &b[n_same..]);
    let n_same = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - n_same], &b[..b.len() - n_same]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len());
    }
    let n_words = a.len().div_ceil(64);
    let mut places: HashMap<u32, Vec<u64>> = HashMap::new();
    for (i, token) in a.iter().enumerate() {
        places.entry(*token).or_insert_with(|| vec![0; n_words])[i / 64] |= 1 << (i % 64);
    }
    let nowhere = vec![0; n_words];
    let last = 1_u64 << ((a.len() - 1) % 64);
    let mut column = vec![Word { up: u64::MAX, down: 0 }; n_words];
    let mut distance = a.len();
    for token in b {
        let matches = places.get(token).unwrap_or(&nowhere);
        // The top of every column is one more than that of the column before.
        let mut carry = 1_i8;
        for (i, (word, matches)) in column.iter_mut().zip(matches).enumerate() {
            let bottom = if i + 1 == n_words { last } else { 1 << 63 };
            carry = word.step(*matches, carry, bottom);
        }
        distance = distance.saturating_add_signed(isize::from(carry));
    }
    distance
}

/// 64 vertical differences of a column of the table, as bits: one up, one down, or neither.
#[derive(Clone, Copy)]
struct Word {
    up: u64,
    down: u64,
}

impl Word {
    /// The next column; takes the horizontal difference above its first row and gives that of the row `bottom`.
    fn step(&mut self, matches: u64, carry: i8, bottom: u64) -> i8 {
        let (from_up, from_down) = (u64::from(carry > 0), u64::from(carry < 0));
        let vertical = matches | self.down;
        let matches = matches | from_down;
        let diagonal = ((matches & self.up).wrapping_add(self.up) ^ self.up) | matches;
        let right_up = self.down | !(diagonal | self.up);
        let right_down = self.up & diagonal;
        let out = i8::from(right_up & bottom != 0) - i8::from(right_down & bottom != 0);
        let right_up = (right_up << 1) | from_up;
        let right_down = (right_down << 1) | from_down;
        self.up = right_down | !(vertical | right_up);
        self.down = right_up & vertical;
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::edit_distance;

    /// The table itself, row by row.
    fn by_table(a: &[u32], b: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let replaced = diagonal + usize::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
            }
        }
        row[b.len()]
    }

    #[test]
    fn known_distances() {
        for (a, b, distance) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("same", "same", 0)]
        {
            let ids = |s: &str| s.bytes().map(u32::from).collect::<Vec<_>>();
            assert_eq!(edit_distance(&ids(a), &ids(b)), distance, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn as_the_table_says(a in prop::collection::vec(0_u32..5, 0..200), b in prop::collection::vec(0_u32..5, 0..200)) {
            prop_assert_eq!(edit_distance(&a, &b), by_table(&a, &b));
            prop_assert_eq!(edit_distance(&b, &a), by_table(&a, &b));
        }
    }
}
