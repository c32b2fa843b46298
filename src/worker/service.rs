//! The worker's memory between jobs: the GPU, and the model that is loaded.

use crate::{
    engine::{self, EngineError, Gpu, GpuModel},
    generate::{LanguageModel, Scheduler},
    protocol::{
        Answer, BackendChoice, Fault, FaultCode, FromWorker, JobId, LoadRequest, Measured, ModelInfo,
        ModelSource, Progress, Request, Role, Stage,
    },
    reference::{self, ReferenceModel},
    weights::{Limits, MemoryPlan},
};

use super::{
    backend::Backend,
    choose::{candidates, embedded_tokens_per_sec, tokens_per_sec},
    encoder::{Encoder, encoder_info},
    files::ModelFiles,
    fit::{capacity, cpu_limits, fault_with_sizes, gpu_limits, memory_report, plan},
    host::Host,
    info::{model_info, tokenizer_info},
    jobs,
    load::{OpenFile, Streamed, WeightSink, weights_fault},
    loaded::{Loaded, model_fault},
    open::{open_encoder, open_generator, open_tokenizer},
    source::ByteSource,
    speech::{Speech, text_fault},
};

/// What is loaded, and what it could be loaded on.
#[derive(Debug, Default)]
pub struct Service {
    /// The GPU, where there is one.
    pub gpu: Option<Gpu>,
    pub(super) loaded: Option<Loaded<Backend>>,
    encoder: Option<Encoder<Backend>>,
    /// A tokenizer loaded alone.
    speech: Option<Speech>,
}

/// The loaders of the backends that a model is loaded on.
struct Loaders {
    cpu: Option<reference::Loader>,
    gpu: Option<engine::Loader>,
}

impl WeightSink for Loaders {
    async fn push(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        if let Some(cpu) = &mut self.cpu {
            cpu.push(chunk).map_err(|error| weights_fault(&error))?;
        }
        if let Some(gpu) = &mut self.gpu {
            gpu.push(chunk).await.map_err(|error| engine_fault(&error))?;
        }
        Ok(())
    }
}

impl Service {
    /// Runs a job. `files` are the model's where the job loads one.
    ///
    /// # Errors
    /// What the job's own function gives. After a lost device the model is gone.
    pub async fn run<F: ModelFiles, H: Host>(
        &mut self,
        job: JobId,
        request: Request,
        files: Option<F>,
        host: &H,
    ) -> Result<Answer, Fault> {
        match (request, files) {
            (Request::LoadModel(request), Some(files)) => self.load(job, &request, files, host).await,
            (Request::LoadModel(_), None) => {
                Err(Fault::new(FaultCode::Unreachable, "the model file did not come; pick it again"))
            }
            (Request::Unload { role }, _) => {
                match role {
                    Role::Generator => self.loaded = None,
                    Role::Encoder => self.encoder = None,
                    Role::Tokenizer => self.speech = None,
                }
                Ok(Answer::Done)
            }
            (request, _) => {
                let encoder = self.encoder.as_mut();
                let answer = match (&mut self.loaded, encoder) {
                    (Some(loaded), encoder) => jobs::run(loaded, encoder, host, job, request).await,
                    (None, Some(encoder)) if self.speech.is_none() => encoder.run(request).await,
                    (None, _) => self.without_model(request),
                };
                if answer.as_ref().is_err_and(|fault| fault.code == FaultCode::DeviceLost) {
                    self.loaded = None;
                    self.encoder = None;
                    self.gpu = None;
                }
                answer
            }
        }
    }

    /// What a tokenizer alone can do.
    fn without_model(&self, request: Request) -> Result<Answer, Fault> {
        let no_model = || {
            Fault::new(FaultCode::NoModel, "no model is loaded; load one first, such as the teaching model")
        };
        let speech = self.speech.as_ref().ok_or_else(no_model)?;
        match request {
            Request::Tokenize { text, special } => {
                speech.tokenizer.encode(&text, special).map(Answer::Ids).map_err(text_fault)
            }
            Request::Detokenize { ids } => Ok(Answer::Text(speech.tokenizer.decode(&ids, true))),
            Request::RenderChat { messages, thinking } => {
                speech.render(&messages, thinking).map(Answer::Text)
            }
            _ => Err(no_model()),
        }
    }

