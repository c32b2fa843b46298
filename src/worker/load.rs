//! Loading a model: header, plan, then the bytes once through, straight to where they are used.

use crate::{
    generate::Capacity,
    protocol::{Fault, FaultCode, FromWorker, JobId, Progress, Stage},
    weights::{FileDigest, Header, Limits, MemoryPlan, ModelFile, Parsed, Wanted, WeightsError},
};

use super::{host::Host, pace::Pace, source::ByteSource, speech::Speech};

/// Sequences decoded at once, where memory allows.
const MOST_ROWS: u32 = 64;
/// Prompts held at once.
const MOST_PROMPTS: u32 = 64;
/// Tokens of one prefill call: a few prompts.
const BATCH_TOKENS: u32 = 256;
/// Longest response planned for; longer ones take the place of several.
const ROW_TOKENS: u32 = 512;
/// Longest `tokenizer.json`; the largest known are some 35 MB.
const MOST_JSON_BYTES: usize = 64 << 20;
/// Bytes between two words to the page.
const TELL_EVERY: u64 = 1 << 20;

/// A file whose header is read and whose weights are not.
#[derive(Debug)]
pub struct OpenFile<S> {
    /// Tensors and hyperparameters.
    pub model: ModelFile,
    /// Tokenizer and chat template.
    pub speech: Speech,
    prefix: Vec<u8>,
    source: S,
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

/// Reads as much of a file as its header takes.
///
/// # Errors
/// When the file is broken, of an unsupported kind, or stops coming.
pub async fn open<S: ByteSource>(mut source: S) -> Result<OpenFile<S>, Fault> {
    let mut prefix = Vec::new();
    let header = read_header(&mut source, &mut prefix).await?;
    open_with(header, prefix, source)
}

/// Reads a tokenizer alone: from a GGUF file with weights or without, or from a `tokenizer.json`. Gives
/// what the metadata names the model, too.
///
/// # Errors
/// As [`open`], and when the tokenizer is not supported.
pub async fn open_tokenizer<S: ByteSource>(mut source: S) -> Result<(Speech, Option<String>), Fault> {
    let mut prefix = Vec::new();
    let is_more = source.next(&mut prefix).await?;
    if prefix.first() != Some(&b'{') {
        let header = read_header(&mut source, &mut prefix).await?;
        let speech = Speech::from_metadata(&header.metadata).map_err(|error| bad_model(error.to_string()))?;
        return Ok((speech, header.metadata.string("general.name").map(str::to_owned)));
    }
    let mut chunk = Vec::new();
    while is_more && source.next(&mut chunk).await? {
        if prefix.len() + chunk.len() > MOST_JSON_BYTES {
            return Err(bad_model(format!("the tokenizer.json is longer than {MOST_JSON_BYTES} bytes")));
        }
        prefix.extend_from_slice(&chunk);
    }
    let speech = Speech::from_json(&prefix).map_err(|error| bad_model(error.to_string()))?;
    Ok((speech, None))
}

/// Reads on until the header is whole; `prefix` holds what was read before, then all of it.
async fn read_header<S: ByteSource>(source: &mut S, prefix: &mut Vec<u8>) -> Result<Header, Fault> {
    let mut chunk = Vec::new();
    let mut needed = 0;
    loop {
        if (prefix.len() as u64) < needed || prefix.is_empty() {
            if source.next(&mut chunk).await? {
                prefix.extend_from_slice(&chunk);
                continue;
            }
            // The parser says what the file lacks.
            let n_bytes = prefix.len() as u64;
            return match Header::parse(prefix, Some(n_bytes)) {
                Ok(Parsed::Header(header)) => Ok(header),
                Ok(Parsed::NeedMore { .. }) => {
                    Err(bad_model("the file ends inside its header; download it again"))
                }
                Err(error) => Err(weights_fault(&error)),
            };
        }
        match Header::parse(prefix, source.n_bytes()).map_err(|error| weights_fault(&error))? {
            Parsed::Header(header) => return Ok(header),
            Parsed::NeedMore { at_least } => needed = at_least,
        }
    }
}

fn open_with<S>(header: Header, prefix: Vec<u8>, source: S) -> Result<OpenFile<S>, Fault> {
    let model = ModelFile::from_header(header).map_err(|error| weights_fault(&error))?;
    let speech =
        Speech::from_metadata(&model.header.metadata).map_err(|error| bad_model(error.to_string()))?;
    let n_tokens = speech.tokenizer.n_tokens();
    let vocab_size = model.hyperparameters.vocab_size;
    if n_tokens > vocab_size {
        return Err(bad_model(format!(
            "the tokenizer has {n_tokens} tokens, the embedding table {vocab_size} rows; the file's parts do not belong together"
        )));
    }
    Ok(OpenFile { model, speech, prefix, source })
}

impl<S: ByteSource> OpenFile<S> {
    /// The plan with as many rows as the device's memory allows.
    ///
    /// # Errors
    /// When the model does not fit.
    pub fn plan(&self, limits: Limits) -> Result<MemoryPlan, Fault> {
        let h = &self.model.hyperparameters;
        let row_tokens = ROW_TOKENS.min(h.seq_len / 2).max(1);
        let wanted = Wanted {
            n_rows: MOST_ROWS,
            n_prompts: MOST_PROMPTS,
            prompt_tokens: row_tokens,
            row_tokens,
            max_batch_tokens: BATCH_TOKENS,
            kv_value_bytes: 2,
        };
        let fewer_prompts = Wanted { n_prompts: 8, ..wanted };
        [wanted, fewer_prompts]
            .into_iter()
            .map(|wanted| MemoryPlan::with_most_rows(h, &self.model.tensors, limits, wanted))
            .find(|plan| plan.as_ref().is_ok_and(|plan| plan.wanted.n_rows == MOST_ROWS))
            .unwrap_or_else(|| {
                MemoryPlan::with_most_rows(h, &self.model.tensors, limits, Wanted { n_prompts: 2, ..wanted })
            })
            .map_err(|error| Fault::new(FaultCode::DoesNotFit, error.to_string()))
    }

