//! Root-mean-square norm of rows, also of a selection of rows; and the layer norm without a bias.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::Recording;

/// Invocations of a workgroup.
const WG: u32 = 64;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Width of a row.
        pub dim: u32,
        /// Added to the mean square.
        pub eps: f32,
        /// 1 reads the rows that the indices name, 0 consecutive rows.
        pub gather: u32,
        /// First of the consecutive rows.
        pub first: u32,
        /// 1 adds to the output.
        pub add: u32,
        /// 1 takes the mean away first.
        pub centred: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad1: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad2: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "rms_norm",
    weights: None,
    wgsl: &[shader!("shared.wgsl"), shader!("rms_norm.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (2, Read), (3, Read), (4, Write)],
};

/// Which rows of the input are normed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Consecutive ones.
    From(u32),
    /// Those that the index buffer names.
    Indexed,
}

/// What is normed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// Width of a row.
    pub dim: u32,
    /// Added to the mean square.
    pub eps: f32,
    /// The mean is taken away first.
    pub is_centred: bool,
}

/// The pipeline, compiled once and shared by all layers.
#[derive(Clone, Debug)]
pub struct RmsNorm(Kernel);

impl RmsNorm {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[("WG", WG)]).await?))
    }

    /// Binds the input `[n_tokens, dim]`, the gain `[dim]`, row indices and the output `[n_rows, dim]`.
    pub fn bind(&self, gpu: &Gpu, x: &Buffer, gain: &Buffer, indices: &Buffer, y: &Buffer) -> Bindings {
        self.0.bind(gpu, &[x, gain, indices, y])
    }

    /// Norms `n_rows` rows.
    pub fn encode(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        Norm { dim, eps, is_centred }: Norm,
        rows: Rows,
        n_rows: u32,
    ) {
        let (gather, first) = match rows {
            Rows::From(first) => (0, first),
            Rows::Indexed => (1, 0),
        };
        let centred = u32::from(is_centred);
        let params = Params { dim, eps, gather, first, centred, ..Params::default() };
        recording.dispatch(&self.0, bindings, &params, [n_rows, 1, 1]);
    }

    /// Norms the first `n_rows` rows and adds them to the output.
    pub fn encode_add(
        &self,
        recording: &mut Recording,
        bindings: &Bindings,
        Norm { dim, eps, is_centred }: Norm,
        n_rows: u32,
    ) {
        let centred = u32::from(is_centred);
        let params = Params { dim, eps, add: 1, centred, ..Params::default() };
        recording.dispatch(&self.0, bindings, &params, [n_rows, 1, 1]);
    }
}
