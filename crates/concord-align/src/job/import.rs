//! From the files of a job's folder, as people bring them back, to responses.

use super::{
    Collector, Dialect, EmbedSettings, Form, Job, JobError, Manifest, Plan, Report, Sink, Unpacking,
    VectorCollector, report_lines,
};
use crate::data::archive::{ArchiveError, Limits, Unpacker};
use crate::data::{Handoff, ImportedResponses, InOrder, ModelRecord, Response, SessionConfig};

/// Largest `manifest.json` or `job.json` that is read, in bytes.
const MOST_HEAD: u64 = 64 << 20;
/// Largest `prompts.jsonl` that is read, in bytes.
const MOST_PROMPTS: u64 = 1 << 30;
/// What the archive of a job's folder may hold. Results are packed to a twentieth of their size.
const LIMITS: Limits = Limits { n_entries: 100_000, n_bytes: 16 << 30, ratio: 1_000 };

/// What a file of a job's folder is, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `job.json`.
    Job,
    /// `prompts.jsonl`.
    Prompts,
    /// `manifest.json`.
    Manifest,
    /// A file of vectors, whole or a part: what came of the second stage.
    Vectors,
    /// A file of results, whole or a part: any other file of JSON lines.
    Results,
    /// A script, a request file, a log.
    Other,
}

impl Role {
    /// Of the file at a path.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let plain = name.strip_suffix(".gz").unwrap_or(name);
        match plain {
            "job.json" => Self::Job,
            "prompts.jsonl" => Self::Prompts,
            "manifest.json" => Self::Manifest,
            _ if plain.starts_with("requests-") || plain.starts_with(".rest-") => Self::Other,
            // A Mac's archive has a shadow of every file.
            _ if plain.starts_with("._") || path.contains("__MACOSX/") => Self::Other,
            _ if plain.starts_with("results-embed") || plain.starts_with(".part-embed") => Self::Vectors,
            _ if plain.ends_with(".jsonl") || plain.ends_with(".ndjson") => Self::Results,
            _ => Self::Other,
        }
    }
}

/// The files that say what the job is.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// `job.json`.
    pub job: Option<Vec<u8>>,
    /// `prompts.jsonl`.
    pub prompts: Option<Vec<u8>>,
    /// `manifest.json`; without it, settings that choose among responses are the defaults.
    pub manifest: Option<Vec<u8>>,
}

/// Why a folder's results cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The job itself cannot.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The archive cannot.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There are results, and not what they are of.
    #[error(
        "these are results of a job: choose them together with its job.json and prompts.jsonl, or choose its whole folder or zip"
    )]
    NoJob,
}

impl Head {
    /// Puts a file where it belongs; `false` for one that is none of the three.
    pub fn put(&mut self, role: Role, bytes: Vec<u8>) -> bool {
        let place = match role {
            Role::Job => &mut self.job,
            Role::Prompts => &mut self.prompts,
            Role::Manifest => &mut self.manifest,
            Role::Results | Role::Vectors | Role::Other => return false,
        };
        *place = Some(bytes);
        true
    }

    /// The job, with all its settings and the names of its model, and the form of its requests.
    ///
    /// # Errors
    /// Where `job.json` or `prompts.jsonl` is missing or not as it was written.
    pub fn open(self) -> Result<(Job, Form), ImportError> {
        let (Some(job), Some(prompts)) = (self.job, self.prompts) else { return Err(ImportError::NoJob) };
        let job = Job::read(&job, &prompts)?;
        // It holds nothing that responses depend on, so one that does not fit is as good as none.
        let manifest = self.manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        let Some(manifest) = manifest else { return Ok((job, Dialect::default().into())) };
        let with_all = Job::new(&job.model, &manifest.config, job.prompts.clone());
        let with_all = with_all.ok().filter(|with_all| with_all.hash() == job.hash());
        let job = with_all.unwrap_or(job).with_aliases(manifest.model.aliases);
        Ok((job, Form { server: manifest.server, has_logprobs: manifest.logprobs }))
    }
}

/// What has come back of a job.
#[derive(Debug)]
pub struct Returned<'a> {
    job: &'a Job,
    form: Form,
    /// Its results.
    pub results: Collector<'a>,
    /// The vectors of its responses, if an encoder has been asked.
    pub vectors: VectorCollector<'a>,
}

impl<'a> Returned<'a> {
    /// Nothing yet.
    pub fn new(job: &'a Job, form: Form) -> Self {
        Self { job, form, results: Collector::new(job), vectors: VectorCollector::new(job) }
    }

    /// The requests for the vectors that are missing, as lines; empty where there are no responses or none is needed.
    pub fn embed_lines(self, settings: &EmbedSettings) -> String {
        self.vectors.missing_lines(&self.results.responses(), settings)
    }

