//! What a command is given: the folder of a job with its responses, or a session.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;
use concord_align::data::{
    Method, Session, SessionReader, SessionUnpacker, archive::is_archive, check_session,
};

use super::groups::{FileGroups, Group, Grouped, in_order_of};
use super::job::Job;
use super::kind::{files_of, is_session};
use crate::error::CliError;

/// Bytes of a session that are read at once.
const PIECE_BYTES: usize = 4 << 20;

/// Where responses come from.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The folder of a job, files of responses (.jsonl, .jsonl.gz, .parquet), or one session (.json, .zip)
    #[arg(required = true, value_name = "DIR|FILES")]
    pub(crate) paths: Vec<PathBuf>,
    /// The folder of the job, with job.json and prompts.jsonl; found above the files where it is not given
    #[arg(long, value_name = "DIR")]
    job: Option<PathBuf>,
    /// Settings other than the job's: a JSON file, as "config" in a session
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Files of cosines and scores; the job's folder measurements/ where they are not given
    #[arg(long, value_name = "FILES", num_args = 1..)]
    measurements: Vec<PathBuf>,
}

impl SourceArgs {
    /// A job's folder and nothing else.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        Self { paths: vec![folder.to_owned()], job: None, config: None, measurements: Vec::new() }
    }
}

/// Responses with the job that asked for them.
#[derive(Debug)]
pub(crate) enum Source {
    Files { job: Job, files: [Vec<PathBuf>; 2], folder: PathBuf },
    Session { job: Job, session: Box<Session> },
}

impl Source {
    /// Finds the job and the files; reads a session whole. `method` is another than the settings'.
    pub(crate) fn open(args: &SourceArgs, method: Option<Method>) -> Result<Self, CliError> {
        if let Some(path) = args.paths.iter().find(|path| is_session(path)) {
            if args.paths.len() > 1 || args.job.is_some() || args.config.is_some() {
                let said = format!(
                    "{}: a session is read alone, with its own settings: leave out the other files, --job and --config",
                    path.display()
                );
                return Err(CliError::Arguments(said));
            }
            return Self::of_session(path, method);
        }
        let files = files_of(&args.paths, "responses", "responses", is_of_responses)?;
        let first = args.paths.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
        let folder = match &args.job {
            Some(folder) => folder.clone(),
            None if first.is_dir() => Job::folder_of(first)?,
            None => Job::folder_of(first.parent().unwrap_or(Path::new(".")))?,
        };
        let job = Job::read(&folder, args.config.as_deref(), method)?;
        let measured = folder.join("measurements");
        let measured = match args.measurements.as_slice() {
            [] if !measured.is_dir() => Vec::new(),
            [] => files_of(&[measured], "", "measurements", |_| true)?,
            given => files_of(given, "measurements", "measurements", |_| true)?,
        };
        Ok(Self::Files { job, files: [files, measured], folder })
    }

    fn of_session(path: &Path, method: Option<Method>) -> Result<Self, CliError> {
        let mut session = read_session(path)?;
        session.config.method = method.unwrap_or(session.config.method);
        let job = Job::new(
            session.config.clone(),
            session.model.clone(),
            session.created.clone(),
            std::mem::take(&mut session.prompts),
        );
        Ok(Self::Session { job, session: Box::new(session) })
    }

    pub(crate) fn job(&self) -> &Job {
        match self {
            Self::Files { job, .. } | Self::Session { job, .. } => job,
        }
    }

    /// The groups of some prompts; `reads_texts` says whether answers and languages are wanted. A session keeps its own.
    pub(crate) fn groups(&self, range: Range<usize>, reads_texts: bool) -> Box<dyn Grouped + '_> {
        match self {
            Self::Files { job, files, .. } => {
                Box::new(FileGroups::new(job, files.clone(), range, reads_texts))
            }
            Self::Session { job, session } => Box::new(SessionGroups::new(job, session, range)),
        }
    }
}

/// Whether a file of a job's folder may hold responses.
fn is_of_responses(name: &str) -> bool {
    !["prompts", "requests", "pairs", "references"].iter().any(|start| name.starts_with(start))
}

/// Groups of a session that is in memory.
struct SessionGroups<'s> {
    job: &'s Job,
    groups: HashMap<&'s str, Group>,
    range: Range<usize>,
}

impl<'s> SessionGroups<'s> {
    fn new(job: &'s Job, session: &'s Session, range: Range<usize>) -> Self {
        let mut groups: HashMap<&str, Group> = HashMap::new();
        for prompt_idx in range.clone() {
            groups.insert(&job.prompts[prompt_idx].id, Group::empty(prompt_idx));
        }
        for response in &session.responses {
            if let Some(group) = groups.get_mut(response.prompt_id.as_str()) {
                group.responses.push(response.clone());
            }
        }
        for found in &session.similarities {
            if let Some(group) = groups.get_mut(found.prompt_id.as_str()) {
                group.similarity = Some(found.clone());
            }
        }
        macro_rules! share {
            ($($list:ident),*) => {$(
                for found in &session.measurements.$list {
                    if let Some(group) = groups.get_mut(found.prompt_id.as_str()) {
                        group.measurements.$list.push(found.clone());
                    }
                }
            )*};
        }
        share!(own, instructed, translations, states);
        Self { job, groups, range }
    }
}

impl Group {
    fn empty(prompt_idx: usize) -> Self {
        Self { prompt_idx, responses: Vec::new(), similarity: None, measurements: Default::default() }
    }
}

impl Grouped for SessionGroups<'_> {
    fn next_group(&mut self) -> Result<Option<Group>, CliError> {
        let Some(prompt_idx) = self.range.next() else { return Ok(None) };
        let id = self.job.prompts[prompt_idx].id.as_str();
        let mut group = self.groups.remove(id).unwrap_or_else(|| Group::empty(prompt_idx));
        in_order_of(&mut group.responses, &self.job.config.languages);
        Ok(Some(group))
    }
}

/// Reads a session and checks it, as the page does.
pub(crate) fn read_session(path: &Path) -> Result<Session, CliError> {
    let fail = |reason| CliError::Session { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(CliError::unreadable(path))?;
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start).map_err(CliError::unreadable(path))?;
    let session = if is_archive(&start) {
        file.read_to_end(&mut start).map_err(CliError::unreadable(path))?;
        let mut unpacker = SessionUnpacker::new(start).map_err(fail)?;
        while unpacker.step().map_err(fail)? {}
        unpacker.complete().map_err(fail)?
    } else {
        let mut reader = SessionReader::default();
        let mut piece = start;
        while !piece.is_empty() {
            reader.push(&piece);
            while reader.step().map_err(fail)? {}
            piece.clear();
            file.by_ref()
                .take(PIECE_BYTES as u64)
                .read_to_end(&mut piece)
                .map_err(CliError::unreadable(path))?;
        }
        reader.complete().map_err(fail)?
    };
    let problems = check_session(&session);
    if !problems.is_empty() {
        return Err(fail(concord_align::data::DataError::Fields { problems }));
    }
    let mut session = session;
    session.responses.iter_mut().for_each(concord_align::align::read_answer);
    Ok(session)
}
