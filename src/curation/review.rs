//! Working through a desk: which rows to look at, which is next, and how far the work is.

use std::collections::HashMap;

use super::{Cell, Desk, Row};
use crate::align::{gold_answer, same_answer};
use crate::data::{RowStatus, SkipReason};

/// Which rows are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// Every row.
    #[default]
    All,
    /// Rows with a pair that nobody has judged.
    Undecided,
    /// Rows somebody accepted, changed or not.
    Accepted,
    /// Rows where a person's pair differs from the method's.
    Changed,
    /// Rows that a reviewer left out.
    LeftOut,
    /// Rows without a pair.
    Skipped,
}

impl Filter {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] =
        [Self::All, Self::Undecided, Self::Accepted, Self::Changed, Self::LeftOut, Self::Skipped];

    /// For class names and values.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Undecided => "undecided",
            Self::Accepted => "accepted",
            Self::Changed => "changed",
            Self::LeftOut => "left-out",
            Self::Skipped => "skipped",
        }
    }

    /// Whether a row passes. The anchor's rows never do unless they hold a pair: they are the reference's.
    pub fn passes(self, row: &Row) -> bool {
        let has_pair = row.has_pair();
        if !has_pair && row.skip == Some(SkipReason::AnchorLanguage) {
            return false;
        }
        match self {
            Self::All => true,
            Self::Undecided => has_pair && row.state.status == RowStatus::Undecided,
            Self::Accepted => row.state.status == RowStatus::Accepted,
            Self::Changed => row.is_changed(),
            Self::LeftOut => row.state.status == RowStatus::LeftOut,
            Self::Skipped => !has_pair && row.state.status == RowStatus::Undecided,
        }
    }
}

/// How far the review is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that pass each filter, in the order of [`Filter::ALL`].
    pub counts: [usize; 6],
    /// Rows an export would hold.
    pub n_exported: usize,
    /// Of the exported rows with gold: how many.
    pub n_gold: usize,
    /// Of those, chosen is right.
    pub n_chosen_right: usize,
    /// Of those, rejected is wrong.
    pub n_rejected_wrong: usize,
}

/// Counts a desk.
pub fn summary(desk: &Desk) -> Summary {
    let mut summary = Summary::default();
    let anchor = &desk.session().config.anchor;
    // A prompt's gold answer is read once for all its rows.
    let golds: HashMap<&str, String> = desk
        .session()
        .prompts
        .iter()
        .filter_map(|prompt| Some((prompt.id.as_str(), gold_answer(prompt, anchor)?)))
        .collect();
    for row in desk.curation().rows() {
        for (count, filter) in summary.counts.iter_mut().zip(Filter::ALL) {
            *count += usize::from(filter.passes(row));
        }
        if row.is_exported() {
            summary.n_exported += 1;
            if let Some(gold) = golds.get(row.prompt_id.as_str()) {
                summary.judge(desk, gold, row);
            }
        }
    }
    summary
}

impl Summary {
    fn judge(&mut self, desk: &Desk, gold: &str, row: &Row) {
        let is_right = |sample: Option<u32>| {
            let response = desk.response(&row.prompt_id, &row.language, sample?)?;
            Some(response.answer.as_deref().is_some_and(|answer| same_answer(answer, gold)))
        };
        if let (Some(chosen), Some(rejected)) = (is_right(row.state.chosen), is_right(row.state.rejected)) {
            self.n_gold += 1;
            self.n_chosen_right += usize::from(chosen);
            self.n_rejected_wrong += usize::from(!rejected);
        }
    }
}