    /// What was collected, as responses to be looked at and opened; with what is said of it, and the requests of what is missing.
    /// Of several models that answered, `chosen` is the one whose responses are taken.
    pub fn imported(self, chosen: Option<&str>) -> ImportedResponses {
        let Self { job, form, results: mut collector, vectors } = self;
        collector.accept_model(chosen);
        let report = collector.report();
        let mut handoff = handoff(job, form.server, &report);
        handoff.served = chosen.map(str::to_owned).or(handoff.served);
        // One other model than was asked for: it is said, and the session names the one that answered.
        if let Some(served) = &handoff.served {
            collector.accept_model(Some(served));
        }
        let missing: String = collector.missing_lines(&Plan::new(job, form)).collect();
        let is_refused = report.models.len() > 1 && chosen.is_none();
        let mut said = report_lines(&report);
        let refusal = if is_refused {
            report.question.as_ref().map(super::ModelQuestion::sentence)
        } else {
            (report.n_done == 0).then(|| said.join(" "))
        };
        let responses: Vec<Response> = if refusal.is_none() { collector.responses() } else { Vec::new() };
        let compared = vectors.compared(&responses);
        said.extend(compared.said);
        let answered = handoff.served.clone().filter(|_| report.question.is_some() || chosen.is_some());
        let name = answered.unwrap_or_else(|| job.model.clone());
        let served = report.models.into_iter().filter(|_| is_refused).collect();
        let config = SessionConfig { encoder: compared.encoder, ..job.config.clone() };
        let part = (config, ModelRecord { name, ..ModelRecord::default() }, handoff);
        ImportedResponses {
            responses,
            similarities: compared.similarities,
            prompts: job.prompts.clone(),
            // Records of texts and finite numbers always serialise.
            job: serde_json::to_string(&part).ok(),
            said,
            missing,
            n_to_embed: compared.n_missing,
            served,
            refusal,
            ..ImportedResponses::default()
        }
    }
}

