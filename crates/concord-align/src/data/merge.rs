//! Decisions of several people on one session, put together.
//!
//! A log is only ever added to: what another log has and ours lacks is appended in the order of time, and nobody's decision
//! takes the place of another's. What each person's decisions come to, and where people differ, is told from the whole log.

use std::collections::{BTreeMap, BTreeSet};

use super::{CurationAct, CurationEvent, Language, RowState, RowStatus, Session};
use crate::data::InOrder;

/// What putting two logs together comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// The whole log, numbered anew: ours first, and behind it what was added.
    pub events: Vec<CurationEvent>,
    /// How many of its events are new to us.
    pub added: usize,
    /// How many of theirs we had already.
    pub already: usize,
    /// Rows on which people decided differently, in the order of the log.
    pub conflicts: Vec<(String, Language)>,
    /// Names under which both logs have decisions that the other lacks: two people, or one on two machines.
    pub on_both_sides: Vec<String>,
}

/// What an event is, wherever it stands: its number is its place in a log.
fn is_same(a: &CurationEvent, b: &CurationEvent) -> bool {
    a.time == b.time
        && a.item == b.item
        && a.actor == b.actor
        && CurationEvent { seq: b.seq, ..a.clone() } == *b
}

/// Puts their decisions behind ours. Merging the same again adds nothing, and whoever merges whom, the same decisions are there.
pub fn merge_logs(ours: &[CurationEvent], theirs: &[CurationEvent]) -> Merged {
    // Events of one moment are few, so that looking among them takes no time.
    let by_time = |events: &[CurationEvent]| {
        let mut by_time: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, event) in events.iter().enumerate() {
            by_time.entry(event.time.clone()).or_default().push(at);
        }
        by_time
    };
    let times = by_time(ours);
    let mut is_theirs_too = vec![false; ours.len()];
    let mut new: Vec<&CurationEvent> = Vec::new();
    for event in theirs {
        let known = times.get(&event.time).and_then(|places| {
            places.iter().copied().find(|at| !is_theirs_too[*at] && is_same(&ours[*at], event))
        });
        match known {
            Some(at) => is_theirs_too[at] = true,
            None => new.push(event),
        }
    }
    let already = theirs.len() - new.len();
    in_order(&mut new);
    let actors = |events: &mut dyn Iterator<Item = &CurationEvent>| -> BTreeSet<String> {
        events.map(|event| event.actor.clone()).collect()
    };
    let theirs_alone = actors(&mut new.iter().copied());
    let ours_alone = actors(
        &mut ours.iter().zip(&is_theirs_too).filter(|(_, is_theirs)| !**is_theirs).map(|(event, _)| event),
    );
    let mut events: Vec<CurationEvent> = ours.iter().chain(new.iter().copied()).cloned().collect();
    for (at, event) in events.iter_mut().enumerate() {
        event.seq = u32::try_from(at).unwrap_or(u32::MAX);
    }
    Merged {
        added: new.len(),
        already,
        conflicts: conflicts(&events),
        on_both_sides: ours_alone.intersection(&theirs_alone).cloned().collect(),
        events,
    }
}

/// Sorts by time; what one person did stays in the order of their log, even where their clock went back.
fn in_order(events: &mut [&CurationEvent]) {
    let mut latest: BTreeMap<&str, &str> = BTreeMap::new();
    let mut keyed: Vec<(&str, &str, usize, &CurationEvent)> = Vec::with_capacity(events.len());
    for (at, event) in events.iter().copied().enumerate() {
        let time = latest.entry(&event.actor).or_default();
        *time = (*time).max(&event.time);
        keyed.push((*time, &event.actor, at, event));
    }
    keyed.order_by_key(|(time, actor, at, _)| (*time, *actor, *at));
    for (place, (.., event)) in events.iter_mut().zip(keyed) {
        *place = event;
    }
}

/// Rows that people left in different states.
fn conflicts(events: &[CurationEvent]) -> Vec<(String, Language)> {
    type Row<'a> = (&'a str, &'a Language);
    let mut states: BTreeMap<Row<'_>, BTreeMap<&str, RowState>> = BTreeMap::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for event in events {
        // These say nothing of which side is better.
        if matches!(
            event.event,
            CurationAct::Note | CurationAct::Flag | CurationAct::Repeat | CurationAct::Edit
        ) {
            continue;
        }
        let first = (event.item.as_str(), &event.lang, event.after);
        for (item, lang, after) in std::iter::once(first)
            .chain(event.rows.iter().map(|row| (row.item.as_str(), &row.lang, row.after)))
        {
            let of_row = states.entry((item, lang)).or_insert_with(|| {
                rows.push((item, lang));
                BTreeMap::new()
            });
            of_row.insert(&event.actor, after);
        }
    }
    let judgement = |state: &RowState| {
        let sides = state.status.holds_pair().then_some((state.chosen, state.rejected));
        (state.status, sides)
    };
    let differ = |row: &&Row<'_>| {
        let said = states[*row].values().filter(|state| state.status != RowStatus::Undecided).map(judgement);
        said.collect::<std::collections::HashSet<_>>().len() > 1
    };
    rows.iter().filter(differ).map(|(item, lang)| ((*item).to_owned(), (*lang).clone())).collect()
}

