//! The ten steps by their numbers and names.

/// How many steps there are.
pub const N_STEPS: usize = 10;

/// A step of the lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Step {
    /// One question in many languages: right in some, wrong in others.
    #[default]
    Languages,
    /// The vote: which of the anchor's responses is the reference.
    Vote,
    /// The pair: responses in another language, ordered by closeness to the reference.
    Pair,
    /// The matrix of cosines, its picture in a plane, and what the plane hides.
    Plane,
    /// Where consistency misleads.
    Misleads,
    /// MLC: arrows that turn into one direction.
    Mlc,
    /// AlignX: where in the layers languages meet.
    AlignX,
    /// Batch-wise alignment: what an optimiser step sees.
    Batch,
    /// DPO by hand.
    Dpo,
    /// The file that is taken home.
    File,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; N_STEPS] = [
        Self::Languages,
        Self::Vote,
        Self::Pair,
        Self::Plane,
        Self::Misleads,
        Self::Mlc,
        Self::AlignX,
        Self::Batch,
        Self::Dpo,
        Self::File,
    ];

    /// Its number, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).map_or(0, |at| at + 1)
    }

    /// The step with a number; `None` if there is none.
    pub fn of_number(number: usize) -> Option<Self> {
        Self::ALL.get(number.checked_sub(1)?).copied()
    }

    /// Its place, from 0.
    pub fn place(self) -> usize {
        self.number() - 1
    }

    /// What its texts and tests are named by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Languages => "languages",
            Self::Vote => "vote",
            Self::Pair => "pair",
            Self::Plane => "plane",
            Self::Misleads => "misleads",
            Self::Mlc => "mlc",
            Self::AlignX => "alignx",
            Self::Batch => "batch",
            Self::Dpo => "dpo",
            Self::File => "file",
        }
    }

    /// The next one; the last stays.
    pub fn next(self) -> Self {
        Self::of_number(self.number() + 1).unwrap_or(self)
    }

    /// The one before; the first stays.
    pub fn before(self) -> Self {
        Self::of_number(self.number() - 1).unwrap_or(self)
    }
}
