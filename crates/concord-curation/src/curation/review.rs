//! Working through a desk: which row is next.

use super::{Cell, Desk, Filter, RowFilter, Summary};

/// Counts a desk.
pub fn summary(desk: &Desk) -> Summary {
    *desk.summary()
}

/// The next row in reading order that passes the filter, from `from` on, `step` cells at a time (1 or -1);
/// stops at either end.
pub fn next_row(desk: &Desk, from: Cell, step: i64, filter: &RowFilter) -> Option<Cell> {
    let passes = |cell: &Cell| filter.passes(desk, *cell);
    match step {
        0.. => desk.cells().skip_while(|cell| *cell <= from).find(passes),
        _ => desk.cells().rev().skip_while(|cell| *cell >= from).find(passes),
    }
}

/// The row to judge after another: the next in reading order that asks for it, then from the first on; `None` where none but
/// `from` itself asks any more. Rows in conflict ask where the filter is for them, and rows without a pair where it
/// is for them or no method has picked pairs.
pub fn next_undecided(desk: &Desk, from: Cell, filter: &RowFilter) -> Option<Cell> {
    let asks = |cell: &Cell| *cell != from && asks(desk, *cell, filter);
    let later = desk.cells().skip_while(|cell| *cell <= from).find(asks);
    later.or_else(|| desk.cells().take_while(|cell| *cell < from).find(asks))
}

/// Where the review begins, and goes on after a while: the first row to judge.
pub fn first_undecided(desk: &Desk, filter: &RowFilter) -> Option<Cell> {
    desk.cells().find(|cell| asks(desk, *cell, filter))
}

/// Whether a row asks to be judged.
fn asks(desk: &Desk, cell: Cell, filter: &RowFilter) -> bool {
    let Some(row) = desk.row(cell) else { return false };
    let asks = match (filter.status, Filter::of(row)) {
        (Filter::Conflict | Filter::Skipped, kind) => kind == Some(filter.status),
        (Filter::All | Filter::Undecided, Some(Filter::Undecided)) => true,
        // Where no method has looked, or none has picked anything, people are to make the pairs.
        (Filter::All, Some(Filter::Skipped)) => row.skip.is_none() || !desk.has_picks(),
        _ => false,
    };
    asks && filter.passes_beside_status(desk, cell)
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
            ..Prompt::default()
        };
        let response = |id: &str, language: &Language, sample: u32, answer: &str| Response {
            prompt_id: id.to_owned(),
            language: language.clone(),
            sample,
            text: format!("{answer} is response {sample}"),
            reasoning: None,
            reasoning_tokens: None,
            tokens: vec![sample],
            logprob: Some(-1.0),
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
            handoff: None,
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
        // All, undecided, accepted, changed, left out, the five verdicts, no pair, conflict.
        assert_eq!(summary.counts.0, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
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
        assert_eq!(swapped.counts.0, [2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!((swapped.n_chosen_right, swapped.n_rejected_wrong), (0, 0));
        decide(&mut desk, Decision::Undo);
        assert_eq!(summary(&desk).n_chosen_right, 1);
        assert_eq!(desk.session().events.len(), 2);
    }

    #[test]
    fn rows_come_in_reading_order_without_the_anchor() {
        let desk = desk();
        assert_eq!(next_row(&desk, cell(0, 0), 1, &Filter::All.into()), Some(cell(0, 1)));
        assert_eq!(next_row(&desk, cell(0, 1), 1, &Filter::All.into()), Some(cell(1, 1)));
        assert_eq!(next_row(&desk, cell(1, 1), 1, &Filter::All.into()), None);
        assert_eq!(next_row(&desk, cell(1, 1), -1, &Filter::Undecided.into()), Some(cell(0, 1)));
        assert_eq!(next_row(&desk, cell(0, 1), 1, &Filter::Undecided.into()), None);
        // The second Swahili row has no pair: nothing to judge there, unless such rows are asked for.
        assert_eq!(next_undecided(&desk, cell(0, 0), &Filter::All.into()), Some(cell(0, 1)));
        assert_eq!(next_undecided(&desk, cell(0, 1), &Filter::All.into()), None);
        assert_eq!(next_undecided(&desk, cell(0, 1), &Filter::Skipped.into()), Some(cell(1, 1)));
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
