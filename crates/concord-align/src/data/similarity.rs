//! How alike responses are: cosines, as the session file holds them.

use serde::{Deserialize, Serialize};

use super::Language;

/// The cosines between all responses of one prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Similarity {
    /// Which prompt.
    pub prompt_id: String,
    /// Row order: language and sample of each response.
    pub order: Vec<(Language, u32)>,
    /// The upper triangle without the diagonal, row by row: `order.len() * (order.len() - 1) / 2` values.
    pub cosine: Vec<f32>,
}

impl Similarity {
    /// Number of cosines a well-formed record holds.
    pub fn n_cosines(&self) -> usize {
        let n = self.order.len();
        n * n.saturating_sub(1) / 2
    }

    /// The cosine of responses `i` and `j` in row order; 1 on the diagonal.
    pub fn at(&self, i: usize, j: usize) -> f32 {
        let (low, high) = if i < j { (i, j) } else { (j, i) };
        if low == high {
            return 1.0;
        }
        let n = self.order.len();
        let before = low * n - low * (low + 1) / 2;
        self.cosine[before + high - low - 1]
    }
}
