//! Loads and jobs that go on by themselves: a lost device is opened again, the models that were on it are loaded again from where
//! they came, and a job goes on from the responses that have ended. Where memory is refused, fewer responses are written at
//! once. How often, and when the CPU takes over, is [`crate::protocol::recovery`]'s to say.
//!
//! A worker that has taken the place of one that died is told how its models came, and loads them here in the same way.

use std::cell::RefCell;

use crate::{
    data::Response,
    engine::Gpu,
    protocol::{
        Answer, Backend, BackendChoice, Cause, Fault, FaultCode, FromWorker, Interruption, LoadRequest,
        Means, ModelInfo, ModelRequest, Origin, Recovery, Remedy, Role,
    },
};

use super::{
    jobs::build,
    load::{files::ModelFiles, place::is_of_gpu},
    machine::{Machine, WhenLost, begins_anew},
    task::{Host, Task},
};

/// Where devices and files come from: the browser, or a test.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait Supply<H: Host> {
    /// The files of a model.
    type Files: ModelFiles;

    /// A new device. Where there `was` one until now, it may take a moment to come back.
    ///
    /// # Errors
    /// Why the GPU cannot be used, where the machine has one.
    async fn gpu(&self, was: bool) -> Result<Gpu, Option<String>>;

    /// The files of a model, from their first byte.
    ///
    /// # Errors
    /// When they cannot be found, or are not at hand any more.
    async fn files(&self, task: &Task<H>, request: &LoadRequest) -> Result<Self::Files, Fault>;
}

/// Loads a model. If the device is lost on the way, it begins anew on another one, once; so it does on the same one if that had
/// no memory, which may have been so only for a moment.
///
/// # Errors
/// As [`Machine::load`].
pub async fn load<H: Host, S: Supply<H>>(
    machine: &mut Machine,
    supply: &S,
    task: &Task<H>,
    request: &LoadRequest,
) -> Result<ModelInfo, Fault> {
    let mut recovery = Recovery::default();
    let mut when_lost = WhenLost::Ends;
    loop {
        let files = supply.files(task, request).await?;
        open_gpu(machine, supply, when_lost == WhenLost::ToCpu).await;
        let fault = match machine.load_or(task, request, files, when_lost).await {
            Err(fault) if begins_anew(request, &fault) => fault,
            done => return done,
        };
        let (Some(cause), Some(remedy)) = (Cause::of(&fault), recovery.on_load()) else {
            if fault.code == FaultCode::DeviceLost {
                machine.give_up();
            }
            return Err(fault);
        };
        when_lost = WhenLost::ToCpu;
        task.interrupted(Interruption { cause, remedy, kept: 0 });
        task.check().await?;
    }
}

/// Runs a job on what is loaded, and goes on with it after an interruption.
///
/// # Errors
/// As [`Machine::run`]; a lost device, where it was lost twice without a response in between and the CPU was not allowed.
pub async fn run<H: Host, S: Supply<H>>(
    machine: &mut Machine,
    supply: &S,
    task: &Task<H>,
    mut request: ModelRequest,
) -> Result<Answer, Fault> {
    let watch = Watch { host: task.host(), ended: RefCell::default() };
    let watched = Task::new(&watch, task.id());
    let mut recovery = Recovery::default();
    let mut interruptions: Vec<Interruption> = Vec::new();
    let mut n_kept = request.n_finished();
    loop {
        let on = if interruptions.iter().any(|i| i.remedy == Remedy::OnCpu) { On::Cpu } else { On::Same };
        let done = match restore(machine, supply, task, on).await {
            Ok(()) => machine.run(&watched, request.clone()).await,
            Err(fault) => Err(fault),
        };
        let fault = match done {
            Ok(answer) => return Ok(answer.noting(&interruptions)),
            Err(fault) => fault,
        };
        let ended = watch.ended.take();
        n_kept += ended.len();
        request = request.going_on_from(ended);
        if fault.code == FaultCode::Cancelled {
            return stopped(machine, request).map(|answer| answer.noting(&interruptions)).ok_or(fault);
        }
        let Some(cause) = Cause::of(&fault) else { return Err(fault) };
        let means = Means { has_cpu: may_use_cpu(machine), has_fewer: machine.has_rows() };
        let Some(remedy) = recovery.on(cause, n_kept, means) else {
            return Err(given_up(machine, cause, fault));
        };
        if remedy == Remedy::Fewer
            && let Some(info) = machine.run_fewer()
        {
            task.restored(Role::Generator, info);
        }
        let interruption = Interruption { cause, remedy, kept: u32::try_from(n_kept).unwrap_or(u32::MAX) };
        task.interrupted(interruption);
        interruptions.push(interruption);
    }
}

/// What the models of a lost device are loaded on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// What they were on.
    Same,
    /// The CPU.
    Cpu,
}

