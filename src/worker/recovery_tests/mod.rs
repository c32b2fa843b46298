//! Devices that are lost, memory that is refused and workers that die, at moments drawn by seeds: a run ends with the bytes of a
//! run that nothing disturbed. On lavapipe.

mod lab;
mod loads;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use pollster::block_on;

use super::{machine::Machine, recovery, task::Task};
use crate::{
    protocol::{
        Answer, Backend, BackendChoice, BuildOutcome, BuildRequest, Cause, Fault, FaultCode, FromWorker,
        Interruption, JobId, ModelRequest, Origin, Remedy, Request, Role, ToWorker,
        calls::{Calls, Death},
    },
    weights::testing::{RandomModel, random_model},
};
use lab::{
    Blow, Lab, ROWS, bytes_of, load, loaded, model, moment, requests, run, undisturbed, undisturbed_session,
};

#[test]
fn a_device_lost_at_any_moment_of_a_run_changes_no_byte_of_its_session() {
    let bytes = model();
    let mut n_interrupted = 0;
    for request in requests() {
        let (expected, n_breaths) = undisturbed(&bytes, &request);
        for seed in 0..10 {
            let lab = Lab::new(&bytes, Blow::Lost, [moment(seed, n_breaths)]);
            let outcome = run(&mut loaded(&lab), &lab, request.clone()).unwrap();
            assert!(expected == bytes_of(&outcome.session), "seed {seed}: {:?}", lab.interruptions());
            let interruptions = lab.interruptions();
            assert!(interruptions.iter().all(|i| (i.cause, i.remedy) == (Cause::DeviceLost, Remedy::Again)));
            assert_eq!(lab.n_gpus.get(), 1 + interruptions.len(), "seed {seed}");
            assert_eq!(outcome.problems.is_empty(), interruptions.is_empty(), "seed {seed}");
            n_interrupted += usize::from(!interruptions.is_empty());
        }
    }
    assert!(n_interrupted >= 19, "{n_interrupted} of 20 runs were disturbed");
}

#[test]
fn memory_refused_at_any_moment_of_a_run_changes_no_byte_of_its_session() {
    let bytes = model();
    let mut n_interrupted = 0;
    for request in requests() {
        let (expected, n_breaths) = undisturbed(&bytes, &request);
        for seed in 0..10 {
            let lab = Lab::new(&bytes, Blow::NoMemory, [moment(seed, n_breaths)]);
            let mut machine = loaded(&lab);
            let outcome = run(&mut machine, &lab, request.clone()).unwrap();
            assert!(expected == bytes_of(&outcome.session), "seed {seed}: {:?}", lab.interruptions());
            assert_eq!(lab.n_gpus.get(), 1, "seed {seed}");
            // Where a pool was about to be made, a smaller one was.
            if lab.interruptions().is_empty() {
                continue;
            }
            n_interrupted += 1;
            let [Interruption { cause: Cause::OutOfMemory, remedy: Remedy::Fewer, .. }] =
                lab.interruptions()[..]
            else {
                panic!("seed {seed}: {:?}", lab.interruptions())
            };
            let generator = machine.models.generator.as_ref().unwrap();
            assert_eq!(generator.scheduler.n_rows(), ROWS / 2, "seed {seed}");
            assert_eq!(lab.restored().iter().map(|info| info.rows).collect::<Vec<_>>(), [ROWS / 2]);
            assert_eq!(outcome.problems.len(), 1, "seed {seed}: said once");
        }
    }
    assert!(n_interrupted >= 16, "{n_interrupted} of 20 runs were disturbed");
}

