//! What devices and files do to a load and a run: each ends in a model on the CPU with the reason, or in a message, never in
//! text. On lavapipe; what goes wrong is made to go wrong.

use std::{cell::Cell, collections::BTreeSet};

use pollster::block_on;

use super::files::MemoryFiles;
use crate::{
    engine::{Adapter, Gpu, Tier, kernels},
    protocol::{
        Answer, Backend, BackendChoice, Fault, FaultCode, FromWorker, GenerateRequest, Input, LoadRequest,
        ModelInfo, ModelRequest, ModelSource, Progress, Role, Stage,
    },
    weights::{
        Header, ModelFile, ModelTensor, Parsed, TensorType,
        testing::{RandomModel, random_model},
    },
    worker::{
        machine::Machine,
        task::{Host, Task},
        testing::{TestHost, build, build_request, run},
    },
};

fn gpu() -> Gpu {
    block_on(Gpu::new(Adapter::Software)).expect("a software adapter is needed, such as lavapipe")
}

fn machine(gpu: Gpu) -> Machine {
    Machine { gpu: Some(gpu), ..Machine::default() }
}

fn request(backend: BackendChoice) -> LoadRequest {
    let source = ModelSource::File { names: vec!["random.gguf".to_owned()] };
    LoadRequest::new(source, Role::Generator, backend)
}

fn load_on<H: Host>(
    machine: &mut Machine,
    backend: BackendChoice,
    bytes: &[u8],
    host: &H,
) -> Result<ModelInfo, Fault> {
    let files = MemoryFiles::new(&[("random.gguf", bytes)], 50_000);
    block_on(machine.load(&Task::new(host, 0), &request(backend), files))
}

fn load(machine: &mut Machine, backend: BackendChoice, bytes: &[u8]) -> Result<ModelInfo, Fault> {
    load_on(machine, backend, bytes, &TestHost::default())
}

fn model_of(tensor_type: TensorType) -> Vec<u8> {
    random_model(&RandomModel {
        dim: 256,
        hidden_dim: 256,
        n_layers: 1,
        tensor_type,
        ..RandomModel::default()
    })
}

/// Writes over the start of a tensor's last block, or its last number.
fn broken(mut bytes: Vec<u8>, tensor: ModelTensor, at: usize, with: &[u8]) -> Vec<u8> {
    let Ok(Parsed::Header(header)) = Header::parse(&bytes, None) else { panic!("a whole header") };
    let file = ModelFile::from_header(header).unwrap();
    let info = file.tensor(tensor).unwrap();
    let end = (info.start + info.n_bytes) as usize;
    let place = end - info.tensor_type.block_bytes() + at;
    bytes[place..place + with.len()].copy_from_slice(with);
    bytes
}

/// Makes all numbers of an F32 tensor the same.
fn fill(bytes: &mut [u8], tensor: ModelTensor, value: f32) {
    let Ok(Parsed::Header(header)) = Header::parse(bytes, None) else { panic!("a whole header") };
    let file = ModelFile::from_header(header).unwrap();
    let info = file.tensor(tensor).unwrap();
    let range = info.start as usize..(info.start + info.n_bytes) as usize;
    bytes[range].chunks_exact_mut(4).for_each(|number| number.copy_from_slice(&value.to_le_bytes()));
}

fn generate() -> ModelRequest {
    let config = crate::data::SessionConfig { n: 2, max_tokens: Some(6), ..build_request().config };
    ModelRequest::Generate(Box::new(GenerateRequest {
        input: Input::Prompt("How many?".to_owned()),
        config,
        stop: Vec::new(),
    }))
}

