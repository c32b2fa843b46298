//! A request to the worker as a script makes it: callbacks and an abort signal in, a plain value or an `Error` out.

use js_sys::{Array, Float32Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::{
    super::client::{self, JobEvent},
    values::{js_error, member, to_js},
};
use crate::protocol::{Answer, Fault, FaultCode, Request};

/// Runs a request; `onProgress`, `onToken`, `onResponses`, `onInterrupted` and `signal` are read from `options`.
pub(super) async fn answer(
    request: Request,
    files: Option<JsValue>,
    options: &JsValue,
) -> Result<JsValue, JsValue> {
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
    let on_event = move |event: JobEvent| match event {
        JobEvent::Progress(progress) => call(&on_progress, to_js(&progress)),
        // The page shows it; a script asks for it.
        JobEvent::Memory(_) | JobEvent::Restored(..) => {}
        JobEvent::Interrupted(interruption) => call(&on_interrupted, to_js(&interruption)),
        JobEvent::Tokens(updates) => updates.iter().for_each(|update| call(&on_token, to_js(update))),
        JobEvent::Responses(responses) => call(&on_responses, to_js(&responses)),
    };
    let signal: Option<AbortSignal> = member(options, "signal").and_then(|value| value.dyn_into().ok());
    if signal.as_ref().is_some_and(AbortSignal::aborted) {
        return Err(js_error(Fault::new(FaultCode::Cancelled, "the job was cancelled before it started")));
    }
    let job = client::run(request, files, on_event);
    let id = job.id;
    let on_abort = Closure::<dyn Fn()>::new(move || client::cancel(id));
    if let Some(signal) = &signal {
        signal.add_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref())?;
    }
    let result = job.answer.await;
    if let Some(signal) = &signal {
        signal.remove_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref())?;
    }
    js_from_answer(result.map_err(js_error)?)
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
