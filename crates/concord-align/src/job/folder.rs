//! The files of a job's folder: what a server or a cluster gets.

use serde::{Deserialize, Serialize};

use super::{Dialect, JOB_SCHEMA, Job, Plan, TrainFacts, gamma_of, not_sent, train_files};
use crate::align::BatchSettings;
use crate::data::{AppRecord, SessionConfig, Tally};

/// What the names of request files begin with.
pub const SHARD_PREFIX: &str = "requests-gen-";

/// The scripts that run a job, by their names in the folder.
const RUN: [(&str, &str); 6] = [
    ("run/vllm.sh", include_str!("recipes/run/vllm.sh")),
    ("run/vllm.sbatch", include_str!("recipes/run/vllm.sbatch")),
    ("run/server.py", include_str!("recipes/run/server.py")),
    ("run/openai_batch.py", include_str!("recipes/run/openai_batch.py")),
    ("run/ray_data.py", include_str!("recipes/run/ray_data.py")),
    ("run/sky.yaml", include_str!("recipes/run/sky.yaml")),
];

/// What to do with the folder; words between @ are filled in.
const READ_ME: &str = include_str!("recipes/job.md");
/// What `results/` holds before there are any.
const RESULTS_READ_ME: &str = "Results of the job come here.\n";

/// `manifest.json`: what the folder holds, and the settings that choose among the responses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always [`JOB_SCHEMA`].
    pub schema: String,
    /// The job's hash.
    pub job: String,
    /// When the folder was made, ISO 8601.
    pub created: String,
    /// The program that made it.
    pub app: AppRecord,
    /// The model that is asked.
    pub model: AskedModel,
    /// The kind of server that the requests are for.
    pub server: Dialect,
    /// Whether the requests ask for log-probs.
    #[serde(default = "is_asked")]
    pub logprobs: bool,
    /// Samples of one request.
    pub samples_per_request: u32,
    /// All settings of the run.
    pub config: SessionConfig,
    /// The files whose bytes matter.
    pub files: Vec<ManifestFile>,
    /// Requests of the whole job.
    pub n_requests: usize,
    /// Responses of the whole job.
    pub n_responses: usize,
}

/// A model by the name that its server knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedModel {
    /// The name.
    pub asked: String,
    /// Other names that its server may give it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Never known: the server has the file.
    pub sha256: Option<String>,
}

/// Folders of earlier versions do not say, and all asked.
fn is_asked() -> bool {
    true
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestFile {
    /// Its name.
    pub name: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its lines.
    pub lines: usize,
    /// The first and the last prompt that it asks, by their lines; `None` where it is no file of requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts: Option<(usize, usize)>,
}

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// Its path in the folder, with `/`.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// Whether it is to be run.
    pub is_program: bool,
}

/// Makes the files of a folder one by one, so that only one is in memory. The manifest is the last.
#[derive(Debug)]
pub struct Folder<'a> {
    plan: Plan<'a>,
    manifest: Manifest,
    step: Step,
    next_prompt: usize,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Job,
    Prompts,
    Shards,
    Run(usize),
    Train(usize),
    Results,
    ReadMe,
    Manifest,
    End,
}

impl<'a> Folder<'a> {
    /// The folder of a plan; `created` is the time in ISO 8601. It stands in the manifest alone: all else depends on the plan only.
    pub fn new(plan: Plan<'a>, created: String) -> Self {
        let job = plan.job();
        let manifest = Manifest {
            schema: JOB_SCHEMA.to_owned(),
            job: job.hash().to_owned(),
            created,
            app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
            model: AskedModel { asked: job.model.clone(), aliases: job.aliases.clone(), sha256: None },
            server: plan.dialect(),
            logprobs: plan.form().has_logprobs,
            samples_per_request: plan.samples_per_request(),
            config: job.config.clone(),
            files: Vec::new(),
            n_requests: 0,
            n_responses: job.n_responses(),
        };
        Self { plan, manifest, step: Step::Job, next_prompt: 0 }
    }

    /// The folder's own name, `concord-job-7f3a9c21`.
    pub fn name(job: &Job) -> String {
        format!("concord-job-{}", job.short())
    }

    /// How much is done, of 1: prompts whose requests are written.
    pub fn progress(&self) -> f32 {
        self.next_prompt as f32 / self.plan.job().prompts.len().max(1) as f32
    }

