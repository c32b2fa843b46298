//! Shaders that read weights: one text per tensor type, joined from how its numbers and its scales are stored.

use crate::engine::kernel::Access::{self, Read, Write};

/// Input, numbers, output.
pub(crate) const PLAIN: &[(u32, Access)] = &[(1, Read), (2, Read), (4, Write)];
/// Input, numbers, scales, output.
pub(crate) const SCALED: &[(u32, Access)] = &[(1, Read), (2, Read), (3, Read), (4, Write)];
/// Input, numbers, scales, output, upper bits of the numbers.
pub(crate) const SPLIT: &[(u32, Access)] = &[(1, Read), (2, Read), (3, Read), (4, Write), (5, Read)];

/// One shader of a kernel: what its numbers are centred at, and the files it is joined from.
macro_rules! joined {
    ([$name:literal [$($wgsl:literal)+] $params:ty] $bindings:ident $ty:literal $centre:literal $numbers:literal $scales:literal) => {
        joined!(@ $name $params, $bindings $ty concat!(
            "const CENTRE = ", $centre, ";\n",
            include_str!("weights_affine.wgsl"), include_str!($numbers), include_str!($scales), $(include_str!($wgsl)),+
        ))
    };
    ([$name:literal [$($wgsl:literal)+] $params:ty] $bindings:ident $ty:literal $numbers:literal) => {
        joined!(@ $name $params, $bindings $ty concat!(
            include_str!($numbers), $(include_str!($wgsl)),+
        ))
    };
    (@ $name:literal $params:ty, $bindings:ident $ty:literal $text:expr) => {{
        const SOURCE: $crate::engine::kernel::Source = $crate::engine::kernel::Source {
            name: concat!($name, " ", $ty),
            wgsl: $text,
            params_bytes: size_of::<$params>(),
            params_fields: <$params>::FIELDS,
            bindings: $crate::engine::kernels::weights::$bindings,
        };
        &SOURCE
    }};
}
pub(crate) use joined;

/// Declares a function of the tensor type: the shader of a kernel that reads weights, joined with these files.
macro_rules! weight_sources {
    ($source:ident, $name:literal, $wgsl:tt, $params:ty) => {
        /// The shader for matrices of a tensor type.
        pub const fn $source(
            tensor_type: $crate::weights::TensorType,
        ) -> &'static $crate::engine::kernel::Source {
            use $crate::engine::kernels::weights::joined;
            use $crate::weights::TensorType as T;
            match tensor_type {
                T::F32 => joined!([$name $wgsl $params] PLAIN "F32" "weights_f32.wgsl"),
                T::F16 => joined!([$name $wgsl $params] PLAIN "F16" "weights_f16.wgsl"),
                T::BF16 => joined!([$name $wgsl $params] PLAIN "BF16" "weights_bf16.wgsl"),
                T::Q8_0 => joined!([$name $wgsl $params] SCALED "Q8_0" "0.0" "quants_8.wgsl" "scales_half.wgsl"),
                T::Q4_0 => joined!([$name $wgsl $params] SCALED "Q4_0" "8.0" "quants_4.wgsl" "scales_half.wgsl"),
                T::Q4_1 => joined!([$name $wgsl $params] SCALED "Q4_1" "0.0" "quants_4.wgsl" "scales_pair.wgsl"),
                T::Q5_0 => joined!([$name $wgsl $params] SPLIT "Q5_0" "16.0" "quants_5.wgsl" "scales_half.wgsl"),
                T::Q5_1 => joined!([$name $wgsl $params] SPLIT "Q5_1" "0.0" "quants_5.wgsl" "scales_pair.wgsl"),
                T::Q4_K => joined!([$name $wgsl $params] SCALED "Q4_K" "0.0" "quants_4.wgsl" "scales_k.wgsl"),
                T::Q5_K => joined!([$name $wgsl $params] SPLIT "Q5_K" "0.0" "quants_5.wgsl" "scales_k.wgsl"),
                T::Q2_K => joined!([$name $wgsl $params] SCALED "Q2_K" "0.0" "quants_2.wgsl" "scales_q2.wgsl"),
                T::Q3_K => joined!([$name $wgsl $params] SPLIT "Q3_K" "4.0" "quants_3.wgsl" "scales_q6.wgsl"),
                T::IQ4_NL => joined!([$name $wgsl $params] SCALED "IQ4_NL" "0.0" "quants_iq4.wgsl" "scales_half.wgsl"),
                T::IQ4_XS => joined!([$name $wgsl $params] SCALED "IQ4_XS" "0.0" "quants_iq4.wgsl" "scales_iq4.wgsl"),
                T::Q6_K => joined!([$name $wgsl $params] SPLIT "Q6_K" "32.0" "quants_6.wgsl" "scales_q6.wgsl"),
            }
        }
    };
}
pub(crate) use weight_sources;