    async fn load<F: ModelFiles, H: Host>(
        &mut self,
        job: JobId,
        request: &LoadRequest,
        mut files: F,
        host: &H,
    ) -> Result<Answer, Fault> {
        if request.role == Role::Tokenizer {
            let (speech, name) = open_tokenizer(&mut files).await?;
            let info = tokenizer_info(&speech, name, &request.source);
            self.speech = Some(speech);
            return Ok(Answer::Loaded(Box::new(info)));
        }
        let file = match request.role {
            Role::Encoder => open_encoder(&mut files, called(&request.source)).await?,
            _ => open_generator(&mut files).await?,
        };
        let plans = self.plans(request, &file)?;
        // Free the old model before the new one takes its place.
        match request.role {
            Role::Encoder => self.encoder = None,
            _ => (self.loaded, self.speech) = (None, None),
        }
        let Placed { model, streamed, mut info } = self.place(job, request, file, plans, host).await?;
        let scheduler = Scheduler::new(model.shape(), model.steps_per_call());
        let Streamed { speech, profile, .. } = streamed;
        if profile.is_none() {
            info.thinking = speech.thinking();
            info.notes.extend(speech.thinking_note());
        }
        match profile {
            Some(profile) => {
                info.encoder = Some(encoder_info(&profile));
                let answer = Answer::Loaded(Box::new(info.clone()));
                let tokenizer = speech.tokenizer;
                self.encoder = Some(Encoder { model, scheduler, tokenizer, profile, info });
                Ok(answer)
            }
            None => {
                let answer = Answer::Loaded(Box::new(info.clone()));
                self.loaded = Some(Loaded { model, scheduler, speech, info });
                Ok(answer)
            }
        }
    }

    /// What the model is to be loaded with, on each backend that it is to be loaded on.
    fn plans<S>(&self, request: &LoadRequest, file: &OpenFile<S>) -> Result<Plans, Fault> {
        if request.backend == BackendChoice::Webgpu && self.gpu.is_none() {
            return Err(Fault::new(
                FaultCode::NoWebgpu,
                "there is no WebGPU here; load the model with backend \"cpu\" or \"auto\"",
            ));
        }
        let wanted = candidates(request.backend, self.gpu.is_some(), file.model.header.data_end);
        let with = |limits| Ok((plan(file, limits, request)?, limits));
        let gpu = self.gpu.as_ref().filter(|_| wanted.gpu);
        Ok(Plans {
            gpu: gpu.map(|gpu| with(gpu_limits(gpu.max_buffer_bytes()))).transpose()?,
            cpu: wanted.cpu.then(|| with(cpu_limits(self.cpu_bytes(request.role)))).transpose()?,
        })
    }

    /// Bytes on the CPU of what stays loaded when a model for `role` comes.
    fn cpu_bytes(&self, role: Role) -> u64 {
        let generator = self.loaded.as_ref().map(|loaded| &loaded.info).filter(|_| role == Role::Encoder);
        let encoder = self.encoder.as_ref().map(|encoder| &encoder.info).filter(|_| role != Role::Encoder);
        let on_cpu = generator.into_iter().chain(encoder).filter(|info| info.backend == "cpu");
        on_cpu.map(|info| (info.memory.weights + info.memory.kv + info.memory.scratch) as u64).sum()
    }

