//! What a tab remembers of a run through a reload, and whether the run then goes on without being asked for.

use serde::{Deserialize, Serialize};

/// A run that goes on by itself and is cut short again so soon, in milliseconds, waits to be asked for: whoever reloads twice
/// wants it to stop.
const SOON_MS: u64 = 2 * 60 * 1_000;
/// A run that nobody has worked on for so long, in milliseconds, waits to be asked for: whoever opens the page may want
/// something else by now.
const OLD_MS: u64 = 24 * 60 * 60 * 1_000;

/// A run under way in this tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnderWay {
    /// Its book.
    pub id: String,
    /// When it went on by itself after a reload, in milliseconds since 1970; `None` where a person began it.
    #[serde(default)]
    pub went_on_at: Option<u64>,
}

impl UnderWay {
    /// Whether the run of a book goes on by itself now that the page is here again. `worked_at` is when something of it was
    /// stored last; times are in milliseconds since 1970.
    pub fn goes_on_alone(&self, id: &str, worked_at: Option<u64>, now: u64) -> bool {
        let is_soon = self.went_on_at.is_some_and(|at| now.saturating_sub(at) < SOON_MS);
        let is_old = worked_at.is_none_or(|at| now.saturating_sub(at) > OLD_MS);
        self.id == id && !is_soon && !is_old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_by_itself_in_its_own_tab_unless_it_was_just_cut_short_or_is_old() {
        let (now, second) = (1_000_000_000_000, 1_000);
        let mark = |went_on_at| UnderWay { id: "a".to_owned(), went_on_at };
        let goes = |mark: &UnderWay, id, worked_at| mark.goes_on_alone(id, worked_at, now);
        let lately = Some(now - 5 * second);
        assert!(goes(&mark(None), "a", lately), "the page was reloaded");
        assert!(!goes(&mark(None), "b", lately), "another tab's run, or an older one");
        assert!(!goes(&mark(Some(now - 30 * second)), "a", lately), "reloaded twice");
        assert!(goes(&mark(Some(now - 3_600 * second)), "a", lately), "reloaded again much later");
        assert!(goes(&mark(None), "a", Some(now - 8 * 3_600 * second)), "a night");
        assert!(!goes(&mark(None), "a", Some(now - 3 * OLD_MS)), "a long weekend");
        assert!(!goes(&mark(None), "a", None), "nobody knows how old it is");
    }

    #[test]
    fn a_mark_is_read_as_it_was_written_and_an_emptied_one_is_none() {
        let mark = UnderWay { id: "a".to_owned(), went_on_at: Some(7) };
        assert_eq!(serde_json::from_str::<UnderWay>(&serde_json::to_string(&mark).unwrap()).unwrap(), mark);
        assert!(serde_json::from_str::<UnderWay>("").is_err());
    }
}
