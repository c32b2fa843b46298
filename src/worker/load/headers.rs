//! Opening a model: what its files say before the weights are read.

use crate::{
    protocol::Fault,
    weights::{
        EncoderProfile, Head, Header, ModelFile, Parsed, ProfileFiles, SafetensorsHeader, WeightsError,
        safetensors, split,
    },
    worker::prompter::Prompter,
};

use super::{
    bytes::ByteSource,
    files::{ModelFiles, read_whole},
    stream::{OpenFile, Part, bad_model, weights_fault},
};

/// Longest `tokenizer.json`; the largest known are some 35 MB.
const MOST_JSON_BYTES: usize = 64 << 20;
/// Longest of the other JSON files of a model.
const MOST_SETTINGS_BYTES: usize = 1 << 20;
/// Tokens of the longest text that is embedded; responses are shorter.
const MOST_TEXT_TOKENS: u32 = 1024;

/// Opens a model that answers prompts.
///
/// # Errors
/// As `open_gguf`, and when the model only embeds.
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
/// As `open_gguf`, and when the model was not made to embed or does so in a way that is not known.
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
    let prompter = Prompter::from_json(&needed(tokenizer, "tokenizer.json")?);
    let prompter = prompter.map_err(|error| bad_model(error.to_string()))?;
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
    let mut file = checked(model, prompter, vec![part])?;
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
/// As `open_gguf`, and when the tokenizer is not supported.
pub async fn open_tokenizer<F: ModelFiles>(files: &mut F) -> Result<(Prompter, Option<String>), Fault> {
    // Of several files the tokenizer is in the one that is named so, else in the first.
    let is_tokenizer = |name: &String| name == "tokenizer.json";
    let idx = files.names().iter().position(is_tokenizer).unwrap_or_default();
    let mut source = files.open(idx).await?;
    let mut prefix = Vec::new();
    let is_more = source.next(&mut prefix).await?;
    if prefix.first() != Some(&b'{') {
        let header = read_header(&mut source, &mut prefix).await?;
        let prompter =
            Prompter::from_metadata(&header.metadata).map_err(|error| bad_model(error.to_string()))?;
        return Ok((prompter, header.metadata.string("general.name").map(str::to_owned)));
    }
    let mut chunk = Vec::new();
    while is_more && source.next(&mut chunk).await? {
        if prefix.len() + chunk.len() > MOST_JSON_BYTES {
            return Err(bad_model(format!("the tokenizer.json is longer than {MOST_JSON_BYTES} bytes")));
        }
        prefix.extend_from_slice(&chunk);
    }
    let prompter = Prompter::from_json(&prefix).map_err(|error| bad_model(error.to_string()))?;
    Ok((prompter, None))
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
    let prompter =
        Prompter::from_metadata(&model.header.metadata).map_err(|error| bad_model(error.to_string()))?;
    // The tokenizer has its own copy of these lists, which are most of a header.
    for list in ["tokens", "merges", "scores", "token_type"] {
        model.header.metadata.remove(&format!("tokenizer.ggml.{list}"));
    }
    checked(model, prompter, parts)
}

/// Refuses a tokenizer that is of another model.
fn checked<S>(model: ModelFile, prompter: Prompter, parts: Vec<Part<S>>) -> Result<OpenFile<S>, Fault> {
    let n_tokens = prompter.tokenizer.n_tokens();
    let vocab_size = model.hyperparameters.vocab_size;
    if n_tokens > vocab_size {
        return Err(bad_model(format!(
            "the tokenizer has {n_tokens} tokens, the embedding table {vocab_size} rows; the file's parts do not belong together"
        )));
    }
    Ok(OpenFile { model, prompter, profile: None, parts })
}
