//! Loading a model: plan, then the bytes of its files once through, straight to where they are used.

use crate::{
    protocol::{Fault, FaultCode, Progress, Stage},
    weights::{EncoderProfile, FileDigest, ModelFile, WeightsError},
    worker::{
        pace::Pace,
        prompter::Prompter,
        task::{Host, Task},
    },
};

use super::bytes::ByteSource;

/// Bytes between two words to the page.
const TELL_EVERY: u64 = 1 << 20;

/// A model whose headers are read and whose weights are not.
#[derive(Debug)]
pub struct OpenFile<S> {
    /// Tensors and hyperparameters; of several files, as if they were laid end to end.
    pub model: ModelFile,
    /// Tokenizer and chat template.
    pub prompter: Prompter,
    /// How it makes vectors, where it was opened as an encoder.
    pub profile: Option<EncoderProfile>,
    /// The files, in the order of their tensors.
    pub(crate) parts: Vec<Part<S>>,
}

/// One file of a model.
#[derive(Debug)]
pub(crate) struct Part<S> {
    /// What was read of it.
    pub(crate) prefix: Vec<u8>,
    pub(crate) source: S,
    /// Bytes of it that the model needs.
    pub(crate) n_used: u64,
}

impl<S: ByteSource> Part<S> {
    fn n_bytes(&self) -> u64 {
        self.source.n_bytes().unwrap_or(self.n_used)
    }
}

/// What is left of a model's files when the weights are where they are used.
#[derive(Debug)]
pub struct Streamed {
    /// Of all files, hex.
    pub sha256: String,
    /// Of all files.
    pub n_bytes: u64,
    /// Tokenizer and chat template.
    pub prompter: Prompter,
    /// How it makes vectors, where it was opened as an encoder.
    pub profile: Option<EncoderProfile>,
}

/// What takes the weights: the loaders of the backends.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait WeightSink {
    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// When the bytes or the device are not right.
    async fn push(&mut self, chunk: &[u8]) -> Result<(), Fault>;
}

impl<S: ByteSource> OpenFile<S> {
    /// Sends all files into the sink, one after the other; gives their SHA-256 and length. The SHA-256 of several files
    /// is that of the text that holds theirs, in hex, in order, a line each.
    ///
    /// # Errors
    /// When bytes stop coming, the sink refuses them, or the job is cancelled.
    pub async fn stream<K: WeightSink, H: Host>(
        self,
        sink: &mut K,
        task: &Task<H>,
    ) -> Result<Streamed, Fault> {
        let total = self.parts.iter().map(Part::n_bytes).sum();
        let mut meter = Meter { task, total, done: 0, told: 0, pace: Pace::default() };
        let mut hashes = Vec::new();
        for part in self.parts {
            hashes.push(part.stream(sink, &mut meter).await?);
        }
        let sha256 = match &hashes[..] {
            [one] => one.clone(),
            several => {
                let mut digest = FileDigest::default();
                several.iter().for_each(|hash| digest.push(format!("{hash}\n").as_bytes()));
                digest.finish_hex()
            }
        };
        Ok(Streamed { sha256, n_bytes: meter.done, prompter: self.prompter, profile: self.profile })
    }
}

impl<S: ByteSource> Part<S> {
    /// Sends what the model needs of a file into the sink, reads the rest, and gives the SHA-256 of all.
    async fn stream<K: WeightSink, H: Host>(
        mut self,
        sink: &mut K,
        meter: &mut Meter<'_, H>,
    ) -> Result<String, Fault> {
        let known = self.source.sha256();
        let mut digest = FileDigest::default();
        let mut chunk = std::mem::take(&mut self.prefix);
        let mut done = 0;
        loop {
            if known.is_none() {
                digest.push(&chunk);
            }
            let n_used = usize::try_from(self.n_used.saturating_sub(done)).unwrap_or(usize::MAX);
            sink.push(&chunk[..n_used.min(chunk.len())]).await?;
            done += chunk.len() as u64;
            meter.add(chunk.len() as u64).await?;
            if !self.source.next(&mut chunk).await? {
                break;
            }
        }
        if done < self.n_used {
            let what = "the last tensor".to_owned();
            return Err(weights_fault(&WeightsError::Truncated {
                what,
                needed: self.n_used,
                available: done,
            }));
        }
        let sha256 = known.unwrap_or_else(|| digest.finish_hex());
        self.source.end(&sha256)?;
        Ok(sha256)
    }
}

/// Tells the page how far the bytes are.
struct Meter<'a, H> {
    task: &'a Task<H>,
    total: u64,
    done: u64,
    told: u64,
    pace: Pace,
}

impl<H: Host> Meter<'_, H> {
    async fn add(&mut self, n_bytes: u64) -> Result<(), Fault> {
        self.done += n_bytes;
        if self.done - self.told < TELL_EVERY && self.done != self.total {
            return Ok(());
        }
        self.told = self.done;
        let (done, total) = (self.done as f64, self.total as f64);
        self.pace.mark(self.task.now_ms(), done);
        self.task.progress(Progress {
            bytes_per_sec: self.pace.per_sec(),
            remaining_secs: self.pace.remaining_secs(total - done),
            ..Progress::of(Stage::Load, done, total)
        });
        self.task.check().await
    }
}

/// A broken or unsupported file, as the page hears it.
pub fn weights_fault(error: &WeightsError) -> Fault {
    bad_model(error.to_string())
}

pub(crate) fn bad_model(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::BadModel, message)
}
