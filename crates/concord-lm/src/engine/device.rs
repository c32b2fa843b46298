//! The GPU device: adapter, limits, queue, the uniform buffer, and what the device reports going wrong.
//!
//! Asks for the adapter's own limits, never the defaults. Errors that the device reports outside any
//! scope, and its loss, are kept and returned by the next call that waits for a result. Knows nothing
//! of models.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::attempt::{Attempt, Attempts};
use super::error::EngineError;
use crate::generate::ModelError;

/// Distance of entries in the uniform buffer: the largest alignment that WebGPU allows a device to ask.
pub(crate) const UNIFORM_STRIDE: u32 = 256;
/// Entries of the uniform buffer: distinct parameter blocks of one submit.
pub(crate) const N_UNIFORMS: u32 = 512;

/// What the application chooses about the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adapter {
    /// The fastest one.
    #[default]
    Fastest,
    /// A software adapter, for tests that must not depend on the machine.
    Software,
}

/// How kernels split their work: a software adapter runs the invocations of a workgroup one after
/// another, so it is quick where they read the same input, and slow at barriers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A real GPU.
    Hardware,
    /// An adapter that runs on the CPU.
    Software,
}

/// The first thing that went wrong on the device, set by its callbacks.
type Fault = Arc<Mutex<Option<ModelError>>>;

/// A device with its queue.
#[derive(Clone, Debug)]
pub struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) uniforms: wgpu::Buffer,
    pub(super) limits: wgpu::Limits,
    name: String,
    tier: Tier,
    pub(super) fault: Fault,
    /// Bind groups and pipelines made.
    n_made: Arc<AtomicU32>,
    pub(super) attempts: Attempts,
    /// Larger buffers are refused as if there were no memory; set by tests alone, as is what follows.
    pub(super) memory_bytes: u64,
    /// Kernels of this name do nothing.
    pub(super) dead_kernel: Option<&'static str>,
}

impl Gpu {
    /// Opens the adapter.
    ///
    /// # Errors
    /// No adapter, or one that gives no device.
    pub async fn new(adapter: Adapter) -> Result<Self, EngineError> {
        Self::known_as(adapter, "").await
    }

    /// Opens the adapter; `called` is what else is known of its name, where the interface hides it.
    ///
    /// # Errors
    /// As [`Gpu::new`].
    pub async fn known_as(adapter: Adapter, called: &str) -> Result<Self, EngineError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            force_fallback_adapter: adapter == Adapter::Software,
            ..Default::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|error| EngineError::NoAdapter { reason: error.to_string() })?;
        let info = adapter.get_info();
        let limits = adapter.limits();
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("concord"),
            required_limits: limits.clone(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| EngineError::NoDevice { name: info.name.clone(), reason: error.to_string() })?;
        let fault = watch(&device);
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("uniforms"),
            size: u64::from(N_UNIFORMS * UNIFORM_STRIDE),
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let name = if info.name.is_empty() { called.to_owned() } else { info.name };
        let is_software =
            info.device_type == wgpu::DeviceType::Cpu || is_software(&name) || is_software(called);
        let tier = if is_software { Tier::Software } else { Tier::Hardware };
        let (memory_bytes, dead_kernel) = (u64::MAX, None);
        let (n_made, attempts) = (Arc::default(), Attempts::default());
        Ok(Self {
            device,
            queue,
            uniforms,
            limits,
            name,
            tier,
            fault,
            n_made,
            attempts,
            memory_bytes,
            dead_kernel,
        })
    }

    /// Name of the adapter; empty where the browser hides it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Real GPU or software.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Most bytes of one buffer that a kernel can read or write.
    pub fn max_buffer_bytes(&self) -> u64 {
        self.limits.max_storage_buffer_binding_size.min(self.limits.max_buffer_size)
    }

    /// Bind groups and pipelines made so far.
    pub(crate) fn n_made(&self) -> u32 {
        self.n_made.load(Ordering::Relaxed)
    }

    /// Counts a bind group or a pipeline.
    pub(crate) fn count_made(&self) {
        self.n_made.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn has_memory(&self, n_bytes: u64) -> bool {
        n_bytes <= self.memory_bytes
    }

    pub(crate) fn is_dead(&self, kernel: &str) -> bool {
        self.dead_kernel == Some(kernel)
    }

    /// Takes the adapter for a software one or not from now on, for kernels that are compiled later.
    pub fn set_tier(&mut self, tier: Tier) {
        self.tier = tier;
    }

    /// Begins something that may fail. What begins within something else ends within it.
    pub fn attempt(&self) -> Attempt {
        self.attempts.begin()
    }

    /// Waits until the device has said all that it has to say of the work so far, and gives the first thing that went wrong.
    ///
    /// # Errors
    /// What the device reported, late reports included.
    pub async fn settle(&self) -> Result<(), ModelError> {
        // A scope is answered after what came before it, errors that no scope catches included.
        let scope = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let _own = scope.pop().await;
        self.drain().await
    }

    /// The first thing that went wrong since the last call, if anything.
    ///
    /// # Errors
    /// What the device reported.
    pub fn check(&self) -> Result<(), ModelError> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match fault.as_ref() {
            None => Ok(()),
            // A lost device stays lost.
            Some(lost @ ModelError::DeviceLost { .. }) => Err(lost.clone()),
            Some(_) => fault.take().map_or(Ok(()), Err),
        }
    }

    /// Runs `make` and turns what the device objects to into an error of the thing named.
    pub(crate) async fn scoped<T>(&self, what: &str, make: impl FnOnce() -> T) -> Result<T, EngineError> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = make();
        let (invalid, no_memory) = (validation.pop(), memory.pop());
        if let Some(error) = no_memory.await {
            return Err(EngineError::OutOfMemory { what: what.to_owned(), reason: error.to_string() });
        }
        match invalid.await {
            Some(error) => Err(EngineError::Refused { what: what.to_owned(), reason: error.to_string() }),
            None => Ok(made),
        }
    }
}

