//! How often people kept what the method picked, by language and by margin band.
//!
//! Rate: `kept / decided`, in 0..=1; 1 means that people changed nothing, 0 that they kept nothing. Undecided rows and
//! rows where the method picked nothing do not count. Bands hold equally many picks each, so that people see below which
//! margin not to trust the method; rows with equal margins always share a band, and where all margins are equal (math)
//! there is one band.

use serde::{Deserialize, Serialize};

use super::state::{Curation, Row};
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
    /// Lowest and highest margin of the band, both included.
    pub by_margin: Vec<(f32, f32, AgreementCell)>,
}

/// Compares what people decided with what the method picked; at most `n_bands` margin bands.
pub fn agreement(curation: &Curation, n_bands: usize) -> Agreement {
    let picked: Vec<(&Row, f32)> = curation
        .rows()
        .iter()
        .filter(|row| row.skip.is_none())
        .filter_map(|row| Some((row, row.margin?)))
        .collect();
    let mut out = Agreement { by_margin: bands(&picked, n_bands), ..Agreement::default() };
    for (row, margin) in picked {
        let language_idx =
            out.by_language.iter().position(|(l, _)| *l == row.language).unwrap_or_else(|| {
                out.by_language.push((row.language.clone(), AgreementCell::default()));
                out.by_language.len() - 1
            });
        out.all.count(row);
        out.by_language[language_idx].1.count(row);
        if let Some(band) = out.by_margin.iter_mut().find(|(low, high, _)| (*low..=*high).contains(&margin)) {
            band.2.count(row);
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
            RowStatus::LeftOut => self.left_out += 1,
        }
        self.decided += 1;
        self.rate = Some(f64::from(self.kept) / f64::from(self.decided));
    }
}

/// Cuts the sorted margins into equal counts; a cut inside a run of equal margins moves to its end.
fn bands(picked: &[(&Row, f32)], n_bands: usize) -> Vec<(f32, f32, AgreementCell)> {
    let mut margins: Vec<f32> = picked.iter().map(|(_, margin)| *margin).collect();
    margins.sort_by(f32::total_cmp);
    let mut out = Vec::new();
    let mut start = 0;
    for band in 1..=n_bands.max(1) {
        let mut end = margins.len() * band / n_bands.max(1);
        if end <= start {
            continue;
        }
        while end < margins.len() && margins[end] == margins[end - 1] {
            end += 1;
        }
        out.push((margins[start], margins[end - 1], AgreementCell::default()));
        start = end;
    }
    out
}
