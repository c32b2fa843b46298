//! The weights of an opened file, sent to the backends that may run the model; the better of them is taken.
//!
//! Where the CPU is a candidate too, a GPU that fails on the way is left out, and the reason is kept.

use std::rc::Rc;

use crate::{
    engine::{self, Attempt, EngineError, Gpu, GpuModel, ModelWeights},
    generate::{GenerateError, LanguageModel, Pooling, Room, Scheduler},
    protocol::{Fault, FaultCode, LoadRequest, Measured, ModelInfo, ModelSource, Progress, Role, Stage},
    reference::{self, ReferenceModel},
    weights::{Limits, MemoryPlan, Numerics},
    worker::{
        any_model::AnyModel,
        counters::reset_counters,
        generator::{generate_fault, model_fault},
        task::{Host, Task},
    },
};

use super::{
    bytes::ByteSource,
    candidates::{embedded_tokens_per_sec, tokens_per_sec},
    model_info::model_info,
    plan::{capacity, fault_with_sizes, memory_report, plan_of_fewer, room},
    stream::{OpenFile, Streamed, WeightSink, weights_fault},
};

/// Sizes and limits on the backends that a model is loaded on.
#[derive(Clone, Copy)]
pub(crate) struct Plans {
    pub(crate) gpu: Option<(MemoryPlan, Limits)>,
    pub(crate) cpu: Option<(MemoryPlan, Limits)>,
}

/// A model on a backend, with what came with its weights.
pub(crate) struct Placed {
    pub(crate) model: AnyModel,
    pub(crate) streamed: Streamed,
    pub(crate) info: ModelInfo,
    /// Between which sizes its pool may be.
    pub(crate) room: Room,
    /// What the GPU did, where the CPU was taken because of it.
    pub(crate) gpu_fault: Option<Fault>,
}

/// The loaders of the backends that a model is loaded on.
struct Loaders {
    cpu: Option<reference::Loader>,
    gpu: Option<engine::Loader>,
    gpu_fault: Option<Fault>,
}

impl Loaders {
    /// Goes on without the GPU, where there is the CPU to go on with and the file is not at fault.
    fn without_gpu(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.cpu.is_none() || !is_of_gpu(&fault) {
            return Err(fault);
        }
        self.gpu = None;
        self.gpu_fault = Some(fault);
        Ok(())
    }
}

impl WeightSink for Loaders {
    async fn push(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        if let Some(cpu) = &mut self.cpu {
            cpu.push(chunk).map_err(|error| weights_fault(&error))?;
        }
        if let Some(gpu) = &mut self.gpu
            && let Err(error) = gpu.push(chunk).await
        {
            self.without_gpu(engine_fault(&error))?;
        }
        Ok(())
    }
}

/// Whether a fault is the GPU's, so that the CPU may do better.
pub(crate) fn is_of_gpu(fault: &Fault) -> bool {
    matches!(
        fault.code,
        FaultCode::NoWebgpu
            | FaultCode::DoesNotFit
            | FaultCode::DeviceLost
            | FaultCode::OutOfMemory
            | FaultCode::NotFinite
    )
}

