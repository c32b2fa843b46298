//! A list of dispatches and the parameters they use, submitted as one compute pass.
//!
//! Parameters go into one uniform buffer, each distinct block once, found by its bytes; a dispatch
//! names its block by a dynamic offset.

use bytemuck::Pod;

use super::buffers::Buffer;
use super::device::{Gpu, N_UNIFORMS, UNIFORM_STRIDE};
use super::error::EngineError;
use super::kernel::Kernel;
use crate::generate::ModelError;

/// Largest number of workgroups in one dimension of a dispatch that WebGPU guarantees.
pub(crate) const MAX_GROUPS: u32 = 65_535;

/// One run of a kernel.
#[derive(Clone, Debug)]
struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    uniform_idx: u32,
    groups: [u32; 3],
}

/// Dispatches in order.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    dispatches: Vec<Dispatch>,
    /// Distinct parameter blocks, each padded to [`UNIFORM_STRIDE`].
    uniforms: Vec<u8>,
}

impl Recording {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one run of a kernel. Empty grids are left out.
    pub fn dispatch<P: Pod>(
        &mut self,
        kernel: &Kernel,
        bindings: &wgpu::BindGroup,
        params: &P,
        groups: [u32; 3],
    ) {
        if groups.contains(&0) || kernel.is_dead {
            return;
        }
        let uniform_idx = self.uniform(bytemuck::bytes_of(params));
        let (pipeline, bindings) = (kernel.pipeline.clone(), bindings.clone());
        self.dispatches.push(Dispatch { pipeline, bindings, uniform_idx, groups });
    }

    /// Dispatches recorded so far.
    pub fn n_dispatches(&self) -> u32 {
        self.dispatches.len() as u32
    }

    /// Index of the block with these bytes, added where it is new.
    fn uniform(&mut self, bytes: &[u8]) -> u32 {
        let stride = UNIFORM_STRIDE as usize;
        let mut block = [0; UNIFORM_STRIDE as usize];
        block[..bytes.len()].copy_from_slice(bytes);
        let known = self.uniforms.chunks_exact(stride).position(|known| known == block);
        known.unwrap_or_else(|| {
            self.uniforms.extend_from_slice(&block);
            self.uniforms.len() / stride - 1
        }) as u32
    }

    /// Whether the parameters fit the uniform buffer.
    pub(crate) fn fits(&self) -> bool {
        self.uniforms.len() <= (N_UNIFORMS * UNIFORM_STRIDE) as usize
    }

    /// Distinct parameter blocks, each padded to [`UNIFORM_STRIDE`].
    pub(crate) fn uniforms(&self) -> &[u8] {
        &self.uniforms
    }

    /// Encodes recordings as one pass; their parameters lie in the uniform buffer one after another, from `start` bytes on.
    /// Returns where they end.
    pub(crate) fn encode_all(recordings: &[&Self], start: u32, encoder: &mut wgpu::CommandEncoder) -> u32 {
        if recordings.iter().all(|recording| recording.dispatches.is_empty()) {
            return start;
        }
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let mut start = start;
        for recording in recordings {
            for Dispatch { pipeline, bindings, uniform_idx, groups: [x, y, z] } in &recording.dispatches {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, bindings, &[start + uniform_idx * UNIFORM_STRIDE]);
                pass.dispatch_workgroups(*x, *y, *z);
            }
            start += recording.uniforms.len() as u32;
        }
        start
    }

    /// Submits the pass, then the copies.
    fn submit(&self, gpu: &Gpu, copy: &BufferCopy<'_>) -> wgpu::SubmissionIndex {
        gpu.queue.write_buffer(&gpu.uniforms, 0, &self.uniforms);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        Self::encode_all(&[self], 0, &mut encoder);
        copy.encode(&mut encoder);
        gpu.queue.submit([encoder.finish()])
    }
}

/// A copy from one buffer to another, places and length in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BufferCopy<'a> {
    pub(crate) from: (&'a Buffer, u64),
    pub(crate) to: (&'a Buffer, u64),
    pub(crate) n_bytes: u64,
}

impl BufferCopy<'_> {
    pub(crate) fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        let Self { from: (from, from_at), to: (to, to_at), n_bytes } = *self;
        if n_bytes > 0 {
            encoder.copy_buffer_to_buffer(from, from_at, to, to_at, n_bytes);
        }
    }
}

impl Gpu {
    /// Runs a recording and reads the first `n_values` of a buffer back, through a staging buffer of its own: for tests and
    /// start-up checks.
    ///
    /// # Errors
    /// No memory, or what the device reported.
    pub async fn run_once<T: Pod>(
        &self,
        recording: &Recording,
        from: &Buffer,
        n_values: usize,
    ) -> Result<Vec<T>, EngineError> {
        if !recording.fits() {
            let reason = "one submit has too many different dispatches".to_owned();
            return Err(ModelError::BadRequest { reason }.into());
        }
        let n_bytes = (n_values * size_of::<T>()) as u64;
        let staging = self.staging("read back", n_bytes).await?;
        let after = recording.submit(self, &BufferCopy { from: (from, 0), to: (&staging, 0), n_bytes });
        Ok(self.begin_read(&staging, n_bytes, after).values(self).await?)
    }
}

/// Splits a number of workgroups over x and y, so that x stays within the limit: `[x, y]`, x * y >= n.
pub(crate) fn fold(n_groups: u32) -> [u32; 2] {
    let y = n_groups.div_ceil(MAX_GROUPS).max(1);
    [n_groups.div_ceil(y), y]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_covers_every_group_within_the_limit() {
        for n in [0, 1, 2, 65_534, 65_535, 65_536, 131_071, 1_000_003, 4_000_000_000] {
            let [x, y] = fold(n);
            assert!(x <= MAX_GROUPS && y <= MAX_GROUPS, "{n}: {x} x {y}");
            assert!(u64::from(x) * u64::from(y) >= u64::from(n), "{n}: {x} x {y}");
            assert!(u64::from(x) * u64::from(y) < u64::from(n) + u64::from(y), "{n}: {x} x {y}");
        }
    }

    #[test]
    fn equal_parameters_share_a_block() {
        let mut recording = Recording::new();
        let [a, b] = [[1u32, 2, 3, 4], [1, 2, 3, 5]];
        let indices = [a, b, a].map(|params| recording.uniform(bytemuck::bytes_of(&params)));
        assert_eq!(indices, [0, 1, 0]);
        assert!(recording.fits());
    }
}
