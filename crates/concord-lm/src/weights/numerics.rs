//! How the CPU holds and multiplies weights, and what they take in memory.
//!
//! The rule depends on the file alone, so that the same file gives the same tokens wherever and whenever it is loaded.

use super::blocks::{TensorType, padded};
use super::model_tensor::PlacedTensor;

/// Outputs of a matrix that lie side by side in memory; matrices are padded to a multiple of it.
pub const PANEL_OUTS: usize = 8;
/// Weights that take no more than this as f32, in bytes, are held as f32: a small model gains nothing from less.
const SMALL_BYTES: u64 = 64 << 20;

/// What matrices are multiplied in on the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numerics {
    /// Weights and activations in f32, whatever type the file has.
    F32,
    /// Quantised matrices stay quantised, and take activations that are rounded to 8 bits, 32 at a time. Other matrices
    /// and everything between the products are as in [`Numerics::F32`].
    Int8,
}

impl Numerics {
    /// Those of a file: int8 if it has quantised matrices and its weights would take more than 64 MiB as f32.
    pub fn of(tensors: &[PlacedTensor]) -> Self {
        let has_quantised = tensors.iter().any(|placed| placed.info.tensor_type.form().is_some());
        if is_large(tensors) && has_quantised { Self::Int8 } else { Self::F32 }
    }

    /// Its name in sessions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

/// How a matrix is held on the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// As f32.
    F32,
    /// In the 16 bits of the file, which are widened as they are multiplied: the results are those of f32.
    Halves(TensorType),
    /// Quantised, re-laid in panels.
    Quantised(TensorType, Form),
}

impl Held {
    /// For a matrix of a file; `is_large` as [`is_large`] says of the file.
    pub(crate) fn of(tensor_type: TensorType, numerics: Numerics, is_large: bool) -> Self {
        match (tensor_type, tensor_type.form()) {
            (_, Some(form)) if numerics == Numerics::Int8 => Self::Quantised(tensor_type, form),
            (TensorType::F16 | TensorType::BF16, _) if is_large => Self::Halves(tensor_type),
            _ => Self::F32,
        }
    }

    /// Bytes of a panel: [`PANEL_OUTS`] rows of `n_in` values.
    fn panel_bytes(self, n_in: u64) -> u64 {
        match self {
            Self::F32 => PANEL_OUTS as u64 * n_in * 4,
            Self::Halves(_) => PANEL_OUTS as u64 * n_in * 2,
            Self::Quantised(tensor_type, form) => {
                n_in / tensor_type.block_len() as u64 * form.block_bytes(tensor_type) as u64
            }
        }
    }
}

/// Whether the weights take more than 64 MiB as f32.
pub(crate) fn is_large(tensors: &[PlacedTensor]) -> bool {
    let n_values: u64 = tensors.iter().map(|placed| placed.info.n_rows() * placed.info.n_cols()).sum();
    4 * n_values > SMALL_BYTES
}

/// Bytes that weights take on the CPU.
pub fn held_bytes(tensors: &[PlacedTensor], numerics: Numerics) -> u64 {
    let is_large = is_large(tensors);
    let bytes_of = |placed: &PlacedTensor| {
        let (n_rows, n_cols) = (placed.info.n_rows(), placed.info.n_cols());
        if placed.tensor.is_vector() {
            return 4 * n_rows * n_cols;
        }
        let held = Held::of(placed.info.tensor_type, numerics, is_large);
        n_rows.div_ceil(PANEL_OUTS as u64) * held.panel_bytes(n_cols)
    };
    tensors.iter().map(bytes_of).sum()
}

/// Bytes of all weights on a device.
pub(super) fn weights_bytes(tensors: &[PlacedTensor], on_cpu: bool) -> u64 {
    match on_cpu {
        true => held_bytes(tensors, Numerics::of(tensors)),
        false => tensors.iter().map(|placed| padded(placed.info.n_bytes)).sum(),
    }
}

/// What a block of a quantised type is made of, once its scales are unpacked to whole bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Of a quant.
    pub(crate) n_bits: usize,
    /// Taken from a quant, which is held without a sign.
    pub(crate) centre: i32,
    /// Whether values have an offset, too: a second f16 in each block.
    pub(crate) has_offset: bool,
    /// Bytes of the scales (and minimums) of 32 values, where a block has more than its f16s.
    pub(crate) scale_bytes: usize,
    /// Values that share a scale: 32 or 16.
    pub(crate) sub_len: usize,
}