/// Their log with a person's decisions under another name, but for those that ours has.
pub fn renamed(ours: &[CurationEvent], theirs: &[CurationEvent], from: &str, to: &str) -> Vec<CurationEvent> {
    let mut known: BTreeMap<&str, Vec<&CurationEvent>> = BTreeMap::new();
    for event in ours {
        known.entry(&event.time).or_default().push(event);
    }
    let is_ours = |event: &CurationEvent| {
        known.get(event.time.as_str()).is_some_and(|events| events.iter().any(|ours| is_same(ours, event)))
    };
    let named = |event: &CurationEvent| match event.actor == from && !is_ours(event) {
        true => CurationEvent { actor: to.to_owned(), ..event.clone() },
        false => event.clone(),
    };
    theirs.iter().map(named).collect()
}

/// Compares prompts and responses of two sessions in steps: only on the same ones do two people's decisions mean the same.
#[derive(Debug, Default)]
pub struct SameRecord {
    at: usize,
    difference: Option<String>,
}

impl SameRecord {
    /// Compares some more; `false` when all is compared, or a difference is found.
    pub fn step(&mut self, ours: &Session, theirs: &Session) -> bool {
        let at = self.at;
        self.at += 1;
        self.difference = if at == 0 { lists(ours, theirs) } else { response(ours, theirs, at - 1) };
        self.difference.is_none() && at < ours.responses.len()
    }

    /// The first difference, in words.
    pub fn finish(self) -> Option<String> {
        self.difference
    }
}

fn lists(ours: &Session, theirs: &Session) -> Option<String> {
    let missing = |from: &Session, of: &Session| {
        let ids: BTreeSet<&str> = of.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
        let lacks = from.prompts.iter().filter(|prompt| !ids.contains(prompt.id.as_str()));
        lacks.map(|prompt| prompt.id.clone()).collect::<Vec<_>>()
    };
    for (found, which) in [(missing(theirs, ours), "that file"), (missing(ours, theirs), "the open session")]
    {
        if !found.is_empty() {
            let more = if found.len() > 5 { ", …" } else { "" };
            return Some(format!(
                "only {which} has the prompts {}{more}",
                found[..found.len().min(5)].join(", ")
            ));
        }
    }
    let other = ours.prompts.iter().find(|prompt| {
        let same = theirs.prompts.iter().find(|other| other.id == prompt.id);
        same.is_none_or(|other| other.text != prompt.text)
    });
    if let Some(prompt) = other {
        return Some(format!("prompt {} has other words there", prompt.id));
    }
    (ours.responses.len() != theirs.responses.len()).then(|| {
        format!("it has {} responses, the open session {}", theirs.responses.len(), ours.responses.len())
    })
}

