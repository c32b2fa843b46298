//! Seeded draws that depend on what is drawn for, never on when or in which order.

/// A number below `n` from a seed and the parts of a key, such as prompt id and language; 0 where `n` is 0.
///
/// FNV-1a over the parts, a zero byte before each but the first, then one step of SplitMix64 and the high bits of the
/// product with `n`: uniform to within `n / 2^64`.
pub(super) fn draw(seed: u32, key: &[&str], n: usize) -> usize {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for (i, part) in key.iter().enumerate() {
        if i > 0 {
            hash = fnv(hash, &0);
        }
        hash = part.as_bytes().iter().fold(hash, fnv);
    }
    let mut z =
        (hash ^ u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    ((u128::from(z) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::draw;

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
