//! A lesson link: everything that decides what is shown, in the page's hash.
//!
//! `#lesson=3&lang=ar&seed=7&prompts=1,4&margin=0.05&hide=controls,numbers&view=class&v=1`. Only what differs from a fresh
//! lesson is written. What cannot be read becomes a [`LinkProblem`], and the rest holds.

use form_urlencoded::{Serializer, parse};

use super::step::Step;
use crate::data::InOrder;

/// The version of links that this page writes, and the newest it reads.
pub const VERSION: u32 = 1;
/// Bytes of a link beyond which it is not read.
const MOST_BYTES: usize = 4_000;
/// The seed of a fresh lesson.
const SEED: u32 = 1;

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The step.
    #[default]
    Step,
    /// All questions, to print.
    Questions,
    /// All questions with their answers, to print.
    Answers,
    /// The explanations of all terms.
    Terms,
}

impl Page {
    const ALL: [Self; 4] = [Self::Step, Self::Questions, Self::Answers, Self::Terms];

    /// The page with a name, else the step.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|page| page.as_str() == name).unwrap_or_default()
    }

    /// Its name in a link.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Questions => "questions",
            Self::Answers => "answers",
            Self::Terms => "terms",
        }
    }
}

/// What a link says.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Which step.
    pub step: Step,
    /// What is shown of the lesson.
    pub page: Page,
    /// The language of the lesson's own texts; one of `texts::LANGUAGES`.
    pub language: &'static str,
    /// Decides the order of options, and what is drawn by chance.
    pub seed: u32,
    /// Prompts of the session that are used, by their numbers from 1, ascending; empty for all.
    pub prompts: Vec<usize>,
    /// Pairs with a smaller margin are skipped.
    pub margin: f32,
    /// Sliders, switches and the choice of data are hidden.
    pub hides_controls: bool,
    /// Numbers are hidden, so that a class reads pictures alone.
    pub hides_numbers: bool,
    /// Large type, for a class to read.
    pub is_class: bool,
    /// The term whose explanation is looked for, on the page of terms; may be empty.
    pub term: String,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            step: Step::default(),
            page: Page::default(),
            language: "en",
            seed: SEED,
            prompts: Vec::new(),
            margin: 0.0,
            hides_controls: false,
            hides_numbers: false,
            is_class: false,
            term: String::new(),
        }
    }
}

/// What of a link could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkProblem {
    /// Too long to be one.
    TooLong,
    /// Written by a newer page.
    Newer,
    /// A part that says nothing that is known, as it stands in the link, cut to be shown.
    Unknown(String),
}