fn response(ours: &Session, theirs: &Session, at: usize) -> Option<String> {
    let (our, their) = (ours.responses.get(at)?, theirs.responses.get(at)?);
    let is_same = (&our.prompt_id, &our.language, our.sample, &our.text)
        == (&their.prompt_id, &their.language, their.sample, &their.text);
    (!is_same).then(|| {
        format!(
            "response {} to prompt {} in {} is another one there",
            our.sample + 1,
            our.prompt_id,
            our.language.as_str()
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::test_session::sample;

    fn event(actor: &str, time: u32, item: &str, status: RowStatus) -> CurationEvent {
        let mut event = sample().events[0].clone();
        event.actor = actor.to_owned();
        event.time = format!("2026-11-27T10:00:00.{time:03}Z");
        event.item = item.to_owned();
        event.after.status = status;
        event
    }

    fn logs() -> impl Strategy<Value = (Vec<CurationEvent>, Vec<CurationEvent>)> {
        let log = |actor: &'static str| {
            let one = (0..30_u32, 0..4_usize, 0..3_usize).prop_map(move |(time, row, status)| {
                let status = [RowStatus::Accepted, RowStatus::LeftOut, RowStatus::Undecided][status];
                event(actor, time, ["a", "b", "c", "d"][row], status)
            });
            prop::collection::vec(one, 0..12)
        };
        (log("both"), log("ana"), log("ben"))
            .prop_map(|(both, ana, ben)| ([both.clone(), ana].concat(), [both, ben].concat()))
    }

    fn of<'a>(actor: &'a str, events: &'a [CurationEvent]) -> Vec<CurationEvent> {
        let of_actor = events.iter().filter(|event| event.actor == actor);
        of_actor.map(|event| CurationEvent { seq: 0, ..event.clone() }).collect()
    }

    proptest! {
        #[test]
        fn merging_again_adds_nothing_and_the_order_does_not_matter((ours, theirs) in logs()) {
            let merged = merge_logs(&ours, &theirs);
            prop_assert_eq!(merged.events.len(), ours.len() + merged.added);
            prop_assert_eq!(merged.added + merged.already, theirs.len());
            for log in [&theirs, &ours, &merged.events] {
                let again = merge_logs(&merged.events, log);
                prop_assert_eq!((again.added, again.already, &again.events), (0, log.len(), &merged.events));
            }
            let other_way = merge_logs(&theirs, &ours);
            prop_assert_eq!(other_way.events.len(), merged.events.len());
            for actor in ["both", "ana", "ben"] {
                prop_assert_eq!(of(actor, &other_way.events), of(actor, &merged.events));
            }
            let rows = |merged: &Merged| merged.conflicts.iter().cloned().collect::<BTreeSet<_>>();
            prop_assert_eq!(rows(&other_way), rows(&merged));
            prop_assert!(merged.on_both_sides.is_empty());
        }

        #[test]
        fn ours_stays_as_it_is_and_nobodys_order_changes((ours, theirs) in logs()) {
            let merged = merge_logs(&ours, &theirs);
            for (at, (event, own)) in merged.events.iter().zip(&ours).enumerate() {
                prop_assert!(is_same(event, own));
                prop_assert_eq!(event.seq as usize, at);
            }
            prop_assert_eq!(of("ben", &merged.events), of("ben", &theirs));
        }
    }

    #[test]
    fn people_who_differ_are_told_and_neither_is_overwritten() {
        let ours = vec![event("ana", 1, "a", RowStatus::Accepted), event("ana", 2, "b", RowStatus::Accepted)];
        let theirs =
            vec![event("ben", 3, "a", RowStatus::LeftOut), event("ben", 4, "b", RowStatus::Accepted)];
        let merged = merge_logs(&ours, &theirs);
        assert_eq!((merged.added, merged.already), (2, 0));
        let lang = ours[0].lang.clone();
        assert_eq!(merged.conflicts, [("a".to_owned(), lang)]);
        assert_eq!(of("ana", &merged.events).len(), 2);
    }

    #[test]
    fn two_people_without_a_name_get_one_and_a_file_comes_twice_without_harm() {
        let base = event("person", 1, "a", RowStatus::Accepted);
        let ours = vec![base.clone(), event("person", 5, "b", RowStatus::Accepted)];
        let theirs = vec![base, event("person", 4, "b", RowStatus::LeftOut)];
        assert_eq!(merge_logs(&ours, &theirs).on_both_sides, ["person"]);
        let named = renamed(&ours, &theirs, "person", "ben");
        assert_eq!(named.iter().map(|event| event.actor.as_str()).collect::<Vec<_>>(), ["person", "ben"]);
        let merged = merge_logs(&ours, &named);
        assert_eq!((merged.added, merged.already, merged.conflicts.len()), (1, 1, 1));
        assert!(merged.on_both_sides.is_empty());
        let again = merge_logs(&merged.events, &renamed(&merged.events, &theirs, "person", "ben"));
        assert_eq!((again.added, again.events), (0, merged.events));
    }

    #[test]
    fn sessions_of_other_prompts_or_responses_are_told_apart() {
        let difference = |change: &dyn Fn(&mut Session)| {
            let (ours, mut theirs) = (sample(), sample());
            change(&mut theirs);
            let mut same = SameRecord::default();
            while same.step(&ours, &theirs) {}
            same.finish()
        };
        assert_eq!(difference(&|session| session.events.clear()), None);
        assert_eq!(difference(&|session| session.pairs.clear()), None);
        for (change, wanted) in [
            (
                &(|session: &mut Session| session.prompts[0].id = "x".into()) as &dyn Fn(&mut Session),
                "only that file has the prompts x",
            ),
            (&|session| drop(session.prompts.remove(1)), "only the open session has the prompts b"),
            (
                &|session| session.prompts[0].text.values_mut().for_each(|t| t.push('!')),
                "prompt a has other words",
            ),
            (&|session| drop(session.responses.pop()), "it has 7 responses, the open session 8"),
            (&|session| session.responses[7].text.push('!'), "response 2 to prompt b in ar"),
        ] {
            let found = difference(change).unwrap_or_default();
            assert!(found.contains(wanted), "{wanted}: {found}");
        }
    }
}
