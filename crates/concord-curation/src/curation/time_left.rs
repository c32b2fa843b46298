//! How long the rest of a review takes, by how long the last decisions took.

use crate::data::{CurationAct, CurationEvent, InOrder};

/// Decisions that are looked at.
const N_LAST: usize = 20;
/// Whoever takes longer between two decisions was away, in milliseconds.
const AWAY_MS: f64 = 300_000.0;

/// Seconds for `n_left` rows: the median time between the last decisions of one actor, times the rows. `None` until there
/// are three of them. `ms` reads an ISO 8601 time.
pub fn time_left(
    events: &[CurationEvent],
    actor: &str,
    n_left: usize,
    ms: impl Fn(&str) -> Option<f64>,
) -> Option<f64> {
    let decides = |event: &&CurationEvent| {
        event.actor == actor
            && event.rows.is_empty()
            && !matches!(
                event.event,
                CurationAct::Undo | CurationAct::Redo | CurationAct::Flag | CurationAct::Note
            )
    };
    let times: Vec<f64> =
        events.iter().rev().filter(decides).take(N_LAST).filter_map(|event| ms(&event.time)).collect();
    let mut gaps: Vec<f64> = times
        .windows(2)
        .filter_map(|pair| Some(pair.first()? - pair.get(1)?))
        .filter(|gap| (0.0..AWAY_MS).contains(gap))
        .collect();
    if gaps.len() < 2 {
        return None;
    }
    gaps.order_by(f64::total_cmp);
    Some(gaps[gaps.len() / 2] / 1000.0 * n_left as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_session::sample;

    #[test]
    fn the_median_of_the_last_gaps_times_the_rows_that_are_left() {
        let template = sample().events[0].clone();
        let at = |ms: f64, act: CurationAct| CurationEvent {
            time: ms.to_string(),
            event: act,
            ..template.clone()
        };
        let accept = |ms: f64| at(ms, CurationAct::Accept);
        let read = |time: &str| time.parse().ok();
        let left = |events: &[CurationEvent]| time_left(events, &template.actor, 10, read);
        assert_eq!(left(&[accept(0.0), accept(2_000.0)]), None);
        // A lunch break, a note and an undo say nothing of the pace.
        let events = [
            accept(0.0),
            accept(4_000.0),
            accept(9_000_000.0),
            at(9_000_500.0, CurationAct::Note),
            accept(9_006_000.0),
            at(9_006_100.0, CurationAct::Undo),
            accept(9_012_000.0),
        ];
        assert_eq!(left(&events), Some(60.0));
        assert_eq!(time_left(&events, "somebody else", 10, read), None);
    }
}
