//! Which layers of a model do something that the others do not.

/// Most layers of a model; real models have up to some hundred.
pub(super) const MAX_LAYERS: u32 = 1024;

/// A set of layers, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LayerSet([u64; (MAX_LAYERS / 64) as usize]);

impl LayerSet {
    /// No layer.
    pub const NONE: Self = Self([0; (MAX_LAYERS / 64) as usize]);
    /// Every layer.
    pub const ALL: Self = Self([u64::MAX; (MAX_LAYERS / 64) as usize]);

    /// All but each `every`-th: 4 leaves out layers 3, 7, 11, ..; 0 none.
    pub fn but_every(every: u32) -> Self {
        Self::of(|layer| every == 0 || !(layer + 1).is_multiple_of(every))
    }

    /// The layers whose flag is set; flags beyond the most layers are passed over.
    pub fn from_flags(flags: &[bool]) -> Self {
        Self::of(|layer| flags.get(layer as usize).copied().unwrap_or_default())
    }

    fn of(is_in: impl Fn(u32) -> bool) -> Self {
        let mut set = Self::NONE;
        for layer in (0..MAX_LAYERS).filter(|&layer| is_in(layer)) {
            set.0[(layer / 64) as usize] |= 1 << (layer % 64);
        }
        set
    }

    /// Whether a layer is one of them.
    pub fn contains(&self, layer: u32) -> bool {
        self.0.get((layer / 64) as usize).is_some_and(|word| word >> (layer % 64) & 1 == 1)
    }
}

impl std::fmt::Debug for LayerSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries((0..MAX_LAYERS).filter(|&layer| self.contains(layer))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_from_the_first() {
        let set = LayerSet::but_every(4);
        let found: Vec<u32> = (0..9).filter(|&layer| set.contains(layer)).collect();
        assert_eq!(found, [0, 1, 2, 4, 5, 6, 8]);
        assert_eq!(LayerSet::but_every(0), LayerSet::ALL);
        assert_eq!(LayerSet::but_every(1), LayerSet::NONE);
        assert!(!LayerSet::ALL.contains(MAX_LAYERS), "there is no such layer");
    }

    #[test]
    fn flags_are_kept() {
        let set = LayerSet::from_flags(&[false, true, true]);
        assert_eq!(format!("{set:?}"), "{1, 2}");
        let many = LayerSet::from_flags(&vec![true; 5000]);
        assert_eq!(many, LayerSet::ALL);
    }
}
