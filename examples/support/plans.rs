//! Keys and values of models that people load, on devices of three sizes, for the usual job: what is held and what is used.
//!
//! Sizes are those of the models' published configurations. The job goes through the real scheduler over a model that holds
//! nothing and says nothing, so that what it uses is counted, not estimated.

use concord::data::SessionConfig;
use concord::generate::{
    Counters, DecodeRow, Draw, Job, LanguageModel, LiveRows, ModelError, ModelShape, Pooling, SampleKey,
    Sampled, SamplingSettings, Scheduler, TokenInput,
};
use concord::weights::{Limits, MemoryPlan, Sizes};
use concord::worker::load::plan;

/// What stands above the table.
const LEGEND: &str = "
weights    MB of weights
at first   MB of keys and values as soon as the model has loaded
held       MB of keys and values while the job runs
used       MB of them that prompts and responses take when most of them run
of device  held, as a share of the device's memory
rows       responses at once in this job / that there may be; fewer where more would take over a quarter of the device
at most    MB of keys and values that a job of long responses may come to hold, as far as the device has them

model           device  weights  at first     held     used  held/used   of device    rows  at most
";

/// Memory of the devices, in bytes.
pub(crate) const DEVICES: [u64; 3] = [4_000_000_000, 8_000_000_000, 24_000_000_000];
/// Prompts of the job, each in every language.
const N_PROMPTS: u32 = 24;
const N_LANGUAGES: u32 = 8;
/// Tokens of a prompt with its template, of which the first are the same for all.
const PROMPT_TOKENS: u32 = 120;
const SHARED_TOKENS: u32 = 20;
/// Tokens of the longest response.
const MAX_TOKENS: u32 = 256;
/// Decode steps of one call on a GPU.
const STEPS_PER_CALL: u32 = 8;

/// A published model: layers, width, query heads, key-value heads, width of a head, of the feed-forward layer, vocabulary,
/// context.
pub(crate) struct Published {
    pub(crate) name: &'static str,
    layers: u32,
    dim: u32,
    heads: [u32; 3],
    hidden_dim: u32,
    vocab_size: u32,
    seq_len: u32,
    norms_updates: bool,
}

#[rustfmt::skip]
pub(crate) const MODELS: [Published; 10] = [
    Published { name: "SmolLM2 135M", layers: 30, dim: 576, heads: [9, 3, 64], hidden_dim: 1536, vocab_size: 49_152, seq_len: 8192, norms_updates: false },
    Published { name: "SmolLM2 360M", layers: 32, dim: 960, heads: [15, 5, 64], hidden_dim: 2560, vocab_size: 49_152, seq_len: 8192, norms_updates: false },
    Published { name: "Qwen2.5 0.5B", layers: 24, dim: 896, heads: [14, 2, 64], hidden_dim: 4864, vocab_size: 151_936, seq_len: 32_768, norms_updates: false },
    Published { name: "Qwen2.5 1.5B", layers: 28, dim: 1536, heads: [12, 2, 128], hidden_dim: 8960, vocab_size: 151_936, seq_len: 32_768, norms_updates: false },
    Published { name: "Qwen3 0.6B", layers: 28, dim: 1024, heads: [16, 8, 128], hidden_dim: 3072, vocab_size: 151_936, seq_len: 40_960, norms_updates: false },
    Published { name: "Qwen3 1.7B", layers: 28, dim: 2048, heads: [16, 8, 128], hidden_dim: 6144, vocab_size: 151_936, seq_len: 40_960, norms_updates: false },
    Published { name: "Llama 3.2 1B", layers: 16, dim: 2048, heads: [32, 8, 64], hidden_dim: 8192, vocab_size: 128_256, seq_len: 131_072, norms_updates: false },
    Published { name: "Gemma 3 270M", layers: 18, dim: 640, heads: [4, 1, 256], hidden_dim: 2048, vocab_size: 262_144, seq_len: 32_768, norms_updates: true },
    Published { name: "Gemma 3 1B", layers: 26, dim: 1152, heads: [4, 1, 256], hidden_dim: 6912, vocab_size: 262_144, seq_len: 32_768, norms_updates: true },
    Published { name: "Tiny Aya 3.35B", layers: 36, dim: 2048, heads: [16, 4, 128], hidden_dim: 11_008, vocab_size: 262_144, seq_len: 500_000, norms_updates: false },
];

