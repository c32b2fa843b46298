//! What came of an import, as numbers and as sentences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ModelQuestion;
use crate::data::{ImportedFile, InOrder};

/// How many there are, and the first of them by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examples {
    /// All of them.
    pub n: usize,
    /// The first [`Examples::MOST`].
    pub first: Vec<String>,
}

impl Examples {
    /// As many are named.
    pub const MOST: usize = 3;

    pub(super) fn add(&mut self, name: String) {
        self.n += 1;
        if self.first.len() < Self::MOST {
            self.first.push(name);
        }
    }
}

/// Samples that failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// A status or a word.
    pub code: String,
    /// What the server said, or what it means.
    pub message: String,
    /// How many samples still have no response because of it.
    pub n: usize,
    /// The first of them.
    pub examples: Vec<String>,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The job's first eight digits.
    pub job: String,
    /// Responses that the job is of.
    pub n_expected: usize,
    /// Responses that are there.
    pub n_done: usize,
    /// Samples that failed.
    pub n_failed: usize,
    /// Samples of which nothing came.
    pub n_missing: usize,
    /// Responses without a log-prob.
    pub n_without_logprob: usize,
    /// Responses that came again with the same text.
    pub n_repeated: usize,
    /// Responses that were not taken, because they are of a model that was not chosen.
    pub n_of_other_model: usize,
    /// The files that were read, each once.
    pub files: Vec<ImportedFile>,
    /// Files whose last line is cut off.
    pub cut: Examples,
    /// Lines that are no results.
    pub bad: Examples,
    /// Results of other jobs: how many lines of each.
    pub other_jobs: BTreeMap<String, usize>,
    /// Names of a later version of these rules.
    pub later_version: Examples,
    /// Names that are not of the job.
    pub unknown: Examples,
    /// Requests with more choices than were asked for.
    pub extra_choices: Examples,
    /// Requests with two choices of one index.
    pub double_choices: Examples,
    /// Samples for which two different texts came.
    pub conflicts: Examples,
    /// Failures by code and message.
    pub failures: Vec<FailureRecord>,
    /// Responses by the name that the server gave its model.
    pub models: BTreeMap<String, usize>,
    /// What a person has to choose first.
    pub question: Option<ModelQuestion>,
}

impl Report {
    /// Whether every response of the job is there.
    pub fn is_whole(&self) -> bool {
        self.n_done == self.n_expected
    }

    pub(super) fn failure(&mut self, code: &str, message: &str) -> usize {
        let known =
            self.failures.iter().position(|failure| failure.code == code && failure.message == message);
        known.unwrap_or_else(|| {
            let (code, message) = (code.to_owned(), message.to_owned());
            self.failures.push(FailureRecord { code, message, n: 0, examples: Vec::new() });
            self.failures.len() - 1
        })
    }

