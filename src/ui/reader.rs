//! The page's side of the program that reads foreign files: one worker for each piece of work, gone when it has answered.

use std::cell::RefCell;

use futures_channel::mpsc;
use js_sys::{Array, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, Event, MessageEvent, Worker};

use super::slices::in_slices;
use crate::{
    browser::{
        download, port,
        worker::{Program, Script},
    },
    data::{Column, Imported, ImportedResponses, Language, Mapping, Prompt, Response, ResponseMapping},
    job::TrainFacts,
    protocol::{Fault, FaultCode, Progress, ReadAnswer, ReadRequest, ServeEnd, TokenUpdate},
};

/// Stops a run on a server, where `None` is sent.
pub type Stop = mpsc::UnboundedSender<Option<JsValue>>;

/// Bytes of a file that are put together at once.
const PART_BYTES: usize = 1 << 20;

thread_local! {
    static PROGRAM: RefCell<Option<Program>> = const { RefCell::new(None) };
}

/// Reads files, each with its name, as one prompt set.
///
/// # Errors
/// The program could not be fetched, or the files stopped it. That the files are no prompt set is said in the answer.
pub async fn read_prompts(
    files: &[(String, Blob)],
    mapping: Mapping,
    anchor: Language,
) -> Result<Imported, Fault> {
    let (names, blobs) = parted(files);
    match ask(ReadRequest::Prompts { names, mapping, anchor }, &blobs).await? {
        (ReadAnswer::Prompts(imported), files) => {
            Ok(Imported { prompts: records(files.first()).await?, ..*imported })
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

/// Reads files, each with its name, as responses to `prompts`, or to the prompts that stand in them where none are given.
///
/// # Errors
/// As for prompts.
pub async fn read_responses(
    files: &[(String, Blob)],
    mapping: ResponseMapping,
    prompts: Vec<Prompt>,
    anchor: Language,
) -> Result<ImportedResponses, Fault> {
    let (names, blobs) = parted(files);
    let mapping = Box::new(mapping);
    match ask(ReadRequest::Responses { names, mapping, prompts, anchor }, &blobs).await? {
        (ReadAnswer::Responses(imported), files) => {
            let (responses, prompts) = (records(files.first()).await?, records(files.get(1)).await?);
            let missing = files.get(3).map(|lines| String::from_utf8_lossy(&lines.to_vec()).into_owned());
            Ok(ImportedResponses {
                responses,
                prompts,
                pairs: records(files.get(2)).await?,
                similarities: records(files.get(4)).await?,
                missing: missing.unwrap_or_default(),
                ..*imported
            })
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

/// The folder of a job, as a zip archive, and its name. What is asked is a [`crate::job::JobRequest`] as JSON.
///
/// # Errors
/// The program could not be fetched, or there is no job in these prompts and settings.
pub async fn hand_off(job: String) -> Result<(String, Vec<u8>), Fault> {
    named(ReadRequest::HandOff { job }).await?.into_iter().next().ok_or_else(versions)
}

/// The recipes that train on pairs in training order, each with its path.
///
/// # Errors
/// The program could not be fetched.
pub async fn recipes(facts: &TrainFacts) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    // A record of texts and numbers always has a JSON.
    let facts = serde_json::to_string(facts).unwrap_or_default();
    named(ReadRequest::Recipes { facts }).await
}

/// Files that come with their names.
async fn named(request: ReadRequest) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    match ask(request, &[]).await? {
        (ReadAnswer::Named(names), files) => {
            Ok(names.into_iter().zip(files.iter().map(Uint8Array::to_vec)).collect())
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

/// Finds the languages of responses that nothing was run for, a slice at a time.
///
/// # Errors
/// The program could not be fetched.
pub async fn find_languages(responses: &mut [Response]) -> Result<(), Fault> {
    let (mut parts, mut line) = (Array::new(), Vec::new());
    let mut left = responses.iter();
    in_slices(|| {
        let Some(response) = left.next() else { return false };
        // A pair of strings always has a JSON.
        if serde_json::to_writer(&mut line, &(&response.text, &response.language)).is_ok() {
            line.push(b'\n');
        }
        if line.len() >= PART_BYTES || left.len() == 0 {
            parts.extend(download::blob_of("", &Array::of1(&Uint8Array::from(line.as_slice()))).ok());
            line.clear();
        }
        true
    })
    .await;
    let lines = download::blob_of("", &parts).map_err(|_refused| versions())?;
    let (ReadAnswer::Languages, files) = ask(ReadRequest::Languages, &[lines]).await? else {
        return Err(versions());
    };
    let found: Vec<Option<Language>> = records(files.first()).await?;
    if found.len() != responses.len() {
        return Err(versions());
    }
    let mut both = responses.iter_mut().zip(found);
    in_slices(|| both.next().map(|(response, found)| response.detected_language = found).is_some()).await;
    Ok(())
}

/// Says what stands at an address, or looks for a server there, and gives the answer.
///
/// # Errors
/// The program could not be fetched.
pub async fn connect(request: ReadRequest) -> Result<ReadAnswer, Fault> {
    match ask(request, &[]).await? {
        (ReadAnswer::Failed(fault), _) => Err(fault),
        (answer, _) => Ok(answer),
    }
}

/// Runs on a server. `begun` gets what stops the run, `took` how far it is, what grows and what has come; gives its end, `None` where it was
/// stopped.
///
/// # Errors
/// The program could not be fetched, or there is nothing to run.
pub async fn serve(
    request: ReadRequest,
    begun: impl FnOnce(Stop),
    mut took: impl FnMut(Progress, Vec<TokenUpdate>, Vec<Response>),
) -> Result<Option<ServeEnd>, Fault> {
    let (mut reader, stop) = started(&request, &[]).await?;
    begun(stop);
    loop {
        let Ok((answer, files)) = reader.answer().await else { return Ok(None) };
        let ReadAnswer::Serving { progress, updates, end } = answer else { return Err(unexpected(answer)) };
        if end.is_some() {
            return Ok(end);
        }
        took(progress, updates, records(files.first()).await?);
    }
}

fn parted(files: &[(String, Blob)]) -> (Vec<String>, Vec<Blob>) {
    files.iter().cloned().unzip()
}

/// Requests for the vectors that the responses of a job lack; its files, each with its name, and an
/// [`crate::job::EmbedSettings`] as JSON.
///
/// # Errors
/// The program could not be fetched, or a file is not as it was written.
pub async fn embed_lines(files: &[(String, Blob)], settings: String) -> Result<Vec<u8>, Fault> {
    let (names, blobs) = parted(files);
    match ask(ReadRequest::EmbedLines { names, settings }, &blobs).await? {
        (ReadAnswer::File, files) => files.first().map(Uint8Array::to_vec).ok_or_else(versions),
        (answer, _) => Err(unexpected(answer)),
    }
}

/// Lines of JSON as Parquet.
///
/// # Errors
/// The program could not be fetched, or a line does not fit its columns.
pub async fn parquet_of(columns: Vec<Column>, lines: Blob) -> Result<Vec<u8>, Fault> {
    match ask(ReadRequest::Parquet { columns }, &[lines]).await? {
        (ReadAnswer::File, files) => files.first().map(Uint8Array::to_vec).ok_or_else(versions),
        (answer, _) => Err(unexpected(answer)),
    }
}

/// Records that came as lines of JSON, read one by one.
async fn records<T: DeserializeOwned>(lines: Option<&Uint8Array>) -> Result<Vec<T>, Fault> {
    let lines = lines.ok_or_else(versions)?.to_vec();
    let mut left = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut found = Ok(Vec::new());
    in_slices(|| {
        let Some(line) = left.next() else { return false };
        match (serde_json::from_slice(line), &mut found) {
            (Ok(record), Ok(all)) => all.push(record),
            (Err(error), _) => found = Err(Fault::new(FaultCode::Internal, error.to_string())),
            (Ok(_), Err(_)) => {}
        }
        found.is_ok()
    })
    .await;
    found
}

/// An answer, and the files beside it.
type Answered = (ReadAnswer, Vec<Uint8Array>);

/// A worker that is stopped when it is no longer waited for.
struct Reader {
    worker: Worker,
    _script: Script,
    said: mpsc::UnboundedReceiver<Option<JsValue>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Reader {
    fn start(program: &Program) -> Result<(Self, Stop), JsValue> {
        let (worker, script) = program.start()?;
        let (sender, said) = mpsc::unbounded();
        let (on_error, stop) = (sender.clone(), sender.clone());
        // The receiver lives as long as the handlers.
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let _sent = sender.unbounded_send(Some(event.data()));
        });
        let on_error = Closure::<dyn Fn(Event)>::new(move |_event| {
            let _sent = on_error.unbounded_send(None);
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let reader = Self { worker, _script: script, said, _on_message: on_message, _on_error: on_error };
        Ok((reader, stop))
    }

    /// What it says next, and the files beside it.
    async fn answer(&mut self) -> Result<Answered, Fault> {
        let stopped = || {
            let message = "the file stopped what reads it: it is damaged, or too large for this browser";
            Fault::new(FaultCode::BadInput, message)
        };
        let data = self.said.recv().await.ok().flatten().ok_or_else(stopped)?;
        let (answer, files) = port::open(&data).map_err(|_other| versions())?;
        let files = files.map(|files| Array::from(&files)).unwrap_or_default();
        Ok((answer, files.iter().map(JsCast::unchecked_into).collect()))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

async fn ask(request: ReadRequest, files: &[Blob]) -> Result<Answered, Fault> {
    started(&request, files).await?.0.answer().await
}

/// A worker that has its work, and what ends the waiting for it.
async fn started(request: &ReadRequest, files: &[Blob]) -> Result<(Reader, Stop), Fault> {
    let program = match PROGRAM.with_borrow(Clone::clone) {
        Some(program) => program,
        None => {
            let fetched = Program::named("reader").await.map_err(|_reason| missing())?;
            PROGRAM.with_borrow_mut(|kept| kept.insert(fetched).clone())
        }
    };
    let (mut reader, stop) = Reader::start(&program).map_err(|_reason| missing())?;
    if !matches!(reader.answer().await?, (ReadAnswer::Ready, _)) {
        return Err(versions());
    }
    let files: JsValue = files.iter().collect::<Array>().into();
    let sent = port::envelope(request, Some(&files)).and_then(|message| reader.worker.post_message(&message));
    sent.map_err(|_reason| Fault::new(FaultCode::BadInput, "a file could not be read; pick it again"))?;
    Ok((reader, stop))
}

fn missing() -> Fault {
    let message =
        "the part of Concord that reads files could not be fetched: check the connection and try again";
    Fault::new(FaultCode::Unreachable, message)
}

fn versions() -> Fault {
    Fault::new(FaultCode::Internal, "the page and its reader are of different versions; reload the page")
}

fn unexpected(answer: ReadAnswer) -> Fault {
    match answer {
        ReadAnswer::Failed(fault) => fault,
        _ => versions(),
    }
}
