//! A server that is asked instead of a model in this page: found, and run.

use std::{cell::Cell, collections::HashMap};

use leptos::prelude::*;

use super::{
    super::{
        client::JobEvent,
        latest,
        reader::{self, Stop},
        state::{ActiveJob, Activity, Server, Workbench},
        words,
    },
    responses::made_of,
};
use crate::{
    browser::fetch,
    data::{ImportedResponses, InOrder, Response, Session},
    job::JobRequest,
    protocol::{Answer, BuildOutcome, BuildRequest, Fault, FaultCode, ReadAnswer, ReadRequest, TokenUpdate},
    server::ServerKey,
};

thread_local! {
    /// How often a server was looked for; what an older search found is not taken.
    static N_ASKED: Cell<u32> = const { Cell::new(0) };
}

/// What was found at an address.
#[derive(Clone, Default, PartialEq)]
pub struct Said {
    /// A sentence each.
    pub lines: Vec<String>,
    /// Commands to copy.
    pub commands: Vec<String>,
    /// The server's models, the one that is asked first.
    pub models: Vec<String>,
}

impl Said {
    /// A sentence alone.
    pub fn line(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], ..Self::default() }
    }
}

/// Looks for a server, which makes the responses from now on where it is found. `model` is the one to be asked; the server's
/// first where it is empty. `None` where another search has begun meanwhile.
pub async fn connect(page: Workbench, address: String, key: &str, model: String) -> Option<Said> {
    let is_last = latest::ask(&N_ASKED);
    page.server.set(None);
    let found = found(address, key, model).await;
    if !is_last() {
        return None;
    }
    match found {
        Ok((server, said)) => {
            page.server.set(server);
            Some(said)
        }
        Err(fault) => Some(Said::line(words::sentence(&fault.message))),
    }
}

/// What stands at an address: a server, where one is found that can be used, and what there is to say.
///
/// The first request is the page's own, so that a browser asks for leave where the person pressed.
///
/// # Errors
/// The key cannot be one, or the program that asks could not be fetched.
pub async fn found(address: String, key: &str, model: String) -> Result<(Option<Server>, Said), Fault> {
    let key = ServerKey::parse(key).map_err(|error| Fault::new(FaultCode::BadInput, error.to_string()))?;
    let has_key = key.is_some();
    let at = reader::connect(ReadRequest::Reach { address: address.clone(), has_key }).await?;
    let answer = match at {
        ReadAnswer::Reach(url) => {
            let is_there = fetch::is_there(&url).await;
            reader::connect(ReadRequest::Connect { address, key: key.clone(), model, is_there }).await?
        }
        said => said,
    };
    let ReadAnswer::Connected { server: found, base, models, lines, commands } = answer else {
        let message = "the page and its reader are of different versions; reload the page";
        return Err(Fault::new(FaultCode::Internal, message));
    };
    let server = models.first().cloned().map(|model| Server { found, base, model, key });
    Ok((server, Said { lines, commands, models }))
}

/// The page's job on a server: its responses, as a session that nothing has compared yet.
///
/// # Errors
/// The program that asks could not be fetched, or there is nothing to run.
pub(super) async fn build(
    page: Workbench,
    server: Server,
    request: BuildRequest,
    on_event: impl Fn(JobEvent),
) -> Result<Answer, Fault> {
    page.active.set(ActiveJob { activity: Activity::Building, id: None, is_cancelling: false });
    let built = built(server, request, on_event, |stop| page.stop.set_value(Some(stop))).await;
    page.stop.set_value(None);
    page.active.update(|active| active.activity = Activity::Idle);
    built.map(|outcome| Answer::Built(Box::new(outcome)))
}

/// A run on a server; `begun` gets what stops it.
///
/// # Errors
/// As [`build`].
pub async fn built(
    server: Server,
    request: BuildRequest,
    on_event: impl Fn(JobEvent),
    begun: impl FnOnce(Stop),
) -> Result<BuildOutcome, Fault> {
    let BuildRequest { prompts, config, finished: mut all, created, .. } = request;
    let lines: HashMap<String, usize> = prompts.iter().map(|prompt| prompt.id.clone()).zip(0..).collect();
    let place = |response: &Response| {
        let prompt = lines.get(&response.prompt_id).copied();
        let language = config.languages.iter().position(|language| *language == response.language);
        (prompt.unwrap_or_default(), language.unwrap_or_default(), response.sample)
    };
    let job = JobRequest {
        model: server.model,
        config: config.clone(),
        prompts: prompts.clone(),
        created,
        ..JobRequest::default()
    };
    let asked = ReadRequest::Serve {
        server: server.found,
        key: server.key,
        // A record of texts and finite numbers always has a JSON.
        job: serde_json::to_string(&job).unwrap_or_default(),
        finished: all.iter().map(place).collect(),
    };
    let took = |progress, updates: Vec<TokenUpdate>, responses: Vec<Response>| {
        on_event(JobEvent::Progress(progress));
        on_event(JobEvent::Tokens(updates));
        if !responses.is_empty() {
            all.extend(responses.iter().cloned());
            on_event(JobEvent::Responses(responses));
        }
    };
    let end = reader::serve(asked, begun, took).await?;
    all.order_by_key(place);
    let cancelled = end.as_ref().is_none_or(|end| end.has_stopped);
    let (problems, job) = end.map(|end| (end.problems, end.job)).unwrap_or_default();
    if cancelled {
        let session = Session { responses: all, ..Session::default() };
        return Ok(BuildOutcome { session, cancelled, problems });
    }
    if all.is_empty() {
        return Err(Fault::new(FaultCode::BadInput, problems.join(" ")));
    }
    let imported =
        ImportedResponses { responses: all, prompts, job: Some(job), ..ImportedResponses::default() };
    Ok(BuildOutcome { session: made_of(imported, config).await?, cancelled, problems })
}
