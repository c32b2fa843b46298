//! The worker's memory between jobs: the GPU, and the model that is loaded.

use crate::{
    engine::Gpu,
    generate::{LanguageModel, ModelError, Scheduler},
    protocol::{Answer, BackendChoice, Fault, FaultCode, LoadRequest, ModelInfo, ModelSource, Request, Role},
};

use super::{
    backend::Backend,
    choose::candidates,
    encoder::{Encoder, encoder_info},
    files::ModelFiles,
    fit::{cpu_limits, for_lengths, gpu_limits, plan},
    info::tokenizer_info,
    jobs,
    load::{OpenFile, Streamed},
    loaded::{Loaded, model_fault},
    open::{open_encoder, open_generator, open_tokenizer},
    place::{Placed, Plans, is_of_gpu, place},
    speech::{Manner, Speech, text_fault},
    task::{Host, Task},
};

/// What is loaded, and what it could be loaded on.
#[derive(Debug, Default)]
pub struct Service {
    /// The GPU, where there is one.
    pub gpu: Option<Gpu>,
    /// Why there is none, where the machine has one that cannot be used.
    pub gpu_problem: Option<String>,
    pub(super) loaded: Option<Loaded<Backend>>,
    encoder: Option<Encoder<Backend>>,
    /// A tokenizer loaded alone.
    speech: Option<Speech>,
}