/// Sends the weights to where they are used, on the backend that was asked for or is faster.
///
/// # Errors
/// The file's, the connection's, or those of the only backend.
pub(crate) async fn place<S: ByteSource, H: Host>(
    gpu: Option<&Gpu>,
    task: &Task<H>,
    request: &LoadRequest,
    file: OpenFile<S>,
    plans: Plans,
) -> Result<Placed, Fault> {
    let model = file.model.clone();
    let is_encoder = file.profile.is_some();
    let numerics = Numerics::of(&model.tensors);
    let attempt = gpu.map(Gpu::attempt);
    let cpu = plans.cpu.map(|_| reference::Loader::begin(&model, numerics));
    let mut loaders = Loaders { cpu, gpu: None, gpu_fault: None };
    if let (Some(gpu), Some((plan, _))) = (gpu, plans.gpu) {
        match engine::Loader::begin(gpu, &model).await {
            Ok(loader) => loaders.gpu = Some(loader),
            Err(error) => loaders.without_gpu(fault_with_sizes(engine_fault(&error), &plan))?,
        }
    }
    let streamed = file.stream(&mut loaders, task).await?;
    check_sha256(&request.source, &streamed.sha256)?;
    let mut info = model_info(&model, streamed.sha256.clone(), streamed.n_bytes as f64, &request.source);

    let (mut on_gpu, mut plan_on_gpu) = (None, plans.gpu);
    if let (Some(gpu), Some(loader), Some((plan, limits))) = (gpu, loaders.gpu.take(), &mut plan_on_gpu) {
        let may_be_fewer = request.rows.is_none() && !is_encoder;
        let fewer = |plan: &MemoryPlan| plan_of_fewer(&model, *limits, plan).filter(|_| may_be_fewer);
        match gpu_model(gpu, loader, (plan, fewer), (request.role, is_encoder), task).await {
            Ok(model) => on_gpu = Some(model),
            Err(fault) => loaders.without_gpu(fault_with_sizes(fault, plan))?,
        }
    }
    let on_cpu = match (loaders.cpu, plans.cpu) {
        (Some(loader), Some((plan, _))) => {
            let weights = loader.finish().map_err(|error| weights_fault(&error))?;
            Some(AnyModel::on_cpu(ReferenceModel::new(weights, capacity(&plan, is_encoder))))
        }
        _ => None,
    };
    let mut gpu_fault = loaders.gpu_fault;
    let mut model = match (on_cpu, on_gpu) {
        (Some(cpu), Some(gpu)) => {
            let (model, fault) = faster(cpu, gpu, request.role, &mut info, task).await?;
            gpu_fault = fault;
            model
        }
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => return Err(Fault::new(FaultCode::Internal, "the model was loaded on no backend")),
    };
    reset_counters(&mut model);
    info.backend = model.backend();
    let is_on_gpu = model.is_on_gpu();
    // Kernels dequantise to f32.
    let numerics = if is_on_gpu { Numerics::F32 } else { numerics };
    info.numerics = Some(numerics.as_str().to_owned());
    info.adapter = gpu.filter(|_| is_on_gpu).map(|gpu| gpu.name().to_owned());
    info.software = gpu.is_some_and(|gpu| is_on_gpu && gpu.tier() == engine::Tier::Software);
    let Some((plan, limits)) = (if is_on_gpu { plan_on_gpu } else { plans.cpu }) else {
        return Err(Fault::new(FaultCode::Internal, "a model without a plan"));
    };
    info.rows = plan.wanted.n_rows;
    let planned = plans.gpu.map(|(plan, _)| plan.wanted.n_rows);
    info.notes.extend(planned.filter(|_| is_on_gpu).and_then(|planned| rows_note(planned, info.rows)));
    info.row_tokens = plan.wanted.row_tokens;
    let n_slots = model.shape().n_slots;
    info.memory = memory_report(&plan, limits, n_slots);
    let room = if is_encoder { Room::fixed(n_slots) } else { room(&plan, limits, request.rows) };
    if is_on_gpu {
        attempt.into_iter().for_each(Attempt::keep);
    }
    Ok(Placed { model, streamed, info, room, gpu_fault })
}

/// The model on the GPU. Where the device has weights but no memory for what works on them, `plan` becomes one of `fewer` rows.
async fn gpu_model<H: Host>(
    gpu: &Gpu,
    loader: engine::Loader,
    (plan, fewer): (&mut MemoryPlan, impl Fn(&MemoryPlan) -> Option<MemoryPlan>),
    is_for: (Role, bool),
    task: &Task<H>,
) -> Result<AnyModel, Fault> {
    let weights = loader.finish().await.map_err(|error| engine_fault(&error))?;
    loop {
        task.check().await?;
        let attempt = gpu.attempt();
        let fault = match speaking(gpu, Rc::clone(&weights), plan, is_for).await {
            Ok(model) => {
                attempt.keep();
                return Ok(model);
            }
            Err(fault) => fault,
        };
        match fewer(plan) {
            Some(plan_of_fewer) if is_refusal(&fault) => *plan = plan_of_fewer,
            _ => return Err(fault),
        }
        // What the device still has to say of this attempt is not about the next one.
        let _nobodys = gpu.settle().await;
    }
}