#[test]
fn one_number_that_is_not_finite_stops_a_load_on_either_backend_and_is_named() {
    let nan_half = [0x00, 0x7e];
    let cases = [
        (TensorType::F32, 0, f32::NAN.to_le_bytes().to_vec()),
        (TensorType::F16, 0, nan_half.to_vec()),
        (TensorType::Q8_0, 0, nan_half.to_vec()),
        (TensorType::Q4_K, 2, vec![0x00, 0x7c]),
    ];
    for (tensor_type, at, with) in cases {
        let good = model_of(tensor_type);
        let bytes = broken(good.clone(), ModelTensor::Up(0), at, &with);
        for backend in [BackendChoice::Cpu, BackendChoice::Webgpu, BackendChoice::Auto] {
            let mut machine = machine(gpu());
            let fault = load(&mut machine, backend, &bytes).unwrap_err();
            assert_eq!(fault.code, FaultCode::BadModel, "{tensor_type:?} {backend:?}: {}", fault.message);
            assert!(fault.message.contains("row 255 of blk.0.ffn_up.weight"), "{}", fault.message);
            assert_eq!(
                run(&mut machine, generate(), &TestHost::default()).unwrap_err().code,
                FaultCode::NoModel
            );
            if tensor_type == TensorType::Q8_0 {
                load(&mut machine, backend, &good).unwrap();
            }
        }
    }
}

/// Finite weights whose products are not: a load on the CPU cannot see it, every use says it.
#[test]
fn numbers_that_overflow_while_a_model_runs_end_every_job_with_a_message() {
    let mut bytes = model_of(TensorType::F32);
    for (tensor, value) in [(ModelTensor::OutputNorm, 3e38), (ModelTensor::Head, 10.0)] {
        fill(&mut bytes, tensor, value);
    }
    let mut machine = Machine::default();
    load(&mut machine, BackendChoice::Cpu, &bytes).unwrap();
    let input = Input::Prompt("How many?".to_owned());
    let requests = [
        generate(),
        ModelRequest::Score { input, completion: "Three.".to_owned(), date: None },
        ModelRequest::Logits { tokens: vec![1, 2] },
        ModelRequest::Build(Box::new(build_request())),
    ];
    for request in requests {
        let host = TestHost::default();
        let fault = run(&mut machine, request, &host).unwrap_err();
        assert_eq!(fault.code, FaultCode::NotFinite);
        assert!(fault.message.contains("on the CPU") && fault.message.contains("file"), "{}", fault.message);
        let said = host.sent.borrow();
        let has_text = |message: &FromWorker| match message {
            FromWorker::Tokens { updates, .. } => !updates.is_empty(),
            FromWorker::Responses { .. } => true,
            _ => false,
        };
        assert!(!said.iter().any(has_text), "{said:?}");
    }
    // The GPU is asked for a word before it is taken.
    let fault = load(&mut self::machine(gpu()), BackendChoice::Webgpu, &bytes).unwrap_err();
    assert_eq!(fault.code, FaultCode::NotFinite, "{}", fault.message);
}

/// Whichever kernel gives zeros, the self-test finds it: under "auto" the CPU runs the model, by name it is an error.
#[test]
fn a_kernel_that_does_nothing_is_found_and_the_cpu_runs_the_model() {
    let bytes = random_model(&RandomModel::default());
    let gpu = gpu();
    let mut names: Vec<&'static str> = kernels::sources().iter().map(|source| source.name).collect();
    // Of the products only those of the adapter's kind are compiled.
    names.retain(|name| !name.starts_with("matmul") || name.ends_with("_alone"));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    assert!(names.len() > 12, "{names:?}");
    for name in names {
        let mut machine = machine(gpu.clone().with_dead_kernel(name));
        let fault = load(&mut machine, BackendChoice::Webgpu, &bytes).map(drop).unwrap_err();
        assert_eq!(fault.code, FaultCode::NoWebgpu, "{name}: {}", fault.message);
        assert!(fault.message.contains(&name.replace("_alone", "")), "{name}: {}", fault.message);
    }
    let mut machine = machine(gpu.with_dead_kernel("attention"));
    let info = load(&mut machine, BackendChoice::Auto, &bytes).unwrap();
    assert_eq!(info.backend, Backend::Cpu);
    assert!(info.fallback_reason.is_some_and(|reason| reason.contains("attention")));
    run(&mut machine, generate(), &TestHost::default()).unwrap();
    assert!(machine.gpu.is_some(), "another model may run on it");
}

