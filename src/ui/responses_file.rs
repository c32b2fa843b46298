//! Reading files of responses, behind one call that the page and scripts share.

use web_sys::Blob;

use crate::{
    browser::download,
    data::{ImportedResponses, Language, Prompt, ResponseMapping, SourceFile, import_responses},
    protocol::{Fault, FaultCode},
};

/// What files of responses are read with.
#[derive(Clone, Debug)]
pub struct ReadResponses {
    /// What is said of how they are read.
    pub mapping: ResponseMapping,
    /// The prompts that they answer; none where they stand in the files.
    pub prompts: Vec<Prompt>,
    /// The anchor language.
    pub anchor: Language,
}

/// Reads files of responses, each with its name.
///
/// # Errors
/// When a file cannot be read at all. What is wrong with its contents stands in the result.
pub async fn read_responses(
    request: ReadResponses,
    files: Vec<(String, Blob)>,
) -> Result<ImportedResponses, Fault> {
    let mut sources = Vec::new();
    for (name, blob) in files {
        let Some(bytes) = download::bytes_of(&blob, 0.0, blob.size()).await else {
            let message = format!("{name} could not be read; pick it again");
            return Err(Fault::new(FaultCode::Unreachable, message));
        };
        sources.push(SourceFile::new(name, bytes));
    }
    let ReadResponses { mapping, prompts, anchor } = request;
    Ok(import_responses(sources, &mapping, &prompts, &anchor))
}