/// The page's side as `ui::client` has it, but for the port.
fn run_with_restarts(lab: &Lab<'_>, request: &BuildRequest) -> (Result<BuildOutcome, Fault>, usize) {
    let mut machine = loaded(lab);
    let origin: Origin = machine.origins.get(Role::Generator).unwrap().clone();
    let mut calls: Calls<(), JobId> = Calls::default();
    calls.start();
    calls.ready();
    let (job, _) = calls.call((), |job| job).unwrap();
    let mut message = ToWorker::Run { job, request: ModelRequest::Build(Box::new(request.clone())).into() };
    let mut n_workers = 1;
    loop {
        let ToWorker::Run { request: Request::Model(posted), .. } = message.clone() else { panic!() };
        let task = Task::new(lab, job);
        let answer = block_on(async {
            let mut running = pin!(recovery::run(&mut machine, lab, &task, posted));
            poll_fn(|context| match running.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if lab.is_dead.get() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            })
            .await
        });
        match answer {
            Some(Ok(Answer::Built(outcome))) => return (Ok(*outcome), n_workers),
            Some(Ok(other)) => panic!("{other:?}"),
            Some(Err(fault)) => return (Err(fault), n_workers),
            None => {}
        }
        let sent = lab.page.sent.take();
        let responses: Vec<_> = sent
            .into_iter()
            .filter_map(|message| match message {
                FromWorker::Responses { responses, .. } => Some(responses),
                _ => None,
            })
            .flatten()
            .collect();
        calls.kept(job, responses.len());
        let left = calls.died(Death::Stopped);
        if left.again.is_empty() {
            return (Err(left.fault), n_workers);
        }
        calls.start();
        calls.ready();
        (message, _) = message.going_on_from(responses);
        lab.is_dead.set(false);
        n_workers += 1;
        machine = Machine::default();
        machine.origins.put(origin.clone());
    }
}

#[test]
fn a_worker_that_dies_at_any_moment_of_a_run_changes_no_byte_of_its_session() {
    let bytes = model();
    for request in requests() {
        let (expected, n_breaths) = undisturbed(&bytes, &request);
        for seed in 0..10 {
            let lab = Lab::new(&bytes, Blow::Dies, [moment(seed, n_breaths)]);
            let (outcome, n_workers) = run_with_restarts(&lab, &request);
            assert!(expected == bytes_of(&outcome.unwrap().session), "seed {seed}");
            assert_eq!(n_workers, 2, "seed {seed}");
        }
    }
}

/// What goes wrong in a run, one after the other, and how it ends.
#[test]
fn a_device_that_goes_twice_without_a_response_in_between_is_left_for_the_cpu_unless_it_was_asked_for_by_name()
 {
    let bytes = model();
    let [request, _] = requests();
    let n_all = 4 * request.config.n as usize;
    // The first breaths of a run are before its first response; the model is loaded again in some of them.
    let lab = Lab::new(&bytes, Blow::Lost, 1..200);
    let mut machine = loaded(&lab);
    let fault = run(&mut machine, &lab, request.clone()).unwrap_err();
    assert_eq!(fault.code, FaultCode::DeviceLost);
    assert!(fault.message.contains("twice") && fault.message.contains("\"cpu\""), "{}", fault.message);
    let again = run(&mut machine, &Lab::new(&bytes, Blow::Lost, []), request.clone());
    assert_eq!(again.unwrap_err().code, FaultCode::NoModel, "it has to be loaded again, on something else");

    let lab = Lab::new(&bytes, Blow::Lost, 1..200);
    let mut machine = loaded(&lab);
    machine.origins.get_mut(Role::Generator).unwrap().request.backend = BackendChoice::Auto;
    let outcome = run(&mut machine, &lab, request.clone()).unwrap();
    let remedies: Vec<Remedy> = lab.interruptions().iter().map(|interruption| interruption.remedy).collect();
    assert_eq!(remedies, [Remedy::Again, Remedy::OnCpu]);
    assert_eq!(outcome.session.responses.len(), n_all);
    assert!(outcome.problems.iter().any(|problem| problem.contains("CPU")), "{:?}", outcome.problems);
    let [info] = &lab.restored()[..] else { panic!("told once: {:?}", lab.restored()) };
    assert_eq!(info.backend, Backend::Cpu);
    assert!(info.fallback_reason.as_deref().is_some_and(|why| why.contains("twice")), "{info:?}");

    // A device that goes again and again, with responses in between, is opened again and again.
    let (expected, n_breaths) = undisturbed(&bytes, &request);
    let lab = Lab::new(&bytes, Blow::Lost, (1..4 * n_breaths).step_by(n_breaths as usize));
    let outcome = run(&mut loaded(&lab), &lab, request).unwrap();
    assert!(lab.interruptions().len() > 1, "{:?}", lab.interruptions());
    assert!(expected == bytes_of(&outcome.session));
}

