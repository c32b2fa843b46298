//! Vectors that are held for their cosines; the buffers are kept for the next, and made anew only for more.

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernel::Bindings;
use super::kernels::Cosine;

/// Buffers of vectors and their cosines.
#[derive(Debug, Default)]
pub(crate) struct Cosines {
    held: Option<Held>,
}

/// Buffers and what is bound to them.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) vectors: Buffer,
    pub(crate) cosines: Buffer,
    pub(crate) staging: Buffer,
    pub(crate) bindings: Bindings,
}

impl Cosines {
    /// Buffers for so many bytes of vectors and of cosines.
    ///
    /// # Errors
    /// No memory.
    pub(crate) async fn hold(
        &mut self,
        (gpu, kernel): (&Gpu, &Cosine),
        vector_bytes: u64,
        cosine_bytes: u64,
    ) -> Result<(), EngineError> {
        if let Some(held) = &self.held
            && held.vectors.size() >= vector_bytes
            && held.cosines.size() >= cosine_bytes
        {
            return Ok(());
        }
        if let Some(Held { vectors, cosines, staging, .. }) = self.held.take() {
            [vectors, cosines, staging].iter().for_each(Buffer::destroy);
        }
        // Some room, so that a few more need no others.
        let most = gpu.max_buffer_bytes();
        let roomy = |n_bytes: u64| n_bytes.next_power_of_two().min(most).max(n_bytes);
        let vectors = gpu.storage("vectors", roomy(vector_bytes)).await?;
        let cosines = gpu.storage("cosines", roomy(cosine_bytes)).await?;
        let staging = gpu.staging("read back cosines", roomy(cosine_bytes)).await?;
        let bindings = kernel.bind(gpu, &vectors, &cosines);
        self.held = Some(Held { vectors, cosines, staging, bindings });
        Ok(())
    }

    pub(crate) fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        self.held.as_ref().map_or(0, |held| held.vectors.size() + held.cosines.size() + held.staging.size())
    }
}
