//! `concord embed`: the second stage of a job, where an encoder on a server turns responses into vectors.

use std::path::PathBuf;

use clap::Args;
use concord_align::data::Similarity;
use concord_align::job::{EmbedSettings, embed_line, embed_requests};
use serde_json::json;

use super::Outcome;
use crate::error::CliError;
use crate::input::{Group, JobFolder, Source, SourceArgs, VectorFiles};
use crate::output::{RowFileOut, Staged};

/// What the vectors are of, in the job's folder.
const SETTINGS: &str = "embed.json";
/// Requests of a file.
const MOST_LINES: usize = 20_000;

/// Compares responses by an encoder on a server: writes requests for their vectors, and takes the vectors that have come.
///
/// Run it after `concord collect`, run the requests as those of the job, and run it again. CM-Align on math needs no vectors.
#[derive(Debug, Args)]
pub(crate) struct Embed {
    /// The folder of the job
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The encoder, by the name that its server knows; only the first time
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// What stands before every text, such as "query: " for the E5 encoders
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    n_responses: usize,
    n_vectors: usize,
    n_missing: usize,
    n_files: usize,
}

impl Embed {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let folder = JobFolder::open(&self.folder)?;
        let mut files = VectorFiles::open(&folder)?;
        let settings = self.settings(&folder, &files)?;
        files.check_model(&settings.model)?;
        let source = Source::open(&SourceArgs::of_folder(&folder.path), None)?;
        let path = folder.path.join("measurements").join("similarity.jsonl");
        // A folder of measurements with nothing in it would be a mistake to the other commands.
        let mut similarities = None;
        let (mut counts, mut requests) = (Counts::default(), Requests::new(&folder));
        let mut groups = source.groups(0..folder.job.prompts.len(), false);
        while let Some(group) = groups.next_group()? {
            let found = compared(&folder, &group, &settings, &mut files, &mut requests, &mut counts)?;
            if let Some(similarity) = found {
                let line = json!({ "similarity": similarity }).to_string();
                let out = match &mut similarities {
                    Some(out) => out,
                    none => none.insert(RowFileOut::begin(&path, &[])?),
                };
                out.line(line.as_bytes())?;
            }
        }
        counts.n_files = requests.finish()?;
        similarities.map(RowFileOut::publish).transpose()?;
        // Written last: where it is, the requests are.
        let text = serde_json::to_string(&settings).map_err(|error| CliError::Bug(error.to_string()))?;
        Staged::write(&folder.path.join(SETTINGS), (text + "\n").as_bytes())?;
        Ok(told(&counts, &files, &folder, &path))
    }

    /// The encoder: as it was said before, or now.
    fn settings(&self, folder: &JobFolder, files: &VectorFiles) -> Result<EmbedSettings, CliError> {
        let path = folder.path.join(SETTINGS);
        let earlier: Option<EmbedSettings> = match std::fs::read(&path) {
            Ok(bytes) => {
                let read = serde_json::from_slice(&bytes);
                Some(read.map_err(|error| CliError::Job { path: path.clone(), reason: error.to_string() })?)
            }
            Err(_) => None,
        };
        let model = self.model.clone().or_else(|| earlier.as_ref().map(|known| known.model.clone()));
        let model = model.filter(|model| !model.trim().is_empty());
        let missing =
            "name the encoder: concord embed DIR --model intfloat/multilingual-e5-small --prefix \"query: \"";
        let model = model.ok_or_else(|| CliError::Arguments(missing.to_owned()))?;
        let known_prefix = earlier.as_ref().map(|known| known.prefix.clone());
        let settings =
            EmbedSettings { model, prefix: self.prefix.clone().or(known_prefix).unwrap_or_default() };
        match earlier {
            Some(known) if known != settings && !files.is_empty() => Err(CliError::Arguments(format!(
                "the vectors in results/ are of {:?} with the prefix {:?}: move results-embed-* away to use another encoder",
                known.model, known.prefix
            ))),
            _ => Ok(settings),
        }
    }
}

/// The cosines of a prompt's responses, as far as their vectors are here; what is not is asked for.
fn compared(
    folder: &JobFolder,
    group: &Group,
    settings: &EmbedSettings,
    files: &mut VectorFiles,
    requests: &mut Requests,
    counts: &mut Counts,
) -> Result<Option<Similarity>, CliError> {
    let line = group.prompt_idx;
    let mut known = files.of_prompt(line)?;
    let (mut order, mut vectors) = (Vec::new(), Vec::new());
    for (id, texts) in embed_requests(&folder.job, line, &group.responses) {
        counts.n_responses += texts.len();
        let mut is_whole = true;
        for sample in id.first..id.first + id.count {
            match known.remove(&(id.language.clone(), sample)) {
                Some(vector) => {
                    order.push((id.language.clone(), sample));
                    vectors.push(vector);
                }
                None => is_whole = false,
            }
        }
        if !is_whole {
            counts.n_missing += texts.len();
            requests.line(&embed_line(&id, &texts, settings))?;
        }
    }
    counts.n_vectors += vectors.len();
    Ok(Similarity::of_vectors(&folder.job.prompts[line].id, order, &vectors))
}

fn told(counts: &Counts, files: &VectorFiles, folder: &JobFolder, path: &std::path::Path) -> Outcome {
    let Counts { n_responses, n_vectors, n_missing, n_files } = counts;
    let mut outcome = Outcome { is_partial: !files.is_empty() && *n_missing > 0, ..Outcome::default() };
    if *n_vectors > 0 {
        outcome.say(format!(
            "{n_vectors} of {n_responses} responses have a vector; their cosines are in {}",
            path.display()
        ));
    }
    files.notes().for_each(|note| outcome.say(note));
    if *n_missing > 0 {
        let name = folder.path.display();
        outcome.say(format!(
            "requests for {n_missing} vectors are in {n_files} {}: cd {name} && python3 run/server.py --url http://127.0.0.1:8000/v1 requests-embed-*.jsonl, then: concord embed {name}",
            if *n_files == 1 { "file" } else { "files" }
        ));
    }
    for (field, value) in [("nResponses", n_responses), ("nVectors", n_vectors), ("nMissing", n_missing)] {
        outcome.set(field, *value);
    }
    outcome
}

/// The files of requests, 20,000 lines in each. Those of an earlier time, which had more to ask for, go.
struct Requests {
    folder: PathBuf,
    text: String,
    n_lines: usize,
    n_files: usize,
}

impl Requests {
    fn new(folder: &JobFolder) -> Self {
        Self { folder: folder.path.clone(), text: String::new(), n_lines: 0, n_files: 0 }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("requests-embed-{:05}.jsonl", self.n_files))
    }

    fn line(&mut self, line: &str) -> Result<(), CliError> {
        self.text += line;
        self.n_lines += 1;
        if self.n_lines == MOST_LINES { self.end_file() } else { Ok(()) }
    }

    fn end_file(&mut self) -> Result<(), CliError> {
        Staged::write(&self.path(), std::mem::take(&mut self.text).as_bytes())?;
        (self.n_lines, self.n_files) = (0, self.n_files + 1);
        Ok(())
    }

    fn finish(mut self) -> Result<usize, CliError> {
        if self.n_lines > 0 {
            self.end_file()?;
        }
        let n_files = self.n_files;
        while self.path().is_file() {
            std::fs::remove_file(self.path()).map_err(CliError::unreadable(&self.path()))?;
            self.n_files += 1;
        }
        Ok(n_files)
    }
}
