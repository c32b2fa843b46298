//! How often people kept what the method picked: in all, by language, by margin, and from which margin on it is safe to.
//!
//! Rate: `kept / decided`, in 0..=1; 1 means that people changed nothing, 0 that they kept nothing. A row counts once, by what
//! holds of it now. Undecided rows, rows that cannot be judged, rows on which people disagree until that is settled, and rows
//! where the method picked nothing do not count. Bands hold equally many picks each, so that people see below which margin not
//! to trust the method; rows with equal margins always share a band, and where all margins are equal (math) there is one band.

use serde::{Deserialize, Serialize};

use super::super::{Curation, Row};
use super::Judgement;
use crate::align::bands::{band_of, equal_count_bands};
use crate::align::raters::{MIN_UNITS, wilson};
use crate::align::{Interval, Rate};
use crate::data::{InOrder, Language, RowState};

/// Share of the picks that people keep above the margin that [`MarginCut`] looks for.
const KEPT: f64 = 0.95;

/// Counts of one group of decided rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgreementCell {
    /// Rows with a method's pick that a person decided.
    pub decided: u32,
    /// Accepted just as the method picked.
    pub kept: u32,
    /// Accepted with another chosen or rejected response.
    pub changed: u32,
    /// Given no pair: left out, a tie, both good, both bad, harmful.
    pub left_out: u32,
    /// `kept / decided`; `None` where nothing was decided.
    pub rate: Option<f64>,
    /// The 95 % interval of the rate by Wilson's score.
    pub interval: Option<Interval>,
}

/// The lowest margin from which on people kept at least 95 % of the picks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarginCut {
    /// The margin; a row that has it is among those kept.
    pub margin: f32,
    /// Decided rows from there on, and those of them that were kept.
    pub rate: Rate,
    /// Picks of the method from there on, decided or not.
    pub n_picks: u32,
}

/// One group of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupAgreement {
    /// What people made of the picks.
    pub cell: AgreementCell,
    /// From which margin on to trust the method; `None` where there is no such margin.
    pub cut: Option<MarginCut>,
}

/// Agreement in all, by language, and by margin band from the lowest up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// All rows.
    pub all: GroupAgreement,
    /// In the order the languages first appear.
    pub by_language: Vec<(Language, GroupAgreement)>,
    /// Lowest and highest margin of the band, both included; rows of a method without margins are in no band.
    pub by_margin: Vec<(f32, f32, AgreementCell)>,
}

/// Compares what people decided with what the method picked; at most `n_bands` margin bands.
pub fn agreement(curation: &Curation, n_bands: usize) -> Agreement {
    let picked: Vec<&Row> = curation.rows().iter().filter(|row| has_pick(row)).collect();
    let bands = equal_count_bands(picked.iter().filter_map(|row| row.margin).collect(), n_bands);
    let cells = bands.iter().map(|&(low, high)| (low, high, AgreementCell::default()));
    let mut by_margin: Vec<_> = cells.collect();
    let mut by_language: Vec<(Language, Vec<&Row>)> = Vec::new();
    for row in &picked {
        match by_language.iter_mut().find(|(language, _)| *language == row.language) {
            Some((_, rows)) => rows.push(row),
            None => by_language.push((row.language.clone(), vec![row])),
        }
        if let Some(band) = row.margin.and_then(|margin| band_of(&bands, margin)) {
            by_margin[band].2.count(row);
        }
    }
    Agreement {
        all: GroupAgreement::of(&picked),
        by_language: by_language.into_iter().map(|(l, rows)| (l, GroupAgreement::of(&rows))).collect(),
        by_margin,
    }
}

/// How often one person's own decisions kept the picks, whatever holds of those rows now.
pub fn with_method_of(curation: &Curation, actor: &str) -> AgreementCell {
    let mut cell = AgreementCell::default();
    for row in curation.rows().iter().filter(|row| has_pick(row)) {
        for vote in row.votes.iter().filter(|vote| vote.actor == actor) {
            cell.add(row.method, vote.state);
        }
    }
    cell
}

