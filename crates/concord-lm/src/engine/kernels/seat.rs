//! Seats the rows of a decode: ended ones leave, waiting ones take their places.

use crate::engine::buffers::Buffer;
use crate::engine::device::Gpu;
use crate::engine::error::EngineError;
use crate::engine::kernel::Access::{Read, Write};
use crate::engine::kernel::{Bindings, Kernel, Source, params, shader};
use crate::engine::recording::Recording;

/// Words before the rows of a queue: head and end.
pub const QUEUE_HEAD_WORDS: u32 = 4;

params! {
    /// Uniform block of the shader.
    pub struct Params {
        /// Entry of the draws that is the first table row's.
        pub first_row: u32,
        /// Places that waiting rows may take.
        pub n_rows: u32,
        /// Places there are.
        pub max_rows: u32,
        /// Fills the uniform block up to whole vectors of 16 bytes.
        pub pad0: u32,
    }
}

/// What the pipeline is made from; listed in `sources`, which the shader tests go through.
pub const SOURCE: Source = Source {
    name: "seat",
    weights: None,
    wgsl: &[shader!("queue.wgsl"), shader!("seat.wgsl")],
    params_bytes: size_of::<Params>(),
    params_fields: Params::FIELDS,
    bindings: &[(1, Read), (4, Write), (5, Read), (6, Write)],
};

/// The buffers of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Buffers<'a> {
    /// Those of [`super::sample::Buffers`].
    pub draws: &'a Buffer,
    /// `[max_rows]` of {id, position, table row, unused}: who sits where now.
    pub batch: &'a Buffer,
    /// The same: who sat where.
    pub places: &'a Buffer,
    /// Head and end, then a ring of entries of the batch.
    pub queue: &'a Buffer,
}

/// The pipeline, compiled once.
#[derive(Clone, Debug)]
pub struct Seat(Kernel);

impl Seat {
    /// Compiles it.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self(Kernel::new(gpu, &SOURCE, &[]).await?))
    }

    /// Binds the buffers.
    pub fn bind(&self, gpu: &Gpu, buffers: Buffers<'_>) -> Bindings {
        let Buffers { draws, batch, places, queue } = buffers;
        self.0.bind(gpu, &[draws, batch, places, queue])
    }

    /// Seats rows.
    pub fn encode(&self, recording: &mut Recording, bindings: &Bindings, params: Params) {
        recording.dispatch(&self.0, bindings, &params, [1, 1, 1]);
    }
}
