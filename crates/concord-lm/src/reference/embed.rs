//! Token embeddings: rows of a table gathered by id.

use super::matmul::Matrix;

/// Gathers rows of `table` `[vocab_size, dim]`, times `scale`. The result is `[ids.len(), dim]`.
pub fn embed(table: &Matrix, ids: &[u32], scale: f32) -> Vec<f32> {
    let mut states = Vec::with_capacity(ids.len() * table.n_in());
    for &id in ids {
        states.extend(table.row(id as usize).into_iter().map(|value| scale * value));
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gathers_rows_by_id() {
        let table = Matrix::from_rows(2, &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
        assert_eq!(embed(&table, &[2, 0, 2], 1.0), [2.0, 2.5, 0.0, 0.5, 2.0, 2.5]);
    }
}
