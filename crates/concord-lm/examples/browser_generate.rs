//! A model on the CPU as calls from JavaScript, for `cargo xtask bench --browser --peers`, which times it beside other
//! engines in one browser.

#![cfg(target_arch = "wasm32")]

use concord_lm::generate::{
    Capacity, Job, LanguageModel, RowEvent, SampleKey, SamplingSettings, Scheduler, sampling::stream_id,
};
use concord_lm::reference::{Loader, Numerics, ReferenceModel};
use concord_lm::text::Tokenizer;
use concord_lm::weights::{Header, ModelFile, Parsed};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Decode steps per call of the model.
const STEPS: u32 = 1;

/// A model on its way into memory.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Loading {
    loader: Loader,
    tokenizer: Tokenizer,
    numerics: Numerics,
}

/// A loaded model with its scheduler.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Generator {
    model: ReferenceModel,
    tokenizer: Tokenizer,
    numerics: Numerics,
    n_jobs: u32,
}

#[wasm_bindgen]
impl Loading {
    /// Reads the header that `prefix`, the beginning of a file of `n_bytes`, holds; nothing where it must be longer.
    ///
    /// # Errors
    /// No model that is known.
    pub fn begin(prefix: &[u8], n_bytes: f64) -> Result<Option<Self>, JsError> {
        let Parsed::Header(header) = Header::parse(prefix, Some(n_bytes as u64))? else { return Ok(None) };
        let file = ModelFile::from_header(header)?;
        let tokenizer = Tokenizer::from_metadata(&file.header.metadata)?;
        let numerics = Numerics::of(&file.tensors);
        Ok(Some(Self { loader: Loader::begin(&file, numerics), tokenizer, numerics }))
    }

    /// Takes the next bytes of the file, header included.
    ///
    /// # Errors
    /// Weights that are not finite.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), JsError> {
        Ok(self.loader.push(chunk)?)
    }

    /// The model, with room for `n_slots` tokens and `max_rows` rows.
    ///
    /// # Errors
    /// A file that ended too soon.
    pub fn finish(self, n_slots: u32, max_rows: u32) -> Result<Generator, JsError> {
        let Self { loader, tokenizer, numerics } = self;
        let capacity = Capacity { n_slots, n_table_rows: max_rows, max_batch_tokens: 256, max_rows };
        let model = ReferenceModel::new(loader.finish()?, capacity);
        Ok(Generator { model, tokenizer, numerics, n_jobs: 0 })
    }
}

#[wasm_bindgen]
impl Generator {
    /// What matrices are multiplied in.
    pub fn numerics(&self) -> String {
        self.numerics.as_str().to_owned()
    }

    /// Tokens of a prompt.
    ///
    /// # Errors
    /// A text that has none.
    pub fn n_tokens(&self, prompt: &str) -> Result<usize, JsError> {
        Ok(self.tokenizer.encode_prompt(prompt)?.len())
    }

    /// Writes `n_samples` continuations of exactly `n_tokens` tokens, all end tokens ignored: their texts.
    ///
    /// # Errors
    /// What the model or the scheduler refuses.
    pub async fn generate(
        &mut self,
        prompt: &str,
        n_samples: u32,
        n_tokens: u32,
        temperature: f32,
    ) -> Result<Vec<String>, JsError> {
        self.n_jobs += 1;
        let mut scheduler = Scheduler::new(self.model.shape(), STEPS);
        scheduler.add(Job {
            id: self.n_jobs,
            prompt: self.tokenizer.encode_prompt(prompt)?,
            samples: (0..n_samples)
                .map(|sample| SampleKey { sample, stream: stream_id("bench", "en", sample) })
                .collect(),
            seed: 1,
            settings: SamplingSettings { temperature, ..SamplingSettings::default() },
            max_tokens: n_tokens,
            stop_tokens: Vec::new(),
            sampled_logprobs: false,
        });
        let mut responses = vec![Vec::new(); n_samples as usize];
        let mut refused = None;
        let on_step = async |_: &mut Scheduler, events: Vec<RowEvent>| {
            for event in events {
                match event {
                    RowEvent::Tokens { row, tokens } => {
                        responses[row.sample as usize].extend(tokens.iter().map(|token| token.id));
                    }
                    RowEvent::Finished { .. } => {}
                    RowEvent::Failed { error, .. } => refused = Some(error),
                }
            }
        };
        scheduler.run(&mut self.model, &mut |_, _| false, on_step).await?;
        if let Some(error) = refused {
            return Err(error.into());
        }
        if responses.iter().any(|ids| ids.len() != n_tokens as usize) {
            return Err(JsError::new("a response has another length than it was asked for"));
        }
        Ok(responses.iter().map(|ids| self.tokenizer.decode(ids, false)).collect())
    }
}
