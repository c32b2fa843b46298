//! A list of dispatches and the parameters they use, submitted as one compute pass.
//!
//! Parameters go into one uniform buffer, each distinct block once, found by its bytes; a dispatch
//! names its block by a dynamic offset. One `write_buffer` and one pass per submit; results are read back after it.

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

    /// Submits the pass, then the copies `(from, to, n_bytes)`.
    pub(crate) fn submit(&self, gpu: &Gpu, copies: &[(&wgpu::Buffer, &wgpu::Buffer, u64)]) {
        gpu.queue.write_buffer(&gpu.uniforms, 0, &self.uniforms);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if !self.dispatches.is_empty() {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for Dispatch { pipeline, bindings, uniform_idx, groups: [x, y, z] } in &self.dispatches {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, bindings, &[uniform_idx * UNIFORM_STRIDE]);
                pass.dispatch_workgroups(*x, *y, *z);
            }
        }
        for (from, to, n_bytes) in copies {
            encoder.copy_buffer_to_buffer(from, 0, to, 0, *n_bytes);
        }
        gpu.queue.submit([encoder.finish()]);
    }
}

impl Gpu {
    /// Submits a recording and reads the first `n_values` of a buffer after it, through `staging`.
    ///
    /// # Errors
    /// What the device reported since the last wait, or its loss.
    pub(crate) async fn run_and_read<T: Pod>(
        &self,
        recording: &Recording,
        from: &Buffer,
        staging: &Buffer,
        n_values: usize,
    ) -> Result<Vec<T>, ModelError> {
        if !recording.fits() {
            let reason = "one submit has too many different dispatches".to_owned();
            return Err(ModelError::BadRequest { reason });
        }
        let n_bytes = (n_values * size_of::<T>()) as u64;
        recording.submit(self, &[(from, staging, n_bytes)]);
        if n_bytes == 0 {
            self.check()?;
            return Ok(Vec::new());
        }
        let mapped = self.map(staging, n_bytes).await;
        if let Err(error) = self.check() {
            // What is mapped could not be copied to the next time.
            mapped.into_iter().for_each(|()| staging.unmap());
            return Err(error);
        }
        mapped.map_err(|reason| ModelError::DeviceLost { reason })?;
        let view = staging
            .slice(..n_bytes)
            .get_mapped_range()
            .map_err(|error| ModelError::DeviceLost { reason: error.to_string() })?;
        let values = bytemuck::pod_collect_to_vec(&view);
        drop(view);
        staging.unmap();
        Ok(values)
    }

    /// Runs a recording and reads a buffer back through a staging buffer of its own: for tests and
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
        let staging = self.staging("read back", (n_values * size_of::<T>()) as u64).await?;
        Ok(self.run_and_read(recording, from, &staging, n_values).await?)
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
