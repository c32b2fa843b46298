//! `concord select`: references and pairs of responses, prompt by prompt.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use concord_align::align::{Selector, SetStats};
use concord_align::data::Method;

use super::stats::{read_stats, tally};
use super::{Outcome, named};
use crate::error::CliError;
use crate::input::{Source, SourceArgs};
use crate::output::{PAIR_COLUMNS, PairLines, RowFileOut, columns_of};

/// Picks a reference for each prompt and a pair for each language.
///
/// Writes pairs.jsonl and references.jsonl into a folder; a shard writes pairs-00001-of-00016.jsonl and so on. What is
/// there already is skipped.
#[derive(Debug, Args)]
pub(crate) struct Select {
    #[command(flatten)]
    source: SourceArgs,
    /// How pairs are picked; the job's own method where it is not said
    #[arg(long, value_parser = named::method())]
    method: Option<Method>,
    /// Only this part of the prompts, such as 3/16; all parts, one after the other, are the whole
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// What `concord stats` has written, for methods that look at the whole set first
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,
    /// The kind of the file of pairs
    #[arg(long, value_enum, default_value = "jsonl")]
    to: RowKind,
    /// The folder to write to
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RowKind {
    /// JSON Lines
    Jsonl,
    /// JSON Lines in gzip
    #[value(name = "jsonl.gz")]
    JsonlGz,
    /// Parquet
    Parquet,
}

impl RowKind {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::JsonlGz => "jsonl.gz",
            Self::Parquet => "parquet",
        }
    }
}

/// A part of the prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shard {
    /// From 1.
    part: usize,
    parts: usize,
}

fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((part, parts)) if part >= 1 && part <= parts && parts <= 99_999 => Ok(Shard { part, parts }),
        _ => Err("write I/N with I from 1 to N, such as 1/16".to_owned()),
    }
}

impl Shard {
    /// Its prompts, of so many.
    fn range(self, n_prompts: usize) -> Range<usize> {
        let end = |part: usize| (part as u128 * n_prompts as u128 / self.parts as u128) as usize;
        end(self.part - 1)..end(self.part)
    }
}

/// What was counted.
#[derive(Debug, Default)]
struct Counts {
    n_prompts: usize,
    n_responses: usize,
    n_missing: usize,
    n_prompts_missing: usize,
    n_pairs: u64,
    n_skipped: u64,
    n_unusable: u64,
}

impl Select {
    pub(crate) fn run(&self) -> Result<Outcome, CliError> {
        let name = |kind: &str, ending: &str| {
            let part = self.shard.map(|shard| format!("-{:05}-of-{:05}", shard.part, shard.parts));
            self.out.join(format!("{kind}{}.{ending}", part.unwrap_or_default()))
        };
        let (pairs, references) = (name("pairs", self.to.ending()), name("references", "jsonl"));
        let mut outcome = Outcome::default();
        outcome.set("pairs", pairs.display().to_string());
        outcome.set("references", references.display().to_string());
        if pairs.exists() && references.exists() {
            outcome.say(format!("{} is there already, so nothing was done", pairs.display()));
            outcome.set("skipped", true);
            return Ok(outcome);
        }
        let source = Source::open(&self.source, self.method)?;
        let n_prompts = source.job().prompts.len();
        let range = self.shard.map_or(0..n_prompts, |shard| shard.range(n_prompts));
        let stats = self.set_stats(&source)?;
        let counts = write(&source, range, stats, [&pairs, &references])?;
        tell(&counts, &pairs, &mut outcome);
        outcome.set("method", source.job().config.method.as_str());
        Ok(outcome)
    }

    /// What the method must know of the whole set: from a file, or else by a first pass where all is read anyway.
    fn set_stats(&self, source: &Source) -> Result<Option<SetStats>, CliError> {
        let method = source.job().config.method;
        match &self.stats {
            _ if method.has_reference() => Ok(None),
            Some(path) => read_stats(path, source.job()).map(Some),
            // It needs to know nothing.
            None if method == Method::Mapo => Ok(Some(SetStats::Mapo)),
            None if self.shard.is_some_and(|shard| shard.parts > 1)
                && matches!(source, Source::Files { .. }) =>
            {
                Err(CliError::NeedsStats(method))
            }
            None => tally(source).map(|tallied| tallied.stats),
        }
    }
}

