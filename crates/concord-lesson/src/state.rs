//! What the lesson knows, and what people make happen in it: values, no page.

use super::{
    link::{Link, LinkProblem, Page},
    question::{Prediction, Question},
    result::{LessonResult, StepResult},
    scenes::{Scenes, dpo::BETA},
    step::{N_STEPS, Step},
    texts::{LANGUAGES, Texts},
};

/// The lesson.
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    /// What is shown.
    pub link: Link,
    /// What of the link could not be read.
    pub problems: Vec<LinkProblem>,
    /// What the steps show; `None` while it is computed.
    pub scenes: Option<Scenes>,
    /// Why there are no scenes, in words.
    pub fault: Option<String>,
    /// Whether they are of the session on the desk.
    pub is_mine: bool,
    /// The English texts.
    pub english: Texts,
    /// The texts in the lesson's language.
    pub own: Texts,
    /// What is predicted now, step by step.
    pub predicted: [Option<Prediction>; N_STEPS],
    /// What was predicted when the answer was first shown, step by step.
    pub results: [Option<StepResult>; N_STEPS],
    /// Whether the answer is shown, step by step.
    pub revealed: [bool; N_STEPS],
    /// Where the number that was pressed comes from.
    pub origin: String,
    /// The term that is explained; empty for none.
    pub term: String,
    /// Whether it goes on by itself.
    pub is_playing: bool,
    /// The learner's name.
    pub name: String,
    /// What was tried by hand.
    pub tried: Tried,
}

/// What somebody tries at the steps that can be turned by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Arrows that are switched off.
    pub off: Vec<usize>,
    /// The arrow that is turned, and by which share of the way to the others.
    pub turned: (usize, f64),
    /// Pairs of the batch.
    pub batch: Vec<usize>,
    /// By how much training has moved the log-probs of chosen and rejected.
    pub moved: [f64; 2],
    /// The beta of DPO.
    pub beta: f64,
}

impl Default for Tried {
    fn default() -> Self {
        Self { off: Vec::new(), turned: (0, 0.0), batch: Vec::new(), moved: [0.0; 2], beta: BETA }
    }
}

/// What the page has to do after an act.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Draw everything.
    Draw,
    /// Draw only what moves with a slider.
    DrawLive,
    /// Nothing is to be drawn.
    Nothing,
    /// Go to another link.
    Go(Link),
    /// Fetch the scenes again, of the other session.
    Fetch,
    /// Save this as a file.
    Save(String),
    /// Print the page.
    Print,
}

impl Lesson {
    /// Takes a hash; whether what it shows has to be computed anew.
    pub fn read(&mut self, hash: &str) -> bool {
        let (link, problems) = Link::read(hash, &LANGUAGES);
        let of = |link: &Link| (link.seed, link.prompts.clone(), link.margin.to_bits());
        let is_other = of(&link) != of(&self.link) || (self.scenes.is_none() && self.fault.is_none());
        if link != self.link {
            (self.origin, self.term) = (String::new(), String::new());
            if link.step != self.link.step {
                self.tried = Tried::default();
            }
        }
        (self.link, self.problems) = (link, problems);
        if is_other {
            (self.scenes, self.fault) = (None, None);
            self.revealed = [false; N_STEPS];
        }
        is_other
    }

    /// A text in the lesson's language, else in English, else its name.
    pub fn t(&self, name: &str, values: &[(&str, &str)]) -> String {
        let own = self.own.get(name, values);
        own.or_else(|| self.english.get(name, values)).unwrap_or_else(|| name.to_owned())
    }

    /// Whether there is anything to draw.
    pub fn is_ready(&self) -> bool {
        self.scenes.is_some() && self.english.all().next().is_some()
    }

    /// What a step asks; `None` where it has nothing to show.
    pub fn question(&self, step: Step) -> Option<Question> {
        self.scenes.as_ref()?.question(step)
    }

    /// Whether the answer of a step is shown.
    pub fn is_revealed(&self, step: Step) -> bool {
        self.revealed[step.place()]
    }

    /// The order in which the items of a step stand now.
    pub fn order(&self, step: Step, n: usize) -> Vec<usize> {
        match &self.predicted[step.place()] {
            Some(Prediction::Order(order)) if order.len() == n => order.clone(),
            _ => (0..n).collect(),
        }
    }

    /// Shows the answer of the step. The first prediction counts.
    fn reveal(&mut self) -> Then {
        let step = self.link.step;
        let Some(question) = self.question(step).filter(|_| !self.is_revealed(step)) else {
            return Then::Nothing;
        };
        if let Some(prediction) = self.predicted[step.place()].clone() {
            let verdict = question.verdict(&prediction);
            let result = StepResult::new(step, prediction, question.right(), verdict);
            self.results[step.place()].get_or_insert(result);
        }
        self.revealed[step.place()] = true;
        Then::Draw
    }

    fn has_pair(&self, at: usize) -> bool {
        let batch = self.scenes.as_ref().and_then(|scenes| scenes.batch.as_ref());
        batch.is_some_and(|batch| at < batch.pairs.len())
    }