    pub(super) fn n_of_model(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            *self.models.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// Adds what came of other prompts of the same job, from the same files.
    pub fn add(&mut self, other: Self) {
        self.n_expected += other.n_expected;
        self.n_done += other.n_done;
        self.n_failed += other.n_failed;
        self.n_missing += other.n_missing;
        self.n_without_logprob += other.n_without_logprob;
        self.n_repeated += other.n_repeated;
        self.n_of_other_model += other.n_of_other_model;
        let lists = [
            (&mut self.cut, other.cut),
            (&mut self.bad, other.bad),
            (&mut self.later_version, other.later_version),
            (&mut self.unknown, other.unknown),
            (&mut self.extra_choices, other.extra_choices),
            (&mut self.double_choices, other.double_choices),
            (&mut self.conflicts, other.conflicts),
        ];
        for (all, more) in lists {
            all.n += more.n;
            let room = Examples::MOST.saturating_sub(all.first.len());
            all.first.extend(more.first.into_iter().take(room));
        }
        for (job, n) in other.other_jobs {
            *self.other_jobs.entry(job).or_default() += n;
        }
        for (name, n) in other.models {
            *self.models.entry(name).or_default() += n;
        }
        for failure in other.failures {
            let number = self.failure(&failure.code, &failure.message);
            let known = &mut self.failures[number];
            known.n += failure.n;
            let room = Examples::MOST.saturating_sub(known.examples.len());
            known.examples.extend(failure.examples.into_iter().take(room));
        }
    }
}

/// What a report says to a person, a sentence each, what matters most first.
pub fn report_lines(report: &Report) -> Vec<String> {
    let mut lines = vec![match (report.n_done, report.n_expected) {
        (done, expected) if done == expected => format!("All {expected} responses are here."),
        (done, expected) => format!(
            "{done} of {expected} responses are here, {} failed and {} are missing.",
            report.n_failed, report.n_missing
        ),
    }];
    if let Some(question) = &report.question {
        lines.push(question.sentence());
    }
    lines.extend(report.other_jobs.iter().map(|(job, n)| {
        format!(
            "{}: these results belong to job {job}; open its session.",
            counted(*n, "line was not taken", "lines were not taken")
        )
    }));
    let mut failures: Vec<_> = report.failures.iter().collect();
    failures.order_by_key(|failure| std::cmp::Reverse(failure.n));
    lines.extend(failures.iter().take(Examples::MOST).map(|failure| {
        let (n, code, message) = (failure.n, &failure.code, failure.message.trim_end_matches('.'));
        format!("{n} failed with {code}: {message} ({}).", failure.examples.join(", "))
    }));
    if failures.len() > Examples::MOST {
        let n: usize = failures.iter().skip(Examples::MOST).map(|failure| failure.n).sum();
        lines.push(format!("{n} failed in {} other ways.", failures.len() - Examples::MOST));
    }
    if report.n_of_other_model > 0 {
        let n = report.n_of_other_model;
        lines.push(format!(
            "{}.",
            counted(n, "response of another model was not taken", "responses of other models were not taken")
        ));
    }
    lines.extend(report.cut.first.iter().map(|file| format!("1 line cut off at the end of {file}.")));
    let named = |found: &Examples, one: &str, many: &str| {
        let rest = if found.n > found.first.len() { ", …" } else { "" };
        (found.n > 0).then(|| format!("{}: {}{rest}.", counted(found.n, one, many), found.first.join(", ")))
    };
    let conflicts = &report.conflicts;
    lines.extend(
        [
            named(
                &report.bad,
                "line is no result and was passed over",
                "lines are no results and were passed over",
            ),
            named(
                &report.later_version,
                "result is of a later version; use a newer Concord",
                "results are of a later version; use a newer Concord",
            ),
            named(&report.unknown, "name is not of this job", "names are not of this job"),
            named(
                &report.extra_choices,
                "choice more than was asked for was ignored",
                "choices more than were asked for were ignored",
            ),
            named(
                &report.double_choices,
                "choice came twice in one answer; the first was kept",
                "choices came twice in one answer; the first were kept",
            ),
            named(
                conflicts,
                "sample came with 2 different answers; the first was kept",
                "samples came with 2 different answers; the first were kept",
            ),
        ]
        .into_iter()
        .flatten(),
    );
    if report.n_without_logprob > 0 {
        lines.push(format!(
            "{} without log-probs: the losses of the model that sampled cannot be shown for them.",
            counted(report.n_without_logprob, "response is", "responses are")
        ));
    }
    lines
}

impl ModelQuestion {
    /// What is to be chosen.
    pub fn sentence(&self) -> String {
        let named = |(name, n): &(String, usize)| format!("{name:?} ({n})");
        let names: Vec<String> = self.served.iter().map(named).collect();
        match &self.served[..] {
            [(name, _)] => format!(
                "The job asked for {:?}, and the server says that {name:?} answered. Take the responses as that model's?",
                self.asked
            ),
            _ => format!("Results of {} models: {}. Choose one.", names.len(), names.join(" and ")),
        }
    }
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
