//! Cutting rows into bands of their margin that hold equally many rows.

use crate::data::InOrder;

/// Lowest and highest margin of each band, both included, from the lowest up; at most `n_bands`.
///
/// Bands hold equally many margins each, but a cut inside a run of equal margins moves to its end, so rows with equal
/// margins always share a band; where all margins are equal (math) there is one band. No margins, no bands.
pub fn equal_count_bands(mut margins: Vec<f32>, n_bands: usize) -> Vec<(f32, f32)> {
    margins.order_by(f32::total_cmp);
    let n_bands = n_bands.max(1);
    let mut out = Vec::new();
    let mut start = 0;
    for band in 1..=n_bands {
        let mut end = margins.len() * band / n_bands;
        if end <= start {
            continue;
        }
        while end < margins.len() && margins[end] == margins[end - 1] {
            end += 1;
        }
        out.push((margins[start], margins[end - 1]));
        start = end;
    }
    out
}

/// The place of the band that a margin falls in.
pub fn band_of(bands: &[(f32, f32)], margin: f32) -> Option<usize> {
    bands.iter().position(|(low, high)| (*low..=*high).contains(&margin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_counts_and_equal_margins_together() {
        for (margins, n_bands, wanted) in [
            (vec![0.6, 0.1, 0.4, 0.2, 0.5, 0.3], 3, vec![(0.1, 0.2), (0.3, 0.4), (0.5, 0.6)]),
            (vec![1.0; 6], 3, vec![(1.0, 1.0)]),
            (vec![0.1, 0.2, 0.2, 0.2, 0.2, 0.3], 3, vec![(0.1, 0.2), (0.3, 0.3)]),
            (vec![0.5], 10, vec![(0.5, 0.5)]),
            (vec![0.5, 0.25], 0, vec![(0.25, 0.5)]),
            (vec![], 3, vec![]),
        ] {
            assert_eq!(equal_count_bands(margins.clone(), n_bands), wanted, "{margins:?}");
        }
        assert_eq!(band_of(&[(0.1, 0.2), (0.4, 0.5)], 0.4), Some(1));
        assert_eq!(band_of(&[(0.1, 0.2), (0.4, 0.5)], 0.3), None);
    }
}