/// A model on a device with the usual job; sizes in bytes.
pub(crate) struct Planned {
    pub(crate) n_rows: u32,
    pub(crate) weights: u64,
    /// Keys and values at the time of loading, for the job, and at most.
    pub(crate) at_first: u64,
    pub(crate) held: u64,
    pub(crate) most: u64,
    /// What the job's rows and prompts take when most of them run.
    pub(crate) used: u64,
    /// Rows that run at once when most do.
    pub(crate) rows_live: u32,
}

impl Published {
    /// Q8_0 up to a billion weights, Q4_K beyond, as they are offered.
    fn sizes(&self) -> Sizes {
        let [n_heads, n_kv_heads, head_dim] = self.heads;
        let (q_dim, kv_dim) = (n_heads * head_dim, n_kv_heads * head_dim);
        let [dim, q, kv, hidden] = [self.dim, q_dim, kv_dim, self.hidden_dim].map(u64::from);
        let n_weights =
            u64::from(self.vocab_size) * dim + u64::from(self.layers) * dim * (2 * q + 2 * kv + 3 * hidden);
        let weights_bytes =
            if n_weights < 1_000_000_000 { n_weights / 32 * 34 } else { n_weights / 256 * 144 };
        Sizes {
            n_layers: self.layers,
            dim: self.dim,
            q_dim,
            kv_dim,
            hidden_dim: self.hidden_dim,
            n_logits: self.vocab_size,
            seq_len: self.seq_len,
            norms_updates: self.norms_updates,
            weights_bytes,
        }
    }

    /// The plan on a device; `None` where the model does not fit.
    pub(crate) async fn on(&self, device_bytes: u64) -> Option<Planned> {
        let (sizes, limits) = (self.sizes(), limits(device_bytes));
        let plan: MemoryPlan = plan::plan_of_sizes(sizes, limits, None, None)?;
        let room = plan::room(&plan, limits, None);
        let shape = ModelShape {
            dim: self.dim,
            n_layers: self.layers,
            vocab_size: self.vocab_size,
            seq_len: self.seq_len,
            n_slots: room.least,
            n_table_rows: plan.wanted.n_rows + plan.wanted.n_prompts,
            max_batch_tokens: plan.wanted.max_batch_tokens,
            max_rows: plan.wanted.n_rows,
            is_causal: true,
        };
        let mut model = Silent { shape, rows: LiveRows::default(), counters: Counters::default() };
        let mut scheduler = Scheduler::new(shape, STEPS_PER_CALL).with_room(room);
        job().for_each(|job| scheduler.add(job));
        let (mut used, mut rows_live) = (0, 0);
        let on_step = async |scheduler: &mut Scheduler, _| {
            used = used.max(scheduler.n_slots() - scheduler.n_free_slots());
            rows_live = rows_live.max(scheduler.progress().n_live);
        };
        scheduler.run(&mut model, &mut |_, _| false, on_step).await.ok()?;
        let bytes = |slots: u32| u64::from(slots) * plan.slot_bytes;
        Some(Planned {
            n_rows: plan.wanted.n_rows,
            weights: plan.weights_bytes,
            at_first: bytes(room.least),
            held: bytes(scheduler.n_slots()),
            most: bytes(room.most),
            used: bytes(used),
            rows_live,
        })
    }
}