fn write(
    source: &Source,
    range: Range<usize>,
    stats: Option<SetStats>,
    [pairs, references]: [&Path; 2],
) -> Result<Counts, CliError> {
    let job = source.job();
    let columns = columns_of(PAIR_COLUMNS.into_iter()).map_err(CliError::Bug)?;
    let (mut pairs_out, mut references_out) =
        (RowFileOut::begin(pairs, &columns)?, RowFileOut::begin(references, &[])?);
    let (lines, mut counts) = (PairLines::new(job), Counts::default());
    let mut groups = source.groups(range, true);
    while let Some(group) = groups.next_group()? {
        let prompt = &job.prompts[group.prompt_idx];
        let index = group.index(prompt);
        let selector =
            Selector::with_stats(&index, &job.config, stats.clone()).map_err(CliError::NeedsStats)?;
        let (reference, picked) = selector.pick(0);
        for pair in &picked {
            let (line, is_pair) = lines.line(prompt, &reference, pair, &group.responses)?;
            pairs_out.line(line.as_bytes())?;
            counts.n_pairs += u64::from(is_pair);
            counts.n_skipped += u64::from(pair.skip.is_some());
            counts.n_unusable += u64::from(pair.skip.is_none() && !is_pair);
        }
        let reference = serde_json::to_vec(&reference).map_err(|error| CliError::Bug(error.to_string()))?;
        references_out.line(&reference)?;
        let is_asked =
            |language| job.config.languages.contains(language) && prompt.text.contains_key(language);
        let n_found = group.responses.iter().filter(|r| r.is_candidate() && is_asked(&r.language)).count();
        let n_missing = job.n_expected(prompt).saturating_sub(n_found);
        counts.n_prompts += 1;
        counts.n_responses += group.responses.len();
        counts.n_missing += n_missing;
        counts.n_prompts_missing += usize::from(n_missing > 0);
    }
    // The pairs come last: where they are, the references are.
    references_out.publish()?;
    pairs_out.publish()?;
    Ok(counts)
}

fn tell(counts: &Counts, pairs: &Path, outcome: &mut Outcome) {
    let Counts { n_prompts, n_responses, n_missing, n_prompts_missing, n_pairs, n_skipped, n_unusable } =
        counts;
    outcome.say(format!(
        "{n_pairs} pairs of {n_prompts} prompts and {n_responses} responses in {}; {n_skipped} rows without a pair say why in concord_skip",
        pairs.display()
    ));
    if *n_unusable > 0 {
        outcome.say(format!(
            "{n_unusable} pairs have texts that a trainer would misread, so their sides are left empty"
        ));
    }
    if *n_missing > 0 {
        outcome.say(format!(
            "{n_missing} responses of {n_prompts_missing} prompts are missing: the pairs are of those that are there"
        ));
    }
    outcome.is_partial = *n_missing > 0;
    outcome.set("nPrompts", *n_prompts);
    outcome.set("nResponses", *n_responses);
    outcome.set("nMissing", *n_missing);
    outcome.set("nPairs", *n_pairs);
    outcome.set("nWithoutPair", *n_skipped);
    outcome.set("nUnusable", *n_unusable);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_parts_that_follow_each_other() {
        for n_prompts in [0, 1, 7, 16, 1_000_003] {
            for parts in [1, 2, 3, 16, 17] {
                let mut next = 0;
                for part in 1..=parts {
                    let range = Shard { part, parts }.range(n_prompts);
                    assert_eq!(range.start, next);
                    next = range.end;
                }
                assert_eq!(next, n_prompts);
            }
        }
    }

    #[test]
    fn a_shard_is_two_numbers() {
        assert_eq!(shard("3/16"), Ok(Shard { part: 3, parts: 16 }));
        for bad in ["", "3", "0/2", "3/2", "1/0", "-1/2", "a/b", "1/2/3", "1/100000"] {
            assert!(shard(bad).is_err(), "{bad}");
        }
    }
}
