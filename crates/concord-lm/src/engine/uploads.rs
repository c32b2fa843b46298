//! What the host gives the device: collected, written once per submit, copied to its places at the submit's start.

use bytemuck::Pod;

use super::buffers::Buffer;
use super::device::{Gpu, N_UNIFORMS, UNIFORM_STRIDE};
use super::error::EngineError;
use super::recording::{BufferCopy, Recording};
use crate::generate::ModelError;

/// Most bytes that are collected; more are sent at once.
const MOST_BYTES: usize = 1 << 20;
/// Bytes of the uniform buffer.
const UNIFORM_BYTES: usize = (N_UNIFORMS * UNIFORM_STRIDE) as usize;

/// Bytes on their way, and where they go.
#[derive(Debug)]
pub(crate) struct Uploads {
    buffer: Buffer,
    bytes: Vec<u8>,
    copies: Vec<Upload>,
    n_submits: u32,
    n_writes: u32,
}

/// Recordings, then copies of what they gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) recordings: &'a [&'a Recording],
    pub(crate) copies: &'a [BufferCopy<'a>],
}

#[derive(Debug)]
struct Upload {
    from: u64,
    to: Buffer,
    offset: u64,
    n_bytes: u64,
}

impl Uploads {
    /// Nothing collected.
    ///
    /// # Errors
    /// No memory.
    pub(crate) async fn new(gpu: &Gpu) -> Result<Self, EngineError> {
        let buffer = gpu.carrier("uploads", (MOST_BYTES + UNIFORM_BYTES) as u64).await?;
        Ok(Self { buffer, bytes: Vec::new(), copies: Vec::new(), n_submits: 0, n_writes: 0 })
    }

    /// Collects `values` for a place in a buffer, in bytes; offset and length are multiples of 4. Later submits see them.
    pub(crate) fn write<T: Pod>(&mut self, gpu: &Gpu, to: &Buffer, offset: u64, values: &[T]) {
        let mut offset = offset;
        for bytes in bytemuck::cast_slice::<T, u8>(values).chunks(MOST_BYTES) {
            if self.bytes.len() + bytes.len() > MOST_BYTES {
                self.send(gpu, &[]);
            }
            let (from, n_bytes) = (self.bytes.len() as u64, bytes.len() as u64);
            self.bytes.extend_from_slice(bytes);
            match self.copies.last_mut() {
                Some(last) if last.to == *to && last.offset + last.n_bytes == offset => {
                    last.n_bytes += n_bytes;
                }
                _ => self.copies.push(Upload { from, to: to.clone(), offset, n_bytes }),
            }
            offset += n_bytes;
        }
    }

    /// Submits what was collected, then the recordings, then the copies.
    ///
    /// # Errors
    /// As [`Uploads::submit_stages`].
    pub(crate) fn submit(
        &mut self,
        gpu: &Gpu,
        recordings: &[&Recording],
        copies: &[BufferCopy<'_>],
    ) -> Result<wgpu::SubmissionIndex, ModelError> {
        self.submit_stages(gpu, &[Stage { recordings, copies }])
    }

    /// Submits what was collected, then the stages, one after another.
    ///
    /// # Errors
    /// More distinct parameters than the uniform buffer holds; nothing is submitted then.
    pub(crate) fn submit_stages(
        &mut self,
        gpu: &Gpu,
        stages: &[Stage<'_>],
    ) -> Result<wgpu::SubmissionIndex, ModelError> {
        let recordings = stages.iter().flat_map(|stage| stage.recordings);
        let n_bytes: usize = recordings.map(|recording| recording.uniforms().len()).sum();
        if n_bytes > UNIFORM_BYTES {
            let reason = "one submit has too many different dispatches".to_owned();
            return Err(ModelError::BadRequest { reason });
        }
        Ok(self.send(gpu, stages))
    }

    /// Submits and writes since the last call.
    pub(crate) fn counted(&mut self) -> (u32, u32) {
        (std::mem::take(&mut self.n_submits), std::mem::take(&mut self.n_writes))
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        self.buffer.size()
    }

    fn send(&mut self, gpu: &Gpu, stages: &[Stage<'_>]) -> wgpu::SubmissionIndex {
        let first = self.bytes.len();
        for recording in stages.iter().flat_map(|stage| stage.recordings) {
            self.bytes.extend_from_slice(recording.uniforms());
        }
        if !self.bytes.is_empty() {
            gpu.queue.write_buffer(&self.buffer, 0, &self.bytes);
            self.n_writes += 1;
        }
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for Upload { from, to, offset, n_bytes } in self.copies.drain(..) {
            encoder.copy_buffer_to_buffer(&self.buffer, from, &to, offset, n_bytes);
        }
        let n_uniform_bytes = (self.bytes.len() - first) as u64;
        if n_uniform_bytes > 0 {
            encoder.copy_buffer_to_buffer(&self.buffer, first as u64, &gpu.uniforms, 0, n_uniform_bytes);
        }
        self.bytes.clear();
        let mut uniforms_start = 0;
        for Stage { recordings, copies } in stages {
            uniforms_start = Recording::encode_all(recordings, uniforms_start, &mut encoder);
            copies.iter().for_each(|copy| copy.encode(&mut encoder));
        }
        self.n_submits += 1;
        gpu.queue.submit([encoder.finish()])
    }
}