/// Names of adapters that run on the CPU, in lower case: those of Chromium, Mesa and Windows.
const SOFTWARE_NAMES: [&str; 7] =
    ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "swrast", "microsoft basic render", "warp"];

/// Whether a name is that of a software adapter. Short names must stand alone: a "Warpath" is no WARP.
fn is_software(name: &str) -> bool {
    let name = name.to_lowercase();
    SOFTWARE_NAMES.iter().any(|software| {
        name.match_indices(software).any(|(at, _)| {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
            let (before, after) = (name[..at].chars().last(), name[at + software.len()..].chars().next());
            !is_letter(before) && (software.len() > 4 || !is_letter(after))
        })
    })
}

/// Keeps the device's first complaint.
fn watch(device: &wgpu::Device) -> Fault {
    let fault = Fault::default();
    let on_lost = Arc::clone(&fault);
    device.set_device_lost_callback(move |reason, message| {
        let reason = format!("{reason:?}: {message}");
        let mut fault = on_lost.lock().unwrap_or_else(PoisonError::into_inner);
        *fault = Some(ModelError::DeviceLost { reason });
    });
    let on_error = Arc::clone(&fault);
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let reason = error.to_string();
        let mut fault = on_error.lock().unwrap_or_else(PoisonError::into_inner);
        fault.get_or_insert(match error {
            wgpu::Error::OutOfMemory { .. } => ModelError::OutOfMemory { reason },
            _ => ModelError::BadRequest { reason },
        });
    }));
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as drivers and browsers give them.
    #[test]
    fn software_adapters_are_known_by_their_names() {
        let software = [
            "SwiftShader Device (Subzero)",
            "SwiftShader Device (LLVM 10.0.0)",
            "google swiftshader",
            "llvmpipe (LLVM 17.0.2, 256 bits)",
            "Lavapipe",
            "softpipe",
            "Microsoft Basic Render Driver",
            "microsoft warp",
            "WARP",
        ];
        let hardware = [
            "",
            "NVIDIA GeForce RTX 3050 Ti Laptop GPU",
            "nvidia ampere",
            "Intel(R) Graphics (ADL GT2)",
            "AMD Radeon RX 6600 (RADV NAVI23)",
            "apple metal-3",
            "Adreno (TM) 740",
            "Mali-G78",
            "Warpath 9000",
        ];
        assert_eq!(software.iter().find(|name| !is_software(name)), None);
        assert_eq!(hardware.iter().find(|name| is_software(name)), None);
    }
}
