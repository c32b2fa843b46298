//! Loading a model: headers, plan, then the bytes of its files once through, straight to where they are used.

use crate::{
    generate::Capacity,
    protocol::{Fault, FaultCode, FromWorker, JobId, Progress, Stage},
    weights::{
        EncoderProfile, FileDigest, Head, Header, Limits, MemoryPlan, ModelFile, Parsed, ProfileFiles,
        SafetensorsHeader, Wanted, WeightsError, safetensors, split,
    },
};

use super::{
    files::{ModelFiles, read_whole},
    host::Host,
    pace::Pace,
    source::ByteSource,
    speech::Speech,
};

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
/// Longest of the other JSON files of a model.
const MOST_SETTINGS_BYTES: usize = 1 << 20;
/// Tokens of the longest text that is embedded; responses are shorter.
const MOST_TEXT_TOKENS: u32 = 1024;
/// Tokens that an encoder takes at once, at least.
const TEXT_BATCH_TOKENS: u32 = 1024;
/// Bytes of a stored key or value: f16.
const KV_VALUE_BYTES: u32 = 2;
/// Bytes between two words to the page.
const TELL_EVERY: u64 = 1 << 20;

/// A model whose headers are read and whose weights are not.
#[derive(Debug)]
pub struct OpenFile<S> {
    /// Tensors and hyperparameters; of several files, as if they were laid end to end.
    pub model: ModelFile,
    /// Tokenizer and chat template.
    pub speech: Speech,
    /// How it makes vectors, where it was opened as an encoder.
    pub profile: Option<EncoderProfile>,
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

/// What is left of a model's files when the weights are where they are used.
#[derive(Debug)]
pub struct Streamed {
    /// Of all files, hex.
    pub sha256: String,
    /// Of all files.
    pub n_bytes: u64,
    /// Tokenizer and chat template.
    pub speech: Speech,
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

/// Opens a model that answers prompts.
///
/// # Errors
/// As [`open_gguf`], and when the model only embeds.
pub async fn open_generator<F: ModelFiles>(files: &mut F) -> Result<OpenFile<F::Source>, Fault> {
    if weights_file(files.names()).is_some() {
        return Err(bad_model(
            "safetensors hold encoders here; load it with the role \"encoder\", and a generator as a GGUF file",
        ));
    }
    let file = open_gguf(files).await?;
    match file.model.hyperparameters.head {
        Head::None => Err(weights_fault(&WeightsError::NotAGenerator)),
        Head::Tied | Head::Own => Ok(file),
    }
}

/// Opens a model that embeds texts: GGUF, or safetensors with what lies beside them. `name` is what the source calls it.
///
/// # Errors
/// As [`open_gguf`], and when the model was not made to embed or does so in a way that is not known.
pub async fn open_encoder<F: ModelFiles>(files: &mut F, name: &str) -> Result<OpenFile<F::Source>, Fault> {
    let mut file = match weights_file(files.names()) {
        Some(idx) => open_safetensors(files, idx, name).await?,
        None => {
            let mut file = open_gguf(files).await?;
            let metadata = &file.model.header.metadata;
            let name = format!("{} {name}", metadata.string("general.name").unwrap_or_default());
            let profile = EncoderProfile::from_metadata(metadata, &name, &file.model.hyperparameters);
            file.profile = Some(profile.map_err(|error| weights_fault(&error))?);
            file
        }
    };
    if let Some(profile) = &mut file.profile {
        profile.max_tokens = profile.max_tokens.min(MOST_TEXT_TOKENS);
    }
    Ok(file)
}

/// The place of the weights among a model's files, where they are safetensors.
fn weights_file(names: &[String]) -> Option<usize> {
    names.iter().position(|name| name.ends_with(".safetensors"))
}

async fn open_safetensors<F: ModelFiles>(
    files: &mut F,
    weights: usize,
    name: &str,
) -> Result<OpenFile<F::Source>, Fault> {
    let small = MOST_SETTINGS_BYTES;
    let config = needed(read_whole(files, "config.json", small).await?, "config.json")?;
    let tokenizer = read_whole(files, "tokenizer.json", MOST_JSON_BYTES).await?;
    let speech = Speech::from_json(&needed(tokenizer, "tokenizer.json")?);
    let speech = speech.map_err(|error| bad_model(error.to_string()))?;
    let profile_files = ProfileFiles {
        modules: read_whole(files, "modules.json", small).await?,
        pooling: read_whole(files, "1_Pooling/config.json", small).await?,
        settings: read_whole(files, "config_sentence_transformers.json", small).await?,
        transformer: read_whole(files, "sentence_bert_config.json", small).await?,
    };
    let mut source = files.open(weights).await?;
    let (mut prefix, mut chunk, mut at_least) = (Vec::new(), Vec::new(), 1);
    let header = loop {
        while (prefix.len() as u64) < at_least && source.next(&mut chunk).await? {
            prefix.extend_from_slice(&chunk);
        }
        // The parser says what is wrong with a file that ends too early.
        let has_ended = (prefix.len() as u64) < at_least;
        let n_bytes = if has_ended { Some(prefix.len() as u64) } else { source.n_bytes() };
        match SafetensorsHeader::parse(&prefix, n_bytes).map_err(|error| weights_fault(&error))? {
            safetensors::Parsed::Header(header) => break header,
            safetensors::Parsed::NeedMore { at_least: more } => at_least = more,
        }
    };
    let model = ModelFile::from_safetensors(header, &config).map_err(|error| weights_fault(&error))?;
    let name = format!("{name} {}", String::from_utf8_lossy(&config));
    let profile = EncoderProfile::from_files(&profile_files, &name, &model.hyperparameters);
    let part = Part { prefix, source, n_used: model.header.data_end };
    let mut file = checked(model, speech, vec![part])?;
    file.profile = Some(profile.map_err(|error| weights_fault(&error))?);
    Ok(file)
}

fn needed(file: Option<Vec<u8>>, name: &str) -> Result<Vec<u8>, Fault> {
    file.ok_or_else(|| {
        bad_model(format!(
            "{name} is missing; a model in safetensors needs config.json and tokenizer.json beside it"
        ))
    })
}

/// Reads as much of each file as its header takes, and puts the parts of a split model in order.
///
/// # Errors
/// When a file is broken, of an unsupported kind, or stops coming, and when the files are not all parts of one model.
async fn open_gguf<F: ModelFiles>(files: &mut F) -> Result<OpenFile<F::Source>, Fault> {
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
    let model = ModelFile::from_header(header).map_err(|error| weights_fault(&error))?;
    let speech =
        Speech::from_metadata(&model.header.metadata).map_err(|error| bad_model(error.to_string()))?;
    checked(model, speech, parts)
}

/// Refuses a tokenizer that is of another model.
fn checked<S>(model: ModelFile, speech: Speech, parts: Vec<Part<S>>) -> Result<OpenFile<S>, Fault> {
    let n_tokens = speech.tokenizer.n_tokens();
    let vocab_size = model.hyperparameters.vocab_size;
    if n_tokens > vocab_size {
        return Err(bad_model(format!(
            "the tokenizer has {n_tokens} tokens, the embedding table {vocab_size} rows; the file's parts do not belong together"
        )));
    }
    Ok(OpenFile { model, speech, profile: None, parts })
}

impl<S: ByteSource> OpenFile<S> {
    /// The plan with as many rows as the device's memory allows.
    ///
    /// # Errors
    /// When the model does not fit.
    pub fn plan(&self, limits: Limits) -> Result<MemoryPlan, Fault> {
        let h = &self.model.hyperparameters;
        if let Some(profile) = &self.profile {
            return self.encoder_plan(profile, limits);
        }
        let row_tokens = ROW_TOKENS.min(h.seq_len / 2).max(1);
        let wanted = Wanted {
            n_rows: MOST_ROWS,
            n_prompts: MOST_PROMPTS,
            prompt_tokens: row_tokens,
            row_tokens,
            max_batch_tokens: BATCH_TOKENS,
            kv_value_bytes: KV_VALUE_BYTES,
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

    /// The plan for batches of texts, each as long as the encoder takes.
    fn encoder_plan(&self, profile: &EncoderProfile, limits: Limits) -> Result<MemoryPlan, Fault> {
        // The planner counts a last token by itself.
        let prompt_tokens = profile.max_tokens.saturating_sub(1);
        let n_prompts = TEXT_BATCH_TOKENS.div_ceil(profile.max_tokens.max(1));
        let wanted = Wanted {
            n_rows: n_prompts,
            n_prompts,
            prompt_tokens,
            row_tokens: 1,
            max_batch_tokens: n_prompts * profile.max_tokens,
            kv_value_bytes: KV_VALUE_BYTES,
        };
        MemoryPlan::new(&self.model.hyperparameters, &self.model.tensors, limits, wanted)
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
    ) -> Result<Streamed, Fault> {
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
        Ok(Streamed { sha256, n_bytes: meter.done, speech: self.speech, profile: self.profile })
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