    /// Sends the weights to where they are used, on the backend that was asked for or is faster.
    async fn place<S: ByteSource, H: Host>(
        &mut self,
        job: JobId,
        request: &LoadRequest,
        file: OpenFile<S>,
        plans: Plans,
        host: &H,
    ) -> Result<Placed, Fault> {
        let model = file.model.clone();
        let gpu = self.gpu.as_ref();
        let mut loaders = Loaders {
            cpu: plans.cpu.map(|_| reference::Loader::begin(&model)),
            gpu: match (gpu, plans.gpu) {
                (Some(gpu), Some((plan, _))) => {
                    let begun = engine::Loader::begin(gpu, &model).await;
                    Some(begun.map_err(|error| fault_with_sizes(engine_fault(&error), &plan))?)
                }
                _ => None,
            },
        };
        let streamed = file.stream(&mut loaders, host, job).await?;
        check_sha256(&request.source, &streamed.sha256)?;
        let mut info = model_info(&model, streamed.sha256.clone(), streamed.n_bytes as f64, &request.source);

        let cpu = match (loaders.cpu, plans.cpu) {
            (Some(loader), Some((plan, _))) => {
                let weights = loader.finish().map_err(|error| weights_fault(&error))?;
                Some((Backend::Cpu(Box::new(ReferenceModel::new(weights, capacity(&plan)))), plan))
            }
            _ => None,
        };
        let gpu = match (gpu, loaders.gpu, plans.gpu) {
            (Some(gpu), Some(loader), Some((plan, _))) => {
                let weights = loader.finish().await.map_err(|error| engine_fault(&error))?;
                let model = GpuModel::new(gpu, weights, capacity(&plan)).await;
                let model = model.map_err(|error| fault_with_sizes(engine_fault(&error), &plan))?;
                Some((Backend::Gpu(Box::new(model)), plan))
            }
            _ => None,
        };
        let (mut model, plan) = faster(cpu, gpu, request.role, &mut info, host, job).await?;
        jobs::reset_counters(&mut model);
        info.backend = model.name().to_owned();
        info.adapter = match model {
            Backend::Gpu(_) => self.gpu.as_ref().map(|gpu| gpu.name().to_owned()),
            Backend::Cpu(_) => None,
        };
        info.rows = plan.wanted.n_rows;
        info.row_tokens = plan.wanted.row_tokens;
        let on = if matches!(model, Backend::Gpu(_)) { plans.gpu } else { plans.cpu };
        info.memory = on.map(|(plan, limits)| memory_report(&plan, limits)).unwrap_or_default();
        Ok(Placed { model, streamed, info })
    }
}

/// Sizes and limits on the backends that a model is loaded on.
#[derive(Clone, Copy)]
struct Plans {
    gpu: Option<(MemoryPlan, Limits)>,
    cpu: Option<(MemoryPlan, Limits)>,
}

/// A model on a backend, with what came with its weights.
struct Placed {
    model: Backend,
    streamed: Streamed,
    info: ModelInfo,
}

/// The only candidate, or the one that a short job shows to be faster.
async fn faster<H: Host>(
    cpu: Option<(Backend, MemoryPlan)>,
    gpu: Option<(Backend, MemoryPlan)>,
    role: Role,
    info: &mut ModelInfo,
    host: &H,
    job: JobId,
) -> Result<(Backend, MemoryPlan), Fault> {
    let (mut cpu, mut gpu) = match (cpu, gpu) {
        (Some(cpu), Some(gpu)) => (cpu, gpu),
        (Some(only), None) | (None, Some(only)) => return Ok(only),
        (None, None) => return Err(Fault::new(FaultCode::Internal, "the model was loaded on no backend")),
    };
    host.send(FromWorker::Progress {
        job,
        progress: Progress { stage: Stage::Measure, ..Progress::default() },
    });
    host.check().await?;
    let measure = async |backend: &mut Backend| {
        let steps = backend.steps_per_call();
        let rate = match role {
            Role::Encoder => embedded_tokens_per_sec(backend, || host.now_ms()).await,
            _ => tokens_per_sec(backend, steps, || host.now_ms()).await,
        };
        rate.map_err(|error| model_fault(&error))
    };
    // A GPU that fails its first job is not one to use; the CPU is there.
    let webgpu = measure(&mut gpu.0).await.unwrap_or(0.0);
    host.check().await?;
    info.measured = Measured { webgpu, cpu: measure(&mut cpu.0).await? };
    Ok(if info.measured.webgpu >= info.measured.cpu { gpu } else { cpu })
}

/// What a source calls its model.
fn called(source: &ModelSource) -> &str {
    match source {
        ModelSource::Teaching { url } | ModelSource::Url { url, .. } => url,
        ModelSource::File { names } => names.first().map_or("", String::as_str),
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
        EngineError::NoAdapter { .. } | EngineError::NoDevice { .. } => FaultCode::NoWebgpu,
        EngineError::OutOfMemory { .. } | EngineError::TooLarge { .. } => FaultCode::DoesNotFit,
        _ => FaultCode::Internal,
    };
    Fault::new(code, error.to_string())
}