/// Hands what came back of a job's folder as a zip archive to `take`; `None` where the archive is no such folder.
///
/// # Errors
/// Where the archive is damaged or beyond the limits, or its job is not as it was written.
pub fn with_archive<R>(bytes: &[u8], take: &dyn Fn(Returned<'_>) -> R) -> Result<Option<R>, ImportError> {
    let mut archive = Unpacker::new(bytes, &LIMITS)?;
    let of_role = |archive: &Unpacker<&[u8]>, role| {
        archive.files().map(|(name, _)| name.to_owned()).find(|name| Role::of(name) == role)
    };
    let mut head = Head::default();
    for (role, most) in [(Role::Job, MOST_HEAD), (Role::Prompts, MOST_PROMPTS), (Role::Manifest, MOST_HEAD)] {
        if let Some(name) = of_role(&archive, role)
            && let Some(bytes) = archive.take(&name, most)?
        {
            head.put(role, bytes);
        }
    }
    if head.job.is_none() {
        return Ok(None);
    }
    let (job, form) = head.open()?;
    let mut returned = Returned::new(&job, form);
    unpack(archive, Role::Results, &mut returned.results)?;
    unpack(Unpacker::new(bytes, &LIMITS)?, Role::Vectors, &mut returned.vectors)?;
    Ok(Some(take(returned)))
}

/// The results of a job's folder that came as a zip archive; `None` where it is no such folder.
///
/// # Errors
/// As [`with_archive`].
pub fn import_archive(bytes: &[u8]) -> Result<Option<ImportedResponses>, ImportError> {
    with_archive(bytes, &|returned| returned.imported(None))
}

/// Hands the files of a role to what takes them.
fn unpack(mut archive: Unpacker<&[u8]>, role: Role, sink: &mut dyn Sink) -> Result<(), ArchiveError> {
    archive.keep_only(|name| Role::of(name) == role);
    let mut file: Option<Unpacking> = None;
    while let Some(piece) = archive.next_piece()? {
        if piece.is_first {
            if let Some(file) = file.take() {
                file.end(sink);
            }
            file = Some(Unpacking::begin(piece.name, sink));
        }
        if let Some(file) = &mut file {
            file.push(piece.bytes, sink);
        }
    }
    if let Some(file) = file {
        file.end(sink);
    }
    Ok(())
}

/// What a session records of a job's results.
pub fn handoff(job: &Job, server: Dialect, report: &Report) -> Handoff {
    let mut imported = report.files.clone();
    for file in &mut imported {
        file.name = file.name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    }
    imported.order_by_key(|file| file.name.clone());
    Handoff {
        job: job.hash().to_owned(),
        server: server.as_str().to_owned(),
        served: report.models.keys().next().filter(|_| report.models.len() == 1).cloned(),
        samples_per_request: server.samples_per_request(job.config.n),
        imported,
        missing: report.n_expected - report.n_done,
        live: None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::data::{JobPart, archive};
    use crate::job::tests::{job, whole};
    use crate::job::{Folder, Plan};

    fn folder(results: &[(&str, &[u8])]) -> Vec<u8> {
        let job = job();
        let files: Vec<_> = Folder::new(Plan::new(&job, Dialect::Vllm), String::new()).collect();
        let mut named: Vec<(String, &[u8])> = results.iter().map(|(n, b)| (format!("job/{n}"), *b)).collect();
        named.extend(files.iter().map(|file| (format!("job/{}", file.name), file.text.as_bytes())));
        archive::write(&named.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect::<Vec<_>>())
            .unwrap()
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn a_folder_comes_back_whole_in_parts_and_packed() {
        let lines = whole();
        let (first, second) = (lines[..2].concat(), lines[2..].concat());
        let packed = gzip(first.as_bytes());
        let zip = folder(&[
            ("results/.part-gen-00000.jsonl", second.as_bytes()),
            ("results/results-gen-00000.jsonl.gz", &packed),
            ("results/.rest-gen-00000.jsonl", b"{}\n"),
        ]);
        let imported = import_archive(&zip).unwrap().unwrap();
        assert_eq!((imported.responses.len(), imported.said.len()), (20, 2));
        assert_eq!(imported.said[0], "All 20 responses are here.");
        let (config, _, handoff): JobPart = serde_json::from_str(&imported.job.unwrap()).unwrap();
        assert_eq!((handoff.imported.len(), handoff.missing, imported.missing.as_str()), (2, 0, ""));
        assert_eq!(config, job().config);
    }

    #[test]
    fn one_of_two_models_is_chosen_and_what_is_missing_of_it_is_asked_again() {
        let asked = job().model;
        let lines = whole();
        let other = lines[..1].concat().replace(&asked, "Llama");
        let zip = folder(&[("results/a.jsonl", (other + &lines[1..].concat()).as_bytes())]);
        let chosen =
            |name: Option<&str>| with_archive(&zip, &|returned| returned.imported(name)).unwrap().unwrap();
        let both = chosen(None);
        assert!(both.refusal.is_some_and(|refusal| refusal.starts_with("Results of 2 models")));
        assert_eq!((both.responses.len(), both.served.len()), (0, 2));
        let n_other = both.served.iter().find(|(name, _)| name == "Llama").unwrap().1;
        let one = chosen(Some("Llama"));
        assert_eq!((one.refusal, one.served.len(), one.responses.len()), (None, 0, n_other));
        let (_, model, handoff): JobPart = serde_json::from_str(&one.job.unwrap()).unwrap();
        assert_eq!((model.name.as_str(), handoff.served.as_deref()), ("Llama", Some("Llama")));
        assert_eq!(handoff.missing, 20 - n_other);
        assert!(!one.missing.is_empty());
    }

    #[test]
    fn what_was_unpacked_of_a_cut_file_counts() {
        let packed = gzip(whole().concat().as_bytes());
        let zip = folder(&[("results/a.jsonl.gz", &packed[..packed.len() / 2])]);
        let imported = import_archive(&zip).unwrap().unwrap();
        assert!(
            imported.said.contains(&"1 line cut off at the end of job/results/a.jsonl.gz.".to_owned()),
            "{:?}",
            imported.said
        );
        assert!(!imported.missing.is_empty());
    }

    #[test]
    fn results_without_their_job_are_refused_and_other_archives_left_alone() {
        let zip = archive::write(&[("a.jsonl", &b"{}"[..])]).unwrap();
        assert!(import_archive(&zip).unwrap().is_none());
        let error = Head::default().open().unwrap_err().to_string();
        assert!(error.contains("choose them together with its job.json"), "{error}");
    }

    #[test]
    fn the_name_says_what_a_file_is() {
        for (path, role) in [
            ("concord-job-1/job.json", Role::Job),
            ("prompts.jsonl", Role::Prompts),
            ("a\\manifest.json", Role::Manifest),
            ("results/results-gen-00000.jsonl", Role::Results),
            ("results/.part-gen-00000.next.jsonl", Role::Results),
            ("batch_1_error.jsonl.gz", Role::Results),
            ("requests-gen-00000.jsonl", Role::Other),
            ("results/results-embed-00000.jsonl", Role::Vectors),
            ("results/.part-embed-00000.jsonl", Role::Vectors),
            ("results/.rest-gen-00000.jsonl", Role::Other),
            ("results/.lock-gen-00000", Role::Other),
            ("__MACOSX/results/._results-gen-00000.jsonl", Role::Other),
            ("results/openai.json", Role::Other),
        ] {
            assert_eq!(Role::of(path), role, "{path}");
        }
    }
}