impl Form {
    /// f16 numbers of a block.
    pub(crate) fn n_halves(self) -> usize {
        1 + usize::from(self.has_offset)
    }

    /// Bytes of a block of [`PANEL_OUTS`] rows.
    pub(crate) fn block_bytes(self, tensor_type: TensorType) -> usize {
        let n_values = tensor_type.block_len();
        PANEL_OUTS * (2 * self.n_halves() + n_values / 32 * self.scale_bytes + n_values * self.n_bits / 8)
    }
}

impl TensorType {
    /// The form of a quantised type; `None` of floats.
    pub(crate) fn form(self) -> Option<Form> {
        let (n_bits, centre, has_offset, scale_bytes, sub_len) = match self {
            Self::F32 | Self::F16 | Self::BF16 => return None,
            Self::Q8_0 => (8, 128, false, 0, 32),
            Self::Q4_0 => (4, 8, false, 0, 32),
            Self::Q4_1 => (4, 0, true, 0, 32),
            Self::Q5_0 => (5, 16, false, 0, 32),
            Self::Q5_1 => (5, 0, true, 0, 32),
            Self::Q2_K => (2, 0, true, 2, 16),
            Self::Q3_K => (3, 4, false, 2, 16),
            Self::Q4_K => (4, 0, true, 2, 32),
            Self::Q5_K => (5, 0, true, 2, 32),
            Self::Q6_K => (6, 32, false, 2, 16),
            // What the nibbles choose is looked up as they are unpacked.
            Self::IQ4_NL => (4, 128, false, 0, 32),
            Self::IQ4_XS => (4, 128, false, 1, 32),
        };
        Some(Form { n_bits, centre, has_offset, scale_bytes, sub_len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::testing::{RandomModel, random_model};
    use crate::weights::{ModelFile, ModelTensor};

    /// The tensors of a small model whose embedding table has `n_values` values in a type.
    fn tensors(tensor_type: TensorType, n_values: u64) -> Vec<PlacedTensor> {
        let model = RandomModel { tensor_type: TensorType::F32, ..RandomModel::default() };
        let mut tensors = ModelFile::from_bytes(&random_model(&model)).unwrap().tensors;
        let table = tensors.iter_mut().find(|placed| placed.tensor == ModelTensor::TokenEmbedding).unwrap();
        table.info.tensor_type = tensor_type;
        table.info.dims = vec![1024, n_values / 1024];
        tensors
    }

    #[test]
    fn only_large_quantised_files_are_multiplied_in_int8() {
        let (small, large) = (1 << 20, 16 << 20);
        for tensor_type in TensorType::ALL {
            let is_quantised = tensor_type.form().is_some();
            let expected = if is_quantised { Numerics::Int8 } else { Numerics::F32 };
            assert_eq!(Numerics::of(&tensors(tensor_type, small)), Numerics::F32, "{tensor_type:?}");
            assert_eq!(Numerics::of(&tensors(tensor_type, large)), expected, "{tensor_type:?}");
        }
        // 64 MiB are small, a value more is not.
        let rest: u64 = tensors(TensorType::Q8_0, 1024)
            .iter()
            .map(|placed| placed.info.n_rows() * placed.info.n_cols())
            .sum();
        let most = (16 << 20) - rest + 1024;
        assert!(!is_large(&tensors(TensorType::Q8_0, most / 1024 * 1024)));
        assert!(is_large(&tensors(TensorType::Q8_0, most / 1024 * 1024 + 1024)));
    }

    /// A 0.5B model's table in Q8_0 takes a byte and a sixteenth for a value in int8, four as f32; halves take two.
    #[test]
    fn large_tables_take_what_they_take_in_the_file() {
        let n_values = 128 << 20;
        let bytes = |tensor_type, numerics| {
            let all = held_bytes(&tensors(tensor_type, n_values), numerics);
            all - held_bytes(&tensors(tensor_type, 0), numerics)
        };
        assert_eq!(bytes(TensorType::Q8_0, Numerics::Int8), n_values * 34 / 32);
        assert_eq!(bytes(TensorType::Q8_0, Numerics::F32), n_values * 4);
        assert_eq!(bytes(TensorType::F16, Numerics::F32), n_values * 2);
        assert_eq!(bytes(TensorType::Q4_K, Numerics::Int8), n_values * 148 / 256);
    }
}
