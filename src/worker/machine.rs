//! The machine between jobs: its GPU, and the models that are loaded on it.

use crate::{
    engine::Gpu,
    generate::{LanguageModel, ModelError, Scheduler},
    protocol::{
        Answer, Backend, BackendChoice, Fault, FaultCode, LoadRequest, ModelInfo, ModelRequest, ModelSource,
        Origin, Origins, Role, TextRequest,
    },
};

use super::{
    any_model::AnyModel,
    encoder::{Encoder, encoder_info},
    generator::{Generator, model_fault},
    jobs::{self, text},
    load::{
        candidates::candidates,
        files::ModelFiles,
        headers::{open_encoder, open_generator, open_tokenizer},
        model_info::tokenizer_info,
        place::{Placed, Plans, is_of_gpu, place},
        plan::{cpu_limits, for_lengths, gpu_limits, plan},
        stream::{OpenFile, Streamed},
    },
    models::Models,
    stop::Stop,
    task::{Host, Task},
};

/// What is loaded, and what it could be loaded on.
#[derive(Debug, Default)]
pub struct Machine {
    /// The GPU, where there is one.
    pub gpu: Option<Gpu>,
    /// Why there is none, where the machine has one that cannot be used.
    pub gpu_problem: Option<String>,
    pub(super) models: Models<AnyModel>,
    /// How the models came that are loaded, or were until a device or a worker went away.
    pub(super) origins: Origins,
    /// What models that are loaded listen to.
    pub stop: Option<Stop>,
    /// A job was stopped, and what the device still does for it was not waited for.
    pub(super) is_unsettled: bool,
}

/// What becomes of a load that was not for the GPU by name when its device fails it, as by [`begins_anew`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenLost {
    /// It ends with that fault, and may be begun anew.
    Ends,
    /// It goes on on the CPU.
    ToCpu,
}

impl Machine {
    /// Loads a model from its files.
    ///
    /// # Errors
    /// As [`LoadRequest::check`]; the files', or the device's. After a lost device the models on it are gone.
    pub async fn load<F: ModelFiles, H: Host>(
        &mut self,
        task: &Task<H>,
        request: &LoadRequest,
        files: F,
    ) -> Result<ModelInfo, Fault> {
        self.load_or(task, request, files, WhenLost::ToCpu).await
    }

    /// The same; `when_lost` is for a device that fails on the way.
    pub(super) async fn load_or<F: ModelFiles, H: Host>(
        &mut self,
        task: &Task<H>,
        request: &LoadRequest,
        files: F,
        when_lost: WhenLost,
    ) -> Result<ModelInfo, Fault> {
        request.check()?;
        self.settle_left().await;
        let info = self.load_files(task, request, files, when_lost).await;
        let info = self.settled(task, info).await?;
        self.origins.put(Origin { request: request.clone(), info: info.clone() });
        Ok(info)
    }

    /// Gives up a loaded model and its memory.
    pub fn unload(&mut self, role: Role) -> Answer {
        self.models.unload(role);
        self.origins.remove(role);
        Answer::Done
    }

    /// Models that were loaded, and went away with a device or a worker.
    pub(super) fn missing(&self) -> Vec<Origin> {
        let Models { generator, encoder, tokenizer } = &self.models;
        let is_missing = |origin: &&Origin| match origin.request.role {
            Role::Generator => generator.is_none(),
            Role::Encoder => encoder.is_none(),
            Role::Tokenizer => tokenizer.is_none(),
        };
        self.origins.iter().filter(is_missing).cloned().collect()
    }

    /// From now on half as many responses are written at once; `None` where it is one already.
    pub(super) fn run_fewer(&mut self) -> Option<ModelInfo> {
        let generator = self.models.generator.as_mut()?;
        if !generator.scheduler.run_fewer() {
            return None;
        }
        generator.info.rows = generator.info.rows.min(generator.scheduler.n_rows());
        Some(generator.info.clone())
    }