/// The table of all models and devices.
pub(crate) async fn table() -> String {
    let mut text = format!(
        "The default job: {N_PROMPTS} prompts of {PROMPT_TOKENS} tokens in {N_LANGUAGES} languages, {} responses of {MAX_TOKENS} tokens to each.\n",
        SessionConfig::default().n
    );
    text += LEGEND;
    let (mut largest_share, mut largest_ratio, mut n_plans) = (0_f64, 0_f64, 0);
    for model in &MODELS {
        for device_bytes in DEVICES {
            let name = format!("{:<15} {:>3} GB", model.name, device_bytes / 1_000_000_000);
            text += &match model.on(device_bytes).await {
                Some(plan) => {
                    n_plans += 1;
                    largest_share = largest_share.max(plan.held as f64 / device_bytes as f64);
                    largest_ratio = largest_ratio.max(plan.held as f64 / plan.used as f64);
                    let mega = |bytes: u64| bytes.div_ceil(1_000_000);
                    format!(
                        "{name} {:>8} {:>9} {:>8} {:>8} {:>10.2} {:>8.2} % {:>4}/{} {:>8}\n",
                        mega(plan.weights),
                        mega(plan.at_first),
                        mega(plan.held),
                        mega(plan.used),
                        plan.held as f64 / plan.used as f64,
                        100.0 * plan.held as f64 / device_bytes as f64,
                        plan.rows_live,
                        plan.n_rows,
                        mega(plan.most),
                    )
                }
                None => format!("{name} does not fit\n"),
            };
        }
    }
    text + &format!(
        "\nOf {n_plans} plans the largest share of the device is {:.2} % (25 at most), the largest held/used {largest_ratio:.2} (2 at most).\n",
        100.0 * largest_share
    )
}

fn limits(device_bytes: u64) -> Limits {
    Limits {
        // What desktop browsers allow.
        max_buffer_bytes: 2 << 30,
        max_binding_bytes: 2 << 30,
        budget_bytes: device_bytes,
        on_cpu: false,
    }
}

fn job() -> impl Iterator<Item = Job> {
    (0..N_PROMPTS * N_LANGUAGES).map(|id| Job {
        id,
        prompt: (0..PROMPT_TOKENS)
            .map(|i| if i < SHARED_TOKENS { i } else { 1000 + (id * 131 + i * 7) % 40_000 })
            .collect(),
        samples: (0..SessionConfig::default().n)
            .map(|sample| SampleKey { sample, stream: id * 100 + sample })
            .collect(),
        seed: 0,
        settings: SamplingSettings::default(),
        max_tokens: MAX_TOKENS,
        stop_tokens: Vec::new(),
        sampled_logprobs: false,
    })
}

/// Says token 0 to everything.
struct Silent {
    shape: ModelShape,
    rows: LiveRows,
    counters: Counters,
}

impl LanguageModel for Silent {
    fn shape(&self) -> ModelShape {
        self.shape
    }

    async fn make_pool(&mut self, n_slots: u32) -> Result<(), ModelError> {
        self.shape.n_slots = n_slots;
        Ok(())
    }

    fn set_slots(&mut self, _: u32, _: u32, _: &[u32]) -> Result<(), ModelError> {
        Ok(())
    }

    fn set_seen(&mut self, _: u32, _: &[u32]) -> Result<(), ModelError> {
        Ok(())
    }

    async fn prefill(&mut self, _: &[TokenInput], draws: &[Draw]) -> Result<Vec<Sampled>, ModelError> {
        Ok(vec![Sampled::default(); draws.len()])
    }

    async fn decode(&mut self, rows: &[DecodeRow], n_steps: u32) -> Result<Vec<Vec<Sampled>>, ModelError> {
        Ok(vec![vec![Sampled::default(); rows.len()]; n_steps as usize])
    }

    fn rows_mut(&mut self) -> &mut LiveRows {
        &mut self.rows
    }

    async fn score(&mut self, tokens: &[TokenInput], _: &[u32]) -> Result<Vec<f32>, ModelError> {
        Ok(vec![0.0; tokens.len()])
    }

    async fn embed_layers(
        &mut self,
        _: &[TokenInput],
        groups: &[u32],
        layers: &[u32],
        _: Pooling,
    ) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
        Ok(vec![vec![vec![0.0; self.shape.dim as usize]; groups.len()]; layers.len()])
    }

    async fn hold_vectors(&mut self, _: u32) -> Result<(), ModelError> {
        Ok(())
    }

    fn set_vector(&mut self, _: u32, _: &[f32]) -> Result<(), ModelError> {
        Ok(())
    }

    async fn cosines(&mut self, n_vectors: u32) -> Result<Vec<f32>, ModelError> {
        Ok(vec![0.0; n_vectors as usize * (n_vectors as usize).saturating_sub(1) / 2])
    }

    async fn logits(&mut self, _: &[TokenInput]) -> Result<Vec<f32>, ModelError> {
        Ok(vec![0.0; self.shape.vocab_size as usize])
    }

    fn counters(&self) -> Counters {
        self.counters
    }

    fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }
}
