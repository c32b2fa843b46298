//! `generate`: responses to one prompt.

use crate::{
    data::{FinishReason, Language, SessionConfig},
    generate::{Job, LanguageModel, RowEvent, RowId, SampleKey, sampling::stream_id},
    protocol::{Answer, Fault, FaultCode, GenerateRequest, Generated, Progress, Stage},
    worker::{
        generator::Generator,
        prompter::Manner,
        steps::run_steps,
        task::{Host, Task, cancelled},
    },
};

use super::{
    prepare::sampling_settings,
    response_room::{most, room},
    rows::{Rows, StopTexts},
    unwritable::lost_of_input,
};

/// `n` responses to one prompt, in sample order. When cancelled, each as far as it came.
pub(super) async fn generate<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    request: &GenerateRequest,
) -> Result<Answer, Fault> {
    let Generator { model, scheduler, prompter, .. } = generator;
    let problems = lost_of_input(&prompter.tokenizer, &request.input);
    let manner = Manner::of(&request.config);
    let SessionConfig { n, seed, thinking, .. } = request.config;
    let settings = sampling_settings(&request.config);
    let samples = (0..n).map(|sample| SampleKey { sample, stream: stream_id("", "", sample) }).collect();
    let prompted = prompter.prompted(&request.input, manner)?;
    let prompt = prompted.tokens;
    // One prompt alone has no others to be measured for.
    let longest = || most(thinking || prompted.opens_reasoning, room(&scheduler.roomiest(), prompt.len()));
    let max_tokens = request.config.max_tokens.unwrap_or_else(longest);
    let stop_tokens = prompter.tokenizer.end_ids().to_vec();
    let opened = prompted.opens_reasoning.then_some(0).into_iter().collect();
    let sampled_logprobs = true;
    scheduler.add(Job { id: 0, prompt, samples, seed, settings, max_tokens, stop_tokens, sampled_logprobs });

    let tokenizer = &prompter.tokenizer;
    let stops: Vec<String> = request.stop.iter().chain(prompter.stops()).cloned().collect();
    let mut rows = Rows::new(tokenizer, &stops, opened);
    let mut texts = StopTexts::new(tokenizer, &stops);
    let mut stop = |row: RowId, token: u32| texts.ends(row, token);
    let mut responses: Vec<Option<Generated>> = vec![None; n as usize];
    let mut refused = None;
    run_steps(model, scheduler, task, &mut stop, |events, _| {
        for event in events {
            if let RowEvent::Failed { error, .. } = &event {
                refused = Some(Fault::new(FaultCode::BadInput, error.to_string()));
            }
            if let Some(ended) = rows.on(&event) {
                responses[ended.row.sample as usize] = Some(ended.response);
            }
        }
        task.tokens(rows.updates(|_| (String::new(), Language::from(""))));
        let done = responses.iter().flatten().count();
        let tokens = rows.n_tokens as f64;
        task.progress(Progress { tokens, ..Progress::of(Stage::Generate, done as f64, f64::from(n)) });
    })
    .await?;
    if let Some(fault) = refused {
        return Err(fault);
    }
    let responses: Vec<Generated> = responses.into_iter().flatten().collect();
    if responses.iter().any(|response| response.finish_reason == FinishReason::Cancelled) {
        return Err(cancelled());
    }
    Ok(Answer::Generated(responses, problems))
}
