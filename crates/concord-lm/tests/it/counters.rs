//! What the reference job costs, whatever the hardware: 4 prompts x 5 languages x 8 samples.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use concord_lm::engine::{GpuModel, Loader};
use concord_lm::generate::sampling::stream_id;
use concord_lm::generate::{
    Capacity, Counters, Job, LanguageModel, MAX_STEPS, RowEvent, SampleKey, SamplingSettings, Scheduler,
};
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed, TensorType};
use pollster::block_on;

use crate::cases::kernels::gpu;

const LANGUAGES: [&str; 5] = ["en", "de", "zh-Hans", "ar", "sw"];
const N_PROMPTS: u32 = 4;
/// A quarter as many rows as responses, so that rows leave and others come in.
const CAPACITY: Capacity = Capacity { n_slots: 8192, n_table_rows: 60, max_batch_tokens: 256, max_rows: 40 };

fn jobs(n_samples: u32) -> Vec<Job> {
    let mut jobs = Vec::new();
    for prompt in 0..N_PROMPTS {
        for (language, tag) in (0..).zip(LANGUAGES) {
            let id = jobs.len() as u32;
            let stream = |sample| stream_id(&prompt.to_string(), tag, sample);
            // All begin alike, those of a language for longer.
            let everyone = (0..10).map(|i| i * 29 % 301);
            let of_language = (0..8).map(|i| (language * 41 + i * 17 + 5) % 301);
            let own = (0..12 + id % 9).map(|i| (id * 23 + i * 37) % 301);
            jobs.push(Job {
                id,
                prompt: everyone.chain(of_language).chain(own).collect(),
                samples: (0..n_samples).map(|sample| SampleKey { sample, stream: stream(sample) }).collect(),
                seed: 1,
                settings: SamplingSettings::default(),
                max_tokens: 64,
                // Ends responses at all lengths.
                stop_tokens: (0..4).collect(),
            });
        }
    }
    jobs
}

async fn run(model: &mut GpuModel, jobs: &[Job]) -> (Counters, usize) {
    *model.counters_mut() = Counters::default();
    let mut scheduler = Scheduler::new(model.shape(), MAX_STEPS);
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
        let beginnings: BTreeSet<Vec<u32>> =
            jobs(1).iter().flat_map(|job| (1..=job.prompt.len()).map(|n| job.prompt[..n].to_vec())).collect();
        for n_samples in [1, 8] {
            let jobs = jobs(n_samples);
            let (counters, n_finished) = run(&mut model, &jobs).await;
            println!("{n_samples} samples: {counters:?}");
            let Counters { steps, submits, tokens_generated, .. } = counters;
            assert_eq!(n_finished as u32, N_PROMPTS * LANGUAGES.len() as u32 * n_samples);
            assert_eq!(counters.prompt_tokens_evaluated as usize, beginnings.len(), "each beginning once");
            assert!(tokens_generated > 32 * n_finished as u32, "{counters:?}");
            assert!(counters.decode_dispatches > 0 && counters.decode_dispatches < counters.dispatches);
            // Six kernels a layer and five around them; rows are seated once per submit.
            let limit = steps * (6 * shape.n_layers + 5) + submits;
            assert!(counters.decode_dispatches <= limit, "{counters:?}");
            assert!(counters.writes <= submits, "one write per submit: {counters:?}");
            assert_eq!(counters.objects_made, 0, "all is made before the first step: {counters:?}");
            assert!(counters.bytes_read_back >= 12 * u64::from(tokens_generated), "{counters:?}");
            assert!(counters.gpu_bytes > bytes.len() as u64, "{counters:?}");
            if n_samples == 8 {
                assert!(8 * submits <= steps, "a submit for eight steps, prompts included: {counters:?}");
                assert!(counters.bytes_read_back <= 16 * u64::from(tokens_generated), "{counters:?}");
            }
        }
    });
}

/// Cosines find their buffers where the last ones were.
#[test]
fn only_more_vectors_make_other_buffers() {
    block_on(async {
        let shape = RandomModel::default();
        let bytes = random_model(&shape);
        let Ok(Parsed::Header(header)) = Header::parse(&bytes, Some(bytes.len() as u64)) else {
            panic!("a whole file has a whole header")
        };
        let gpu = gpu().await;
        let weights = Loader::load(&gpu, &ModelFile::from_header(header).unwrap(), &bytes).await.unwrap();
        let mut model = GpuModel::new(&gpu, weights, CAPACITY).await.unwrap();
        let vectors: Vec<Vec<f32>> = (0..40).map(|i| vec![i as f32, 1.0, 2.0]).collect();
        for (n_vectors, n_made) in [(30, 1), (30, 1), (4, 1), (40, 2), (39, 2)] {
            let cosines = model.cosine_matrix(&vectors[..n_vectors]).await.unwrap();
            assert_eq!(cosines.len(), n_vectors * n_vectors);
            let last = cosines[n_vectors * n_vectors - 1];
            assert!((last - 1.0).abs() < 1e-6, "{last}");
            assert_eq!(model.counters().objects_made, n_made, "{n_vectors} vectors");
        }
    });
}
