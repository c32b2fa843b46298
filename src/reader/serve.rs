//! A run on a server: requests under way side by side, whose samples go to the page as they end.

use std::{collections::BTreeSet, rc::Rc};

use futures_channel::mpsc::{UnboundedSender, unbounded};
use wasm_bindgen_futures::spawn_local;

use super::{
    came::Came,
    connect::{header, other_answered},
    job::{bad_input, job_of},
};
use crate::{
    browser::{calls, clock},
    data::{Handoff, InOrder, Language, ModelRecord},
    job::{Asking, Choice, Job, base_seed, is_same_model},
    protocol::{Fault, Progress, ReadAnswer, ServeEnd, Stage},
    server::{
        AnswerError, AnswerReader, Found, Growth, ServerAddress, ServerKey, model_name,
        pace::{Verdict, verdict},
        refusal_message, request_body, shown,
        work::{Counts, Next, Order, Outcome, Work},
    },
};

/// The page hears at least this often, in milliseconds.
const TELL_EVERY_MS: u32 = 500;
/// Most bytes that are read of a refusal.
const MOST_REFUSAL: usize = 1 << 16;

/// What a request or a timer says to the loop.
enum Said {
    /// Samples of a request have grown.
    Grown(Order, Vec<Growth>),
    /// A sample of a request has ended.
    Sample(Order, Choice, Option<String>),
    /// A request has.
    Ended(Order, Outcome),
    /// It is time.
    Time,
}

/// What all requests share.
struct Server {
    found: Found,
    address: ServerAddress,
    key: Option<ServerKey>,
    job: Job,
    /// The place of a prompt, and a language.
    rows: Vec<(usize, Language)>,
}

impl Server {
    /// The prompt and the language of a request.
    fn row(&self, order: Order) -> (&str, &Language) {
        let (line, language) = &self.rows[order.row];
        (&self.job.prompts[*line].id, language)
    }
}

/// Runs to the end, and says how far it is and what has come.
///
/// # Errors
/// Where there is nothing to run.
pub(super) async fn serve(
    server: &str,
    key: Option<ServerKey>,
    job: &str,
    finished: &[(usize, usize, u32)],
    say: &dyn Fn(ReadAnswer, Vec<u8>),
) -> Result<ReadAnswer, Fault> {
    let found = serde_json::from_str::<Found>(server).ok();
    let found = found.and_then(|found| Some((ServerAddress::parse(&found.base).ok()?, found)));
    let (address, found) =
        found.ok_or_else(|| bad_input("look for the server first, then start the run".to_owned()))?;
    let (job, _) = job_of(job)?;
    let finished: BTreeSet<_> = finished.iter().collect();
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for (line, prompt) in job.prompts.iter().enumerate() {
        for (at, language) in job.config.languages.iter().enumerate() {
            if prompt.text.contains_key(language) {
                rows.push((line, language.clone()));
                let is_missing = |sample: &u32| !finished.contains(&(line, at, *sample));
                missing.push((0..job.config.n).filter(is_missing).collect::<Vec<u32>>());
            }
        }
    }
    let n_finished = rows.len() * job.config.n as usize - missing.iter().map(Vec::len).sum::<usize>();
    let per_request = found.can.samples_per_request(job.config.n);
    let mut work = Work::new(missing, per_request, job.config.temperature > 0.0);
    let server = Rc::new(Server { found, address, key, job, rows });
    let mut came = Came::default();
    let stopped = ended(&server, &mut work, n_finished, &mut came, say).await;
    let has_stopped = stopped.is_some();
    let end = ServeEnd {
        has_stopped,
        problems: last_words(&server, &work, stopped, &came),
        job: part(&server, &work, &came),
    };
    Ok(ReadAnswer::Serving { progress: progress(&work, n_finished), updates: Vec::new(), end: Some(end) })
}