impl GroupAgreement {
    fn of(rows: &[&Row]) -> Self {
        let mut cell = AgreementCell::default();
        rows.iter().for_each(|row| cell.count(row));
        Self { cell, cut: MarginCut::of(rows) }
    }
}

impl MarginCut {
    /// Whether it rests on fewer than [`MIN_UNITS`] decided rows.
    pub fn is_few(&self) -> bool {
        self.rate.whole < MIN_UNITS
    }

    /// Of all margins that occur, the lowest from which on the share kept is high enough.
    fn of(rows: &[&Row]) -> Option<Self> {
        let mut margins: Vec<(f32, &Row)> = rows
            .iter()
            .filter_map(|row| Some((row.margin.filter(|margin| margin.is_finite())?, *row)))
            .collect();
        margins.order_by(|a, b| b.0.total_cmp(&a.0));
        let (mut above, mut n_picks, mut found) = (AgreementCell::default(), 0, None);
        for equal in margins.chunk_by(|a, b| a.0 == b.0) {
            let decided_before = above.decided;
            equal.iter().for_each(|(_, row)| above.count(row));
            n_picks += equal.len() as u32;
            if above.decided > decided_before && above.rate.is_some_and(|rate| rate >= KEPT) {
                let rate = Rate { interval: above.interval, ..Rate::of(above.kept, above.decided) };
                found = Some(Self { margin: equal[0].0, rate, n_picks });
            }
        }
        found
    }
}

impl AgreementCell {
    /// Whether it rests on fewer than [`MIN_UNITS`] rows.
    pub fn is_few(&self) -> bool {
        self.decided < MIN_UNITS
    }

    fn count(&mut self, row: &Row) {
        if !row.is_conflict() {
            self.add(row.method, row.state);
        }
    }

    fn add(&mut self, method: RowState, state: RowState) {
        match Judgement::of(method, state) {
            None | Some(Judgement::CannotJudge) => return,
            Some(Judgement::Kept) => self.kept += 1,
            Some(Judgement::Swapped | Judgement::Other) => self.changed += 1,
            Some(_) => self.left_out += 1,
        }
        self.decided += 1;
        self.rate = Some(f64::from(self.kept) / f64::from(self.decided));
        self.interval = wilson(self.kept, self.decided);
    }
}

