//! How the margins of a session's pairs spread by language, and what a cut through them would keep. Pure.

use super::chart::{Ink, Spread};
use crate::data::{InOrder, Language, Session, SkipReason};

/// The margins of one language.
#[derive(Clone, Debug, PartialEq)]
pub struct LanguageMargins {
    /// Its language, by the canonical tag.
    pub language: Language,
    /// Its place in the run.
    pub place: usize,
    /// The margins of its pairs, those that are skipped as too small among them, ascending.
    pub margins: Vec<f32>,
    /// Cosine to the reference of every candidate.
    pub cosines: Vec<f32>,
}

/// The margins of a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Margins {
    /// By language, in the run's order; languages without a pair have no margins.
    pub languages: Vec<LanguageMargins>,
}

impl Margins {
    /// Those of a session: of every row that has a pair, or would have one with a smaller minimum.
    pub fn of(session: &Session) -> Self {
        let of_language = |(place, language): (usize, &Language)| {
            let rows = || session.pairs.iter().filter(|pair| pair.language == *language);
            let would_pair = rows().filter(|pair| matches!(pair.skip, None | Some(SkipReason::SmallMargin)));
            let mut margins: Vec<f32> =
                would_pair.filter_map(|pair| pair.margin).filter(|margin| margin.is_finite()).collect();
            margins.order_by(f32::total_cmp);
            let cosines =
                rows().flat_map(|pair| pair.cosine.iter().copied()).filter(|c| c.is_finite()).collect();
            LanguageMargins { language: language.clone(), place, margins, cosines }
        };
        Self { languages: session.config.languages.iter().enumerate().map(of_language).collect() }
    }

    /// How many pairs a minimum keeps, and how many it skips. A margin that is equal to the minimum is kept, as the methods do.
    pub fn counts(&self, min_margin: f32) -> (usize, usize) {
        let skipped = |row: &LanguageMargins| row.margins.partition_point(|margin| *margin < min_margin);
        let n_skipped = self.languages.iter().map(skipped).sum();
        let n: usize = self.languages.iter().map(|row| row.margins.len()).sum();
        (n - n_skipped, n_skipped)
    }

    /// The same by language: its name's place, kept, skipped.
    pub fn counts_by_language(&self, min_margin: f32) -> Vec<(Language, usize, usize)> {
        let count = |row: &LanguageMargins| {
            let n_skipped = row.margins.partition_point(|margin| *margin < min_margin);
            (row.language.clone(), row.margins.len() - n_skipped, n_skipped)
        };
        self.languages.iter().filter(|row| !row.margins.is_empty()).map(count).collect()
    }

    /// Lanes of margins.
    pub fn spreads(&self) -> Vec<Spread> {
        self.lanes(|row| &row.margins)
    }

    /// Lanes of cosines to the reference.
    pub fn cosine_spreads(&self) -> Vec<Spread> {
        self.lanes(|row| &row.cosines)
    }

    fn lanes(&self, pick: fn(&LanguageMargins) -> &Vec<f32>) -> Vec<Spread> {
        let lane = |row: &LanguageMargins| Spread {
            name: row.language.as_str().to_owned(),
            ink: Ink::Language(row.place),
            values: pick(row).iter().map(|value| f64::from(*value)).collect(),
        };
        self.languages.iter().filter(|row| !pick(row).is_empty()).map(lane).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        align::{Material, select},
        data::{SessionConfig, test_session},
    };

    #[test]
    fn counts_are_what_picking_again_gives() {
        let mut session = test_session::sample();
        let mut second = session.pairs[1].clone();
        (second.prompt_id, second.margin, second.skip) =
            ("b".into(), Some(0.5), Some(SkipReason::SmallMargin));
        session.pairs[3] = second;
        let margins = Margins::of(&session);
        assert_eq!(margins.spreads().len(), 1, "the anchor has no margin");
        for (cut, expected) in [(0.0, (2, 0)), (0.5, (2, 0)), (0.6, (1, 1)), (1.0, (1, 1)), (1.5, (0, 2))] {
            assert_eq!(margins.counts(cut), expected, "{cut}");
        }
        assert_eq!(margins.counts_by_language(0.6), [("ar".into(), 1, 1)]);
    }

    #[test]
    fn a_cut_counts_as_the_method_picks() {
        let session = test_session::sample();
        let margins = Margins::of(&session);
        for cut in [0.0, 1.0, 1.5] {
            let config = SessionConfig { min_margin: cut, ..session.config.clone() };
            let picks = select(Material::of(&session), &config);
            let kept = picks.pairs.iter().filter(|pair| pair.skip.is_none()).count();
            assert_eq!(kept, margins.counts(cut).0, "{cut}");
        }
    }
}