/// Loads again what a lost device or a worker that died has taken away.
///
/// # Errors
/// The files', the device's, that a file is not what it was, or [`FaultCode::Cancelled`].
pub async fn restore<H: Host, S: Supply<H>>(
    machine: &mut Machine,
    supply: &S,
    task: &Task<H>,
    on: On,
) -> Result<(), Fault> {
    for origin in machine.missing() {
        let restored = restore_one(machine, supply, task, &origin, on).await;
        let info = match restored {
            Ok(info) => info,
            Err(fault) => {
                // Its files may be there the next time.
                machine.origins.put(origin);
                return Err(fault);
            }
        };
        let role = origin.request.role;
        let is_other = info.backend != origin.info.backend || info.rows != origin.info.rows;
        if is_other {
            task.restored(role, info.clone());
        }
        machine.origins.put(Origin { request: origin.request, info });
    }
    Ok(())
}

async fn restore_one<H: Host, S: Supply<H>>(
    machine: &mut Machine,
    supply: &S,
    task: &Task<H>,
    origin: &Origin,
    on: On,
) -> Result<ModelInfo, Fault> {
    task.check().await?;
    let may_fall = origin.request.backend == BackendChoice::Auto;
    let was_on_gpu = origin.info.backend == Backend::Webgpu;
    if was_on_gpu && on == On::Same {
        open_gpu(machine, supply, true).await;
    }
    let mut why_not = match on {
        On::Cpu => Some("the GPU went away twice in a row".to_owned()),
        On::Same if machine.gpu.is_none() && may_fall => Some(
            machine
                .gpu_problem
                .clone()
                .unwrap_or_else(|| "the GPU went away and did not come back".to_owned()),
        ),
        On::Same => None,
    };
    loop {
        // The same as before, not what is measured to be faster: another one would round differently.
        let is_for_gpu = was_on_gpu && why_not.is_none();
        let backend = if is_for_gpu { BackendChoice::Webgpu } else { BackendChoice::Cpu };
        let request = LoadRequest { backend, ..origin.request.clone() };
        let files = supply.files(task, &request).await?;
        match machine.load_or(task, &request, files, WhenLost::Ends).await {
            Err(fault)
                if is_for_gpu && may_fall && is_of_gpu(&fault) && fault.code != FaultCode::DeviceLost =>
            {
                why_not = Some(fault.message);
            }
            Err(fault) => return Err(fault),
            Ok(info) if info.sha256 != origin.info.sha256 => {
                machine.unload(request.role);
                let message = format!(
                    "{} is not the file that it was when it was loaded; load the model again",
                    origin.info.name
                );
                return Err(Fault::new(FaultCode::HashMismatch, message));
            }
            Ok(mut info) => {
                if was_on_gpu && why_not.is_some() {
                    info.fallback_reason = why_not;
                }
                return Ok(info);
            }
        }
    }
}

/// Opens a device where there is none: one may be back after it was lost.
async fn open_gpu<H: Host, S: Supply<H>>(machine: &mut Machine, supply: &S, was: bool) {
    if machine.gpu.is_none() {
        let opened = supply.gpu(was).await;
        machine.gpu_problem = opened.as_ref().err().cloned().flatten();
        machine.gpu = opened.ok();
    }
}

/// Whether nobody asked for the GPU by name, for none of the models that are missing.
fn may_use_cpu(machine: &Machine) -> bool {
    let missing = machine.missing();
    !missing.is_empty() && missing.iter().all(|origin| origin.request.backend != BackendChoice::Webgpu)
}

/// The fault of a job that nothing helped, with what a person may do.
fn given_up(machine: &mut Machine, cause: Cause, fault: Fault) -> Fault {
    let Fault { code, message } = fault;
    let message = match cause {
        Cause::DeviceLost => {
            machine.give_up();
            format!(
                "the GPU went away twice in a row, the second time without a new response ({message}); load the model \
                 with backend \"cpu\" or \"auto\", or with fewer rows"
            )
        }
        Cause::OutOfMemory if machine.origins.get(Role::Generator).is_some() => format!(
            "there is no memory even for one response at a time ({message}); close other tabs and programs, set a lower \
             limit of tokens, or take a smaller model"
        ),
        Cause::OutOfMemory | Cause::WorkerStopped => message,
    };
    Fault::new(code, message)
}

/// What a job gives that was cancelled before its models were back: what had ended.
fn stopped(machine: &Machine, request: ModelRequest) -> Option<Answer> {
    let ModelRequest::Build(request) = request else { return None };
    let origin = machine.origins.get(Role::Generator)?;
    Some(Answer::Built(Box::new(build::stopped(*request, origin))))
}

/// A host that keeps the responses that have ended.
struct Watch<H> {
    host: H,
    ended: RefCell<Vec<Response>>,
}

impl<H: Host> Host for Watch<H> {
    fn send(&self, message: FromWorker) {
        if let FromWorker::Responses { responses, .. } = &message {
            self.ended.borrow_mut().extend_from_slice(responses);
        }
        self.host.send(message);
    }

    fn now_ms(&self) -> f64 {
        self.host.now_ms()
    }

    async fn breathe(&self) {
        self.host.breathe().await;
    }

    fn is_cancelled(&self) -> bool {
        self.host.is_cancelled()
    }

    async fn cancelled(&self) {
        self.host.cancelled().await;
    }
}