fn has_pick(row: &Row) -> bool {
    row.skip.is_none() && row.has_pick()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curation::{Act, Decision, Stamp, tests::apply};
    use crate::data::{RowStatus, Session, test_session::sample};

    /// Six rows with these margins in two languages; all have the pick 0 over 1.
    fn session(margins: [f32; 6]) -> Session {
        let mut session = sample();
        let template = session.pairs[1].clone();
        session.events.clear();
        session.pairs.clear();
        for (i, margin) in margins.into_iter().enumerate() {
            let language = Language::from(if i < 3 { "ar" } else { "en" });
            let prompt_id = format!("p{i}");
            let mut pair = template.clone();
            (pair.prompt_id, pair.language, pair.margin) = (prompt_id, language, Some(margin));
            session.pairs.push(pair);
        }
        session
    }

    fn cell(kept: u32, changed: u32, left_out: u32) -> AgreementCell {
        let decided = kept + changed + left_out;
        let rate = (decided > 0).then(|| f64::from(kept) / f64::from(decided));
        AgreementCell { decided, kept, changed, left_out, rate, interval: wilson(kept, decided) }
    }

    #[test]
    fn counted_by_language_and_margin() {
        let mut session = session([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        let (ar, en) = (Language::from("ar"), Language::from("en"));
        for decision in [
            Decision::On(("p0", &ar), Act::Swap),
            Decision::On(("p1", &ar), Act::LeaveOut),
            Decision::On(("p2", &ar), Act::Accept),
            Decision::On(("p4", &en), Act::Accept),
            Decision::On(("p5", &en), Act::Accept),
        ] {
            apply(&mut session, decision, Stamp::default()).unwrap();
        }
        let out = agreement(&Curation::fold(&session), 3);
        assert_eq!(out.all.cell, cell(3, 1, 1));
        let by_language: Vec<_> = out.by_language.iter().map(|(l, group)| (l.clone(), group.cell)).collect();
        assert_eq!(by_language, [(ar, cell(1, 1, 1)), (en, cell(2, 0, 0))]);
        assert_eq!(
            out.by_margin,
            [(0.1, 0.2, cell(0, 1, 1)), (0.3, 0.4, cell(1, 0, 0)), (0.5, 0.6, cell(2, 0, 0))]
        );
    }

    #[test]
    fn equal_margins_share_a_band() {
        let bands = |margins| {
            let out = agreement(&Curation::fold(&session(margins)), 3);
            out.by_margin.iter().map(|b| (b.0, b.1)).collect::<Vec<_>>()
        };
        assert_eq!(bands([1.0; 6]), [(1.0, 1.0)]);
        assert_eq!(bands([0.1, 0.2, 0.2, 0.2, 0.2, 0.3]), [(0.1, 0.2), (0.3, 0.3)]);
    }

    #[test]
    fn swapping_twice_keeps_the_pick() {
        let mut session = session([0.5; 6]);
        let ar = Language::from("ar");
        for _ in 0..2 {
            apply(&mut session, Decision::On(("p0", &ar), Act::Swap), Stamp::default()).unwrap();
        }
        assert_eq!(agreement(&Curation::fold(&session), 10).all.cell, cell(1, 0, 0));
    }

    #[test]
    fn the_cut_is_the_lowest_margin_from_which_on_most_is_kept() {
        // Forty rows with margins 1 to 40: people kept all but those of margins 30, 5, 4, 3, 2 and 1.
        let mut session = session([0.0; 6]);
        let template = session.pairs[0].clone();
        session.pairs.clear();
        let ar = Language::from("ar");
        for margin in 1..=40_u8 {
            let mut pair = template.clone();
            (pair.prompt_id, pair.margin) = (format!("p{margin}"), Some(f32::from(margin)));
            session.pairs.push(pair);
        }
        for margin in (1..=40_u8).filter(|margin| *margin != 20) {
            let act = if margin <= 5 || margin == 30 { Act::Swap } else { Act::Accept };
            let id = format!("p{margin}");
            apply(&mut session, Decision::On((id.as_str(), &ar), act), Stamp::default()).unwrap();
        }
        let found = agreement(&Curation::fold(&session), 10);
        let cut = found.all.cut.unwrap();
        // From 6 on 33 of 34 decided rows are kept (0.971), from 5 on 33 of 35 (0.943); row 20 is picked and not decided.
        assert_eq!((cut.margin, cut.rate.part, cut.rate.whole, cut.n_picks), (6.0, 33, 34, 35));
        assert!(cut.is_few());
        assert_eq!(found.by_margin.len(), 10);
        assert_eq!(
            (found.by_margin[0].0, found.by_margin[0].1, found.by_margin[0].2),
            (1.0, 4.0, cell(0, 4, 0))
        );
    }

    #[test]
    fn what_cannot_be_judged_counts_neither_way() {
        let mut session = session([0.5; 6]);
        let ar = Language::from("ar");
        for (id, status) in
            [("p0", RowStatus::CannotJudge), ("p1", RowStatus::Tie), ("p2", RowStatus::Harmful)]
        {
            apply(&mut session, Decision::On((id, &ar), Act::Judge(status)), Stamp::default()).unwrap();
        }
        let found = agreement(&Curation::fold(&session), 10);
        assert_eq!((found.all.cell, found.all.cut), (cell(0, 0, 2), None));
    }
}