    fn counted(&mut self, name: &str, text: String, prompts: Option<(usize, usize)>) -> FolderFile {
        let mut tally = Tally::default();
        tally.push(text.as_bytes());
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        self.manifest.files.push(ManifestFile {
            name: name.to_owned(),
            sha256: tally.sha256(),
            lines,
            prompts,
        });
        file(name, text)
    }

    /// Batches as the page composes them where nobody says otherwise; an export in training order brings its own recipes.
    fn train_facts(&self) -> TrainFacts {
        let (config, settings) = (&self.plan.job().config, BatchSettings::default());
        let n_languages = config.languages.len() as u32
            - u32::from(!config.anchor_pairs && config.languages.contains(&config.anchor));
        TrainFacts {
            model: self.plan.job().model.clone(),
            n_languages,
            batch_rows: n_languages * settings.groups_per_batch,
            batches_per_step: settings.batches_per_step,
            seed: config.seed,
            gamma: gamma_of(config.task),
        }
    }

    fn read_me(&self) -> String {
        let job = self.plan.job();
        let mut notes = String::new();
        for note in not_sent(&job.config, self.plan.dialect()) {
            notes += &format!("- {note}\n");
        }
        let n_shards = self.manifest.files.iter().filter(|file| file.prompts.is_some()).count();
        let n_requests = self.manifest.n_requests;
        [
            ("@JOB@", job.short()),
            ("@MODEL@", &job.model),
            ("@SERVER@", self.plan.dialect().as_str()),
            ("@RESPONSES@", &self.manifest.n_responses.to_string()),
            ("@REQUESTS@", &n_requests.to_string()),
            ("@SHARDS@", &n_shards.to_string()),
            ("@LAST_SHARD@", &n_shards.saturating_sub(1).to_string()),
            ("@NOTES@", &notes),
        ]
        .into_iter()
        .fold(READ_ME.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

impl Iterator for Folder<'_> {
    type Item = FolderFile;

    fn next(&mut self) -> Option<FolderFile> {
        let job = self.plan.job();
        loop {
            match self.step {
                Step::Job => {
                    self.step = Step::Prompts;
                    return Some(self.counted("job.json", job.job_json(), None));
                }
                Step::Prompts => {
                    self.step = Step::Shards;
                    let lines = (0..job.prompts.len()).map(|line| job.prompt_line(line)).collect();
                    return Some(self.counted("prompts.jsonl", lines, None));
                }
                Step::Shards => {
                    let Some(shard) = self.plan.shard_from(self.next_prompt) else {
                        self.step = Step::Run(0);
                        continue;
                    };
                    self.next_prompt = shard.prompts.end;
                    self.manifest.n_requests += shard.n_lines;
                    let n_before = self.manifest.files.iter().filter(|file| file.prompts.is_some()).count();
                    let prompts = Some((shard.prompts.start, shard.prompts.end - 1));
                    return Some(self.counted(
                        &format!("{SHARD_PREFIX}{n_before:05}.jsonl"),
                        shard.text,
                        prompts,
                    ));
                }
                Step::Run(at) => {
                    let Some((name, text)) = RUN.get(at) else {
                        self.step = Step::Train(0);
                        continue;
                    };
                    self.step = Step::Run(at + 1);
                    return Some(FolderFile { is_program: true, ..file(name, (*text).to_owned()) });
                }
                Step::Train(at) => {
                    let Some((name, text)) = train_files(&self.train_facts()).into_iter().nth(at) else {
                        self.step = Step::Results;
                        continue;
                    };
                    self.step = Step::Train(at + 1);
                    return Some(FolderFile { is_program: true, ..file(name, text) });
                }
                Step::Results => {
                    self.step = Step::ReadMe;
                    return Some(file("results/README.md", RESULTS_READ_ME.to_owned()));
                }
                Step::ReadMe => {
                    self.step = Step::Manifest;
                    return Some(file("README.md", self.read_me()));
                }
                Step::Manifest => {
                    self.step = Step::End;
                    // A record of texts and numbers always has a JSON.
                    let text = serde_json::to_string_pretty(&self.manifest).unwrap_or_default() + "\n";
                    return Some(file("manifest.json", text));
                }
                Step::End => return None,
            }
        }
    }
}

fn file(name: &str, text: String) -> FolderFile {
    FolderFile { name: name.to_owned(), text, is_program: false }
}
