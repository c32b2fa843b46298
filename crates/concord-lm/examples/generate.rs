//! Loads a GGUF file and samples eight responses to one prompt in one batch, with their log-probs.
//!
//! ```sh
//! cargo run --release -p concord-lm --example generate -- static/teaching-model.gguf "Tom has 3 apples and buys 4 more. How many apples does he have?"
//! ```
//!
//! The CPU answers first, then the GPU if there is one. The same seed gives the same random numbers on both.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use concord_lm::engine::{self, Adapter, Gpu, GpuModel};
use concord_lm::generate::sampling::stream_id;
use concord_lm::generate::{
    Capacity, Job, LanguageModel, RowEvent, RowId, SampleKey, Sampled, SamplingSettings, Scheduler,
};
use concord_lm::reference::{self, Numerics, ReferenceModel};
use concord_lm::text::{ChatMessage, ChatTemplate, Tokenizer, chat_tokens};
use concord_lm::weights::ModelFile;

const N_SAMPLES: u32 = 8;
const MAX_TOKENS: u32 = 64;
/// Room for the prompt once and for eight responses; all eight rows are decoded in one batch.
const CAPACITY: Capacity = Capacity { n_slots: 1024, n_table_rows: 8, max_batch_tokens: 256, max_rows: 8 };

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(prompt)) = (args.next(), args.next()) else {
        return Err("usage: generate MODEL.gguf PROMPT".into());
    };
    print!("{}", pollster::block_on(run(&std::fs::read(path)?, &prompt))?);
    Ok(())
}

/// Answers on the CPU, and on the GPU if there is an adapter.
pub(crate) async fn run(bytes: &[u8], prompt: &str) -> Result<String, Box<dyn Error>> {
    let file = ModelFile::from_bytes(bytes)?;
    let tokenizer = Tokenizer::from_metadata(&file.header.metadata)?;
    let template = ChatTemplate::from_metadata(&file.header.metadata)?;
    let prompt = chat_tokens(&tokenizer, &template, &[ChatMessage::user(prompt)])?;

    let mut out = "On the CPU:\n".to_owned();
    let mut model =
        ReferenceModel::new(reference::Loader::load(&file, Numerics::of(&file.tensors), bytes)?, CAPACITY);
    out += &answers(&mut model, &tokenizer, prompt.clone()).await?;
    match Gpu::new(Adapter::Fastest).await {
        Ok(gpu) => {
            writeln!(out, "On the GPU ({}):", gpu.name())?;
            let weights = engine::Loader::load(&gpu, &file, bytes).await?;
            let mut model = GpuModel::new(&gpu, weights, CAPACITY).await?;
            out += &answers(&mut model, &tokenizer, prompt).await?;
        }
        Err(error) => writeln!(out, "No GPU: {error}")?,
    }
    Ok(out)
}

/// Eight responses to a prompt, a line each: the log-prob of the whole response, in nats, and its text.
async fn answers<M: LanguageModel>(
    model: &mut M,
    tokenizer: &Tokenizer,
    prompt: Vec<u32>,
) -> Result<String, Box<dyn Error>> {
    let mut scheduler = Scheduler::new(model.shape(), 1);
    scheduler.add(Job {
        id: 0,
        prompt,
        samples: (0..N_SAMPLES)
            .map(|sample| SampleKey { sample, stream: stream_id("example", "en", sample) })
            .collect(),
        seed: 1,
        settings: SamplingSettings { temperature: 0.9, ..SamplingSettings::default() },
        max_tokens: MAX_TOKENS,
        stop_tokens: tokenizer.end_ids().to_vec(),
        sampled_logprobs: false,
    });
    let mut responses: BTreeMap<RowId, Vec<Sampled>> = BTreeMap::new();
    let mut refused = None;
    let on_step = async |_: &mut Scheduler, events: Vec<RowEvent>| {
        for event in events {
            match event {
                RowEvent::Tokens { row, tokens } => responses.entry(row).or_default().extend(tokens),
                // The token that ended the response: it has a log-prob, and no text.
                RowEvent::Finished { row, stop_token, .. } => {
                    responses.entry(row).or_default().extend(stop_token);
                }
                RowEvent::Failed { error, .. } => refused = Some(error),
            }
        }
    };
    scheduler.run(model, &mut |_, _| false, on_step).await?;
    if let Some(error) = refused {
        return Err(error.into());
    }
    let mut out = String::new();
    for tokens in responses.values() {
        let logprob: f32 = tokens.iter().map(|token| token.logprob).sum();
        let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
        writeln!(out, "{logprob:8.3}  {:?}", tokenizer.decode(&ids, false))?;
    }
    Ok(out)
}
