//! Backticks before a place of a text, counted once on the way through it however many places are asked about.

/// Counts backticks from the beginning of a text to a place that only moves on.
#[derive(Debug)]
pub(super) struct Ticks<'a> {
    text: &'a str,
    /// How far they are counted.
    to: usize,
    /// Those right before that place.
    run: usize,
    /// Those of the line before them, but for fences.
    n_in_line: usize,
    /// Fences of the part before them.
    n_fences: usize,
    /// Where the line ends, and the last backtick of it.
    line: (usize, Option<usize>),
}

impl<'a> Ticks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, to: 0, run: 0, n_in_line: 0, n_fences: 0, line: (0, None) }
    }

    fn end_run(&mut self) {
        self.n_in_line += self.run % 3;
        self.n_fences += self.run / 3;
        self.run = 0;
    }

    fn count_to(&mut self, at: usize) {
        for byte in &self.text.as_bytes()[self.to.min(at)..at] {
            match byte {
                b'`' => self.run += 1,
                other => {
                    self.end_run();
                    if *other == b'\n' {
                        self.n_in_line = 0;
                    }
                }
            }
        }
        self.to = self.to.max(at);
    }

    /// Whether a place is inside a span of code in a line: after an odd number of backticks and before another.
    pub(super) fn are_around(&mut self, at: usize) -> bool {
        self.count_to(at);
        if (self.n_in_line + self.run % 3).is_multiple_of(2) {
            return false;
        }
        if self.line.0 <= at {
            let end = self.text[at..].find('\n').map_or(self.text.len(), |n| at + n);
            self.line = (end, self.text[at..end].rfind('`').map(|n| at + n));
        }
        self.line.1.is_some_and(|last| last >= at)
    }

    /// Fences between the beginning of the part and a place.
    pub(super) fn n_fences(&mut self, at: usize) -> usize {
        self.count_to(at);
        self.n_fences + self.run / 3
    }

    /// A part begins at a place.
    pub(super) fn begin_part(&mut self, at: usize) {
        self.count_to(at);
        self.end_run();
        self.n_fences = 0;
    }
}
