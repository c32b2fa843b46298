//! Memory that is refused while a model loads: it then has fewer rows, unless their number was asked for. On lavapipe.

use pollster::block_on;

use super::lab::{Blow, Lab, bytes_of, load_request, model, requests, run, undisturbed};
use crate::{
    engine::{Adapter, Gpu},
    protocol::{Backend, BackendChoice, Cause, Fault, FaultCode, LoadRequest, ModelInfo, Remedy},
    weights::{
        TensorType,
        testing::{RandomModel, random_model},
    },
    worker::{machine::Machine, recovery, task::Task},
};

/// Loads a model with the rows that are asked for, if any.
fn load(
    machine: &mut Machine,
    lab: &Lab<'_>,
    backend: BackendChoice,
    rows: Option<u32>,
) -> Result<ModelInfo, Fault> {
    let request = LoadRequest { rows, ..load_request(backend) };
    block_on(recovery::load(machine, lab, &Task::new(lab, 1), &request))
}

fn n_breaths(bytes: &[u8]) -> u32 {
    let lab = Lab::new(bytes, Blow::NoMemory, []);
    let info = load(&mut Machine::default(), &lab, BackendChoice::Webgpu, None).unwrap();
    assert_eq!((info.rows, info.notes), (64, Vec::new()));
    lab.page.breaths.get()
}

#[test]
fn memory_refused_at_any_moment_of_a_load_leaves_the_model_on_the_gpu() {
    let bytes = model();
    let [request, _] = requests();
    let (expected, _) = undisturbed(&bytes, &request);
    let mut seen = Vec::new();
    for at in 1..=n_breaths(&bytes) {
        let lab = Lab::new(&bytes, Blow::NoMemory, [at]);
        let mut machine = Machine::default();
        let info = load(&mut machine, &lab, BackendChoice::Webgpu, None)
            .unwrap_or_else(|fault| panic!("breath {at}: {fault:?}"));
        assert_eq!(info.backend, Backend::Webgpu);
        let interruptions = lab.interruptions();
        match info.rows {
            // The weights came once more, and then there was memory.
            64 => {
                let [interruption] = interruptions[..] else { panic!("breath {at}: {interruptions:?}") };
                assert_eq!((interruption.cause, interruption.remedy), (Cause::OutOfMemory, Remedy::Again));
                assert_eq!(info.notes, Vec::<String>::new());
            }
            32 => {
                assert!(interruptions.is_empty());
                let [note] = &info.notes[..] else { panic!("{:?}", info.notes) };
                assert!(note.contains("64") && note.contains("up to 32"), "{note}");
            }
            n => panic!("breath {at}: {n} rows"),
        }
        seen.push(info.rows);
        lab.page.breaths.set(0);
        let outcome = run(&mut machine, &lab, request.clone()).unwrap();
        assert!(expected == bytes_of(&outcome.session), "breath {at}");
    }
    assert!(seen.contains(&64) && seen.contains(&32), "{seen:?}");
}

#[test]
fn memory_that_is_always_refused_ends_a_load_by_name_and_leaves_another_to_the_cpu() {
    let bytes = model();
    for backend in [BackendChoice::Webgpu, BackendChoice::Auto] {
        let lab = Lab::new(&bytes, Blow::NoMemory, 1..200);
        let mut machine = Machine::default();
        match (backend, load(&mut machine, &lab, backend, None)) {
            (BackendChoice::Auto, Ok(info)) => {
                assert_eq!((info.backend, info.rows), (Backend::Cpu, 64));
                assert!(info.fallback_reason.is_some_and(|why| why.contains("out of memory")));
            }
            (BackendChoice::Webgpu, Err(fault)) => assert_eq!(fault.code, FaultCode::OutOfMemory),
            (_, other) => panic!("{backend:?}: {other:?}"),
        }
        assert_eq!(lab.interruptions().len(), 1, "{backend:?}: the weights come twice at most");
        assert!(machine.gpu.is_some(), "another model may run on it");
        assert_eq!(machine.missing(), []);
    }
}

#[test]
fn rows_that_are_asked_for_are_not_made_fewer() {
    let bytes = model();
    for at in 1..=n_breaths(&bytes) {
        for backend in [BackendChoice::Webgpu, BackendChoice::Auto] {
            let lab = Lab::new(&bytes, Blow::NoMemory, [at]);
            match (backend, load(&mut Machine::default(), &lab, backend, Some(64))) {
                (BackendChoice::Auto, Ok(info)) => {
                    assert_eq!((info.backend, info.rows, info.notes), (Backend::Cpu, 64, Vec::new()));
                    assert!(info.fallback_reason.is_some_and(|why| why.contains("out of memory")));
                }
                (BackendChoice::Webgpu, Err(fault)) => assert_eq!(fault.code, FaultCode::OutOfMemory),
                (_, other) => panic!("breath {at}, {backend:?}: {other:?}"),
            }
            assert_eq!(lab.interruptions(), []);
        }
    }
}

/// A device that has no memory for the logits of many rows: 16,000 bytes of a row, here.
#[test]
fn a_model_has_as_many_rows_as_the_device_has_memory_for() {
    let bytes = random_model(&RandomModel {
        dim: 32,
        hidden_dim: 32,
        vocab_size: 4_000,
        tensor_type: TensorType::Q8_0,
        ..RandomModel::default()
    });
    let gpu = block_on(Gpu::new(Adapter::Software)).expect("a software adapter is needed, such as lavapipe");
    let with = |memory_bytes, backend, rows| {
        let lab = Lab::new(&bytes, Blow::NoMemory, []);
        let gpu = Some(gpu.clone().with_memory_bytes(memory_bytes));
        let mut machine = Machine { gpu, ..Machine::default() };
        let info = load(&mut machine, &lab, backend, rows);
        if info.is_ok() {
            let generator = machine.models.generator.as_ref().unwrap();
            assert_eq!(generator.scheduler.n_rows(), generator.info.rows);
        }
        assert_eq!(lab.interruptions(), []);
        info
    };
    for (memory_bytes, rows) in [(1_100_000, 64), (600_000, 32), (300_000, 16)] {
        let info = with(memory_bytes, BackendChoice::Webgpu, None).unwrap();
        assert_eq!((info.backend, info.rows), (Backend::Webgpu, rows));
        assert_eq!(info.notes.len(), usize::from(rows < 64), "{:?}", info.notes);
        assert!(info.notes.iter().all(|note| note.contains(&format!("up to {rows}"))), "{:?}", info.notes);
    }
    // The fewest rows need as much as 16.
    let fault = with(200_000, BackendChoice::Webgpu, None).unwrap_err();
    assert_eq!(fault.code, FaultCode::DoesNotFit);
    assert!(fault.message.contains("logits") && fault.message.contains("for 8 rows"), "{}", fault.message);
    let info = with(200_000, BackendChoice::Auto, None).unwrap();
    assert_eq!((info.backend, info.rows, info.notes), (Backend::Cpu, 64, Vec::new()));
    let fault = with(600_000, BackendChoice::Webgpu, Some(64)).unwrap_err();
    assert_eq!(fault.code, FaultCode::DoesNotFit);
    assert!(fault.message.contains("for 64 rows"), "{}", fault.message);
    assert_eq!(with(600_000, BackendChoice::Webgpu, Some(20)).unwrap().rows, 20);
}
