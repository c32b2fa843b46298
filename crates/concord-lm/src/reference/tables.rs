//! What the model keeps for each table row: the slots of its positions, and the tokens that its repetition penalty sees.

use crate::generate::{ModelError, TokenInput};

/// The slots of the first positions of a token's table row, its own among them.
pub(super) fn slots_of<'a>(
    tables: &'a [Vec<u32>],
    token: &TokenInput,
    n_seen: u32,
    vocab_size: u32,
) -> Result<&'a [u32], ModelError> {
    if token.id >= vocab_size {
        let reason = format!("token {} of a vocabulary of {vocab_size}", token.id);
        return Err(ModelError::BadRequest { reason });
    }
    let list = tables.get(token.table_row as usize).and_then(|table| table.get(..n_seen as usize));
    list.filter(|list| list.len() > token.position as usize).ok_or_else(|| ModelError::BadRequest {
        reason: format!("no slot is set for position {} of table row {}", token.position, token.table_row),
    })
}

/// Adds a token to a bit set of those seen.
pub(super) fn mark_seen(seen: &mut Vec<u32>, token: u32) {
    let word = token as usize / 32;
    if word >= seen.len() {
        seen.resize(word + 1, 0);
    }
    seen[word] |= 1 << (token % 32);
}
