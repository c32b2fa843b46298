//! What the reference job costs, whatever the hardware: 4 prompts x 8 languages x 8 samples.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use concord_lm::engine::{GpuModel, Loader};
use concord_lm::generate::sampling::stream_id;
use concord_lm::generate::{
    Capacity, Counters, Job, LanguageModel, RowEvent, SampleKey, SamplingSettings, Scheduler,
};
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed, TensorType};
use pollster::block_on;

use crate::cases::kernels::gpu;

const LANGUAGES: [&str; 8] = ["en", "de", "es", "ru", "zh-Hans", "ar", "bn", "sw"];
const N_PROMPTS: u32 = 4;
/// Half as many rows as responses, so that rows leave and others come in.
const CAPACITY: Capacity =
    Capacity { n_slots: 8192, n_table_rows: 160, max_batch_tokens: 256, max_rows: 128 };

fn jobs(n_samples: u32) -> Vec<Job> {
    let mut jobs = Vec::new();
    for prompt in 0..N_PROMPTS {
        for language in LANGUAGES {
            let id = jobs.len() as u32;
            let stream = |sample| stream_id(&prompt.to_string(), language, sample);
            jobs.push(Job {
                id,
                // All prompts begin differently; none shares tokens with another.
                prompt: (0..24 + id % 9).map(|i| (id + i * 37) % 301).collect(),
                samples: (0..n_samples).map(|sample| SampleKey { sample, stream: stream(sample) }).collect(),
                seed: 1,
                settings: SamplingSettings::default(),
                max_tokens: 32,
                // Ends responses at all lengths.
                stop_tokens: (0..8).collect(),
            });
        }
    }
    jobs
}

async fn run(model: &mut GpuModel, jobs: &[Job]) -> (Counters, usize) {
    *model.counters_mut() = Counters::default();
    let mut scheduler = Scheduler::new(model.shape(), 8);
    jobs.iter().for_each(|job| scheduler.add(job.clone()));
    let mut n_finished = 0;
    let mut on_event = |event| match event {
        RowEvent::Tokens { .. } => {}
        RowEvent::Finished { .. } => n_finished += 1,
        RowEvent::Failed { error, .. } => panic!("{error}"),
    };
    let on_step = async |_: &mut Scheduler, events: Vec<RowEvent>| events.into_iter().for_each(&mut on_event);
    scheduler.run(model, &mut |_, _| false, on_step).await.unwrap();
    (model.counters(), n_finished)
}

#[test]
fn the_reference_job_costs_what_it_should() {
    block_on(async {
        let shape = RandomModel { tensor_type: TensorType::Q8_0, n_layers: 3, ..RandomModel::default() };
        let bytes = random_model(&shape);
        let Ok(Parsed::Header(header)) = Header::parse(&bytes, Some(bytes.len() as u64)) else {
            panic!("a whole file has a whole header")
        };
        let gpu = gpu().await;
        let weights = Loader::load(&gpu, &ModelFile::from_header(header).unwrap(), &bytes).await.unwrap();
        let mut model = GpuModel::new(&gpu, weights, CAPACITY).await.unwrap();
        let n_prompt_tokens: u32 = jobs(1).iter().map(|job| job.prompt.len() as u32).sum();
        for n_samples in [1, 8] {
            let jobs = jobs(n_samples);
            let (counters, n_finished) = run(&mut model, &jobs).await;
            println!("{n_samples} samples: {counters:?}");
            assert_eq!(n_finished as u32, N_PROMPTS * LANGUAGES.len() as u32 * n_samples);
            assert_eq!(counters.prompt_tokens_evaluated, n_prompt_tokens, "each prompt once");
            assert!(counters.tokens_generated > n_finished as u32, "{counters:?}");
            assert!(counters.bytes_read_back >= 12 * u64::from(counters.tokens_generated), "{counters:?}");
            assert!(counters.bytes_read_back <= 32 * u64::from(counters.tokens_generated), "{counters:?}");
            assert!(counters.decode_dispatches > 0 && counters.decode_dispatches < counters.dispatches);
            let limit = counters.steps * (10 * shape.n_layers + 10);
            assert!(counters.decode_dispatches <= limit, "{counters:?}");
            assert!(counters.submits < counters.steps, "several steps per submit: {counters:?}");
            assert!(counters.gpu_bytes > bytes.len() as u64, "{counters:?}");
        }
    });
}
