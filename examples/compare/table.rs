//! Methods by languages for each number of responses, over all seeds, as Markdown and JSON.

use std::fmt::Write;

use concord::align::evaluate::Bootstrap;
use concord::align::{Comparison, ComparisonTable, Interval, Material, PromptIndex, Rate};
use concord::data::{Language, Measurements, Method, Response, Session, SessionConfig};
use serde_json::json;

/// Resamples behind each interval.
const N_RESAMPLES: usize = 1000;

/// The rates of one method with one number of responses.
struct Row {
    n: u32,
    method: Method,
    /// Right over wrong, then coverage: all languages, then each.
    quality: Vec<Rate>,
    coverage: Vec<Rate>,
    chosen_right: Rate,
    rejected_wrong: Rate,
    /// References with the right answer; empty for a method without any.
    reference_right: Rate,
    /// Single anchor responses with the right answer.
    single_right: Rate,
}

/// All of it.
pub(crate) struct Table {
    n_prompts: usize,
    n_seeds: usize,
    temperature: f32,
    /// The languages that have pairs.
    languages: Vec<Language>,
    rows: Vec<Row>,
}

impl Table {
    /// Lets every method choose from the first responses of each session, one per seed on the same prompts.
    pub(crate) fn new(sessions: &[Session], counts: &[u32]) -> Self {
        let config = sessions.first().map(|session| session.config.clone()).unwrap_or_default();
        let languages: Vec<Language> =
            config.languages.iter().filter(|language| **language != config.anchor).cloned().collect();
        let mut rows = Vec::new();
        for &n in counts {
            let tables: Vec<ComparisonTable> = sessions.iter().map(|session| compared(session, n)).collect();
            let methods = Method::ALL.into_iter().enumerate();
            rows.extend(methods.map(|(m, method)| row(n, method, m, &tables, sessions, &languages)));
        }
        Self {
            n_prompts: sessions.first().map_or(0, |session| session.prompts.len()),
            n_seeds: sessions.len(),
            temperature: config.temperature,
            languages,
            rows,
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "n": row.n,
                "method": row.method,
                "rightOverWrong": row.quality,
                "coverage": row.coverage,
                "chosenRight": row.chosen_right,
                "rejectedWrong": row.rejected_wrong,
                "referenceRight": row.reference_right,
                "singleRight": row.single_right,
            })
        });
        json!({
            "prompts": self.n_prompts,
            "seeds": self.n_seeds,
            "temperature": self.temperature,
            "columns": "all languages, then each of languages",
            "languages": self.languages,
            "rows": rows.collect::<Vec<_>>(),
        })
    }

    pub(crate) fn markdown(&self) -> String {
        let mut out = format!(
            "Pairs with a right chosen and a wrong rejected response, in percent of all pairs, by gold answers that no method sees. The teaching model, \
             {} held-out prompts, {} seed(s) pooled, temperature {}; in brackets the 95 % bootstrap interval over prompts; n: responses per prompt and \
             language. Coverage: rows that have a pair.\n\n| n | method | all languages | coverage | chosen right | rejected wrong |",
            self.n_prompts, self.n_seeds, self.temperature
        );
        self.languages.iter().for_each(|language| put(&mut out, &format!(" {} |", language.as_str())));
        put(&mut out, "\n|---|---|---|---|---|---|");
        self.languages.iter().for_each(|_| put(&mut out, "---|"));
        for row in &self.rows {
            let first = [
                with_interval(row.quality[0]),
                percent(row.coverage[0]),
                percent(row.chosen_right),
                percent(row.rejected_wrong),
            ];
            put(&mut out, &format!("\n| {} | {} | {} |", row.n, name(row.method), first.join(" | ")));
            row.quality[1..].iter().for_each(|rate| put(&mut out, &format!(" {} |", percent(*rate))));
        }
        put(&mut out, "\n\nReferences with the right answer: ");
        let references = self.rows.chunks_exact(Method::ALL.len()).map(|rows| {
            format!(
                "n = {}: majority {} %, random {} %, all single English responses {} %",
                rows[0].n,
                percent(rows[0].reference_right),
                percent(rows[1].reference_right),
                percent(rows[0].single_right)
            )
        });
        put(&mut out, &format!("{}.", references.collect::<Vec<_>>().join("; ")));
        out
    }
}

