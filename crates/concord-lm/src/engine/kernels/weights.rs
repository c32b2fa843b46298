//! What shaders that read weights begin with: a text per tensor type, from how its numbers and its scales are stored.

use crate::engine::shader::Access::{self, Read};
use crate::engine::shader::shader;
use crate::weights::TensorType;

/// The buffers of a matrix, and the text with `load8` that reads them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) bindings: &'static [(u32, Access)],
    pub(crate) wgsl: &'static [&'static str],
}

/// Of numbers as they are: the file.
macro_rules! plain {
    ($numbers:literal) => {
        Reader { bindings: &[(2, Read)], wgsl: &[shader!($numbers)] }
    };
}

/// The text of numbers with scales.
macro_rules! affine {
    ($centre:literal $numbers:literal $scales:literal) => {
        &[
            concat!("const CENTRE = ", $centre, ";\n"),
            shader!("weights_affine.wgsl"),
            shader!($numbers),
            shader!($scales),
        ]
    };
}

/// Of numbers with scales: what the numbers are centred at, and the files of both.
macro_rules! scaled {
    ($centre:literal $numbers:literal $scales:literal) => {
        Reader { bindings: &[(2, Read), (3, Read)], wgsl: affine!($centre $numbers $scales) }
    };
}

/// The same with the upper bits of the numbers in a third buffer.
macro_rules! split {
    ($centre:literal $numbers:literal $scales:literal) => {
        Reader { bindings: &[(2, Read), (3, Read), (5, Read)], wgsl: affine!($centre $numbers $scales) }
    };
}

/// How weights of a type are read.
pub(crate) const fn reader(tensor_type: TensorType) -> Reader {
    match tensor_type {
        TensorType::F32 => plain!("weights_f32.wgsl"),
        TensorType::F16 => plain!("weights_f16.wgsl"),
        TensorType::BF16 => plain!("weights_bf16.wgsl"),
        TensorType::Q8_0 => scaled!("0.0" "quants_8.wgsl" "scales_half.wgsl"),
        TensorType::Q4_0 => scaled!("8.0" "quants_4.wgsl" "scales_half.wgsl"),
        TensorType::Q4_1 => scaled!("0.0" "quants_4.wgsl" "scales_pair.wgsl"),
        TensorType::Q5_0 => split!("16.0" "quants_5.wgsl" "scales_half.wgsl"),
        TensorType::Q5_1 => split!("0.0" "quants_5.wgsl" "scales_pair.wgsl"),
        TensorType::Q4_K => scaled!("0.0" "quants_4.wgsl" "scales_k.wgsl"),
        TensorType::Q5_K => split!("0.0" "quants_5.wgsl" "scales_k.wgsl"),
        TensorType::Q2_K => scaled!("0.0" "quants_2.wgsl" "scales_q2.wgsl"),
        TensorType::Q3_K => split!("4.0" "quants_3.wgsl" "scales_q6.wgsl"),
        TensorType::IQ4_NL => scaled!("0.0" "quants_iq4.wgsl" "scales_half.wgsl"),
        TensorType::IQ4_XS => scaled!("0.0" "quants_iq4.wgsl" "scales_iq4.wgsl"),
        TensorType::Q6_K => split!("32.0" "quants_6.wgsl" "scales_q6.wgsl"),
    }
}
