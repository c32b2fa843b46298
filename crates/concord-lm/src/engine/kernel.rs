//! What all kernels are made of: a shader's source, its parameters, its layout, its pipeline.

use std::num::NonZeroU64;

use super::buffers::Buffer;
use super::device::Gpu;
use super::error::EngineError;
use super::kernels::weights::reader;
pub use super::shader::Access;
pub(crate) use super::shader::shader;
use crate::weights::TensorType;

/// A shader and what a pipeline needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Stem of the file, and what error messages name.
    pub name: &'static str,
    /// Type of the weights that it reads, where it reads any.
    pub weights: Option<TensorType>,
    /// The parts of the text, after what reads the weights.
    pub wgsl: &'static [&'static str],
    /// Size of `Params` in bytes.
    pub params_bytes: usize,
    /// Fields of the Pod twin of `Params` with their offsets in bytes.
    pub params_fields: &'static [(&'static str, usize)],
    /// Storage bindings but those of the weights, in the order in which they are bound: binding number and access.
    pub bindings: &'static [(u32, Access)],
}

impl Source {
    /// The whole text.
    pub fn text(&self) -> String {
        let reader = self.weights.map(reader);
        reader.iter().flat_map(|reader| reader.wgsl).chain(self.wgsl).copied().collect()
    }

    /// All storage bindings, those of the weights last.
    pub fn all_bindings(&self) -> Vec<(u32, Access)> {
        let reader = self.weights.map(reader);
        self.bindings.iter().chain(reader.iter().flat_map(|reader| reader.bindings)).copied().collect()
    }

    /// The name, with the type of the weights.
    pub fn label(&self) -> String {
        self.weights.map_or_else(|| self.name.to_owned(), |of| format!("{} {of:?}", self.name))
    }
}

/// Declares the Pod twin of a shader's `Params` together with the list of its fields.
macro_rules! params {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* }

        impl $name {
            /// Fields with their offsets in bytes, for the test that compares them with the shader.
            pub const FIELDS: &'static [(&'static str, usize)] =
                &[$((stringify!($field), std::mem::offset_of!($name, $field)),)*];
        }
    };
}
pub(crate) use params;

/// The buffers that one kernel run uses, as the kernel's layout wants them.
pub type Bindings = wgpu::BindGroup;

/// Which buffers a kernel takes and how; shared by the variants of a kernel.
#[derive(Clone, Debug)]
pub struct Layout {
    source: Source,
    group: wgpu::BindGroupLayout,
    pipeline: wgpu::PipelineLayout,
    module: wgpu::ShaderModule,
}

/// A compiled kernel.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub(crate) pipeline: wgpu::ComputePipeline,
    layout: Layout,
    /// Does nothing, for tests.
    pub(crate) is_dead: bool,
}

impl Layout {
    /// Compiles the shader and lays its bindings out.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu, source: &Source) -> Result<Self, EngineError> {
        gpu.scoped(&source.label(), || {
            let params = entry(0, wgpu::BufferBindingType::Uniform, source.params_bytes);
            let storage = source.all_bindings().into_iter().map(|(binding, access)| {
                entry(binding, wgpu::BufferBindingType::Storage { read_only: access == Access::Read }, 0)
            });
            let entries: Vec<_> = std::iter::once(params).chain(storage).collect();
            let label = Some(source.name);
            let group = gpu
                .device
                .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries });
            let pipeline = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label,
                bind_group_layouts: &[Some(&group)],
                immediate_size: 0,
            });
            Self { source: *source, group, pipeline, module: compile(gpu, source) }
        })
        .await
    }

    /// Compiles another shader that takes the same buffers: what is bound to one fits the other.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn with(&self, gpu: &Gpu, source: &Source) -> Result<Self, EngineError> {
        let module = gpu.scoped(&source.label(), || compile(gpu, source)).await?;
        Ok(Self { source: *source, module, ..self.clone() })
    }

    /// Binds buffers, in the order of the source's bindings.
    pub fn bind(&self, gpu: &Gpu, buffers: &[&Buffer]) -> Bindings {
        let params = wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &gpu.uniforms,
                offset: 0,
                size: NonZeroU64::new(self.source.params_bytes as u64),
            }),
        };
        let storage = self.source.all_bindings().into_iter().zip(buffers).map(|((binding, _), buffer)| {
            wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() }
        });
        let entries: Vec<_> = std::iter::once(params).chain(storage).collect();
        gpu.count_made();
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(self.source.name),
            layout: &self.group,
            entries: &entries,
        })
    }

    /// Makes the pipeline of one variant.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn kernel(&self, gpu: &Gpu, constants: &[(&str, u32)]) -> Result<Kernel, EngineError> {
        let constants: Vec<_> = constants.iter().map(|&(name, value)| (name, f64::from(value))).collect();
        let what = format!("{} {constants:?}", self.source.label());
        gpu.count_made();
        let pipeline = gpu
            .scoped(&what, || {
                gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label: Some(self.source.name),
                    layout: Some(&self.pipeline),
                    module: &self.module,
                    entry_point: Some("main"),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        constants: &constants,
                        ..Default::default()
                    },
                    cache: None,
                })
            })
            .await?;
        Ok(Kernel { pipeline, layout: self.clone(), is_dead: gpu.is_dead(self.source.name) })
    }
}

impl Kernel {
    /// Compiles a kernel that has one variant.
    ///
    /// # Errors
    /// The device refuses it.
    pub async fn new(gpu: &Gpu, source: &Source, constants: &[(&str, u32)]) -> Result<Self, EngineError> {
        Layout::new(gpu, source).await?.kernel(gpu, constants).await
    }

    /// Binds buffers, in the order of the source's bindings.
    pub fn bind(&self, gpu: &Gpu, buffers: &[&Buffer]) -> Bindings {
        self.layout.bind(gpu, buffers)
    }
}

fn entry(binding: u32, ty: wgpu::BufferBindingType, n_bytes: usize) -> wgpu::BindGroupLayoutEntry {
    let has_dynamic_offset = ty == wgpu::BufferBindingType::Uniform;
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset,
            min_binding_size: NonZeroU64::new(n_bytes as u64),
        },
        count: None,
    }
}

fn compile(gpu: &Gpu, source: &Source) -> wgpu::ShaderModule {
    gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(source.name),
        source: wgpu::ShaderSource::Wgsl(source.text().into()),
    })
}