#[test]
fn a_refused_buffer_falls_to_the_cpu_or_is_an_error_with_the_sizes() {
    let bytes = random_model(&RandomModel::default());
    let mut machine = machine(gpu().with_memory_bytes(10_000));
    let info = load(&mut machine, BackendChoice::Auto, &bytes).unwrap();
    assert_eq!(info.backend, Backend::Cpu);
    assert!(info.fallback_reason.is_some_and(|reason| reason.contains("no memory for")));
    let fault = load(&mut machine, BackendChoice::Webgpu, &bytes).unwrap_err();
    assert_eq!(fault.code, FaultCode::DoesNotFit);
    assert!(fault.message.contains("Weights take"), "{}", fault.message);
}

#[test]
fn a_gpu_whose_buffers_are_too_small_leaves_the_model_to_the_cpu() {
    let bytes = random_model(&RandomModel::default());
    let mut machine = machine(gpu().with_max_buffer_bytes(16));
    let info = load(&mut machine, BackendChoice::Auto, &bytes).unwrap();
    assert_eq!(info.backend, Backend::Cpu);
    assert!(info.fallback_reason.is_some());
    run(&mut machine, generate(), &TestHost::default()).unwrap();
}

/// Gives the device up at the first word of progress, or makes it complain at the last.
struct Breaking {
    host: TestHost,
    gpu: Gpu,
    stage: Stage,
    is_late: bool,
    n_left: Cell<u32>,
}

