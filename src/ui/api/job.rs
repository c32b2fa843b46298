//! A request to the worker as a script makes it: callbacks and an abort signal in, a plain value or an `Error` out.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Float32Array, Function, Object, Reflect};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::{
    super::{
        actions::server,
        client::{self, JobEvent},
        reader::Stop,
    },
    values::{bad_input, js_error, member, to_js},
};
use crate::protocol::{Answer, BuildRequest, Fault, FaultCode, Request};

/// Runs a request; `onProgress`, `onToken`, `onResponses`, `onInterrupted` and `signal` are read from `options`.
pub(super) async fn answer(
    request: Request,
    files: Option<JsValue>,
    options: &JsValue,
) -> Result<JsValue, JsValue> {
    let signal = signal(options)?;
    let job = client::run(request, files, listener(options));
    let id = job.id;
    let answer = heeding(signal, move || client::cancel(id), job.answer).await?;
    js_from_answer(answer.map_err(js_error)?)
}

/// The server of a run, as a script names it.
#[derive(Deserialize)]
pub(super) struct ServerOptions {
    address: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    model: String,
}

/// A run on a server, with the same callbacks.
pub(super) async fn answer_of_server(
    asked: ServerOptions,
    request: BuildRequest,
    options: &JsValue,
) -> Result<JsValue, JsValue> {
    let (ServerOptions { address, key, model }, signal) = (asked, signal(options)?);
    let (server, said) = server::found(address, &key, model).await.map_err(js_error)?;
    let server = server.ok_or_else(|| bad_input(&[said.lines, said.commands].concat().join(" ")))?;
    let stop: Rc<RefCell<Option<Stop>>> = Rc::default();
    let begun = {
        let (stop, is_aborted) = (Rc::clone(&stop), signal.as_ref().is_some_and(AbortSignal::aborted));
        move |begun: Stop| {
            // It was given while the server was looked for.
            let _sent = is_aborted.then(|| begun.unbounded_send(None));
            stop.replace(Some(begun));
        }
    };
    let on_abort = move || {
        // After the run's end nobody listens.
        let _sent = stop.borrow().as_ref().map(|stop| stop.unbounded_send(None));
    };
    let outcome = heeding(signal, on_abort, server::built(server, request, listener(options), begun)).await?;
    js_from_answer(Answer::Built(Box::new(outcome.map_err(js_error)?)))
}

/// The signal of a job, which may not have been given before it starts.
fn signal(options: &JsValue) -> Result<Option<AbortSignal>, JsValue> {
    let signal: Option<AbortSignal> = member(options, "signal").and_then(|value| value.dyn_into().ok());
    if signal.as_ref().is_some_and(AbortSignal::aborted) {
        return Err(js_error(Fault::new(FaultCode::Cancelled, "the job was cancelled before it started")));
    }
    Ok(signal)
}

/// What a job gives, and meanwhile `on_abort` is called where the signal is given.
async fn heeding<T>(
    signal: Option<AbortSignal>,
    on_abort: impl Fn() + 'static,
    job: impl Future<Output = T>,
) -> Result<T, JsValue> {
    let on_abort = Closure::<dyn Fn()>::new(on_abort);
    if let Some(signal) = &signal {
        signal.add_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref())?;
    }
    let result = job.await;
    if let Some(signal) = &signal {
        signal.remove_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref())?;
    }
    Ok(result)
}

/// Calls the callbacks of the options.
fn listener(options: &JsValue) -> impl Fn(JobEvent) + use<> {
    let callback =
        |name: &str| -> Option<Function> { member(options, name).and_then(|value| value.dyn_into().ok()) };
    let (on_progress, on_token) = (callback("onProgress"), callback("onToken"));
    let (on_responses, on_interrupted) = (callback("onResponses"), callback("onInterrupted"));
    let call = |callback: &Option<Function>, value: Result<JsValue, JsValue>| {
        if let (Some(callback), Ok(value)) = (callback, value) {
            // An error in the caller's callback is the caller's.
            let _result = callback.call1(&JsValue::UNDEFINED, &value);
        }
    };
    move |event: JobEvent| match event {
        JobEvent::Progress(progress) => call(&on_progress, to_js(&progress)),
        // The page shows it; a script asks for it.
        JobEvent::Memory(_) | JobEvent::Restored(..) => {}
        JobEvent::Interrupted(interruption) => call(&on_interrupted, to_js(&interruption)),
        JobEvent::Tokens(updates) => updates.iter().for_each(|update| call(&on_token, to_js(update))),
        JobEvent::Responses(responses) => call(&on_responses, to_js(&responses)),
    }
}

fn js_from_answer(answer: Answer) -> Result<JsValue, JsValue> {
    match answer {
        Answer::Loaded(info) => to_js(&info),
        Answer::Built(outcome) if outcome.cancelled => {
            let error = js_error(Fault::new(
                FaultCode::Cancelled,
                "the build was cancelled; error.session holds what had finished",
            ));
            Reflect::set(&error, &"session".into(), &to_js(&outcome.session)?)?;
            Err(error)
        }
        Answer::Built(outcome) => with_problems(to_js(&outcome.session)?, &outcome.problems),
        Answer::Measured(outcome) if outcome.cancelled => {
            let error = js_error(Fault::new(
                FaultCode::Cancelled,
                "the measuring was cancelled; error.measurements holds what had been measured",
            ));
            Reflect::set(&error, &"measurements".into(), &to_js(&outcome.measurements)?)?;
            Reflect::set(&error, &"translated".into(), &to_js(&outcome.translated)?)?;
            Err(error)
        }
        Answer::Measured(outcome) => {
            let measured = to_js(&outcome)?;
            Reflect::delete_property(measured.unchecked_ref::<Object>(), &"cancelled".into())?;
            Ok(measured)
        }
        Answer::Generated(responses, problems) => with_problems(to_js(&responses)?, &problems),
        Answer::Translated(problems) => to_js(&problems),
        Answer::Scored(scored) => to_js(&scored),
        Answer::Numbers(numbers) => Ok(Float32Array::from(&numbers[..]).into()),
        Answer::Vectors(vectors, problems) => {
            let vectors: Array = vectors.iter().map(|vector| Float32Array::from(&vector[..])).collect();
            with_problems(vectors.into(), &problems)
        }
        Answer::Ids(ids) => to_js(&ids),
        Answer::Text(text) => Ok(text.into()),
        Answer::Stored(models) => to_js(&models),
        Answer::Counted(report) => to_js(&report),
        Answer::Done => Ok(JsValue::UNDEFINED),
    }
}

/// A result with a member `problems`: what a person should know of it.
fn with_problems(result: JsValue, problems: &[String]) -> Result<JsValue, JsValue> {
    Reflect::set(&result, &"problems".into(), &to_js(problems)?)?;
    Ok(result)
}
