//! `score`: the log-probs of a given completion.

use crate::{
    data::Day,
    generate::LanguageModel,
    protocol::{Fault, Input, Scored},
    worker::{
        generator::{Generator, generate_fault},
        prompter::text_fault,
        task::{Host, Task},
    },
};

use super::unwritable::{lost, lost_of_input};

/// Forces the model to say the completion.
pub(super) async fn score<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    input: &Input,
    completion: &str,
    date: Option<Day>,
) -> Result<Scored, Fault> {
    let Generator { model, scheduler, prompter, .. } = generator;
    let prompt = prompter.prompt_tokens(input, date)?;
    let tokens = prompter.tokenizer.encode(completion, false).map_err(text_fault)?;
    // A forced completion is one pass through the model: this is where it can still be stopped.
    task.check().await?;
    let logprobs = scheduler.score(model, &prompt, &tokens).await.map_err(|error| generate_fault(&error))?;
    let mut problems = lost_of_input(&prompter.tokenizer, input);
    problems.extend(lost(&prompter.tokenizer, "the completion", completion));
    Ok(Scored { tokens, logprobs, problems })
}