impl Host for Breaking {
    fn send(&self, message: FromWorker) {
        if let FromWorker::Progress { progress: Progress { stage, done, total, .. }, .. } = &message
            && *stage == self.stage
            && (!self.is_late || done == total)
            && self.n_left.replace(0) > 0
        {
            if self.is_late { self.gpu.complain() } else { self.gpu.destroy() }
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

fn breaking(gpu: &Gpu, stage: Stage, is_late: bool) -> Breaking {
    Breaking { host: TestHost::default(), gpu: gpu.clone(), stage, is_late, n_left: Cell::new(1) }
}

#[test]
fn a_device_that_is_lost_while_a_model_loads_leaves_it_to_the_cpu() {
    let bytes = random_model(&RandomModel::default());
    for stage in [Stage::Load, Stage::Measure] {
        let gpu = gpu();
        let mut machine = machine(gpu.clone());
        let host = breaking(&gpu, stage, false);
        let info = load_on(&mut machine, BackendChoice::Auto, &bytes, &host).unwrap();
        assert_eq!(info.backend, Backend::Cpu, "{stage:?}");
        assert!(info.fallback_reason.is_some_and(|reason| reason.contains("lost")), "{stage:?}");
        assert!(machine.gpu.is_none(), "the next load looks for one again");
        run(&mut machine, generate(), &TestHost::default()).unwrap();
    }
    let gpu = gpu();
    let mut machine = machine(gpu.clone());
    let host = breaking(&gpu, Stage::Load, false);
    let fault = load_on(&mut machine, BackendChoice::Webgpu, &bytes, &host).unwrap_err();
    assert_eq!(fault.code, FaultCode::DeviceLost);
}

#[test]
fn what_a_device_says_late_is_blamed_on_the_job_it_belongs_to() {
    let bytes = random_model(&RandomModel::default());
    let gpu = gpu();
    let mut machine = machine(gpu.clone());
    load(&mut machine, BackendChoice::Webgpu, &bytes).unwrap();
    let host = breaking(&gpu, Stage::Generate, true);
    let late = block_on(machine.run(&Task::new(&host, 1), generate()));
    assert_eq!(late.unwrap_err().code, FaultCode::Internal);
    let Ok(Answer::Generated(next, _)) = run(&mut machine, generate(), &TestHost::default()) else {
        panic!()
    };
    assert_eq!(next.len(), 2);
}

/// A device that cannot be opened is not a machine without WebGPU: the model says why the CPU runs it.
#[test]
fn a_refused_device_is_named() {
    let bytes = random_model(&RandomModel::default());
    let problem = Some("the GPU gave no device".to_owned());
    let mut machine = Machine::default();
    machine.gpu_problem.clone_from(&problem);
    assert_eq!(load(&mut machine, BackendChoice::Auto, &bytes).unwrap().fallback_reason, problem);
    assert_eq!(load(&mut machine, BackendChoice::Cpu, &bytes).unwrap().fallback_reason, None);
    let fault = load(&mut machine, BackendChoice::Webgpu, &bytes).unwrap_err();
    assert!(fault.message.contains("gave no device"), "{}", fault.message);
}

/// The pool follows the jobs on both backends, and the page hears of it.
#[test]
fn the_pool_follows_the_job_on_both_backends() {
    let bytes = random_model(&RandomModel::default());
    for backend in [BackendChoice::Cpu, BackendChoice::Webgpu] {
        let mut machine = machine(gpu());
        let info = load(&mut machine, backend, &bytes).unwrap();
        let tokens = |kv: f64| kv / info.memory.kv_token;
        assert_eq!(tokens(info.memory.kv), 512.0);
        let mut request = build_request();
        (request.config.n, request.config.max_tokens) = (16, Some(24));
        let host = TestHost::default();
        let outcome = build(&mut machine, request, &host).unwrap();
        assert_eq!(outcome.session.responses.len(), 64);
        let sent = host.sent.borrow();
        let told = sent.iter().filter_map(|message| match message {
            FromWorker::Memory { memory, .. } => Some(tokens(memory.kv)),
            _ => None,
        });
        let [held] = told.collect::<Vec<_>>()[..] else { panic!("told once") };
        // 64 rows of 24 tokens, steps past their ends on the GPU, and four prompts.
        assert!((64.0 * 23.0..64.0 * 31.0 + 400.0).contains(&held), "{held}");
    }
}

/// A device that gives little lets fewer rows run at once; the responses are those of a device that gives much.
#[test]
fn a_device_that_refuses_the_pool_runs_fewer_rows_at_once() {
    let bytes = random_model(&RandomModel::default());
    let mut request = build_request();
    (request.config.n, request.config.max_tokens) = (16, Some(60));
    let mut texts = Vec::new();
    let mut held = Vec::new();
    // The keys of a layer take 64 bytes a token, activations and weights less than 200,000 in one buffer.
    for memory_bytes in [u64::MAX, 200_000] {
        let mut machine = machine(gpu().with_memory_bytes(memory_bytes));
        load(&mut machine, BackendChoice::Webgpu, &bytes).unwrap();
        let host = TestHost::default();
        let outcome = build(&mut machine, request.clone(), &host).unwrap();
        assert_eq!(outcome.problems, Vec::<String>::new());
        texts.push(outcome.session.responses.into_iter().map(|response| response.text).collect::<Vec<_>>());
        held.push(machine.models.generator.as_ref().unwrap().scheduler.n_slots());
    }
    assert_eq!(texts[0], texts[1]);
    assert!(held[0] > 3_776 && held[1] < 200_000 / 64, "{held:?}");
}

#[test]
fn a_software_adapter_is_known_and_said() {
    let bytes = random_model(&RandomModel::default());
    let mut machine = machine(gpu());
    assert!(load(&mut machine, BackendChoice::Webgpu, &bytes).unwrap().software);
    assert!(!load(&mut machine, BackendChoice::Cpu, &bytes).unwrap().software);
}

/// By a clock that is made up: how long products take decides.
#[test]
fn an_adapter_without_a_name_is_known_by_its_speed() {
    let mut gpu = gpu();
    for (ms_per_look, tier) in [(1.0, Tier::Hardware), (400.0, Tier::Software)] {
        let now_ms = Cell::new(0.0);
        let tick = || now_ms.replace(now_ms.get() + ms_per_look);
        block_on(gpu.measure_tier(tick)).unwrap();
        assert_eq!(gpu.tier(), tier);
    }
}
