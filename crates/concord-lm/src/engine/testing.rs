//! Devices that misbehave, for tests of what is done then.

use std::sync::PoisonError;

use super::device::Gpu;
use crate::generate::ModelError;

impl Gpu {
    /// The same device, as if it could bind no more bytes than this.
    #[must_use]
    pub fn with_max_buffer_bytes(mut self, n_bytes: u64) -> Self {
        self.limits.max_storage_buffer_binding_size = n_bytes;
        self
    }

    /// The same device, as if it had no memory for larger buffers than this.
    #[must_use]
    pub fn with_memory_bytes(mut self, n_bytes: u64) -> Self {
        self.memory_bytes = n_bytes;
        self
    }

    /// The same device, as if this kernel did nothing, as with some drivers.
    #[must_use]
    pub fn with_dead_kernel(mut self, name: &'static str) -> Self {
        self.dead_kernel = Some(name);
        self
    }

    /// Makes the device report an error outside of any call, as drivers do when they are late.
    pub fn complain(&self) {
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::STORAGE;
        let (label, mapped_at_creation) = (Some("a late complaint"), false);
        drop(self.device.create_buffer(&wgpu::BufferDescriptor {
            label,
            size: 16,
            usage,
            mapped_at_creation,
        }));
    }

    /// Makes the device report that it has no memory left, outside of any call, as drivers do in the middle of work.
    pub fn refuse_memory(&self) {
        let reason = "no memory left".to_owned();
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(ModelError::OutOfMemory { reason });
    }

    /// Gives the device up, as the system does when a driver crashes; every later call fails.
    pub fn destroy(&self) {
        self.device.destroy();
    }
}
