//! What the page says, in plain words: reasons, states, numbers with their units.

use crate::{
    curation::{Filter, ReferenceView, Row, Story},
    data::{Language, Method, ModelRecord, RowStatus, SkipReason, TaskKind, TieBreak},
    protocol::{Cause, Interruption, MemoryReport, Progress, Remedy, Stage},
};

pub use crate::protocol::sentence;

/// A model, with the chat template that was picked for it.
pub fn model(record: &ModelRecord) -> String {
    match &record.template {
        Some(template) => format!("{} with the chat template \"{template}\"", record.name),
        None => record.name.clone(),
    }
}

/// A language by its name in itself.
pub fn native(language: &Language) -> String {
    language.info().native
}

/// A language by its English name.
pub fn english(language: &Language) -> String {
    language.info().english
}

/// Why a row has no pair: what happened, then what to do.
pub fn skip_words(reason: SkipReason, anchor: &Language) -> (String, &'static str) {
    let anchor = english(anchor);
    let (what, then) = match reason {
        SkipReason::NoAnchorText => (
            format!("The prompt has no {anchor} text, so there is no reference."),
            "Add the text to the prompt set, or choose another anchor language.",
        ),
        SkipReason::NoAnswer => (
            format!("No {anchor} response ends in a number, so there is nothing to vote on."),
            "Raise the token limit or the number of samples, or ask for a final number in the prompt.",
        ),
        SkipReason::NotEmbedded => (
            "The responses were not embedded, so there are no cosines to compare.".to_owned(),
            "Build the pairs again to the end, without cancelling.",
        ),
        SkipReason::NoReference => (
            "The prompt has no reference to compare with.".to_owned(),
            "See the reason at the reference above.",
        ),
        SkipReason::TooFewCandidates => (
            "Fewer than two responses have finished.".to_owned(),
            "Build again with two or more samples, to the end.",
        ),
        SkipReason::NoneDisagree => (
            "Every response agrees with the reference: there is nothing to reject.".to_owned(),
            "The model is sure here. Raise the temperature or the number of samples if you want a pair.",
        ),
        SkipReason::NoneAgree => (
            "No response agrees with the reference: there is nothing to choose.".to_owned(),
            "Raise the number of samples, or pick two responses by hand.",
        ),
        SkipReason::EqualScores => (
            "Every response scores the same: there is nothing to prefer.".to_owned(),
            "Raise the temperature, or pick two responses by hand.",
        ),
        SkipReason::SameText => (
            "The best and the worst response are the same text.".to_owned(),
            "Raise the temperature so that responses differ.",
        ),
        SkipReason::SmallMargin => (
            "The margin is below the minimum.".to_owned(),
            "Lower the minimum margin above the results, or pick two responses by hand.",
        ),
        SkipReason::EmptyResponses => (
            "Too few responses have any text.".to_owned(),
            "Raise the number of samples, change the prompt, or run the cut responses again if there are any.",
        ),
        SkipReason::WrongLanguage => (
            "Every response that could be chosen is in another language.".to_owned(),
            "Switch the language gate off in the settings, or pick two responses by hand.",
        ),
        SkipReason::AnchorLanguage => (
            format!("{anchor} is the anchor: it gives the reference, not a pair."),
            "Switch anchor pairs on in the settings to pair it too, where the method can.",
        ),
        SkipReason::NotMeasured => (
            "This method asks the model about the responses, and it has not been asked yet.".to_owned(),
            "Measure them under Compare methods, with a model loaded.",
        ),
        SkipReason::NoTranslation => (
            "This method needs a translation by the model, and there is none.".to_owned(),
            "Measure it under Compare methods, with a model loaded.",
        ),
    };
    (what, then)
}

/// Why a reference was picked, in one or two sentences.
pub fn reference_words(view: &ReferenceView) -> String {
    let n = view.candidates.len();
    let Some(picked) = view.candidates.iter().find(|candidate| Some(candidate.sample) == view.sample) else {
        return String::new();
    };
    let sample = picked.sample + 1;
    if view.method == Method::RandomReference {
        return format!("Of {n} responses, sample {sample} was drawn at random, whatever it says.");
    }
    match (view.prompt.task, &picked.answer) {
        (TaskKind::Math, Some(answer)) => {
            let votes = view.candidates.iter().filter(|other| other.answer.as_ref() == Some(answer)).count();
            let closest = match (votes, view.tie_break, picked.cosine) {
                (1, ..) => String::new(),
                (_, TieBreak::Cosine, Some(cosine)) => {
                    format!(" Of these, sample {sample} is closest to the others, mean cosine {cosine:.3}.")
                }
                _ => format!(" Of these, sample {sample} comes first."),
            };
            format!("{votes} of {n} responses answer {answer}.{closest}")
        }
        (task, _) => {
            let what = if task == TaskKind::Code { "mean similarity of its code" } else { "mean cosine" };
            let score = fixed(picked.score, 3);
            format!("Of {n} responses, sample {sample} agrees most with the others, {what} {score}.")
        }
    }
}