    /// Whether more than one response is written at once.
    pub(super) fn has_rows(&self) -> bool {
        self.models.generator.as_ref().is_some_and(|generator| generator.scheduler.n_rows() > 1)
    }

    /// Answers what a tokenizer can answer.
    ///
    /// # Errors
    /// As [`text::answer`].
    pub fn text(&self, request: TextRequest) -> Result<Answer, Fault> {
        text::answer(&self.models, request)
    }

    /// Runs a job on what is loaded.
    ///
    /// # Errors
    /// As [`jobs::run`]. After a lost device the models are gone.
    pub async fn run<H: Host>(&mut self, task: &Task<H>, request: ModelRequest) -> Result<Answer, Fault> {
        let picked = match request {
            ModelRequest::PickTemplate { template } => Some(template),
            _ => None,
        };
        self.settle_left().await;
        let answer = jobs::run(&mut self.models, task, request).await;
        if let (Some(template), Ok(_), Some(origin)) =
            (picked, &answer, self.origins.get_mut(Role::Generator))
        {
            origin.request.template = template;
        }
        self.tell_memory(task);
        let answer = answer.map_err(|fault| self.named(fault));
        self.settled(task, answer).await
    }

    /// Adds to what is to be known of the generator that was just loaded.
    pub fn note(&mut self, role: Role, notes: Vec<String>) {
        if let Some(generator) = self.models.generator.as_mut().filter(|_| role == Role::Generator) {
            generator.info.notes.extend(notes);
        }
    }

    async fn load_files<F: ModelFiles, H: Host>(
        &mut self,
        task: &Task<H>,
        request: &LoadRequest,
        mut files: F,
        when_lost: WhenLost,
    ) -> Result<ModelInfo, Fault> {
        if request.role == Role::Tokenizer {
            let (mut prompter, name) = open_tokenizer(&mut files).await?;
            prompter.pick(request.template)?;
            let mut info = tokenizer_info(&prompter, name, &request.source);
            prompter.tell(&mut info);
            self.models.tokenizer = Some(prompter);
            return Ok(info);
        }
        let file = open(request, &mut files).await?;
        // Sizes that cannot be are refused before anything is given up.
        let may_fall = request.backend == BackendChoice::Auto && self.gpu.is_some();
        let plans = match self.plans(request, &file) {
            Err(fault) if !(may_fall && is_of_gpu(&fault)) => return Err(fault),
            plans => plans,
        };
        // Free the old model before the new one takes its place.
        self.unload(request.role);
        if request.role == Role::Generator {
            self.unload(Role::Tokenizer);
        }
        let placed = self.place(task, request, file, (plans, &mut files), when_lost).await?;
        let Placed { mut model, streamed, mut info, room, .. } = placed;
        self.stop.clone().into_iter().for_each(|stop| model.hear(stop));
        let scheduler = Scheduler::new(model.shape(), model.steps_per_call()).with_room(room);
        let Streamed { mut prompter, profile, .. } = streamed;
        match profile {
            Some(profile) => {
                info.encoder = Some(encoder_info(&profile));
                let tokenizer = prompter.tokenizer;
                let encoder = Encoder { model, scheduler, tokenizer, profile, info: info.clone() };
                self.models.encoder = Some(encoder);
            }
            None => {
                prompter.pick(request.template)?;
                prompter.tell(&mut info);
                self.models.generator = Some(Generator { model, scheduler, prompter, info: info.clone() });
            }
        }
        Ok(info)
    }

