//! What the settings of a run must be, wherever they come from: a session file, a script or the screen.

use std::collections::HashSet;

use super::bounds::{Bounds, MARGIN, PENALTY, SHARE, TEMPERATURE};
use super::limits::{MOST_LANGUAGES, MOST_SAMPLES, RunSize};
use super::problem::FieldProblem;
use super::{Prompt, SessionConfig};

/// What is wrong with the settings that say how a model is sampled and pairs are picked. Fields are named as they stand in
/// [`SessionConfig`], without a path before them.
pub fn check_settings(config: &SessionConfig) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if !(1..=MOST_SAMPLES).contains(&config.n) {
        problems.push(problem(
            "n",
            format!("the number is {}", config.n),
            format!("it must be 1 to {MOST_SAMPLES}"),
        ));
    }
    if config.max_tokens == Some(0) {
        problems.push(problem(
            "maxTokens",
            "the number is 0",
            "it must be 1 or more, or null to have it measured",
        ));
    }
    for (field, value, bounds) in numbers(config) {
        // At temperature 0 the likeliest token is taken, and nothing is divided.
        if !bounds.hold(value) && (field, value) != ("temperature", 0.0) {
            problems.push(bounds.problem(field.to_owned(), value));
        }
    }
    problems
}

/// The numbers of the settings that are not whole, and what they may be.
pub(super) fn numbers(config: &SessionConfig) -> [(&'static str, f32, Bounds); 5] {
    [
        ("temperature", config.temperature, TEMPERATURE),
        ("topP", config.top_p, SHARE),
        ("minP", config.min_p, SHARE),
        ("repetitionPenalty", config.repetition_penalty, PENALTY),
        ("minMargin", config.min_margin, MARGIN),
    ]
}

/// What is wrong with the languages of the settings: too many, one twice, or the anchor not among them.
pub fn check_languages(config: &SessionConfig) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if config.languages.len() > MOST_LANGUAGES {
        let n = config.languages.len();
        problems.push(problem(
            "languages",
            format!("there are {n}"),
            format!("there can be {MOST_LANGUAGES}"),
        ));
    }
    let mut seen = HashSet::new();
    for (i, language) in config.languages.iter().enumerate() {
        if !seen.insert(language) {
            let reason = format!("\"{}\" is there twice", language.as_str());
            problems.push(problem(&format!("languages[{i}]"), reason, "name every language once"));
            break;
        }
    }
    if !seen.contains(&config.anchor) && problems.is_empty() {
        let reason = format!("\"{}\" is not among the languages", config.anchor.as_str());
        problems.push(problem("anchor", reason, "add it to the languages, or set another anchor"));
    }
    problems
}

/// What is wrong with a run of these prompts with these settings, its size among it. A run needs `n` of 2 or more besides, as
/// there is nothing to compare one response with.
pub fn check_run(prompts: &[Prompt], config: &SessionConfig) -> Vec<FieldProblem> {
    let mut problems = check_settings(config);
    problems.extend(check_languages(config));
    if problems.is_empty() {
        problems.extend(RunSize::of(prompts, config).excess().map(|excess| {
            problem("n", format!("the run would make {excess}"), "take fewer prompts, languages or samples")
        }));
    }
    problems
}

fn problem(field: &str, reason: impl Into<String>, fix: impl Into<String>) -> FieldProblem {
    FieldProblem { field: field.to_owned(), reason: reason.into(), fix: fix.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Language, test_session::sample};

    type Change = fn(&mut SessionConfig);

    fn found(change: Change) -> Vec<String> {
        let session = sample();
        let mut config = session.config;
        change(&mut config);
        check_run(&session.prompts, &config).into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn absurd_settings_are_named() {
        let cases: [(Change, &str); 15] = [
            (|c| c.n = 0, "n"),
            (|c| c.n = u32::MAX, "n"),
            (|c| c.n = 1_000_000, "n"),
            (|c| c.temperature = -1.0, "temperature"),
            (|c| c.temperature = f32::NAN, "temperature"),
            (|c| c.temperature = 1e-40, "temperature"),
            (|c| c.top_p = 1.5, "topP"),
            (|c| c.min_p = -0.5, "minP"),
            (|c| c.repetition_penalty = 0.0, "repetitionPenalty"),
            (|c| c.min_margin = f32::INFINITY, "minMargin"),
            (|c| c.max_tokens = Some(0), "maxTokens"),
            (|c| c.anchor = Language::from("fr"), "anchor"),
            (|c| c.languages.clear(), "anchor"),
            (|c| c.languages.push(Language::from("eng")), "languages[2]"),
            (|c| c.languages.extend((0..500).map(|i| Language(format!("x{i}")))), "languages"),
        ];
        for (change, field) in cases {
            assert_eq!(found(change), [field]);
        }
    }

    #[test]
    fn what_the_screen_and_the_papers_use_is_allowed() {
        let cases: [Change; 7] = [
            |_| {},
            |c| (c.n, c.temperature) = (1, 0.0),
            |c| (c.n, c.temperature, c.top_k) = (64, 5.0, 1_000),
            |c| (c.top_p, c.min_p) = (0.0, 1.0),
            |c| (c.repetition_penalty, c.min_margin) = (2.0, 2.0),
            |c| (c.n, c.max_tokens) = (1_024, Some(u32::MAX)),
            |c| c.languages.truncate(1),
        ];
        for (i, change) in cases.into_iter().enumerate() {
            assert_eq!(found(change), Vec::<String>::new(), "{i}");
        }
    }

    #[test]
    fn a_run_that_cannot_end_is_refused_before_it_begins() {
        let session = sample();
        let many: Vec<Prompt> = (0..600).map(|_| session.prompts[0].clone()).collect();
        let config = SessionConfig { n: 1_024, ..session.config };
        let said = check_run(&many, &config)[0].to_string();
        assert!(said.contains("1228800 responses, of at most 1000000") && said.contains("fewer"), "{said}");
    }
}