    /// Sends the whole file into the sink; gives its SHA-256 and length.
    ///
    /// # Errors
    /// When bytes stop coming, the sink refuses them, or the job is cancelled.
    pub async fn stream<K: WeightSink, H: Host>(
        mut self,
        sink: &mut K,
        host: &H,
        job: JobId,
    ) -> Result<(String, u64, Speech), Fault> {
        let total = self.source.n_bytes().unwrap_or(self.model.header.data_end);
        let known = self.source.sha256();
        let mut digest = FileDigest::default();
        let mut chunk = std::mem::take(&mut self.prefix);
        let mut pace = Pace::default();
        let (mut done, mut told) = (0, 0);
        loop {
            if known.is_none() {
                digest.push(&chunk);
            }
            sink.push(&chunk).await?;
            done += chunk.len() as u64;
            if done - told >= TELL_EVERY || done == total {
                told = done;
                pace.mark(host.now_ms(), done as f64);
                let progress = Progress {
                    stage: Stage::Load,
                    done: done as f64,
                    total: total as f64,
                    bytes_per_sec: pace.per_sec(),
                    remaining_secs: pace.remaining_secs(total as f64 - done as f64),
                    ..Progress::default()
                };
                host.send(FromWorker::Progress { job, progress });
                host.check().await?;
            }
            if !self.source.next(&mut chunk).await? {
                break;
            }
        }
        let needed = self.model.header.data_end;
        if done < needed {
            let what = "the last tensor".to_owned();
            return Err(weights_fault(&WeightsError::Truncated { what, needed, available: done }));
        }
        let sha256 = known.unwrap_or_else(|| digest.finish_hex());
        self.source.end(&sha256)?;
        Ok((sha256, done, self.speech))
    }
}

/// How many sequences, slots and tokens a model made to this plan holds.
pub fn capacity(plan: &MemoryPlan) -> Capacity {
    let wanted = plan.wanted;
    Capacity {
        n_slots: u32::try_from(plan.n_slots).unwrap_or(u32::MAX),
        n_table_rows: wanted.n_rows + wanted.n_prompts,
        max_batch_tokens: wanted.max_batch_tokens,
        max_rows: wanted.n_rows,
    }
}

/// A broken or unsupported file, as the page hears it.
pub fn weights_fault(error: &WeightsError) -> Fault {
    bad_model(error.to_string())
}

fn bad_model(message: impl Into<String>) -> Fault {
    Fault::new(FaultCode::BadModel, message)
}
