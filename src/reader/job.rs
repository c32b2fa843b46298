//! A job that runs elsewhere: its folder out, and the results that came back in.

use crate::{
    data::{
        archive::{ArchiveError, Packer},
        languages_of,
    },
    job::{Folder, Form, ImportError, Job, JobRequest, Plan, Role},
    protocol::{Fault, FaultCode},
};

/// Bytes at the beginning of a file in which the name of a request is looked for.
const SEEN_BYTES: usize = 4 << 10;

/// The folder of a job as a zip archive, and its name; the [`JobRequest`] as JSON.
///
/// # Errors
/// Where the prompts, languages and settings make no job.
pub(super) fn hand_off(request: &str) -> Result<(String, Vec<u8>), Fault> {
    let (job, Asked { form, created }) = job_of(request)?;
    let name = Folder::name(&job);
    let mut packer = Packer::default();
    let mut pack = || {
        for file in Folder::new(Plan::new(&job, form), created.clone()) {
            packer.begin(&format!("{name}/{}", file.name))?;
            packer.push(file.text.as_bytes())?;
        }
        Ok::<_, ArchiveError>(())
    };
    let packed = pack().and_then(|()| packer.finish());
    packed.map(|bytes| (name, bytes)).map_err(|error| bad_input(error.to_string()))
}

/// What is said of a job beside what it is.
pub(super) struct Asked {
    form: Form,
    created: String,
}

/// The job of a [`JobRequest`] as JSON.
///
/// # Errors
/// Where the prompts, languages and settings make no job.
pub(super) fn job_of(request: &str) -> Result<(Job, Asked), Fault> {
    let request: JobRequest = serde_json::from_str(request).map_err(|error| bad_input(error.to_string()))?;
    let JobRequest { model, server, logprobs, mut config, prompts, created } = request;
    if config.languages.is_empty() {
        config.languages = languages_of(&prompts, &config.anchor);
    }
    let job = Job::new(&model, &config, prompts).map_err(|error| bad_input(error.to_string()))?;
    Ok((job, Asked { form: Form { server, has_logprobs: logprobs }, created }))
}

/// Refuses results that have come without their job.
pub(super) fn check_whole(names: &[String], files: &[Vec<u8>]) -> Result<(), Fault> {
    let is_result = |(name, bytes): (&String, &Vec<u8>)| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SEEN_BYTES)]);
        Role::of(name) == Role::Results && head.contains("\"custom_id\"") && head.contains("\"c1_")
    };
    if names.iter().zip(files).any(is_result) { Err(fault(ImportError::NoJob)) } else { Ok(()) }
}

/// What is said of a job that cannot be read.
pub(super) fn fault(error: ImportError) -> Fault {
    bad_input(error.to_string())
}

/// What a person can mend.
pub(super) fn bad_input(message: String) -> Fault {
    Fault::new(FaultCode::BadInput, message)
}
