//! Rows that belong together by what no single row says: those like another, and those on which methods differ.

use std::collections::HashSet;

use super::{Cell, Desk, most_alike};
use crate::align::{ComparisonTable, cosine};
use crate::data::{Representations, RepresentedText};

impl Desk {
    /// The rows of a cell's language whose questions the model reads most like the cell's own, at most `n`, the most alike
    /// first, each with the cosine of the two representations, from -1 to 1. Empty where the prompts' representations were
    /// not measured; [`super::Likeness`] compares texts then.
    pub fn similar(&self, cell: Cell, n: usize) -> Vec<(Cell, f32)> {
        let all = &self.session().measurements.representations;
        let Some(row) = self.row(cell) else { return Vec::new() };
        let place = |measured: &Representations| {
            measured.order.iter().position(|(id, language)| *id == row.prompt_id && *language == row.language)
        };
        // The question alone says more than one wrapped in a template, where both were read.
        let of = |text| all.iter().filter(move |measured| measured.text == text);
        let mut known = of(RepresentedText::Plain).chain(of(RepresentedText::Chat));
        let Some((measured, own)) = known.find_map(|measured| Some((measured, place(measured)?))) else {
            return Vec::new();
        };
        let others = measured.order.iter().enumerate().filter_map(|(at, (prompt_id, language))| {
            let is_other = *language == row.language && at != own;
            let cell = is_other.then(|| self.cell_of(prompt_id, language)).flatten()?;
            self.row(cell).filter(|row| row.is_listed())?;
            Some((cell, cosine(measured.vector(own), measured.vector(at))))
        });
        most_alike(others.collect(), n)
    }

    /// The rows for which at least two methods of a comparison picked different pairs; a method without a pair has no say.
    pub fn differing(&self, table: &ComparisonTable) -> HashSet<Cell> {
        let mut picks: Vec<Option<(u32, u32)>> = vec![None; self.curation().rows().len()];
        let mut differing = HashSet::new();
        let pairs = table.methods.iter().flat_map(|method| &method.selection.pairs);
        for pair in pairs.filter(|pair| pair.skip.is_none()) {
            let at = self.curation().row_idx(&pair.prompt_id, &pair.language);
            if let (Some(at), Some(pick)) = (at, pair.chosen.zip(pair.rejected))
                && *picks[at].get_or_insert(pick) != pick
            {
                differing.extend(self.cell_at(at));
            }
        }
        differing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::Selection;
    use crate::align::compare::MethodRow;
    use crate::data::{Language, Session, test_session::sample};

    fn cell(prompt: usize, language: usize) -> Cell {
        Cell { prompt, language }
    }

    #[test]
    fn like_rows_are_of_the_same_language_and_come_by_cosine() {
        let mut session = sample();
        for id in ["c", "d"] {
            let like = session.pairs[1].clone();
            session.pairs.push(crate::data::Pair { prompt_id: id.into(), ..like });
            session.prompts.push(crate::data::Prompt { id: id.into(), ..session.prompts[0].clone() });
        }
        assert_eq!(Desk::new(session.clone()).similar(cell(0, 1), 9), [], "nothing was measured");
        let order = [("a", "ar"), ("b", "ar"), ("c", "ar"), ("d", "ar"), ("c", "en")];
        let measured = |text, values: [f32; 10]| Representations {
            text,
            dim: 2,
            order: order.map(|(id, language)| (id.to_owned(), Language::from(language))).to_vec(),
            values: values.to_vec(),
            ..Representations::default()
        };
        session.measurements.representations = vec![
            measured(RepresentedText::Chat, [1.0; 10]),
            measured(RepresentedText::Plain, [1.0, 0.0, 3.0, 4.0, 0.0, 0.0, 5.0, 0.0, 1.0, 0.0]),
        ];
        let desk = Desk::new(session);
        let found = desk.similar(cell(0, 1), 9);
        assert_eq!(found, [(cell(3, 1), 1.0), (cell(1, 1), 0.6), (cell(2, 1), 0.0)]);
        assert_eq!(desk.similar(cell(0, 1), 1), found[..1]);
        assert_eq!(desk.similar(cell(0, 0), 9), [], "its own language was not measured");
        assert_eq!(desk.similar(cell(9, 9), 9), []);
    }

    #[test]
    fn methods_differ_where_two_of_them_picked_other_pairs() {
        let session = sample();
        let method = |change: fn(&mut Session)| {
            let mut session = session.clone();
            change(&mut session);
            let selection = Selection { references: Vec::new(), pairs: session.pairs };
            MethodRow {
                method: session.config.method,
                all: Default::default(),
                languages: Vec::new(),
                reference_right: Default::default(),
                selection,
                verdicts: Vec::new(),
            }
        };
        let (same, swapped) = (
            |_: &mut Session| {},
            |s: &mut Session| {
                (s.pairs[1].chosen, s.pairs[1].rejected) = (Some(1), Some(0));
            },
        );
        let silent = |s: &mut Session| s.pairs[1].skip = Some(crate::data::SkipReason::EqualScores);
        let desk = Desk::new(session.clone());
        let table = |methods| ComparisonTable { methods, ..ComparisonTable::default() };
        assert_eq!(desk.differing(&table(vec![method(same), method(silent), method(same)])), HashSet::new());
        assert_eq!(desk.differing(&table(vec![method(same), method(swapped)])), HashSet::from([cell(0, 1)]));
    }
}