    fn n_arrows(&self) -> usize {
        self.scenes.as_ref().and_then(|scenes| scenes.mlc.as_ref()).map_or(0, |mlc| mlc.languages.len())
    }

    /// Goes on by itself: the answer, then the next step, to the end.
    pub fn play_on(&mut self) -> Then {
        let step = self.link.step;
        if !self.is_playing {
            return Then::Nothing;
        }
        if self.question(step).is_some() && !self.is_revealed(step) {
            return self.reveal();
        }
        if step.next() == step {
            self.is_playing = false;
            return Then::Draw;
        }
        self.to(|link| link.step = step.next())
    }

    fn to(&self, change: impl FnOnce(&mut Link)) -> Then {
        let mut link = self.link.clone();
        change(&mut link);
        Then::Go(link)
    }

    /// Does what was pressed or set: the name of an act, and its value.
    pub fn act(&mut self, act: &str, value: &str) -> Then {
        let step = self.link.step;
        let number: usize = value.parse().unwrap_or_default();
        let share: f64 = value.parse().unwrap_or_default();
        match act {
            "step" => {
                let Some(step) = Step::of_number(number) else { return Then::Nothing };
                return self.to(|link| (link.step, link.page) = (step, Page::Step));
            }
            "page" => {
                let page = Page::of(value);
                return self.to(|link| (link.page, link.term) = (page, String::new()));
            }
            "language" => {
                let Some(tag) = LANGUAGES.into_iter().find(|tag| *tag == value) else { return Then::Nothing };
                return self.to(|link| link.language = tag);
            }
            "class" => return self.to(|link| link.is_class = !link.is_class),
            "mine" => {
                self.is_mine = !self.is_mine;
                (self.scenes, self.fault) = (None, None);
                self.revealed = [false; N_STEPS];
                return Then::Fetch;
            }
            "reveal" => return self.reveal(),
            "play" => self.is_playing = !self.is_playing,
            "origin" => {
                let (kind, of) = value.split_once('/').unwrap_or((value, ""));
                self.origin = self.t(&format!("origin-{kind}"), &[("of", &of.replace('/', " · "))]);
            }
            "term" => self.term = value.to_owned(),
            "name" => {
                self.name = value.chars().take(80).collect();
                return Then::Nothing;
            }
            "save" => {
                let steps = self.results.iter().flatten().cloned().collect();
                let result = LessonResult::new(self.name.clone(), format!("#{}", self.link.write()), steps);
                // Plain records always have a JSON.
                return Then::Save(serde_json::to_string_pretty(&result).unwrap_or_default());
            }
            "print" => return Then::Print,
            _ if self.is_revealed(step) && matches!(act, "predict" | "keep" | "up" | "down") => {
                return Then::Nothing;
            }
            "predict" => {
                self.predicted[step.place()] = Some(Prediction::One(number));
            }
            "keep" | "up" | "down" => {
                let Some(Question::Order { values }) = self.question(step) else { return Then::Nothing };
                let mut order = self.order(step, values.len());
                let to = if act == "up" { number.checked_sub(1) } else { Some(number + 1) };
                if let Some(to) = to.filter(|to| act != "keep" && *to < order.len() && number < order.len()) {
                    order.swap(number, to);
                }
                self.predicted[step.place()] = Some(Prediction::Order(order));
            }
            "arrow" => {
                // Two arrows are the least that can agree.
                let n = self.n_arrows();
                match self.tried.off.iter().position(|at| *at == number) {
                    Some(at) => {
                        self.tried.off.remove(at);
                    }
                    None if number < n && n > self.tried.off.len() + 2 => self.tried.off.push(number),
                    None => {}
                }
            }
            "turn-which" if number < self.n_arrows() => self.tried.turned = (number, 0.0),
            "turn" => {
                self.tried.turned.1 = share / 100.0;
                return Then::DrawLive;
            }
            "pair" => match self.tried.batch.iter().position(|at| *at == number) {
                Some(at) => {
                    self.tried.batch.remove(at);
                }
                None if self.has_pair(number) => self.tried.batch.push(number),
                None => {}
            },
            "move-chosen" | "move-rejected" => {
                self.tried.moved[usize::from(act == "move-rejected")] = share;
                return Then::DrawLive;
            }
            "beta" => {
                self.tried.beta = share;
                return Then::DrawLive;
            }
            _ => return Then::Nothing,
        }
        Then::Draw
    }

    /// Does what a key says, where it is not meant for a field; `None` if it says nothing.
    pub fn key(&mut self, key: &str, is_choosing: bool) -> Option<Then> {
        let step = self.link.step;
        Some(match key {
            // Arrows move through options there.
            "ArrowRight" | "ArrowLeft" if is_choosing => return None,
            "PageDown" | "ArrowRight" => self.act("step", &step.next().number().to_string()),
            "PageUp" | "ArrowLeft" => self.act("step", &step.before().number().to_string()),
            "." => self.act("reveal", ""),
            "Escape" if !self.term.is_empty() => self.act("term", ""),
            _ => return None,
        })
    }
}