#[test]
fn memory_that_is_always_refused_ends_a_run_at_one_row_with_a_message() {
    let bytes = model();
    let [request, _] = requests();
    // Not while a pool is made, which would be made smaller.
    let lab = Lab::new(&bytes, Blow::NoMemory, (2..200).step_by(2));
    let fault = run(&mut loaded(&lab), &lab, request).unwrap_err();
    assert_eq!(fault.code, FaultCode::OutOfMemory);
    assert!(fault.message.contains("one response at a time"), "{}", fault.message);
    assert_eq!(lab.interruptions().len(), 3, "8, 4, 2, 1");
}

#[test]
fn a_worker_that_always_dies_ends_a_run_after_the_second_time() {
    let bytes = model();
    let [request, _] = requests();
    let lab = Lab::new(&bytes, Blow::Dies, 1..200);
    let (outcome, n_workers) = run_with_restarts(&lab, &request);
    let fault = outcome.unwrap_err();
    assert_eq!((fault.code, n_workers), (FaultCode::Internal, 2));
}

#[test]
fn a_load_begins_anew_once_when_its_device_is_lost() {
    let bytes = model();
    let n_breaths = {
        let lab = Lab::new(&bytes, Blow::Lost, []);
        load(&mut Machine::default(), &lab, BackendChoice::Auto).unwrap();
        lab.page.breaths.get()
    };
    for at in 1..=n_breaths {
        let lab = Lab::new(&bytes, Blow::Lost, [at]);
        let info = load(&mut Machine::default(), &lab, BackendChoice::Webgpu).unwrap();
        assert_eq!((info.backend, info.fallback_reason), (Backend::Webgpu, None), "breath {at}");
    }
    for backend in [BackendChoice::Auto, BackendChoice::Webgpu] {
        let lab = Lab::new(&bytes, Blow::Lost, 1..200);
        let mut machine = Machine::default();
        match (backend, load(&mut machine, &lab, backend)) {
            (BackendChoice::Auto, Ok(info)) => {
                assert_eq!(info.backend, Backend::Cpu);
                assert!(info.fallback_reason.is_some_and(|why| why.contains("lost")));
            }
            (BackendChoice::Webgpu, Err(fault)) => assert_eq!(fault.code, FaultCode::DeviceLost),
            (_, other) => panic!("{backend:?}: {other:?}"),
        }
        assert_eq!(lab.n_gpus.get(), 2, "{backend:?}");
        assert_eq!(machine.missing(), []);
    }
}

/// A recovery is heard as any other work is: the run ends as it would where Cancel comes between two steps.
#[test]
fn cancel_is_heard_while_a_model_is_loaded_again() {
    let bytes = model();
    let [request, _] = requests();
    let origin = loaded(&Lab::new(&bytes, Blow::Lost, [])).origins.get(Role::Generator).unwrap().clone();
    // As in a worker that has taken the place of one that died: the model is still to come.
    let mut machine = Machine::default();
    machine.origins.put(origin);
    let lab = Lab::new(&bytes, Blow::Cancelled, [2]);
    let mut half = request.clone();
    half.finished = undisturbed_session(&bytes, &request).responses.split_off(16);
    let outcome = run(&mut machine, &lab, half.clone()).unwrap();
    assert!(outcome.cancelled);
    assert_eq!(outcome.session.responses, half.finished, "what had ended is kept");
    assert_eq!(outcome.session.model.sha256, machine.missing()[0].info.sha256);
    assert!(lab.page.breaths.get() <= 3, "it does not wait for the model: {}", lab.page.breaths.get());
    // The next job has it loaded.
    let lab = Lab::new(&bytes, Blow::Lost, []);
    assert_eq!(run(&mut machine, &lab, half).unwrap().session, undisturbed_session(&bytes, &request));
}

#[test]
fn a_file_that_has_changed_meanwhile_is_refused() {
    let bytes = model();
    let other = random_model(&RandomModel { seed: 99, ..RandomModel::default() });
    let [request, _] = requests();
    let lab = Lab::new(&bytes, Blow::Lost, [2]);
    let mut machine = loaded(&lab);
    lab.bytes.replace(&other);
    let fault = run(&mut machine, &lab, request).unwrap_err();
    assert_eq!(fault.code, FaultCode::HashMismatch);
    assert!(fault.message.contains("load the model again"), "{}", fault.message);
}
