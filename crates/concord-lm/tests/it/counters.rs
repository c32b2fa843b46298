//! What the reference job costs, whatever the hardware: 4 prompts x 5 languages x 8 samples.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use concord_lm::engine::{GpuModel, Loader};
use concord_lm::generate::sampling::stream_id;
use concord_lm::generate::{
    Capacity, Counters, Job, LanguageModel, MAX_STEPS, Pooling, RowEvent, RowId, SampleKey, SamplingSettings,
    Scheduler,
};
use concord_lm::weights::testing::{RandomModel, random_model};
use concord_lm::weights::{Header, ModelFile, Parsed, TensorType};
use pollster::block_on;

use crate::cases::kernels::gpu;
use crate::cases::language_model;

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
                sampled_logprobs: false,
            });
        }
    }
    jobs
}

/// What it cost, and the responses by prompt.
async fn run(model: &mut GpuModel, jobs: &[Job]) -> (Counters, Vec<Vec<Vec<u32>>>) {
    *model.counters_mut() = Counters::default();
    let mut scheduler = Scheduler::new(model.shape(), MAX_STEPS);
    jobs.iter().for_each(|job| scheduler.add(job.clone()));
    let mut rows: BTreeMap<RowId, Vec<u32>> = BTreeMap::new();
    let mut n_finished = 0;
    let mut on_event = |event| match event {
        RowEvent::Tokens { row, tokens } => {
            rows.entry(row).or_default().extend(tokens.iter().map(|token| token.id));
        }
        RowEvent::Finished { row, .. } => {
            rows.entry(row).or_default();
            n_finished += 1;
        }
        RowEvent::Failed { error, .. } => panic!("{error}"),
    };
    let on_step = async |_: &mut Scheduler, events: Vec<RowEvent>| events.into_iter().for_each(&mut on_event);
    scheduler.run(model, &mut |_, _| false, on_step).await.unwrap();
    assert_eq!(rows.len(), n_finished);
    let mut responses = vec![Vec::new(); N_PROMPTS as usize];
    for (row, tokens) in rows {
        responses[row.job as usize / LANGUAGES.len()].push(tokens);
    }
    (model.counters(), responses)
}

/// Embeds the responses of each prompt and compares them, by the states after the middle layer.
async fn compare(model: &mut GpuModel, responses: &[Vec<Vec<u32>>]) -> Counters {
    *model.counters_mut() = Counters::default();
    let mut scheduler = Scheduler::new(model.shape(), MAX_STEPS);
    for texts in responses {
        let states = (model.shape().n_layers / 2, Pooling::Mean);
        let cosines = language_model::compare(model, &mut scheduler, texts, states).await;
        assert!(cosines.iter().all(|cosine| cosine.abs() <= 1.0), "{cosines:?}");
    }
    model.counters()
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
            let (counters, responses) = run(&mut model, &jobs).await;
            let n_finished: usize = responses.iter().map(Vec::len).sum();
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
            assert!(counters.bytes_read_back >= 8 * u64::from(tokens_generated), "{counters:?}");
            assert!(counters.gpu_bytes > bytes.len() as u64, "{counters:?}");
            if n_samples == 8 {
                assert!(8 * submits <= steps, "a submit for eight steps, prompts included: {counters:?}");
                let compared = compare(&mut model, &responses).await;
                println!("cosines: {compared:?}");
                assert_eq!(compared.objects_made, 0, "{compared:?}");
                let n_bytes = counters.bytes_read_back + compared.bytes_read_back;
                assert!(n_bytes <= 16 * u64::from(tokens_generated), "ids, log-probs, cosines: {compared:?}");
                let n_submits = submits + compared.submits;
                assert!(5 * n_submits <= steps, "a submit for five steps, embeddings included: {compared:?}");
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
        for (n_vectors, n_made) in [(30, 0), (64, 0), (80, 1), (80, 1), (4, 1), (140, 2), (139, 2)] {
            model.hold_vectors(n_vectors).await.unwrap();
            for place in 0..n_vectors {
                model.set_vector(place, &vec![1.0; shape.dim as usize]).unwrap();
            }
            let cosines = model.cosines(n_vectors).await.unwrap();
            assert_eq!(cosines.len() as u32, n_vectors * (n_vectors - 1) / 2);
            assert!(cosines.iter().all(|cosine| (cosine - 1.0).abs() < 1e-6), "{cosines:?}");
            assert_eq!(model.counters().objects_made, n_made, "{n_vectors} vectors");
        }
    });
}