impl Service {
    /// Runs a job. `files` are the model's where the job loads one.
    ///
    /// # Errors
    /// As [`Request::check`], and what the job's own function gives. After a lost device the model is gone.
    pub async fn run<F: ModelFiles, H: Host>(
        &mut self,
        task: &Task<H>,
        request: Request,
        files: Option<F>,
    ) -> Result<Answer, Fault> {
        request.check()?;
        let answer = match (request, files) {
            (Request::LoadModel(request), Some(files)) => self.load(task, &request, files).await,
            (Request::LoadModel(_), None) => {
                Err(Fault::new(FaultCode::Unreachable, "the model file did not arrive; pick it again"))
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
                    (Some(loaded), encoder) => jobs::run(loaded, encoder, task, request).await,
                    (None, Some(encoder)) if self.speech.is_none() || !is_of_text(&request) => {
                        encoder.run(task, request).await
                    }
                    (None, _) => self.without_model(request),
                };
                self.tell_memory(task);
                answer.map_err(|fault| self.named(fault))
            }
        };
        let answer = self.settled(answer).await;
        if answer.as_ref().is_err_and(|fault| fault.code == FaultCode::DeviceLost) {
            self.loaded = None;
            self.encoder = None;
            self.gpu = None;
        }
        answer
    }

    /// Adds to what is to be known of the generator that was just loaded.
    pub fn note(&mut self, role: Role, notes: Vec<String>) {
        if let Some(loaded) = self.loaded.as_mut().filter(|_| role == Role::Generator) {
            loaded.info.notes.extend(notes);
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
            Request::RenderChat { messages, thinking, date } => {
                speech.render(&messages, Manner { thinking, date }).map(Answer::Text)
            }
            _ => Err(no_model()),
        }
    }

    async fn load<F: ModelFiles, H: Host>(
        &mut self,
        task: &Task<H>,
        request: &LoadRequest,
        mut files: F,
    ) -> Result<Answer, Fault> {
        if request.role == Role::Tokenizer {
            let (mut speech, name) = open_tokenizer(&mut files).await?;
            speech.pick(request.template)?;
            let mut info = tokenizer_info(&speech, name, &request.source);
            speech.tell(&mut info);
            self.speech = Some(speech);
            return Ok(Answer::Loaded(Box::new(info)));
        }
        let file = open(request, &mut files).await?;
        // Sizes that cannot be are refused before anything is given up.
        let may_fall = request.backend == BackendChoice::Auto && self.gpu.is_some();
        let plans = match self.plans(request, &file) {
            Err(fault) if !(may_fall && is_of_gpu(&fault)) => return Err(fault),
            plans => plans,
        };
        // Free the old model before the new one takes its place.
        match request.role {
            Role::Encoder => self.encoder = None,
            _ => (self.loaded, self.speech) = (None, None),
        }
        let placed = self.place(task, request, file, (plans, &mut files)).await?;
        let Placed { model, streamed, mut info, room, .. } = placed;
        let scheduler = Scheduler::new(model.shape(), model.steps_per_call()).with_room(room);
        let Streamed { mut speech, profile, .. } = streamed;
        if profile.is_none() {
            speech.pick(request.template)?;
            speech.tell(&mut info);
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
        let generator = self.loaded.as_ref().map(|loaded| &loaded.info).filter(|_| role == Role::Encoder);
        let encoder = self.encoder.as_ref().map(|encoder| &encoder.info).filter(|_| role != Role::Encoder);
        let on_cpu = generator.into_iter().chain(encoder).filter(|info| info.backend == "cpu");
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
    ) -> Result<Placed, Fault> {
        let is_auto = request.backend == BackendChoice::Auto && self.gpu.is_some();
        let placed = match plans {
            Ok(plans) => place(self.gpu.as_ref(), task, request, file, plans).await,
            Err(fault) => Err(fault),
        };
        match placed {
            Ok(mut placed) => {
                if let Some(fault) = placed.gpu_fault.take() {
                    self.give_up_gpu(&fault, &mut placed.info);
                } else if matches!(placed.model, Backend::Cpu(_)) && request.backend == BackendChoice::Auto {
                    placed.info.fallback_reason.clone_from(&self.gpu_problem);
                }
                Ok(placed)
            }
            Err(fault) if is_auto && is_of_gpu(&fault) => {
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
            self.gpu = None;
            self.loaded.take_if(|loaded| matches!(loaded.model, Backend::Gpu(_)));
            if self.encoder.take_if(|encoder| matches!(encoder.model, Backend::Gpu(_))).is_some() {
                info.notes.push("The encoder was on the GPU that was lost; load it again.".to_owned());
            }
        }
    }

    /// What the device still has to say of a job that is over: it belongs to that job, not to the next one.
    async fn settled(&mut self, answer: Result<Answer, Fault>) -> Result<Answer, Fault> {
        let Some(gpu) = &self.gpu else { return answer };
        let is_on_gpu = |model: Option<&Backend>| matches!(model, Some(Backend::Gpu(_)));
        let uses_gpu = is_on_gpu(self.loaded.as_ref().map(|loaded| &loaded.model))
            || is_on_gpu(self.encoder.as_ref().map(|encoder| &encoder.model));
        match gpu.settle().await {
            Err(error) if uses_gpu => answer.and_then(|_| Err(model_fault(&error))),
            Err(ModelError::DeviceLost { .. }) => {
                self.gpu = None;
                answer
            }
            _ => answer,
        }
    }

    /// The fault of a model says which model, on what, and what may help.
    fn named(&self, fault: Fault) -> Fault {
        let Some(Loaded { info, .. }) = self.loaded.as_ref().filter(|_| fault.code == FaultCode::NotFinite)
        else {
            return fault;
        };
        let (on, advice) = match info.backend.as_str() {
            "webgpu" => {
                ("the GPU", "load it with backend \"cpu\" to see whether the GPU or the file is at fault")
            }
            _ => (
                "the CPU",
                "the file is damaged or was made for other numbers; get it again, or take another one",
            ),
        };
        Fault::new(fault.code, format!("{} on {on}: {}; {advice}", info.name, fault.message))
    }

    /// Keeps what the page is told of the pool as it is.
    fn tell_memory<H: Host>(&mut self, task: &Task<H>) {
        if let Some(loaded) = &mut self.loaded
            && let Some(memory) = loaded.memory_now()
        {
            loaded.info.memory = memory;
            task.memory(memory);
        }
    }
}

/// Whether a tokenizer is all that a request needs.
fn is_of_text(request: &Request) -> bool {
    matches!(request, Request::Tokenize { .. } | Request::Detokenize { .. } | Request::RenderChat { .. })
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