    /// What the model is to be loaded with, on each backend that it is to be loaded on.
    fn plans<S>(&self, request: &LoadRequest, file: &OpenFile<S>) -> Result<Plans, Fault> {
        if request.backend == BackendChoice::Webgpu && self.gpu.is_none() {
            let message = match &self.gpu_problem {
                Some(problem) => format!("{problem}; load the model with backend \"cpu\" or \"auto\""),
                None => "there is no WebGPU here; load the model with backend \"cpu\" or \"auto\"".to_owned(),
            };
            return Err(Fault::new(FaultCode::NoWebgpu, message));
        }
        let wanted = candidates(request.backend, self.gpu.is_some(), file.model.header.data_end);
        let with = |limits| Ok((plan(file, limits, request)?, limits));
        let gpu = self.gpu.as_ref().filter(|_| wanted.gpu);
        let gpu = gpu.map(|gpu| with(gpu_limits(gpu.max_buffer_bytes()))).transpose()?;
        let cpu = wanted.cpu.then(|| with(cpu_limits(self.cpu_bytes(request.role))));
        match (cpu, gpu) {
            // Beside the GPU the CPU is only measured, where the model fits it.
            (cpu, Some(_)) => Ok(Plans { gpu, cpu: cpu.and_then(Result::ok) }),
            (cpu, None) => Ok(Plans { gpu, cpu: cpu.transpose()? }),
        }
    }

    /// Bytes on the CPU of what stays loaded when a model for `role` comes.
    fn cpu_bytes(&self, role: Role) -> u64 {
        let Models { generator, encoder, .. } = &self.models;
        let generator = generator.as_ref().map(|generator| &generator.info).filter(|_| role == Role::Encoder);
        let encoder = encoder.as_ref().map(|encoder| &encoder.info).filter(|_| role != Role::Encoder);
        let is_on_cpu = |info: &&ModelInfo| info.backend == Backend::Cpu;
        let on_cpu = generator.into_iter().chain(encoder).filter(is_on_cpu);
        on_cpu.map(|info| (info.memory.weights + info.memory.kv + info.memory.scratch) as u64).sum()
    }

    /// Loads a file on the backends that it may run on. Where the GPU was not asked for by name and fails, the file is read
    /// again for the CPU, and the model says why.
    async fn place<F: ModelFiles, H: Host>(
        &mut self,
        task: &Task<H>,
        request: &LoadRequest,
        file: OpenFile<F::Source>,
        (plans, files): (Result<Plans, Fault>, &mut F),
        when_lost: WhenLost,
    ) -> Result<Placed, Fault> {
        let is_auto = request.backend == BackendChoice::Auto && self.gpu.is_some();
        let ends = |fault: &Fault| when_lost == WhenLost::Ends && begins_anew(request, fault);
        let placed = match plans {
            Ok(plans) => place(self.gpu.as_ref(), task, request, file, plans).await,
            Err(fault) => Err(fault),
        };
        match placed {
            Ok(mut placed) => {
                if let Some(fault) = placed.gpu_fault.take() {
                    if ends(&fault) {
                        return Err(fault);
                    }
                    self.give_up_gpu(&fault, &mut placed.info);
                } else if !placed.model.is_on_gpu() && request.backend == BackendChoice::Auto {
                    placed.info.fallback_reason.clone_from(&self.gpu_problem);
                }
                Ok(placed)
            }
            Err(fault) if is_auto && is_of_gpu(&fault) && !ends(&fault) => {
                let file = open(request, files).await?;
                let limits = cpu_limits(self.cpu_bytes(request.role));
                let both = |cpu: Fault| {
                    let message = format!("on the GPU: {}; on the CPU: {}", fault.message, cpu.message);
                    Fault::new(fault.code, message)
                };
                let cpu = Some((plan(&file, limits, request).map_err(both)?, limits));
                let mut placed = place(None, task, request, file, Plans { gpu: None, cpu }).await?;
                self.give_up_gpu(&fault, &mut placed.info);
                Ok(placed)
            }
            Err(fault) => Err(fault),
        }
    }

    /// A model runs on the CPU because of what the GPU did: says so; a lost device is given up with all that was on it.
    fn give_up_gpu(&mut self, fault: &Fault, info: &mut ModelInfo) {
        info.fallback_reason = Some(fault.message.clone());
        if fault.code == FaultCode::DeviceLost {
            self.lose_gpu();
        }
    }

    /// What was on the device is gone with it; its origins tell how it came.
    fn lose_gpu(&mut self) {
        self.gpu = None;
        let Models { generator, encoder, .. } = &mut self.models;
        generator.take_if(|generator| generator.model.is_on_gpu());
        encoder.take_if(|encoder| encoder.model.is_on_gpu());
    }