/// Whether the device had no memory.
fn is_refusal(fault: &Fault) -> bool {
    matches!(fault.code, FaultCode::DoesNotFit | FaultCode::OutOfMemory)
}

/// What there is to know of a model that has fewer rows than were planned.
fn rows_note(planned: u32, n_rows: u32) -> Option<String> {
    (n_rows < planned).then(|| {
        format!(
            "The GPU had no memory for {planned} responses at once, so up to {n_rows} are written at once."
        )
    })
}

/// A model made to a plan, which must say something finite before it is taken.
async fn speaking(
    gpu: &Gpu,
    weights: Rc<ModelWeights>,
    plan: &MemoryPlan,
    (role, is_encoder): (Role, bool),
) -> Result<AnyModel, Fault> {
    let model = GpuModel::new(gpu, weights, capacity(plan, is_encoder)).await;
    let mut model = AnyModel::on_gpu(model.map_err(|error| engine_fault(&error))?);
    let mut scheduler = Scheduler::new(model.shape(), 1);
    let said: Result<_, GenerateError> = match role {
        Role::Encoder => {
            let layer = model.shape().n_layers;
            scheduler.embed(&mut model, &[vec![0]], layer, Pooling::Mean).await.map(drop)
        }
        _ => scheduler.score(&mut model, &[0], &[0]).await.map(drop),
    };
    said.map_err(|error| {
        let Fault { code, message } = generate_fault(&error);
        let message = match code {
            FaultCode::NotFinite => format!("on the GPU {message}; load the model with backend \"cpu\""),
            _ => message,
        };
        Fault::new(code, message)
    })?;
    gpu.settle().await.map_err(|error| model_fault(&error))?;
    Ok(model)
}

/// The one that a short job shows to be faster; with what a GPU did that failed it.
async fn faster<H: Host>(
    mut cpu: AnyModel,
    mut gpu: AnyModel,
    role: Role,
    info: &mut ModelInfo,
    task: &Task<H>,
) -> Result<(AnyModel, Option<Fault>), Fault> {
    task.progress(Progress::of(Stage::Measure, 0.0, 0.0));
    task.check().await?;
    let measure = async |backend: &mut AnyModel| {
        let steps = backend.steps_per_call();
        let rate = match role {
            Role::Encoder => embedded_tokens_per_sec(backend, || task.now_ms()).await,
            _ => tokens_per_sec(backend, steps, || task.now_ms()).await,
        };
        rate.map_err(|error| model_fault(&error))
    };
    // A GPU that fails its first job is not one to use; the CPU is there.
    let webgpu = measure(&mut gpu).await;
    task.check().await?;
    let of_cpu = measure(&mut cpu).await?;
    info.measured = Measured { webgpu: *webgpu.as_ref().unwrap_or(&0.0), cpu: of_cpu };
    match webgpu {
        Err(fault) => Ok((cpu, Some(fault))),
        Ok(rate) if rate >= of_cpu => Ok((gpu, None)),
        Ok(_) => Ok((cpu, None)),
    }
}

fn check_sha256(source: &ModelSource, found: &str) -> Result<(), Fault> {
    match source {
        ModelSource::Url { url, sha256: Some(expected) } if !expected.eq_ignore_ascii_case(found) => {
            let message = format!(
                "{url} has SHA-256 {found}, expected {expected}; get the file again or correct the hash"
            );
            Err(Fault::new(FaultCode::HashMismatch, message))
        }
        _ => Ok(()),
    }
}

fn engine_fault(error: &EngineError) -> Fault {
    let code = match error {
        EngineError::Weights(error) => return weights_fault(error),
        EngineError::Model(error) => return model_fault(error),
        EngineError::OutOfMemory { .. } | EngineError::TooLarge { .. } => FaultCode::DoesNotFit,
        EngineError::Incomplete => FaultCode::BadModel,
        // No device, or one that cannot be used for this.
        _ => FaultCode::NoWebgpu,
    };
    Fault::new(code, error.to_string())
}
