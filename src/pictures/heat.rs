//! The cosines of a prompt's responses, arranged for a picture and a table. Pure.

use super::chart::{Anchor, ChartTable, Ink, Mark, Plot, Series, Value};
use crate::data::{Language, Session, Similarity};

/// Side of the picture in a file, and room for the names of languages.
const FILE_SIDE: f64 = 640.0;
const FILE_ROOM: f64 = 64.0;

/// Gap between the blocks of two languages, in cells.
const GAP: f64 = 0.35;

/// The cosines of a prompt's responses.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Language and sample of each row and column.
    pub order: Vec<(Language, u32)>,
    /// Lowest and highest cosine off the diagonal.
    pub range: (f32, f32),
    similarity: Similarity,
}

/// Where cells lie along either axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Edges {
    /// Start of each cell.
    pub starts: Vec<f64>,
    /// Side of every cell.
    pub size: f64,
}

impl Heat {
    /// Of a session's prompt, where its responses were compared.
    pub fn of(session: &Session, prompt_idx: usize) -> Option<Self> {
        let prompt = session.prompts.get(prompt_idx)?;
        Self::new(session.similarities.iter().find(|found| found.prompt_id == prompt.id)?)
    }

    /// From the stored cosines; `None` where there are fewer than two responses.
    pub fn new(similarity: &Similarity) -> Option<Self> {
        let low = similarity.cosine.iter().copied().reduce(f32::min)?;
        let high = similarity.cosine.iter().copied().reduce(f32::max)?;
        Some(Self { order: similarity.order.clone(), range: (low, high), similarity: similarity.clone() })
    }

    /// The cosine of two responses; 1 on the diagonal.
    pub fn at(&self, i: usize, j: usize) -> f32 {
        self.similarity.at(i, j)
    }

    /// How dark a cell is, 0.04 for the lowest cosine of this prompt to 1 for the highest and the diagonal.
    pub fn shade(&self, i: usize, j: usize) -> f64 {
        let (low, high) = (f64::from(self.range.0), f64::from(self.range.1));
        if i == j || high <= low {
            return 1.0;
        }
        0.04 + 0.96 * (f64::from(self.at(i, j)) - low) / (high - low)
    }

    /// Where cells lie on an axis of length `side`: equal cells, a gap before each new language.
    pub fn edges(&self, side: f64) -> Edges {
        let mut at = 0.0;
        let mut starts = Vec::with_capacity(self.order.len());
        for (i, (language, _)) in self.order.iter().enumerate() {
            if i > 0 && self.order[i - 1].0 != *language {
                at += GAP;
            }
            starts.push(at);
            at += 1.0;
        }
        let size = side / at.max(1.0);
        starts.iter_mut().for_each(|start| *start *= size);
        Edges { starts, size }
    }

    /// Each language with where its block starts and how long it is, in shares of the axis.
    pub fn blocks(&self) -> Vec<(Language, f64, f64)> {
        let edges = self.edges(1.0);
        let mut blocks: Vec<(Language, f64, f64)> = Vec::new();
        for ((language, _), start) in self.order.iter().zip(edges.starts) {
            match blocks.last_mut() {
                Some((known, _, length)) if known == language => *length += edges.size,
                _ => blocks.push((language.clone(), start, edges.size)),
            }
        }
        blocks
    }