/// The part of a session that says what the run was.
fn part(server: &Server, work: &Work, came: &Came) -> String {
    let Server { found, job, .. } = server;
    let Counts { n_samples, n_done, .. } = work.counts();
    let only_other = came.others.iter().next().filter(|_| came.others.len() == 1).cloned();
    let handoff = Handoff {
        job: job.hash().to_owned(),
        server: found.can.kind.dialect().as_str().to_owned(),
        served: only_other.or_else(|| found.can.served.as_deref().map(|name| model_name(name).to_owned())),
        samples_per_request: if work.is_one_at_a_time() {
            1
        } else {
            found.can.samples_per_request(job.config.n)
        },
        imported: Vec::new(),
        missing: n_samples - n_done,
        live: Some(found.record()),
    };
    let model = ModelRecord { name: model_name(&job.model).to_owned(), ..ModelRecord::default() };
    // Records of texts and finite numbers always have a JSON.
    serde_json::to_string(&(&job.config, model, handoff)).unwrap_or_default()
}

/// The loop; says why it has stopped by itself, where it has.
async fn ended(
    server: &Rc<Server>,
    work: &mut Work,
    n_finished: usize,
    came: &mut Came,
    say: &dyn Fn(ReadAnswer, Vec<u8>),
) -> Option<String> {
    let (sender, mut heard) = unbounded::<Said>();
    let mut timer_ms = f64::INFINITY;
    let tell = |work: &Work, came: &mut Came| {
        let progress = progress(work, n_finished);
        let updates = came.take_updates();
        say(ReadAnswer::Serving { progress, updates, end: None }, std::mem::take(&mut came.lines));
    };
    let stopped = loop {
        let now_ms = clock::now_ms();
        let until_ms = match work.next(now_ms) {
            Next::Send(order) => {
                spawn_local(request(Rc::clone(server), order, sender.clone()));
                continue;
            }
            Next::Wait { until_ms } => until_ms.unwrap_or(f64::INFINITY),
            Next::Done => break None,
            Next::Stopped(stopped) => break Some(stopped),
        };
        let due_ms = until_ms.min(now_ms + f64::from(TELL_EVERY_MS));
        if due_ms < timer_ms || timer_ms < now_ms {
            timer_ms = due_ms;
            let (sender, wait) = (sender.clone(), (due_ms - now_ms).max(1.0) as u32);
            spawn_local(async move {
                clock::sleep(wait).await;
                // Not heard once the run is over.
                let _sent = sender.unbounded_send(Said::Time);
            });
        }
        let Ok(said) = heard.recv().await else { break None };
        let mut all = vec![said];
        while let Ok(said) = heard.try_recv() {
            all.push(said);
        }
        let has_time = all.iter().any(|said| matches!(said, Said::Time));
        for said in all {
            hear(server, work, said, came);
        }
        if has_time {
            timer_ms = f64::INFINITY;
        }
        if has_time || !came.lines.is_empty() {
            tell(work, came);
        }
    };
    tell(work, came);
    stopped.map(|stopped| stopped.to_string())
}

fn hear(server: &Server, work: &mut Work, said: Said, came: &mut Came) {
    match said {
        Said::Time => {}
        Said::Grown(order, grown) => {
            grown.iter().for_each(|growth| came.grow(order, growth, server.row(order)));
        }
        Said::Ended(order, outcome) => {
            if outcome != Outcome::Answered {
                came.begin_anew(order, server.row(order));
            }
            work.ended(order.id, outcome, clock::now_ms(), js_sys::Math::random());
        }
        Said::Sample(order, choice, served) => {
            let (index, (prompt_id, language)) = (choice.index, server.row(order));
            came.end(order.row, order.first + index);
            match choice.response(prompt_id, language, order.first + index) {
                Err(why) => work.spoiled(order.id, index, why.to_string()),
                Ok(mut response) => {
                    if work.sample(order.id, index, &response.text).is_some() {
                        let other = served.filter(|served| !is_same_model(&server.job.model, served));
                        response.model = other.map(|other| model_name(&other).to_owned());
                        came.take(&response);
                    }
                }
            }
        }
    }
}

/// Sends a request and reads its answer as it comes.
async fn request(server: Rc<Server>, order: Order, to: UnboundedSender<Said>) {
    let outcome = asked(&server, order, &to).await;
    let _sent = to.unbounded_send(Said::Ended(order, outcome));
}