/// What a method without a reference compares with instead.
pub fn no_reference_words(method: Method, anchor: &Language) -> String {
    let anchor = english(anchor);
    match method {
        Method::Mapo => format!(
            "MAPO has no single reference: it asks how well each response translates into all {anchor} responses."
        ),
        Method::Lidr => format!(
            "LIDR has no reference: it sets the model's translation of a {anchor} response over the language's own."
        ),
        Method::Icr => {
            format!("ICR has no reference: it asks how likely each response is after the {anchor} question.")
        }
        Method::Lacomsa => format!(
            "LaCoMSA has no single reference: it compares each response's states with those of all {anchor} responses."
        ),
        Method::CmAlign | Method::RandomReference => "No reference was picked.".to_owned(),
    }
}

/// The state of a row in a word or two.
pub fn state_words(row: &Row) -> &'static str {
    match row.state.status {
        _ if row.is_conflict() => "conflict",
        RowStatus::Accepted if row.is_changed() => "changed",
        RowStatus::Accepted => "accepted",
        RowStatus::LeftOut => "left out",
        RowStatus::Tie => "tie",
        RowStatus::BothGood => "both good",
        RowStatus::BothBad => "both bad",
        RowStatus::CannotJudge => "cannot judge",
        RowStatus::Harmful => "harmful",
        RowStatus::Undecided if row.has_pair() => "undecided",
        RowStatus::Undecided => "no pair",
    }
}

/// The same, where it must not tell in a blind review whether the method's pair was kept.
pub fn shown_state(row: &Row, is_blind: bool) -> &'static str {
    match state_words(row) {
        "changed" if is_blind => "accepted",
        state => state,
    }
}

/// The name of a filter.
pub fn filter_words(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "All",
        Filter::Undecided => "Undecided",
        Filter::Accepted => "Accepted",
        Filter::Changed => "Changed",
        Filter::LeftOut => "Left out",
        Filter::Tie => "Tie",
        Filter::BothGood => "Both good",
        Filter::BothBad => "Both bad",
        Filter::CannotJudge => "Cannot judge",
        Filter::Harmful => "Harmful",
        Filter::Skipped => "No pair",
        Filter::Conflict => "Conflict",
    }
}

/// What a job is doing, with its counts.
pub fn stage_words(progress: &Progress) -> String {
    let Progress { stage, done, total, .. } = *progress;
    match stage {
        Stage::Load if total > 0.0 => format!("Reading the model: {} of {}", bytes(done), bytes(total)),
        Stage::Load => "Reading the model".to_owned(),
        Stage::Offline => "Waiting for the connection; what has arrived is kept".to_owned(),
        Stage::Queue => "Waiting for another tab that is fetching the same file".to_owned(),
        Stage::Measure => "Measuring which is faster here, GPU or CPU".to_owned(),
        Stage::Generate => format!("Answering: {done:.0} of {total:.0} responses"),
        Stage::Embed => format!("Comparing: {done:.0} of {total:.0} responses"),
        Stage::Translate => format!("Translating prompts: {done:.0} of {total:.0} texts"),
        Stage::Ask => format!("Asking the model about responses: {done:.0} of {total:.0}"),
    }
}

/// What interrupted a job, what is done about it and what is kept. `progress` is how far the job was.
pub fn interrupted(interruption: &Interruption, progress: &Progress) -> String {
    let Interruption { cause, remedy, kept } = *interruption;
    let what = match cause {
        Cause::DeviceLost => "The GPU went away.",
        Cause::OutOfMemory => "There was no memory left.",
        Cause::WorkerStopped => "What runs the model stopped.",
    };
    let then = match remedy {
        Remedy::Again => "Loading the model again and going on",
        Remedy::OnCpu => "It went away twice in a row, so the CPU goes on",
        Remedy::Fewer => "Going on with fewer responses at once",
    };
    let is_of_responses = matches!(progress.stage, Stage::Generate | Stage::Embed);
    let kept = match kept {
        0 => String::new(),
        n if is_of_responses && progress.total > 0.0 => kept_of(n as usize, progress.total as usize),
        n => format!(": {} kept", plural(n as usize, "response is", "responses are")),
    };
    format!("{what} {then}{kept}.")
}