    /// The cell at `offset` on an axis of length `side`; a gap belongs to the cell before it.
    pub fn index_at(&self, offset: f64, side: f64) -> usize {
        let edges = self.edges(side);
        edges.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The picture for a file, in the shades of the one on the page; nothing is read of its cells.
    pub fn plot(&self, title: &str) -> Plot {
        let mut plot = Plot {
            title: title.to_owned(),
            summary: format!("Cosines from {:.4} to {:.4}; darker is closer.", self.range.0, self.range.1),
            width: FILE_SIDE + FILE_ROOM + 8.0,
            height: FILE_SIDE + 32.0,
            ..Plot::default()
        };
        let edges = self.edges(FILE_SIDE);
        let corner = |at: usize| edges.starts.get(at).copied().unwrap_or_default();
        for i in 0..self.order.len() {
            let cell = |j: usize| {
                let (left, top) = (FILE_ROOM + corner(j), 24.0 + corner(i));
                Mark::block(
                    (left, top),
                    (left + edges.size, top + edges.size),
                    Ink::Act,
                    self.shade(i, j),
                    String::new(),
                )
            };
            let marks = (0..self.order.len()).map(cell).collect();
            plot.series.push(Series { name: self.name(i), line: None, marks });
        }
        for (language, start, length) in self.blocks() {
            let at = (start + length / 2.0) * FILE_SIDE;
            plot.text((FILE_ROOM - 8.0, 24.0 + at + 4.0), Anchor::End, Ink::Text, language.as_str());
            plot.text((FILE_ROOM + at, 16.0), Anchor::Middle, Ink::Text, language.as_str());
        }
        plot
    }

    /// Every response against every other.
    pub fn table(&self) -> ChartTable {
        let mut table = ChartTable::new("Cosines of responses", &["response"]);
        let n = self.order.len();
        table.columns.extend((0..n).map(|at| self.name(at)));
        for i in 0..n {
            let cosines = (0..n).map(|j| Value::some(Some(f64::from(self.at(i, j))), 4));
            table.rows.push(std::iter::once(Value::Text(self.name(i))).chain(cosines).collect());
        }
        table
    }

    /// The mean cosine between the responses of every two languages.
    pub fn means_table(&self) -> ChartTable {
        let (languages, means) = self.language_means();
        let mut table = ChartTable::new("Mean cosine between the responses of two languages", &["language"]);
        table.columns.extend(languages.iter().map(|language| language.as_str().to_owned()));
        for (language, row) in languages.iter().zip(means) {
            let cosines = row.into_iter().map(|mean| Value::some(mean.map(f64::from), 3));
            table
                .rows
                .push(std::iter::once(Value::Text(language.as_str().to_owned())).chain(cosines).collect());
        }
        table
    }

    fn name(&self, at: usize) -> String {
        self.order
            .get(at)
            .map_or_else(String::new, |(language, sample)| format!("{} {}", language.as_str(), sample + 1))
    }

    /// Languages in order of appearance, and the mean cosine between the responses of each two; a response is
    /// not compared with itself.
    pub fn language_means(&self) -> (Vec<Language>, Vec<Vec<Option<f32>>>) {
        let mut languages: Vec<Language> = Vec::new();
        let mut place = Vec::with_capacity(self.order.len());
        for (language, _) in &self.order {
            let at = languages.iter().position(|known| known == language).unwrap_or_else(|| {
                languages.push(language.clone());
                languages.len() - 1
            });
            place.push(at);
        }
        let mut sums = vec![vec![(0.0_f64, 0_u32); languages.len()]; languages.len()];
        for i in 0..place.len() {
            for j in (0..place.len()).filter(|j| *j != i) {
                let (sum, count) = &mut sums[place[i]][place[j]];
                *sum += f64::from(self.at(i, j));
                *count += 1;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "a mean of f32 values")]
        let mean = |(sum, count): (f64, u32)| (count > 0).then(|| (sum / f64::from(count)) as f32);
        (languages, sums.into_iter().map(|row| row.into_iter().map(mean).collect()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heat() -> Heat {
        let order = vec![("en".into(), 0), ("en".into(), 1), ("sw".into(), 0)];
        // (0,1) (0,2) (1,2)
        let cosine = vec![0.9, 0.5, 0.7];
        Heat::new(&Similarity { prompt_id: "a".into(), order, cosine }).expect("three responses")
    }

    #[test]
    fn shade_spans_the_range_and_is_symmetric() {
        let heat = heat();
        assert_eq!(heat.range, (0.5, 0.9));
        assert!((heat.shade(0, 1) - 1.0).abs() < 1e-6);
        assert!((heat.shade(2, 0) - 0.04).abs() < 1e-6);
        assert!((heat.shade(1, 2) - 0.52).abs() < 1e-6);
        assert!((heat.shade(1, 1) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn cells_fill_the_side_with_a_gap_between_languages() {
        let heat = heat();
        let edges = heat.edges(3.35);
        assert!((edges.size - 1.0).abs() < 1e-9);
        assert_eq!(edges.starts.len(), 3);
        assert!((edges.starts[2] - 2.35).abs() < 1e-9);
        let blocks = heat.blocks();
        assert_eq!(blocks.len(), 2);
        assert!((blocks[0].2 - 2.0 / 3.35).abs() < 1e-9 && (blocks[1].1 - 2.35 / 3.35).abs() < 1e-9);
        let found: Vec<usize> = [0.0, 0.99, 1.0, 2.2, 2.36, 3.3].map(|x| heat.index_at(x, 3.35)).to_vec();
        assert_eq!(found, [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn language_means_leave_out_the_diagonal() {
        let (languages, means) = heat().language_means();
        assert_eq!(languages, ["en".into(), "sw".into()]);
        assert_eq!(means[0][0], Some(0.9));
        assert!((means[0][1].expect("two pairs") - 0.6).abs() < 1e-6);
        assert_eq!(means[1][0], means[0][1]);
        assert_eq!(means[1][1], None);
    }

    #[test]
    fn the_file_has_what_the_picture_has() {
        let heat = heat();
        let plot = heat.plot("Prompt 1");
        assert_eq!(plot.series.iter().map(|series| series.marks.len()).sum::<usize>(), 9);
        assert!((plot.series[0].marks[1].shade - heat.shade(0, 1)).abs() < 1e-12);
        let csv = heat.table().csv();
        assert!(csv.starts_with("response,en 1,en 2,sw 1\r\nen 1,1,0.8999999761581421,0.5\r\n"), "{csv}");
        assert_eq!(heat.means_table().rows[1][2], Value::None);
    }

    #[test]
    fn one_response_makes_no_picture() {
        let one = Similarity { prompt_id: "a".into(), order: vec![("en".into(), 0)], cosine: Vec::new() };
        assert!(Heat::new(&one).is_none());
    }
}