impl Link {
    /// Reads a hash, `#` included or not. `languages` are those the lesson has texts in.
    pub fn read(hash: &str, languages: &[&'static str]) -> (Self, Vec<LinkProblem>) {
        let mut link = Self::default();
        if hash.len() > MOST_BYTES {
            return (link, vec![LinkProblem::TooLong]);
        }
        let mut problems = Vec::new();
        // `#lesson?...` and `#lesson=3&...` are the same.
        let query = hash.trim_start_matches('#').replacen("lesson?", "", 1);
        for (name, value) in
            parse(query.as_bytes()).filter(|(name, value)| !(name == "lesson" && value.is_empty()))
        {
            let is_read = match &*name {
                "v" => match value.parse::<u32>() {
                    Ok(version) if version > VERSION => {
                        problems.push(LinkProblem::Newer);
                        true
                    }
                    version => version.is_ok_and(|version| version > 0),
                },
                _ => link.take(&name, &value, languages).is_some(),
            };
            if !is_read {
                problems.push(LinkProblem::Unknown(format!("{name}={value}").chars().take(40).collect()));
            }
        }
        (link, problems)
    }

    fn take(&mut self, name: &str, value: &str, languages: &[&'static str]) -> Option<()> {
        match name {
            "lesson" => self.step = Step::of_number(value.parse().ok()?)?,
            "show" => self.page = Page::ALL.into_iter().find(|page| page.as_str() == value)?,
            "lang" => self.language = languages.iter().find(|known| **known == value)?,
            "seed" => self.seed = value.parse().ok()?,
            "prompts" => {
                let numbers: Result<Vec<usize>, _> = value.split(',').map(str::parse).collect();
                let mut numbers = numbers.ok().filter(|numbers| numbers.iter().all(|number| *number > 0))?;
                numbers.order();
                numbers.dedup();
                self.prompts = numbers;
            }
            "margin" => {
                self.margin = value.parse().ok().filter(|margin| (0.0..=2.0_f32).contains(margin))?;
            }
            "hide" => {
                for part in value.split(',') {
                    match part {
                        "controls" => self.hides_controls = true,
                        "numbers" => self.hides_numbers = true,
                        _ => return None,
                    }
                }
            }
            "term" => {
                let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
                self.term = Some(value).filter(|value| value.chars().all(is_name))?.to_owned();
                self.page = Page::Terms;
            }
            "view" => self.is_class = (value == "class").then_some(true)?,
            _ => return None,
        }
        Some(())
    }

    /// As a hash, without the `#`.
    pub fn write(&self) -> String {
        let fresh = Self::default();
        let mut out = Serializer::new(String::new());
        let mut add = |differs: bool, name: &str, value: &str| {
            if differs {
                out.append_pair(name, value);
            }
        };
        add(true, "lesson", &self.step.number().to_string());
        let has_term = self.page == Page::Terms && !self.term.is_empty();
        add(self.page != fresh.page && !has_term, "show", self.page.as_str());
        add(has_term, "term", &self.term);
        add(self.language != fresh.language, "lang", self.language);
        add(self.seed != fresh.seed, "seed", &self.seed.to_string());
        let prompts: Vec<String> = self.prompts.iter().map(usize::to_string).collect();
        add(!prompts.is_empty(), "prompts", &prompts.join(","));
        add(self.margin != fresh.margin, "margin", &self.margin.to_string());
        let hidden = [(self.hides_controls, "controls"), (self.hides_numbers, "numbers")];
        let hidden: Vec<&str> = hidden.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        add(!hidden.is_empty(), "hide", &hidden.join(","));
        add(self.is_class, "view", "class");
        // Commas stand as they are in a hash.
        out.finish().replace("%2C", ",")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LANGUAGES: [&str; 3] = ["en", "ar", "zh-Hans"];

    fn read(hash: &str) -> (Link, Vec<LinkProblem>) {
        Link::read(hash, &LANGUAGES)
    }

    #[test]
    fn every_part_of_a_link_is_read() {
        let (link, problems) =
            read("#lesson=3&lang=ar&seed=7&prompts=4,1&margin=0.05&hide=controls,numbers&view=class&v=1");
        let expected = Link {
            step: Step::Pair,
            language: "ar",
            seed: 7,
            prompts: vec![1, 4],
            margin: 0.05,
            hides_controls: true,
            hides_numbers: true,
            is_class: true,
            page: Page::Step,
            term: String::new(),
        };
        assert_eq!((link, problems), (expected, Vec::new()));
        for fresh in ["#lesson", "lesson", "#lesson=1", "#lesson?lesson=1", ""] {
            assert_eq!(read(fresh), (Link::default(), Vec::new()), "{fresh}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_holds() {
        for (hash, n_problems) in [
            ("#lesson=3&lesson=11", 1),
            ("#lesson=3&lang=xx", 1),
            ("#lesson=3&seed=-1&margin=NaN", 2),
            ("#lesson=3&margin=9", 1),
            ("#lesson=3&prompts=0", 1),
            ("#lesson=3&prompts=1,,2", 1),
            ("#lesson=3&hide=cont", 1),
            ("#lesson=3&se", 1),
            ("#lesson=3&v=0", 1),
            ("#lesson=3&%ff=%00", 1),
            ("#lesson=3&term=../x", 1),
        ] {
            let (link, problems) = read(hash);
            assert_eq!((link.step, problems.len()), (Step::Pair, n_problems), "{hash}: {problems:?}");
        }
        assert_eq!(read("#lesson=2&v=2").1, [LinkProblem::Newer]);
        let long = format!("#lesson=2&prompts={}", "1,".repeat(50_000));
        assert_eq!(read(&long), (Link::default(), vec![LinkProblem::TooLong]));
        let LinkProblem::Unknown(shown) = &read(&format!("#lesson=1&x={}", "y".repeat(900))).1[0] else {
            panic!("not named")
        };
        assert_eq!(shown.len(), 40);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            number in 1_usize..=10, page in 0_usize..4, language in 0_usize..3, seed: u32, margin in 0_u8..200,
            prompts in prop::collection::btree_set(1_usize..60, 0..6), flags: [bool; 3],
        ) {
            let link = Link {
                step: Step::of_number(number).unwrap(),
                page: Page::ALL[page],
                language: LANGUAGES[language],
                seed,
                prompts: prompts.into_iter().collect(),
                margin: f32::from(margin) / 100.0,
                hides_controls: flags[0],
                hides_numbers: flags[1],
                is_class: flags[2],
                term: if page == 3 && flags[0] { "log-prob".to_owned() } else { String::new() },
            };
            prop_assert_eq!(read(&link.write()), (link, Vec::new()));
        }

        #[test]
        fn any_cut_of_a_link_can_be_read(cut in 0_usize..70) {
            let whole = "#lesson=3&lang=ar&seed=7&prompts=1,4&margin=0.05&hide=controls";
            let (link, _) = read(&whole[..cut.min(whole.len())]);
            prop_assert!(link.step == Step::Languages || link.step == Step::Pair);
        }
    }
}
