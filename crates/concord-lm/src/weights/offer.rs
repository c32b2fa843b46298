//! What would fit where a job does not: fewer rows, shorter ones, or the same model in a smaller type.

use std::fmt;

use super::blocks::TensorType;
use super::model_tensor::PlacedTensor;
use super::numerics::weights_bytes;

/// Types that files of published models come in, largest first.
const PUBLISHED: [TensorType; 6] = [
    TensorType::Q8_0,
    TensorType::Q6_K,
    TensorType::Q5_K,
    TensorType::Q5_0,
    TensorType::Q4_K,
    TensorType::Q4_0,
];

/// A change after which the job fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// So many rows of so many new tokens, everything else as wanted; of a single row, with one prompt at a time.
    Rows {
        /// Rows at once.
        n_rows: u32,
        /// New tokens of each.
        row_tokens: u32,
    },
    /// The same model with all matrices in another type.
    Quantisation {
        /// Which.
        tensor_type: TensorType,
        /// Rows at once that then fit, at most those wanted.
        n_rows: u32,
        /// New tokens of each, those wanted.
        row_tokens: u32,
    },
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Rows { n_rows, row_tokens } | Self::Quantisation { n_rows, row_tokens, .. }) = self;
        if let Self::Quantisation { tensor_type, .. } = self {
            write!(f, "the same model in {} with ", tensor_type.name())?;
        }
        let rows = if *n_rows == 1 { "row" } else { "rows" };
        write!(f, "{n_rows} {rows} of {row_tokens} new tokens")
    }
}

/// All that would fit; never empty in an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offers(pub Vec<Offer>);

impl fmt::Display for Offers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offers: Vec<String> = self.0.iter().map(Offer::to_string).collect();
        write!(f, "{} would fit", offers.join(" or "))
    }
}

/// The types that would make the weights smaller, largest first, with their bytes on the device: matrices in the type,
/// vectors as they are. A type whose blocks do not divide every row is left out.
pub(super) fn smaller_types(tensors: &[PlacedTensor], on_cpu: bool) -> Vec<(TensorType, u64)> {
    let stored = weights_bytes(tensors, on_cpu);
    let bytes_in = |tensor_type: TensorType| -> Option<u64> {
        let in_type = |placed: &PlacedTensor| {
            let mut placed = placed.clone();
            if placed.info.n_rows() > 1 {
                let n_cols = usize::try_from(placed.info.n_cols()).ok()?;
                if !n_cols.is_multiple_of(tensor_type.block_len()) {
                    return None;
                }
                placed.info.tensor_type = tensor_type;
                placed.info.n_bytes = placed.info.n_rows() * tensor_type.row_bytes(n_cols) as u64;
            }
            Some(placed)
        };
        let tensors: Option<Vec<PlacedTensor>> = tensors.iter().map(in_type).collect();
        Some(weights_bytes(&tensors?, on_cpu))
    };
    let sizes = PUBLISHED.into_iter().filter_map(|tensor_type| Some((tensor_type, bytes_in(tensor_type)?)));
    sizes.filter(|&(_, bytes)| bytes < stored).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::weights::testing::{RandomModel, random_model};
    use crate::weights::{Header, Limits, MemoryPlan, ModelFile, Parsed, PlanError, Wanted};

    const WANTED: Wanted = Wanted {
        n_rows: 40,
        n_prompts: 5,
        prompt_tokens: 100,
        row_tokens: 128,
        max_batch_tokens: 256,
        kv_value_bytes: 2,
    };

    fn model(tensor_type: TensorType) -> ModelFile {
        let shape =
            RandomModel { dim: 256, hidden_dim: 256, n_heads: 4, tensor_type, ..RandomModel::default() };
        let file = random_model(&shape);
        match Header::parse(&file, None).unwrap() {
            Parsed::Header(header) => ModelFile::from_header(header).unwrap(),
            Parsed::NeedMore { .. } => panic!("not whole"),
        }
    }

    fn plan(model: &ModelFile, limits: Limits, wanted: Wanted) -> Result<MemoryPlan, PlanError> {
        MemoryPlan::new(&model.hyperparameters, &model.tensors, limits, wanted)
    }

    fn roomy(budget_bytes: u64) -> Limits {
        let most = 1 << 40;
        Limits { max_buffer_bytes: most, max_binding_bytes: most, budget_bytes, on_cpu: false }
    }

    #[test]
    fn estimates_are_the_sizes_of_such_files() {
        let estimates = smaller_types(&model(TensorType::F16).tensors, false);
        assert_eq!(estimates.len(), PUBLISHED.len());
        for (tensor_type, bytes) in estimates {
            let made = plan(&model(tensor_type), roomy(u64::MAX), WANTED).unwrap();
            assert_eq!(made.weights_bytes, bytes, "{tensor_type:?}");
        }
        assert_eq!(smaller_types(&model(TensorType::Q4_0).tensors, false), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Every offer, carried out, makes the plan fit; one row or token more does not.
        #[test]
        fn offers_are_true(
            share in 0.0..1.0f64,
            of_buffer in 0.0..2.0f64,
            n_rows in 1..100u32,
            n_prompts in 1..20u32,
            row_tokens in 1..150u32,
            on_cpu: bool,
        ) {
            let model = model(TensorType::F16);
            let wanted = Wanted { n_rows, n_prompts, row_tokens, ..WANTED };
            let whole = plan(&model, Limits { on_cpu, ..roomy(u64::MAX) }, wanted).unwrap();
            let budget_bytes = (whole.total_bytes as f64 * share) as u64;
            let most = (whole.largest_buffer_bytes as f64 * of_buffer) as u64;
            let limits =
                Limits { max_buffer_bytes: most, max_binding_bytes: most, budget_bytes, on_cpu };
            let offers = match plan(&model, limits, wanted) {
                Err(PlanError::JobTooLarge { offers, .. }) => offers.0,
                Err(PlanError::ModelTooLarge { .. }) => Vec::new(),
                other => panic!("{other:?}"),
            };
            for offer in offers {
                let (offered, model) = match offer {
                    Offer::Rows { n_rows, row_tokens } => (Wanted { n_rows, row_tokens, ..wanted }, &model),
                    Offer::Quantisation { tensor_type, n_rows, row_tokens } => {
                        prop_assert!(!on_cpu, "{offer} makes no difference");
                        (Wanted { n_rows, row_tokens, ..wanted }, &self::model(tensor_type))
                    }
                };
                let fits = |wanted: Wanted| {
                    let one_prompt = if wanted.n_rows == 1 { 1 } else { wanted.n_prompts };
                    plan(model, limits, Wanted { n_prompts: one_prompt, ..wanted }).is_ok()
                };
                prop_assert!(fits(offered), "{offer} does not fit");
                if offered.n_rows > 1 {
                    let longer = offered.row_tokens < wanted.row_tokens;
                    let more = Wanted {
                        n_rows: if longer { n_rows } else { offered.n_rows + 1 },
                        row_tokens: offered.row_tokens + u32::from(longer),
                        ..wanted
                    };
                    prop_assert!(offered.n_rows == wanted.n_rows && !longer || !fits(more), "{offer} is not the most");
                }
            }
        }
    }
}
