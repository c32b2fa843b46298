//! The page's side of the program that reads foreign files: one worker for each piece of work, gone when it has answered.

use std::cell::RefCell;

use futures_channel::mpsc;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, Event, MessageEvent, Worker};

use super::slices::in_slices;
use crate::{
    browser::{download, port, worker::Program},
    data::{Imported, ImportedResponses, Language, Prompt, ResponseMapping},
    protocol::{Fault, FaultCode, ReadAnswer, ReadRequest, ResponseLine},
};

thread_local! {
    static PROGRAM: RefCell<Option<Program>> = const { RefCell::new(None) };
}

/// Reads files as one prompt set.
///
/// # Errors
/// The program could not be fetched, or the files stopped it. That the files are no prompt set is said in the answer.
pub async fn read_prompts(request: ReadRequest, files: &[Blob]) -> Result<Imported, Fault> {
    match ask(request, files).await? {
        (ReadAnswer::Prompts(imported), Some(lines)) => {
            let prompts: Vec<Prompt> = records(&lines.to_vec()).await?;
            Ok(Imported { prompts, ..*imported })
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

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
/// The program could not be fetched, or the files stopped it. That the files hold no responses is said in the answer.
pub async fn read_responses(
    request: ReadResponses,
    files: Vec<(String, Blob)>,
) -> Result<ImportedResponses, Fault> {
    let ReadResponses { mapping, prompts, anchor } = request;
    let mut lines = String::new();
    let mut left = prompts.iter();
    in_slices(|| {
        let Some(prompt) = left.next() else { return false };
        // A prompt is a plain record, which always has a JSON.
        if let Ok(line) = serde_json::to_string(prompt) {
            lines.push_str(&line);
            lines.push('\n');
        }
        true
    })
    .await;
    let unreadable =
        || Fault::new(FaultCode::BadInput, "the prompts could not be handed to the reader; try again");
    let of_prompts = download::text_blob("application/jsonl", &lines).map_err(|_refused| unreadable())?;
    let (names, blobs): (Vec<String>, Vec<Blob>) = files.into_iter().unzip();
    let blobs: Vec<Blob> = std::iter::once(of_prompts).chain(blobs).collect();
    match ask(ReadRequest::Responses { names, mapping: Box::new(mapping), anchor }, &blobs).await? {
        (ReadAnswer::Responses(imported), Some(lines)) => {
            let mut imported = ImportedResponses { prompts, ..*imported };
            for line in records(&lines.to_vec()).await? {
                match line {
                    ResponseLine::Prompt(prompt) => imported.prompts.push(prompt),
                    ResponseLine::Response(response) => imported.responses.push(response),
                }
            }
            Ok(imported)
        }
        (answer, _) => Err(unexpected(answer)),
    }
}

/// Turns lines of JSON into another kind of file.
///
/// # Errors
/// The program could not be fetched, or a line does not fit its columns.
pub async fn written(request: ReadRequest, lines: &Blob) -> Result<Uint8Array, Fault> {
    match ask(request, std::slice::from_ref(lines)).await? {
        (ReadAnswer::File, Some(file)) => Ok(file),
        (answer, _) => Err(unexpected(answer)),
    }
}

/// Records that came as lines of JSON, read one by one.
async fn records<T: serde::de::DeserializeOwned>(lines: &[u8]) -> Result<Vec<T>, Fault> {
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

/// A worker that is stopped when it is no longer waited for.
struct Reader {
    worker: Worker,
    said: mpsc::UnboundedReceiver<Option<JsValue>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Reader {
    fn start(program: &Program) -> Result<Self, JsValue> {
        let worker = program.start()?;
        let (sender, said) = mpsc::unbounded();
        let on_error = sender.clone();
        // The receiver lives as long as the handlers.
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let _sent = sender.unbounded_send(Some(event.data()));
        });
        let on_error = Closure::<dyn Fn(Event)>::new(move |_event| {
            let _sent = on_error.unbounded_send(None);
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, said, _on_message: on_message, _on_error: on_error })
    }

    /// What it says next, and the bytes beside it.
    async fn answer(&mut self) -> Result<(ReadAnswer, Option<Uint8Array>), Fault> {
        let stopped = || {
            let message = "the file stopped what reads it: it is damaged, or too large for this browser";
            Fault::new(FaultCode::BadInput, message)
        };
        let data = self.said.recv().await.ok().flatten().ok_or_else(stopped)?;
        let (answer, files) = port::open(&data).map_err(|_other| versions())?;
        Ok((answer, files.map(|files| Array::from(&files).get(0).unchecked_into())))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

async fn ask(request: ReadRequest, files: &[Blob]) -> Result<(ReadAnswer, Option<Uint8Array>), Fault> {
    let program = match PROGRAM.with_borrow(Clone::clone) {
        Some(program) => program,
        None => {
            let fetched = Program::named("reader").await.map_err(|_reason| missing())?;
            PROGRAM.with_borrow_mut(|kept| kept.insert(fetched).clone())
        }
    };
    let mut reader = Reader::start(&program).map_err(|_reason| missing())?;
    if !matches!(reader.answer().await?, (ReadAnswer::Ready, _)) {
        return Err(versions());
    }
    let files: JsValue = files.iter().collect::<Array>().into();
    let sent =
        port::envelope(&request, Some(&files)).and_then(|message| reader.worker.post_message(&message));
    sent.map_err(|_reason| Fault::new(FaultCode::BadInput, "a file could not be read; pick it again"))?;
    reader.answer().await
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
