//! Tensor types: how rows of numbers are laid out as bytes.

/// Values in a block of the simple quantised types.
pub const BLOCK_LEN: usize = 32;
/// Values in a block of the K types.
pub const SUPER_LEN: usize = 256;

/// What the nibbles of the IQ4 types choose from: closer together where weights are more frequent.
pub const IQ4_VALUES: [i8; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/// Storage of a tensor's values; see `dequantise` for the layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(non_camel_case_types, reason = "the names of the format")]
pub enum TensorType {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// The upper halves of 32-bit floats.
    BF16,
    /// Blocks of 32 bytes with a scale.
    Q8_0,
    /// Blocks of 32 nibbles with a scale.
    Q4_0,
    /// Blocks of 32 nibbles with a scale and a minimum.
    Q4_1,
    /// Blocks of 32 five-bit numbers with a scale.
    Q5_0,
    /// Blocks of 32 five-bit numbers with a scale and a minimum.
    Q5_1,
    /// Blocks of 256 two-bit numbers, a 4-bit scale and minimum for 16 of them.
    Q2_K,
    /// Blocks of 256 three-bit numbers, a 6-bit scale for 16 of them.
    Q3_K,
    /// Blocks of 256 nibbles, a 6-bit scale and minimum for 32 of them.
    Q4_K,
    /// Blocks of 256 five-bit numbers, a 6-bit scale and minimum for 32 of them.
    Q5_K,
    /// Blocks of 256 six-bit numbers, an 8-bit scale for 16 of them.
    Q6_K,
    /// Blocks of 32 nibbles that choose from a table, with a scale.
    IQ4_NL,
    /// Blocks of 256 nibbles that choose from a table, a 6-bit scale for 32 of them.
    IQ4_XS,
}

/// Names and numbers of all types, then of those that exist in files and are not supported.
const TYPES: [(u32, &str, Option<TensorType>); 34] = [
    (0, "F32", Some(TensorType::F32)),
    (1, "F16", Some(TensorType::F16)),
    (2, "Q4_0", Some(TensorType::Q4_0)),
    (3, "Q4_1", Some(TensorType::Q4_1)),
    (6, "Q5_0", Some(TensorType::Q5_0)),
    (7, "Q5_1", Some(TensorType::Q5_1)),
    (8, "Q8_0", Some(TensorType::Q8_0)),
    (10, "Q2_K", Some(TensorType::Q2_K)),
    (11, "Q3_K", Some(TensorType::Q3_K)),
    (12, "Q4_K", Some(TensorType::Q4_K)),
    (13, "Q5_K", Some(TensorType::Q5_K)),
    (14, "Q6_K", Some(TensorType::Q6_K)),
    (20, "IQ4_NL", Some(TensorType::IQ4_NL)),
    (23, "IQ4_XS", Some(TensorType::IQ4_XS)),
    (30, "BF16", Some(TensorType::BF16)),
    (9, "Q8_1", None),
    (15, "Q8_K", None),
    (16, "IQ2_XXS", None),
    (17, "IQ2_XS", None),
    (18, "IQ3_XXS", None),
    (19, "IQ1_S", None),
    (21, "IQ3_S", None),
    (22, "IQ2_S", None),
    (24, "I8", None),
    (25, "I16", None),
    (26, "I32", None),
    (27, "I64", None),
    (28, "F64", None),
    (29, "IQ1_M", None),
    (34, "TQ1_0", None),
    (35, "TQ2_0", None),
    (39, "MXFP4", None),
    (40, "NVFP4", None),
    (41, "Q1_0", None),
];

impl TensorType {
    /// All types, for tests that go through them.
    pub const ALL: [Self; 15] = [
        Self::F32,
        Self::F16,
        Self::BF16,
        Self::Q8_0,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q2_K,
        Self::Q3_K,
        Self::Q4_K,
        Self::Q5_K,
        Self::Q6_K,
        Self::IQ4_NL,
        Self::IQ4_XS,
    ];

    /// Name as llama.cpp writes it.
    pub fn name(self) -> &'static str {
        TYPES.iter().find(|(_, _, tensor_type)| *tensor_type == Some(self)).map_or("", |(_, name, _)| name)
    }

    /// Number of the type in a GGUF file.
    #[cfg(any(test, feature = "testing"))]
    pub fn ggml_id(self) -> u32 {
        TYPES.iter().find(|(_, _, tensor_type)| *tensor_type == Some(self)).map_or(0, |(id, _, _)| *id)
    }

    /// The type of a GGUF number, or the name of the unsupported type.
    pub(crate) fn from_ggml_id(id: u32) -> Result<Self, String> {
        match TYPES.iter().find(|(known, _, _)| *known == id) {
            Some((_, _, Some(tensor_type))) => Ok(*tensor_type),
            Some((_, name, None)) => Err((*name).to_owned()),
            None => Err(format!("an unknown type (number {id})")),
        }
    }

    /// Values in one block; rows are a whole number of blocks.
    pub fn block_len(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::BF16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::IQ4_NL => BLOCK_LEN,
            Self::Q2_K | Self::Q3_K | Self::Q4_K | Self::Q5_K | Self::Q6_K | Self::IQ4_XS => SUPER_LEN,
        }
    }

    /// Bytes of one block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::Q8_0 => 34,
            Self::Q4_0 | Self::IQ4_NL => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q2_K => 84,
            Self::Q3_K => 110,
            Self::IQ4_XS => 136,
            Self::Q4_K => 144,
            Self::Q5_K => 176,
            Self::Q6_K => 210,
        }
    }

    /// Bytes of one row of `n_cols` values; `n_cols` is a multiple of [`Self::block_len`].
    pub fn row_bytes(self, n_cols: usize) -> usize {
        n_cols / self.block_len() * self.block_bytes()
    }
}

/// Buffers on the device are padded to this many bytes.
const BUFFER_ALIGNMENT: u64 = 256;

/// Bytes of a tensor's buffer.
pub(super) fn padded(n_bytes: u64) -> u64 {
    n_bytes.saturating_add(BUFFER_ALIGNMENT - 1) / BUFFER_ALIGNMENT * BUFFER_ALIGNMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_agree() {
        for tensor_type in TensorType::ALL {
            assert_eq!(TensorType::from_ggml_id(tensor_type.ggml_id()), Ok(tensor_type));
        }
        assert_eq!(TensorType::from_ggml_id(16), Err("IQ2_XXS".to_owned()));
        assert_eq!(TensorType::from_ggml_id(77), Err("an unknown type (number 77)".to_owned()));
    }
}
