//! Loading a model: headers, plan, then the bytes of its files once through, straight to where they are used.

use crate::{
    generate::Capacity,
    protocol::{Fault, FaultCode, FromWorker, JobId, Progress, Stage},
    weights::{FileDigest, Header, Limits, MemoryPlan, ModelFile, Parsed, Wanted, WeightsError, split},
};

use super::{files::ModelFiles, host::Host, pace::Pace, source::ByteSource, speech::Speech};

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

/// A model whose headers are read and whose weights are not.
#[derive(Debug)]
pub struct OpenFile<S> {
    /// Tensors and hyperparameters; of several files, as if they were laid end to end.
    pub model: ModelFile,
    /// Tokenizer and chat template.
    pub speech: Speech,
    /// The files, in the order of their tensors.
    parts: Vec<Part<S>>,
}

/// One file of a model.
#[derive(Debug)]
struct Part<S> {
    /// What was read of it.
    prefix: Vec<u8>,
    source: S,
    /// Bytes of it that the model needs.
    n_used: u64,
}

impl<S: ByteSource> Part<S> {
    fn n_bytes(&self) -> u64 {
        self.source.n_bytes().unwrap_or(self.n_used)
    }
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

/// Reads as much of each file as its header takes, and puts the parts of a split model in order.
///
/// # Errors
/// When a file is broken, of an unsupported kind, or stops coming, and when the files are not all parts of one model.
pub async fn open<F: ModelFiles>(files: &mut F) -> Result<OpenFile<F::Source>, Fault> {
    let names = files.names().to_vec();
    let (mut headers, mut parts) = (Vec::new(), Vec::new());
    for (idx, name) in names.iter().enumerate() {
        let mut source = files.open(idx).await?;
        let mut prefix = Vec::new();
        let header = read_header(&mut source, &mut prefix).await.map_err(|fault| match names.len() {
            1 => fault,
            _ => Fault { message: format!("{name}: {}", fault.message), ..fault },
        })?;
        if names.len() > 1 {
            source.pause();
        }
        parts.push(Some(Part { prefix, source, n_used: header.n_used_bytes() }));
        headers.push((name.as_str(), header));
    }
    let (order, header) = split::join(headers).map_err(|error| weights_fault(&error))?;
    open_with(header, order.into_iter().filter_map(|idx| parts[idx].take()).collect())
}

/// Reads a tokenizer alone: from a GGUF file with weights or without, or from a `tokenizer.json`. Gives
/// what the metadata names the model, too.
///
/// # Errors
/// As [`open`], and when the tokenizer is not supported.
pub async fn open_tokenizer<F: ModelFiles>(files: &mut F) -> Result<(Speech, Option<String>), Fault> {
    // Of several files the tokenizer is in the one that is named so, else in the first.
    let is_tokenizer = |name: &String| name == "tokenizer.json";
    let idx = files.names().iter().position(is_tokenizer).unwrap_or_default();
    let mut source = files.open(idx).await?;
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

fn open_with<S>(header: Header, parts: Vec<Part<S>>) -> Result<OpenFile<S>, Fault> {
    let mut model = ModelFile::from_header(header).map_err(|error| weights_fault(&error))?;
    let speech =
        Speech::from_metadata(&model.header.metadata).map_err(|error| bad_model(error.to_string()))?;
    let n_tokens = speech.tokenizer.n_tokens();
    let vocab_size = model.hyperparameters.vocab_size;
    if n_tokens > vocab_size {
        return Err(bad_model(format!(
            "the tokenizer has {n_tokens} tokens, the embedding table {vocab_size} rows; the file's parts do not belong together"
        )));
    }
    // The tokenizer has its own copy of these lists, which are most of a header.
    for list in ["tokens", "merges", "scores", "token_type"] {
        model.header.metadata.remove(&format!("tokenizer.ggml.{list}"));
    }
    Ok(OpenFile { model, speech, parts })
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
            kv_value_bytes: 4,
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

    /// Sends all files into the sink, one after the other; gives their SHA-256 and length. The SHA-256 of several files
    /// is that of the text that holds theirs, in hex, in order, a line each.
    ///
    /// # Errors
    /// When bytes stop coming, the sink refuses them, or the job is cancelled.
    pub async fn stream<K: WeightSink, H: Host>(
        self,
        sink: &mut K,
        host: &H,
        job: JobId,
    ) -> Result<(String, u64, Speech), Fault> {
        let total = self.parts.iter().map(Part::n_bytes).sum();
        let mut meter = Meter { host, job, total, done: 0, told: 0, pace: Pace::default() };
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
        Ok((sha256, meter.done, self.speech))
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
    host: &'a H,
    job: JobId,
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
        self.pace.mark(self.host.now_ms(), done);
        let progress = Progress {
            stage: Stage::Load,
            done,
            total,
            bytes_per_sec: self.pace.per_sec(),
            remaining_secs: self.pace.remaining_secs(total - done),
            ..Progress::default()
        };
        self.host.send(FromWorker::Progress { job: self.job, progress });
        self.host.check().await
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
