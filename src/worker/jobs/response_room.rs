//! How long a response can get after its prompt, whatever the run measures.

use crate::{
    data::{MOST_TOKENS, MOST_TOKENS_THINKING},
    generate::ModelShape,
};

/// A response that is to be made has room for so many tokens.
pub(crate) const LEAST_ROOM: u32 = 16;

/// Tokens that a response can have after a prompt of so many, in the largest pool there can be: the one that is held was made for
/// an earlier job.
pub(crate) fn room(shape: &ModelShape, n_prompt_tokens: usize) -> u32 {
    shape.seq_len.min(shape.n_slots).saturating_sub(u32::try_from(n_prompt_tokens).unwrap_or(u32::MAX))
}

/// The longest response that is made while nothing is measured, within its room.
pub(crate) fn most(thinks: bool, room: u32) -> u32 {
    let most = if thinks { MOST_TOKENS_THINKING } else { MOST_TOKENS };
    most.min(room).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_thinks_has_more_room_and_none_more_than_its_context() {
        let shape = ModelShape {
            dim: 1,
            n_layers: 1,
            vocab_size: 1,
            seq_len: 2_000,
            n_slots: 9_000,
            n_table_rows: 1,
            max_batch_tokens: 1,
            max_rows: 1,
            is_causal: true,
        };
        assert_eq!((room(&shape, 500), room(&shape, 5_000)), (1_500, 0));
        assert_eq!((most(false, 1_500), most(true, 1_500), most(true, 100_000)), (1_024, 1_500, 8_192));
        assert_eq!(room(&ModelShape { n_slots: 600, ..shape }, 500), 100);
    }
}
