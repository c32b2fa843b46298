//! GPU buffers: made within limits, filled from slices, mapped without blocking the page.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use bytemuck::Pod;

use super::device::Gpu;
use super::error::EngineError;
use crate::generate::ModelError;

/// A buffer on the device.
pub type Buffer = wgpu::Buffer;

impl Gpu {
    /// A zeroed storage buffer of at least `n_bytes`, at least 16.
    ///
    /// # Errors
    /// Larger than the device can bind, or no memory left.
    pub async fn storage(&self, label: &str, n_bytes: u64) -> Result<Buffer, EngineError> {
        let limit = self.max_buffer_bytes();
        if n_bytes > limit {
            return Err(EngineError::TooLarge { what: label.to_owned(), needed: n_bytes, limit });
        }
        if !self.has_memory(n_bytes) {
            let reason = format!("{n_bytes} bytes");
            return Err(EngineError::OutOfMemory { what: label.to_owned(), reason });
        }
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.scoped(label, || self.buffer(label, n_bytes, usage)).await
    }

    /// A storage buffer that holds `values`.
    ///
    /// # Errors
    /// As [`Gpu::storage`].
    pub async fn upload<T: Pod>(&self, label: &str, values: &[T]) -> Result<Buffer, EngineError> {
        let buffer = self.storage(label, size_of_val(values) as u64).await?;
        self.write(&buffer, 0, values);
        Ok(buffer)
    }

    /// Writes `values` at an offset in bytes; offset and length are multiples of 4.
    pub fn write<T: Pod>(&self, buffer: &Buffer, offset: u64, values: &[T]) {
        if !values.is_empty() {
            self.queue.write_buffer(buffer, offset, bytemuck::cast_slice(values));
        }
    }

    /// A buffer that results are copied to and read from.
    ///
    /// # Errors
    /// No memory left.
    pub(crate) async fn staging(&self, label: &str, n_bytes: u64) -> Result<Buffer, EngineError> {
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        self.scoped(label, || self.buffer(label, n_bytes, usage)).await
    }

    /// A buffer that is written and copied from, never bound: it may be larger than what can be.
    ///
    /// # Errors
    /// No memory left.
    pub(crate) async fn carrier(&self, label: &str, n_bytes: u64) -> Result<Buffer, EngineError> {
        let usage = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        self.scoped(label, || self.buffer(label, n_bytes, usage)).await
    }

    fn buffer(&self, label: &str, n_bytes: u64, usage: wgpu::BufferUsages) -> Buffer {
        let size = n_bytes.max(16).next_multiple_of(16);
        let mapped_at_creation = false;
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation,
        });
        self.attempts.count(&buffer);
        buffer
    }

    /// Waits until all submitted work is done and what it needed is given back.
    ///
    /// # Errors
    /// What the device reported.
    pub async fn drain(&self) -> Result<(), ModelError> {
        self.queue.submit([]);
        let done = Signal::default();
        let on_done = done.clone();
        self.queue.on_submitted_work_done(move || on_done.set(Ok(())));
        self.poll();
        let finished = done.wait().await;
        self.check()?;
        finished.map_err(|reason| ModelError::DeviceLost { reason })
    }

    /// Asks for the first bytes of a buffer, as they are after a submit.
    pub(super) fn begin_read(&self, buffer: &Buffer, n_bytes: u64, after: wgpu::SubmissionIndex) -> Reading {
        let mapped = Signal::default();
        if n_bytes > 0 {
            let on_mapped = mapped.clone();
            buffer.slice(..n_bytes).map_async(wgpu::MapMode::Read, move |result| {
                on_mapped.set(result.map_err(|error| error.to_string()));
            });
        }
        Reading { buffer: buffer.clone(), n_bytes, mapped, after }
    }

    /// Natively, blocks until callbacks have run; in the browser they run by themselves.
    fn poll(&self) {
        // An error here is a lost device, whose callback has kept it.
        let _ = self.device.poll(wgpu::PollType::wait_indefinitely());
    }
}

/// A buffer that is about to be read. Dropped, it is given up: the buffer can be used again.
#[derive(Debug)]
pub(super) struct Reading {
    buffer: Buffer,
    n_bytes: u64,
    mapped: Signal,
    after: wgpu::SubmissionIndex,
}

impl Reading {
    /// Waits for the bytes.
    ///
    /// # Errors
    /// What the device reported since the last wait, or its loss.
    pub(super) async fn values<T: Pod>(mut self, gpu: &Gpu) -> Result<Vec<T>, ModelError> {
        if self.n_bytes == 0 {
            gpu.check()?;
            return Ok(Vec::new());
        }
        // What was submitted later need not be done.
        let (submission_index, timeout) = (Some(self.after.clone()), None);
        if gpu.device.poll(wgpu::PollType::Wait { submission_index, timeout }).is_err() {
            gpu.poll();
        }
        let mapped = self.mapped.wait().await;
        if mapped.is_err() {
            // The reason may still be on its way. What is not mapped need not be given up.
            gpu.poll();
        }
        let n_bytes = if mapped.is_err() { std::mem::take(&mut self.n_bytes) } else { self.n_bytes };
        // What is mapped could not be copied to the next time.
        gpu.check()?;
        let lost = |reason| ModelError::DeviceLost { reason };
        mapped.map_err(lost)?;
        let view = self.buffer.slice(..n_bytes).get_mapped_range();
        let view = view.map_err(|error| lost(error.to_string()))?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if self.n_bytes > 0 {
            self.buffer.unmap();
        }
    }
}

/// What a callback has set, and who waits for it.
#[derive(Debug, Default)]
struct Pending {
    result: Option<Result<(), String>>,
    waker: Option<Waker>,
}

/// A result that a device callback sets once and a future waits for.
#[derive(Clone, Debug, Default)]
struct Signal(Arc<Mutex<Pending>>);

impl Signal {
    fn set(&self, value: Result<(), String>) {
        let waker = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.result = Some(value);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn wait(&self) -> Result<(), String> {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match state.result.take() {
                Some(value) => Poll::Ready(value),
                None => {
                    state.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