    /// Gives up every model, loaded or missing: what is done about a lost device has not helped.
    pub(super) fn give_up(&mut self) {
        self.lose_gpu();
        self.unload(Role::Generator);
        self.unload(Role::Encoder);
    }

    /// What the device has to say of a job that was stopped is nobody's; a device that was lost stays lost.
    async fn settle_left(&mut self) {
        if std::mem::take(&mut self.is_unsettled)
            && let Some(gpu) = &self.gpu
        {
            let _nobodys = gpu.settle().await;
        }
    }

    /// What the device still has to say of a job that is over: it belongs to that job, not to the next one. A lost device
    /// is given up with the models on it. Whoever stopped a job does not wait for the device.
    async fn settled<T, H: Host>(&mut self, task: &Task<H>, answer: Result<T, Fault>) -> Result<T, Fault> {
        if task.is_cancelled() {
            self.is_unsettled = true;
            return answer;
        }
        let answer = match &self.gpu {
            Some(gpu) => match gpu.settle().await {
                Err(error) if self.uses_gpu() => answer.and_then(|_| Err(model_fault(&error))),
                Err(ModelError::DeviceLost { .. }) => {
                    self.gpu = None;
                    answer
                }
                _ => answer,
            },
            None => answer,
        };
        if answer.as_ref().is_err_and(|fault| fault.code == FaultCode::DeviceLost) {
            self.lose_gpu();
        }
        answer
    }

    /// Whether a loaded model is on the GPU.
    fn uses_gpu(&self) -> bool {
        let Models { generator, encoder, .. } = &self.models;
        let generator = generator.as_ref().map(|generator| &generator.model);
        let encoder = encoder.as_ref().map(|encoder| &encoder.model);
        generator.into_iter().chain(encoder).any(AnyModel::is_on_gpu)
    }

    /// The fault of a model says which model, on what, and what may help.
    fn named(&self, fault: Fault) -> Fault {
        let is_of_numbers = fault.code == FaultCode::NotFinite;
        let Some(Generator { info, .. }) = self.models.generator.as_ref().filter(|_| is_of_numbers) else {
            return fault;
        };
        let (on, advice) = match info.backend {
            Backend::Webgpu => {
                ("the GPU", "load it with backend \"cpu\" to see whether the GPU or the file is at fault")
            }
            Backend::Cpu => (
                "the CPU",
                "the file is damaged or was made for other numbers; get it again, or take another one",
            ),
        };
        Fault::new(fault.code, format!("{} on {on}: {}; {advice}", info.name, fault.message))
    }

    /// Keeps what the page is told of the pool as it is.
    fn tell_memory<H: Host>(&mut self, task: &Task<H>) {
        if let Some(generator) = &mut self.models.generator
            && let Some(memory) = generator.memory_now()
        {
            generator.info.memory = memory;
            task.memory(memory);
        }
    }
}

/// Whether a load may well be begun anew after its device was lost, or had no memory for a moment. Who asked for a number of
/// rows hears of that instead.
pub(super) fn begins_anew(request: &LoadRequest, fault: &Fault) -> bool {
    match fault.code {
        FaultCode::DeviceLost => true,
        FaultCode::OutOfMemory => request.rows.is_none(),
        _ => false,
    }
}

/// Opens a model's files for its role.
async fn open<F: ModelFiles>(request: &LoadRequest, files: &mut F) -> Result<OpenFile<F::Source>, Fault> {
    let mut file = match request.role {
        Role::Encoder => open_encoder(files, called(&request.source)).await?,
        _ => open_generator(files).await?,
    };
    file.model.hyperparameters = for_lengths(file.model.hyperparameters, request);
    Ok(file)
}

/// What a source calls its model.
fn called(source: &ModelSource) -> &str {
    match source {
        ModelSource::Teaching { url } | ModelSource::Url { url, .. } => url,
        ModelSource::File { names } => names.first().map_or("", String::as_str),
    }
}
