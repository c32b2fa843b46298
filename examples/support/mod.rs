//! Shared by the native tools: reading a model file, asking prompts, collecting responses.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord::generate::sampling::stream_id;
use concord::generate::{
    Job, LanguageModel, RowEnd, RowEvent, RowId, SampleKey, Sampled, SamplingSettings, Scheduler,
};
use concord::reference::{Loader, Numerics, Weights};
use concord::text::{ChatMessage, ChatTemplate, KnownTemplate, TextError, Tokenizer, chat_tokens};
use concord::weights::{Header, ModelFile, Parsed};

/// What every tool's `main` returns on failure.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 4 << 20;

/// A model file of which the header was read.
pub(crate) struct Model {
    pub(crate) header: ModelFile,
    path: PathBuf,
    pub(crate) tokenizer: Tokenizer,
    template: ChatTemplate,
}

impl Model {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let mut file = File::open(path).map_err(|error| {
            format!("{}: {error}; make it with `cargo xtask train-teaching-model`", path.display())
        })?;
        let n_bytes = file.metadata()?.len();
        let mut start = Vec::new();
        let header = loop {
            Read::by_ref(&mut file).take(PIECE_BYTES as u64).read_to_end(&mut start)?;
            if let Parsed::Header(header) = Header::parse(&start, Some(n_bytes))? {
                break header;
            }
            if start.len() as u64 == n_bytes {
                return Err(format!("{}: the file ends within its header", path.display()).into());
            }
        };
        let model = ModelFile::from_header(header)?;
        let tokenizer = Tokenizer::from_metadata(&model.header.metadata)?;
        let template = match ChatTemplate::from_metadata(&model.header.metadata) {
            // A base model has none; prompts are given to it as they are.
            Err(TextError::NoTemplate) => {
                KnownTemplate::named("plain").ok_or("no plain template")?.template(&tokenizer)?
            }
            template => template?,
        };
        Ok(Self { tokenizer, template, header: model, path: path.to_owned() })
    }

    /// The weights for the CPU, as the page holds them; read piece by piece, so that nothing is in memory twice.
    pub(crate) fn weights(&self) -> Result<Arc<Weights>, Failure> {
        let mut loader = Loader::begin(&self.header, Numerics::of(&self.header.tensors));
        let mut file = File::open(&self.path)?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(loader.finish()?),
                n_read => loader.push(&piece[..n_read])?,
            }
        }
    }

    /// Tokens of a chat with one message of the user, ready for the assistant's turn.
    pub(crate) fn chat_tokens(&self, text: &str) -> Result<Vec<u32>, Failure> {
        Ok(chat_tokens(&self.tokenizer, &self.template, &[ChatMessage::user(text)])?)
    }
}

/// A prompt in a language, with its tokens.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) prompt_id: String,
    pub(crate) language: String,
    pub(crate) tokens: Vec<u32>,
}

/// How prompts are answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    pub(crate) n: u32,
    pub(crate) temperature: f32,
    pub(crate) seed: u32,
    pub(crate) max_tokens: u32,
}

impl Asking {
    /// Jobs whose ids are places in `asked`; streams as in the page, so the responses are the page's.
    pub(crate) fn jobs(&self, asked: &[Asked], stop_tokens: &[u32]) -> Vec<Job> {
        let job = |(id, asked): (usize, &Asked)| Job {
            id: id as u32,
            prompt: asked.tokens.clone(),
            samples: (0..self.n)
                .map(|sample| SampleKey {
                    sample,
                    stream: stream_id(&asked.prompt_id, &asked.language, sample),
                })
                .collect(),
            seed: self.seed,
            settings: SamplingSettings { temperature: self.temperature, ..SamplingSettings::default() },
            max_tokens: self.max_tokens,
            stop_tokens: stop_tokens.to_vec(),
            sampled_logprobs: false,
        };
        asked.iter().enumerate().map(job).collect()
    }
}

/// A finished response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered {
    /// The end token is left out.
    pub(crate) tokens: Vec<u32>,
    /// Sum under the raw model, end token included.
    pub(crate) logprob: f32,
    pub(crate) is_cut: bool,
}

impl Answered {
    fn add(&mut self, tokens: &[Sampled]) {
        self.tokens.extend(tokens.iter().map(|sampled| sampled.id));
        self.logprob += tokens.iter().map(|sampled| sampled.logprob).sum::<f32>();
    }
}

/// Runs jobs to their end; `tell` hears each finished row.
pub(crate) async fn respond<M: LanguageModel>(
    model: &mut M,
    scheduler: &mut Scheduler,
    jobs: Vec<Job>,
    mut tell: impl FnMut(),
) -> Result<BTreeMap<RowId, Answered>, Failure> {
    let mut answered: BTreeMap<RowId, Answered> = BTreeMap::new();
    let mut failed = None;
    let mut on_event = |event| match event {
        RowEvent::Tokens { row, tokens } => answered.entry(row).or_default().add(&tokens),
        RowEvent::Finished { row, end, stop_token } => {
            let answered = answered.entry(row).or_default();
            answered.logprob += stop_token.map_or(0.0, |token| token.logprob);
            answered.is_cut = end == RowEnd::Length;
            tell();
        }
        RowEvent::Failed { job, error } => failed = Some(format!("prompt {job}: {error}")),
    };
    jobs.into_iter().for_each(|job| scheduler.add(job));
    scheduler
        .run(model, &mut |_, _| false, async |_, events| events.into_iter().for_each(&mut on_event))
        .await?;
    match failed {
        Some(failed) => Err(failed.into()),
        None => Ok(answered),
    }
}
