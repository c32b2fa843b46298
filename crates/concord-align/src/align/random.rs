//! The numbers behind every draw, shuffle and resample: SplitMix64, so that another program can make the same ones.

/// Advance of the state at each number, the fractional part of the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64 (Steele, Lea and Flood 2014). The same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Starts at a seed; all seeds are good ones.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`: the high half of the product with `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// From -1 to below 1, in 2^53 steps.
    pub fn between_minus_one_and_one(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// Puts the items in a random order (Fisher and Yates, from the last item down).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A number below `n` from a seed and the parts of a key, such as prompt id and language; 0 where `n` is 0. It depends on
/// what is drawn for, never on when or in which order.
///
/// FNV-1a over the parts, a zero byte before each but the first, then one step of SplitMix64.
pub fn draw(seed: u32, key: &[&str], n: usize) -> usize {
    generator(seed, key).below(n)
}

/// 64 bits from a seed and the parts of a key, as [`draw`] takes them.
pub fn keyed(seed: u32, key: &[&str]) -> u64 {
    generator(seed, key).next_u64()
}

fn generator(seed: u32, key: &[&str]) -> SplitMix64 {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for (i, part) in key.iter().enumerate() {
        if i > 0 {
            hash = fnv(hash, &0);
        }
        hash = part.as_bytes().iter().fold(hash, fnv);
    }
    SplitMix64::new(hash ^ u64::from(seed).wrapping_mul(STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_of_seed_1234567() {
        let mut random = SplitMix64::new(1_234_567);
        let wanted = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([(); 3].map(|()| random.next_u64()), wanted);
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_depends_on_the_seed() {
        let shuffled = |seed| {
            let mut items: Vec<u32> = (0..50).collect();
            SplitMix64::new(seed).shuffle(&mut items);
            items
        };
        assert_eq!(shuffled(1), shuffled(1));
        assert_ne!(shuffled(1), shuffled(2));
        let mut sorted = shuffled(1);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        assert_eq!(SplitMix64::new(1).below(0), 0);
        let mut random = SplitMix64::new(1);
        let spread: Vec<f64> = (0..1000).map(|_| random.between_minus_one_and_one()).collect();
        assert!(spread.iter().all(|x| (-1.0..1.0).contains(x)));
        // 1000 draws: the mean's standard deviation is 0.018.
        assert!((spread.iter().sum::<f64>() / 1000.0).abs() < 0.09);
    }

    #[test]
    fn every_number_is_reached_about_equally_often() {
        let mut n_of = [0; 5];
        for seed in 0..1000 {
            n_of[draw(seed, &["p", "de"], 5)] += 1;
        }
        // 1000 draws at p = 1/5: mean 200, standard deviation 12.6.
        assert!(n_of.iter().all(|n| (150..=250).contains(n)), "{n_of:?}");
    }

    #[test]
    fn parts_are_kept_apart_and_nothing_to_draw_is_zero() {
        let of = |key: &[&str]| draw(1, key, usize::MAX);
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_eq!(draw(1, &["a"], 0), 0);
    }
}
