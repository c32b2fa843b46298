//! How often people kept what the method picked, by language and by margin band.
//!
//! Rate: `kept / decided`, in 0..=1; 1 means that people changed nothing, 0 that they kept nothing. Undecided rows and
//! rows where the method picked nothing do not count. Bands hold equally many picks each, so that people see below which
//! margin not to trust the method; rows with equal margins always share a band, and where all margins are equal (math)
//! there is one band.

use serde::{Deserialize, Serialize};

use super::state::{Curation, Row};
use crate::align::bands::{band_of, equal_count_bands};
use crate::data::{Language, RowStatus};

/// Counts of one group of decided rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgreementCell {
    /// Rows with a method's pick that a person decided.
    pub decided: u32,
    /// Accepted just as the method picked.
    pub kept: u32,
    /// Accepted with another chosen or rejected response.
    pub changed: u32,
    /// Left out.
    pub left_out: u32,
    /// `kept / decided`; `None` where nothing was decided.
    pub rate: Option<f64>,
}

/// Agreement in all, by language, and by margin band from the lowest up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// All decided rows.
    pub all: AgreementCell,
    /// In the order the languages first appear.
    pub by_language: Vec<(Language, AgreementCell)>,
    /// Lowest and highest margin of the band, both included; rows of a method without margins are in no band.
    pub by_margin: Vec<(f32, f32, AgreementCell)>,
}

/// Compares what people decided with what the method picked; at most `n_bands` margin bands.
pub fn agreement(curation: &Curation, n_bands: usize) -> Agreement {
    let picked = || curation.rows().iter().filter(|row| row.has_pick());
    let bands = equal_count_bands(picked().filter_map(|row| row.margin).collect(), n_bands);
    let cells = bands.iter().map(|&(low, high)| (low, high, AgreementCell::default()));
    let mut out = Agreement { by_margin: cells.collect(), ..Agreement::default() };
    for row in picked() {
        let language_idx =
            out.by_language.iter().position(|(l, _)| *l == row.language).unwrap_or_else(|| {
                out.by_language.push((row.language.clone(), AgreementCell::default()));
                out.by_language.len() - 1
            });
        out.all.count(row);
        out.by_language[language_idx].1.count(row);
        if let Some(band) = row.margin.and_then(|margin| band_of(&bands, margin)) {
            out.by_margin[band].2.count(row);
        }
    }
    out
}

impl AgreementCell {
    fn count(&mut self, row: &Row) {
        let same = (row.state.chosen, row.state.rejected) == (row.method.chosen, row.method.rejected);
        match row.state.status {
            RowStatus::Undecided => return,
            RowStatus::Accepted if same => self.kept += 1,
            RowStatus::Accepted => self.changed += 1,
            _ => self.left_out += 1,
        }
        self.decided += 1;
        self.rate = Some(f64::from(self.kept) / f64::from(self.decided));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curation::{Act, Decision, Stamp, tests::apply};
    use crate::data::{Session, test_session::sample};

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
        AgreementCell { decided, kept, changed, left_out, rate }
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
        assert_eq!(out.all, cell(3, 1, 1));
        assert_eq!(out.by_language, [(ar, cell(1, 1, 1)), (en, cell(2, 0, 0))]);
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
        assert_eq!(agreement(&Curation::fold(&session), 10).all, cell(1, 0, 0));
    }
}