/// The next row in reading order that passes the filter, from `from` on, `step` cells at a time (1 or -1);
/// stops at either end.
pub fn next_row(desk: &Desk, from: Cell, step: i64, filter: Filter) -> Option<Cell> {
    let n_languages = desk.session().config.languages.len();
    let n_cells = desk.session().prompts.len() * n_languages;
    let mut at = i64::try_from(from.prompt * n_languages + from.language).ok()?;
    loop {
        at += step;
        let index = usize::try_from(at).ok().filter(|index| *index < n_cells)?;
        let cell = Cell { prompt: index / n_languages, language: index % n_languages };
        if desk.row(cell).is_some_and(|row| filter.passes(row)) {
            return Some(cell);
        }
    }
}

/// The row that comes up after a judgement: as [`next_row`], but among all rows only those with a pair, because
/// a row without one asks for no judgement.
pub fn next_to_judge(desk: &Desk, from: Cell, filter: Filter) -> Option<Cell> {
    let mut cell = next_row(desk, from, 1, filter)?;
    while filter == Filter::All && !desk.row(cell).is_some_and(Row::has_pair) {
        cell = next_row(desk, cell, 1, filter)?;
    }
    Some(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curation::tests::set_min_margin;
    use crate::curation::{Act, Candidate, Decision, Stamp};
    use crate::data::{
        AppRecord, FinishReason, Language, ModelRecord, Prompt, Response, SESSION_SCHEMA, Session,
        SessionConfig, Similarity, TaskKind,
    };

    /// Two prompts in English and Swahili with two samples each: English always answers 4; Swahili answers
    /// 4 and 5 to the first prompt, and 4 twice to the second, which therefore has no pair.
    fn desk() -> Desk {
        let languages: Vec<Language> = vec!["en".into(), "sw".into()];
        let prompt = |id: &str| Prompt {
            id: id.to_owned(),
            task: TaskKind::Math,
            answer: Some("4".to_owned()),
            text: languages.iter().map(|l| (l.clone(), "2 + 2?".to_owned())).collect(),
        };
        let response = |id: &str, language: &Language, sample: u32, answer: &str| Response {
            prompt_id: id.to_owned(),
            language: language.clone(),
            sample,
            text: format!("{answer} is response {sample}"),
            reasoning: None,
            reasoning_tokens: None,
            tokens: vec![sample],
            logprob: -1.0,
            ambiguous: Vec::new(),
            finish_reason: FinishReason::Stop,
            answer: Some(answer.to_owned()),
            detected_language: None,
            model: None,
            translation_of: None,
        };
        let mut responses = Vec::new();
        for id in ["a", "b"] {
            responses.extend((0..2).map(|sample| response(id, &languages[0], sample, "4")));
            let second = if id == "a" { "5" } else { "4" };
            responses.push(response(id, &languages[1], 0, "4"));
            responses.push(response(id, &languages[1], 1, second));
        }
        let order: Vec<_> = languages.iter().flat_map(|l| [(l.clone(), 0), (l.clone(), 1)]).collect();
        let similarity = |id: &str| Similarity {
            prompt_id: id.to_owned(),
            order: order.clone(),
            cosine: vec![0.9, 0.8, 0.3, 0.7, 0.2, 0.4],
        };
        let session = Session {
            schema: SESSION_SCHEMA.to_owned(),
            created: "2026-01-01T00:00:00Z".to_owned(),
            app: AppRecord { version: "0".to_owned() },
            config: SessionConfig { languages: languages.clone(), n: 2, ..SessionConfig::default() },
            model: ModelRecord::default(),
            prompts: vec![prompt("a"), prompt("b")],
            responses,
            references: Vec::new(),
            pairs: Vec::new(),
            similarities: vec![similarity("a"), similarity("b")],
            measurements: crate::data::Measurements::default(),
            events: Vec::new(),
        };
        let mut desk = Desk::new(session);
        set_min_margin(&mut desk, 0.0);
        desk
    }

    fn cell(prompt: usize, language: usize) -> Cell {
        Cell { prompt, language }
    }

    #[test]
    fn the_summary_counts_rows_and_judges_by_gold() {
        let summary = summary(&desk());
        // All, undecided, accepted, changed, left out, no pair.
        assert_eq!(summary.counts, [2, 1, 0, 0, 0, 1]);
        assert_eq!((summary.n_exported, summary.n_gold), (1, 1));
        assert_eq!((summary.n_chosen_right, summary.n_rejected_wrong), (1, 1));
    }

    fn decide(desk: &mut Desk, decision: Decision<Cell>) {
        let event = desk.event(decision, Stamp::default()).expect("it can be decided");
        assert!(!desk.has_taken(&event), "it comes next");
        desk.take(event.clone());
        desk.take_log(desk.session().events.clone());
        assert!(desk.has_taken(&event), "however the log came by it");
    }

    #[test]
    fn a_swap_turns_the_judgement_and_undo_turns_it_back() {
        let mut desk = desk();
        let swap = Decision::On(desk.cell_of("a", &"sw".into()).expect("the row is there"), Act::Swap);
        decide(&mut desk, swap);
        let swapped = summary(&desk);
        assert_eq!(swapped.counts, [2, 0, 1, 1, 0, 1]);
        assert_eq!((swapped.n_chosen_right, swapped.n_rejected_wrong), (0, 0));
        decide(&mut desk, Decision::Undo);
        assert_eq!(summary(&desk).n_chosen_right, 1);
        assert_eq!(desk.session().events.len(), 2);
    }

    #[test]
    fn rows_come_in_reading_order_without_the_anchor() {
        let desk = desk();
        assert_eq!(next_row(&desk, cell(0, 0), 1, Filter::All), Some(cell(0, 1)));
        assert_eq!(next_row(&desk, cell(0, 1), 1, Filter::All), Some(cell(1, 1)));
        assert_eq!(next_row(&desk, cell(1, 1), 1, Filter::All), None);
        assert_eq!(next_row(&desk, cell(1, 1), -1, Filter::Undecided), Some(cell(0, 1)));
        assert_eq!(next_row(&desk, cell(0, 1), 1, Filter::Undecided), None);
        // The second Swahili row has no pair: nothing to judge there, unless such rows are asked for.
        assert_eq!(next_to_judge(&desk, cell(0, 0), Filter::All), Some(cell(0, 1)));
        assert_eq!(next_to_judge(&desk, cell(0, 1), Filter::All), None);
        assert_eq!(next_to_judge(&desk, cell(0, 1), Filter::Skipped), Some(cell(1, 1)));
    }

    #[test]
    fn a_row_shows_every_candidate_with_its_evidence() {
        let desk = desk();
        let view = desk.row_view(cell(0, 1)).expect("the row is there");
        assert_eq!((view.row.state.chosen, view.row.state.rejected), (Some(0), Some(1)));
        let side = |found: Option<Candidate>| found.map(|c| (c.sample, c.score));
        assert_eq!((side(view.chosen), side(view.rejected)), (Some((0, Some(1.0))), Some((1, Some(0.0)))));
        let candidates = desk.candidates(cell(0, 1));
        assert_eq!(candidates.len(), view.n_candidates);
        let scores: Vec<_> = candidates.iter().map(|c| (c.score, c.is_right)).collect();
        assert_eq!(scores, [(Some(1.0), Some(true)), (Some(0.0), Some(false))]);
        assert!(!view.row.is_changed());
        let reference = desk.reference_view(0).expect("the prompt is there");
        assert_eq!((reference.sample, reference.vote_share), (Some(0), Some(1.0)));
    }

    #[test]
    fn a_higher_minimum_margin_takes_pairs_away_and_keeps_the_log() {
        let mut desk = desk();
        let accept = Decision::On(desk.cell_of("a", &"sw".into()).expect("the row is there"), Act::Accept);
        decide(&mut desk, accept);
        set_min_margin(&mut desk, 1.5);
        assert_eq!(desk.session().events.len(), 1);
        assert!(desk.session().pairs.iter().all(|pair| pair.skip.is_some()));
    }
}