async fn asked(server: &Server, order: Order, to: &UnboundedSender<Said>) -> Outcome {
    let (line, language) = &server.rows[order.row];
    let (job, can) = (&server.job, &server.found.can);
    let prompt = &job.prompts[*line];
    let asking = Asking {
        model: &job.model,
        text: prompt.text.get(language).map_or("", String::as_str),
        base_seed: base_seed(job.config.seed, &prompt.id, language),
        first: order.first,
        count: order.count,
        max_tokens: job.max_tokens(),
        has_logprobs: can.logprobs,
    };
    let body = request_body(can.kind, &job.config, &asking);
    let url = server.address.url("/chat/completions");
    let header = server.key.as_ref().map(|key| header(key, server.found.has_own_header));
    let failed =
        |message: &str| Outcome::Failed { message: message.to_owned(), is_busy: false, retry_after: None };
    let Ok((status, mut stream)) = calls::call(calls::Call { url: &url, body: Some(&body), header }).await
    else {
        return failed("the server does not answer");
    };
    let (mut reader, mut part, mut refusal) = (AnswerReader::new(order.count), Vec::new(), Vec::new());
    let is_answer = verdict(status) == Verdict::Answered;
    let mut served = None;
    loop {
        match stream.read_into(&mut part).await {
            Ok(true) if is_answer => {
                let pushed = reader.push(&part);
                served = reader.model().map(str::to_owned).or(served);
                for choice in reader.take_ended() {
                    let _sent = to.unbounded_send(Said::Sample(order, choice, served.clone()));
                }
                let _sent = to.unbounded_send(Said::Grown(order, reader.take_grown()));
                if let Err(error) = pushed {
                    return unreadable(&error, server.key.as_ref());
                }
            }
            Ok(true) if refusal.len() < MOST_REFUSAL => refusal.extend_from_slice(&part),
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => return failed("the answer was cut off"),
        }
    }
    if !is_answer {
        let message = match status {
            0 => "it sends this page on to another address".to_owned(),
            _ => shown(&refusal_message(&refusal), server.key.as_ref()),
        };
        return match verdict(status) {
            Verdict::Again { is_busy } => {
                Outcome::Failed { message: format!("{status}: {message}"), is_busy, retry_after: None }
            }
            Verdict::Stop => Outcome::TurnedAway { message: format!("{status}: {message}") },
            Verdict::Refused | Verdict::Answered => Outcome::Refused { status, message },
        };
    }
    match reader.finish() {
        Ok(answer) => {
            for choice in answer.choices {
                let _sent = to.unbounded_send(Said::Sample(order, choice, answer.model.clone()));
            }
            Outcome::Answered
        }
        Err(error) => unreadable(&error, server.key.as_ref()),
    }
}

fn unreadable(error: &AnswerError, key: Option<&ServerKey>) -> Outcome {
    let message = shown(&error.to_string(), key);
    match error {
        AnswerError::Server { status: Some(status), .. } if !error.may_pass() => {
            Outcome::Refused { status: *status, message }
        }
        _ if error.may_pass() => Outcome::Failed { message, is_busy: false, retry_after: None },
        _ => Outcome::TurnedAway { message },
    }
}

fn progress(work: &Work, n_finished: usize) -> Progress {
    let Counts { n_samples, n_done, n_given_up, n_under_way, .. } = work.counts();
    let n_over = n_finished + n_done + n_given_up;
    let of_all = Progress::of(Stage::Generate, n_over as f64, (n_finished + n_samples) as f64);
    Progress { rows_live: n_under_way as u32, ..of_all }
}

/// What a person should know of the run, a sentence each.
fn last_words(server: &Server, work: &Work, stopped: Option<String>, came: &Came) -> Vec<String> {
    let mut words: Vec<String> =
        stopped.map(|why| format!("The run has stopped: {why}.")).into_iter().collect();
    let Counts { n_given_up, .. } = work.counts();
    if work.is_one_at_a_time() {
        words.push("This server gives one sample a request; Concord asked n times.".to_owned());
    }
    words.extend(came.others.iter().map(|served| other_answered(&server.job.model, served)));
    let mut messages: Vec<(&str, usize)> = work.messages().collect();
    messages.order_by_key(|(_, n)| std::cmp::Reverse(*n));
    let is_missing = if n_given_up == 1 { "response is missing" } else { "responses are missing" };
    words.extend((n_given_up > 0).then(|| format!("{n_given_up} {is_missing}.")));
    words.extend(messages.iter().take(3).map(|(message, n)| format!("{n} × {message}.")));
    words
}
