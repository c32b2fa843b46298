//! The rows that may go out: those of a session as people left them, or a job's with the pairs of `concord select`.

use std::path::PathBuf;

use concord_align::data::{
    AppRecord, DecisionLog, ExportRow, ExportStatuses, Language, Method, PairRecord, RowParts, Session,
};
use concord_curation::curation::Desk;

use crate::error::CliError;
use crate::input::{PairRow, Source};

/// Where rows come from.
pub(super) enum Rows {
    /// A session, with what people decided.
    Desk(Box<Desk>),
    /// Files of any size, of which no more than a prompt is in memory.
    Files(Box<OfFiles>),
}

/// A job's responses and its pairs.
pub(super) struct OfFiles {
    source: Source,
    pairs: Vec<PathBuf>,
    /// A session of settings, a model and prompts alone.
    shell: Session,
    has_drafts: bool,
    n_responses: usize,
}

/// A row that is looked at.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    /// It has a pair.
    Row(&'a ExportRow, &'a PairRecord<'a>),
    /// People differ on it.
    Conflict(&'a str, &'a Language),
}

impl Rows {
    /// The rows of a source. `pairs` are files of a job's pairs; a session has its own.
    pub(super) fn of(source: Source, pairs: Vec<PathBuf>, passes_over_decisions: bool) -> Self {
        match source {
            Source::Session { job, mut session } => {
                session.prompts = job.prompts;
                if passes_over_decisions {
                    session.events.clear();
                }
                Self::Desk(Box::new(Desk::new(*session)))
            }
            Source::Files { ref job, .. } => {
                let shell = Session {
                    app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
                    created: job.created.clone(),
                    config: job.config.clone(),
                    model: job.model.clone(),
                    prompts: job.prompts.clone(),
                    ..Session::default()
                };
                let has_drafts = job.prompts.iter().any(|prompt| !prompt.drafts.is_empty());
                Self::Files(Box::new(OfFiles { source, pairs, shell, has_drafts, n_responses: 0 }))
            }
        }
    }

    /// Shows every row of these statuses, in the order of the session or the job, and each on which people differ.
    pub(super) fn each(
        &mut self,
        statuses: ExportStatuses,
        visit: &mut dyn FnMut(Seen<'_>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        match self {
            Self::Desk(desk) => {
                for row in desk.curation().rows() {
                    if row.is_conflict() {
                        visit(Seen::Conflict(&row.prompt_id, &row.language))?;
                    } else if let Some(row) = row.export().filter(|row| statuses.takes(row.record.status)) {
                        visit(Seen::Row(&row, &desk.pair_record(&row)))?;
                    }
                }
                Ok(())
            }
            Self::Files(files) => files.each(visit),
        }
    }

    /// The session; of a job without responses and pairs.
    pub(super) fn session(&self) -> &Session {
        match self {
            Self::Desk(desk) => desk.session(),
            Self::Files(files) => &files.shell,
        }
    }

    /// How many responses there are; of a job, once its rows were seen.
    pub(super) fn n_responses(&self) -> usize {
        match self {
            Self::Desk(desk) => desk.session().responses.len(),
            Self::Files(files) => files.n_responses,
        }
    }

    /// The log of decisions, and how many people decided.
    pub(super) fn decisions(&self) -> (String, usize) {
        let mut log = DecisionLog::default();
        while log.step(self.session()) {}
        log.finish()
    }
}

impl OfFiles {
    fn each(&mut self, visit: &mut dyn FnMut(Seen<'_>) -> Result<(), CliError>) -> Result<(), CliError> {
        let job = self.source.job();
        let mut pairs = PairRow::rows(self.pairs.clone(), job);
        let mut groups = self.source.groups(0..job.prompts.len(), false);
        self.n_responses = 0;
        while let Some(group) = groups.next_group()? {
            self.n_responses += group.responses.len();
            for PairRow { pair, reference, method } in pairs.of(job, group.prompt_idx)? {
                let method = Method::ALL.into_iter().find(|known| known.as_str() == method);
                self.shell.config.method = method.unwrap_or(self.shell.config.method);
                let Some(row) = ExportRow::of_pair(&pair) else { continue };
                let anchor = &self.shell.config.anchor;
                let is_reference =
                    |r: &&concord_align::data::Response| Some(r.sample) == reference && r.language == *anchor;
                let parts = RowParts {
                    prompt: job.prompts.get(group.prompt_idx),
                    pair: Some(&pair),
                    reference: group.responses.iter().find(is_reference),
                    has_drafts: self.has_drafts,
                };
                let own = group.responses.iter().filter(|response| response.language == pair.language);
                visit(Seen::Row(&row, &PairRecord::of(&self.shell, &row, parts, own)))?;
            }
        }
        Ok(())
    }
}