/// How much of a run is kept, after a sentence.
pub fn kept_of(n: usize, total: usize) -> String {
    format!(": {n} of {total} responses are kept")
}

/// A share of the whole in 0..=1, or `None` when the whole is unknown.
pub fn share(progress: &Progress) -> Option<f64> {
    (progress.total > 0.0).then(|| (progress.done / progress.total).clamp(0.0, 1.0))
}

/// Bytes with a unit, such as `5.9 MB`.
pub fn bytes(n: f64) -> String {
    match n {
        n if n >= 1e9 => format!("{:.2} GB", n / 1e9),
        n if n >= 1e6 => format!("{:.1} MB", n / 1e6),
        n if n >= 1e3 => format!("{:.0} kB", n / 1e3),
        n => format!("{n:.0} B"),
    }
}

/// What the device allows, as far as it says.
pub fn memory_limit(memory: &MemoryReport) -> String {
    let buffers = || {
        format!(
            "The largest single piece is {}, of at most {}",
            bytes(memory.largest_buffer),
            bytes(memory.max_buffer)
        )
    };
    match (memory.budget > 0.0, memory.max_buffer > 0.0) {
        (true, _) => format!("A page can have {} on the CPU.", bytes(memory.budget)),
        (false, true) => format!("{}. WebGPU does not say how much memory the device has.", buffers()),
        (false, false) => String::new(),
    }
}

/// How far keys and values follow the job: `Keys and values of 512 tokens are held, of at most 65,536 if a job needs them.`
pub fn pool(memory: &MemoryReport) -> String {
    let tokens = |held: f64| {
        if memory.kv_token > 0.0 { count((held / memory.kv_token).round()) } else { String::new() }
    };
    match memory.kv < memory.kv_most {
        true => format!(
            "Keys and values of {} tokens are held; a larger job gets room for up to {} ({}).",
            tokens(memory.kv),
            tokens(memory.kv_most),
            bytes(memory.kv_most)
        ),
        false => format!("Keys and values of {} tokens are held.", tokens(memory.kv)),
    }
}

/// What a run has brought, and what to do with it.
pub fn story(story: &Story) -> String {
    let Story { n_pairs, n_prompts, n_languages, n_without, agreement } = *story;
    let without = match n_without {
        0 => String::new(),
        n => format!("; {} no pair", plural(n, "row has", "rows have")),
    };
    if n_pairs == 0 {
        return format!(
            "There are no pairs{without}. Each row says why, and you can pick two responses by hand."
        );
    }
    let agrees = agreement.map_or_else(String::new, |mean| {
        format!("; chosen agrees with the reference by {mean:.2} on average")
    });
    format!(
        "{} from {} in {}{without}{agrees}. Review them with A, S, X.",
        plural(n_pairs, "pair", "pairs"),
        plural(n_prompts, "prompt", "prompts"),
        plural(n_languages, "language", "languages"),
    )
}

/// A count with a unit, such as `2.9 M`.
pub fn count(n: f64) -> String {
    match n {
        n if n >= 1e9 => format!("{:.2} B", n / 1e9),
        n if n >= 1e6 => format!("{:.1} M", n / 1e6),
        n if n >= 1e4 => format!("{:.0} k", n / 1e3),
        n => format!("{n:.0}"),
    }
}

/// Tokens per second; an en dash where not measured.
pub fn rate(tokens_per_sec: f64) -> String {
    if tokens_per_sec > 0.0 { format!("{} tokens/s", count(tokens_per_sec)) } else { "–".to_owned() }
}

/// Bytes per second; nothing where not measured.
pub fn byte_rate(bytes_per_sec: f64) -> Option<String> {
    (bytes_per_sec > 0.0).then(|| format!("{}/s", bytes(bytes_per_sec)))
}

/// Seconds as a person says them.
pub fn duration(secs: f64) -> String {
    let secs = secs.round().max(0.0);
    match secs {
        s if s < 60.0 => format!("{s:.0} s"),
        s if s < 3600.0 => format!("{:.0} min {:02.0} s", (s / 60.0).floor(), s % 60.0),
        s => format!("{:.0} h {:02.0} min", (s / 3600.0).floor(), (s % 3600.0 / 60.0).floor()),
    }
}

/// A number with fixed decimals; an en dash where there is none.
pub fn fixed(value: Option<f32>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

/// `one` for 1, else `many`, with the count before it.
pub fn plural(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// That a prompt's text is a draft, and whose.
pub fn draft_mark(model: &str) -> String {
    format!("Draft by {model}, not confirmed.")
}

/// A share in whole percent, without the sign.
pub fn percent(share: f64) -> String {
    format!("{:.0}", 100.0 * share)
}
