//! `concord session`: a job and its responses as one session, which the page opens.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use concord_align::align::{Material, select};
use concord_align::data::{
    AppRecord, DataError, Method, SESSION_SCHEMA, Session as SessionRecord, SessionPacker, SessionWriter,
    check_session,
};

use super::{Outcome, named};
use crate::error::CliError;
use crate::input::{Source, SourceArgs};
use crate::output::Staged;

/// Puts prompts and responses into a session that the page opens, with references and pairs picked anew.
///
/// All of it is in memory, as it will be in the page.
#[derive(Debug, Args)]
pub(crate) struct Session {
    #[command(flatten)]
    source: SourceArgs,
    /// How pairs are picked; the job's own method where it is not said
    #[arg(long, value_parser = named::method())]
    method: Option<Method>,
    /// The file to write: .json, or .zip for an archive
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

impl Session {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let ending = self.out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let is_archive = match ending.as_deref() {
            Some("json") => false,
            Some("zip") => true,
            _ => return Err(CliError::Ending { path: self.out.clone(), endings: ".json or .zip" }),
        };
        let source = Source::open(&self.source, self.method)?;
        let (session, n_missing) = gathered(&source)?;
        let problems = check_session(&session);
        if !problems.is_empty() {
            let reason = DataError::Fields { problems };
            return Err(CliError::Session { path: self.out.clone(), reason });
        }
        self.write(&session, is_archive)?;
        let mut outcome = Outcome::default();
        let n_pairs = session.pairs.iter().filter(|pair| pair.skip.is_none()).count();
        outcome.say(format!(
            "{} prompts, {} responses and {n_pairs} pairs in {}",
            session.prompts.len(),
            session.responses.len(),
            self.out.display()
        ));
        if n_missing > 0 {
            outcome.say(format!("{n_missing} responses are missing"));
        }
        outcome.is_partial = n_missing > 0;
        outcome.set("session", self.out.display().to_string());
        outcome.set("nPrompts", session.prompts.len());
        outcome.set("nResponses", session.responses.len());
        outcome.set("nMissing", n_missing);
        outcome.set("nPairs", n_pairs);
        Ok(outcome)
    }

    fn write(&self, session: &SessionRecord, is_archive: bool) -> Result<(), CliError> {
        let fail = |reason| CliError::Session { path: self.out.clone(), reason };
        let (staged, mut out) = Staged::begin(&self.out)?;
        let unwritable = |error: std::io::Error| CliError::unwritable(&self.out, error);
        if is_archive {
            let mut packer = SessionPacker::default();
            while packer.step(session).map_err(fail)? {}
            out.write_all(&packer.finish().map_err(fail)?).map_err(unwritable)?;
        } else {
            let mut writer = SessionWriter::default();
            while let Some(piece) = writer.piece(session).map_err(fail)? {
                out.write_all(&piece).map_err(unwritable)?;
            }
        }
        out.flush().map_err(unwritable)?;
        staged.publish()
    }
}

/// A source as a session, and how many responses it lacks.
fn gathered(source: &Source) -> Result<(SessionRecord, usize), CliError> {
    let job = source.job();
    let mut session = match source {
        // What people decided stays with it.
        Source::Session { session, .. } => SessionRecord { responses: Vec::new(), ..(**session).clone() },
        Source::Files { .. } => SessionRecord {
            schema: SESSION_SCHEMA.to_owned(),
            created: job.created.clone(),
            app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
            config: job.config.clone(),
            model: job.model.clone(),
            handoff: job.handoff.clone(),
            ..SessionRecord::default()
        },
    };
    session.prompts = job.prompts.clone();
    let (mut n_missing, mut similarities, mut languages) = (0, Vec::new(), BTreeMap::new());
    languages.extend(job.config.languages.iter().map(|language| (language, ())));
    let is_files = matches!(source, Source::Files { .. });
    let mut groups = source.groups(0..job.prompts.len(), true);
    while let Some(group) = groups.next_group()? {
        let n_asked = group
            .responses
            .iter()
            .filter(|r| r.is_candidate() && languages.contains_key(&r.language))
            .count();
        n_missing += job.n_expected(&job.prompts[group.prompt_idx]).saturating_sub(n_asked);
        session.responses.extend(group.responses);
        similarities.extend(group.similarity);
        if is_files {
            let (all, more) = (&mut session.measurements, group.measurements);
            all.own.extend(more.own);
            all.instructed.extend(more.instructed);
            all.translations.extend(more.translations);
            all.states.extend(more.states);
        }
    }
    session.similarities = similarities;
    let picked = select(Material::of(&session), &session.config);
    (session.references, session.pairs) = (picked.references, picked.pairs);
    Ok((session, n_missing))
}