/// Every method on the first `n` responses of each row.
fn compared(session: &Session, n: u32) -> ComparisonTable {
    let is_kept = |r: &&Response| r.sample < n || r.translation_of.is_some();
    let responses: Vec<Response> = session.responses.iter().filter(is_kept).cloned().collect();
    let mut measurements = Measurements {
        instructed: session.measurements.instructed.clone(),
        translations: session.measurements.translations.clone(),
        ..Measurements::default()
    };
    for row in &mut measurements.instructed {
        let n_kept = row.samples.iter().filter(|sample| **sample < n).count();
        row.samples.truncate(n_kept);
        row.n_tokens.truncate(n_kept);
        row.logprob.truncate(n_kept);
    }
    let configs = Method::ALL.map(|method| SessionConfig { method, n, ..session.config.clone() });
    let index = PromptIndex::new(Material {
        prompts: &session.prompts,
        responses: &responses,
        similarities: &session.similarities,
        measurements: &measurements,
    });
    let mut comparison = Comparison::new(&index, &configs);
    // The intervals are over all seeds, and made below.
    session.prompts.iter().for_each(|_| {
        comparison.step();
    });
    comparison.finish()
}

/// Pools the seeds: a prompt's counts are those of all its seeds together, so that they are drawn together.
fn row(
    n: u32,
    method: Method,
    m: usize,
    tables: &[ComparisonTable],
    sessions: &[Session],
    languages: &[Language],
) -> Row {
    let prompts = sessions.first().map(|session| session.prompts.as_slice()).unwrap_or_default();
    let n_columns = 1 + languages.len();
    let mut bootstrap = Bootstrap::new(2 * n_columns + 2, 1);
    for prompt in prompts {
        let mut counts = vec![[0; 2]; 2 * n_columns + 2];
        let mut add = |place: usize, is_so: bool| {
            counts[place][0] += u32::from(is_so);
            counts[place][1] += 1;
        };
        for row in tables.iter().map(|table| &table.methods[m]) {
            let pairs = row.selection.pairs.iter().zip(&row.verdicts);
            for (pair, verdict) in pairs.filter(|(pair, _)| pair.prompt_id == prompt.id) {
                let Some(language) = languages.iter().position(|l| *l == pair.language) else { continue };
                for column in [0, 1 + language] {
                    add(n_columns + column, verdict.is_some());
                    verdict.iter().for_each(|v| add(column, v.chosen_right && v.rejected_wrong));
                }
                verdict.iter().for_each(|v| add(2 * n_columns, v.chosen_right));
                verdict.iter().for_each(|v| add(2 * n_columns + 1, v.rejected_wrong));
            }
        }
        bootstrap.add_prompt(&counts);
    }
    (0..N_RESAMPLES).for_each(|_| bootstrap.resample());
    let rates = bootstrap.rates();
    let sum = |of: fn(&ComparisonTable, usize) -> Rate| {
        let rates = tables.iter().map(|table| of(table, m));
        let (part, whole) = rates.fold((0, 0), |(part, whole), rate| (part + rate.part, whole + rate.whole));
        Rate::of(part, whole)
    };
    Row {
        n,
        method,
        quality: rates[..n_columns].to_vec(),
        coverage: rates[n_columns..2 * n_columns].to_vec(),
        chosen_right: rates[2 * n_columns],
        rejected_wrong: rates[2 * n_columns + 1],
        reference_right: sum(|table, m| table.methods[m].reference_right),
        single_right: sum(|table, _| table.responses.single_right),
    }
}

fn put(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = out.write_str(text);
}

fn name(method: Method) -> &'static str {
    match method {
        Method::CmAlign => "CM-Align",
        Method::RandomReference => "random reference",
        Method::Mapo => "MAPO",
        Method::Lidr => "LIDR",
        Method::Icr => "ICR",
        Method::Lacomsa => "LaCoMSA",
    }
}

fn percent(rate: Rate) -> String {
    rate.share.map_or("–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

fn with_interval(rate: Rate) -> String {
    let interval = |Interval { low, high }| format!(" ({:.1}–{:.1})", 100.0 * low, 100.0 * high);
    percent(rate) + &rate.interval.map(interval).unwrap_or_default()
}
