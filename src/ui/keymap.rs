//! Which key does what: every command has a key of its own, which people may change.

use crate::browser::preferences;

/// The name that the choices are kept under.
const KEPT: &str = "keys";

/// What a single key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The pair is right.
    Accept,
    /// Chosen and rejected change places.
    Swap,
    /// The row exports no pair.
    LeaveOut,
    /// Neither is better.
    Tie,
    /// Both are good.
    BothGood,
    /// Both are bad.
    BothBad,
    /// The person cannot tell.
    CannotJudge,
    /// A response is harmful.
    Harmful,
    /// Mark the row to be looked at again.
    Flag,
    /// Write a note on the row.
    Note,
    /// Rewrite the chosen response.
    Edit,
    /// Give reasons for the next decision.
    Reasons,
    /// Back to the method's pick.
    Reset,
    /// Take the latest decision back.
    Undo,
    /// Make it stand again.
    Redo,
    /// The next row.
    Next,
    /// The row before.
    Previous,
    /// The next row that nobody has decided.
    NextUndecided,
    /// One row, the table or the overview.
    Look,
    /// Fold the setup away, or bring it back.
    Rail,
    /// The screen before.
    PreviousScreen,
    /// The next screen.
    NextScreen,
}

/// Every command with its name in the preferences, its first key and what it does.
const COMMANDS: [(Command, &str, &str, &str); 22] = [
    (Command::Accept, "accept", "a", "Accept the pair"),
    (Command::Swap, "swap", "s", "Swap chosen and rejected"),
    (Command::LeaveOut, "leave-out", "x", "Leave the row out"),
    (Command::Tie, "tie", "t", "Tie: neither is better"),
    (Command::BothGood, "both-good", "g", "Both are good"),
    (Command::BothBad, "both-bad", "b", "Both are bad"),
    (Command::CannotJudge, "cannot-judge", "c", "Cannot judge"),
    (Command::Harmful, "harmful", "h", "Harmful"),
    (Command::Flag, "flag", "f", "Flag the row, or take the flag away"),
    (Command::Note, "note", "n", "Write a note"),
    (Command::Edit, "edit", "e", "Edit the chosen response"),
    (Command::Reasons, "reasons", "w", "Give reasons for the next decision"),
    (Command::Reset, "reset", "r", "Back to the method's pick"),
    (Command::Undo, "undo", "u", "Undo (also Ctrl Z)"),
    (Command::Redo, "redo", "y", "Redo (also Ctrl Shift Z)"),
    (Command::Next, "next", "j", "Next row (also ↓)"),
    (Command::Previous, "previous", "k", "Previous row (also ↑)"),
    (Command::NextUndecided, "next-undecided", "d", "Next undecided row"),
    (Command::Look, "look", "v", "One row, table or overview"),
    (Command::Rail, "rail", "m", "Fold the setup away, or bring it back"),
    (Command::PreviousScreen, "previous-screen", "[", "Previous screen"),
    (Command::NextScreen, "next-screen", "]", "Next screen"),
];

impl Command {
    /// All of them, in the order of the sheet of keys.
    pub fn all() -> impl Iterator<Item = Self> {
        COMMANDS.into_iter().map(|(command, ..)| command)
    }

    /// For class names, test ids and the preferences.
    pub fn as_str(self) -> &'static str {
        COMMANDS[self as usize].1
    }

    /// What it does.
    pub fn words(self) -> &'static str {
        COMMANDS[self as usize].3
    }

    /// Whether it belongs to the review: the others work on every screen.
    pub fn is_of_review(self) -> bool {
        !matches!(self, Self::PreviousScreen | Self::NextScreen)
    }
}

/// The key of every command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMap([String; COMMANDS.len()]);

impl Default for KeyMap {
    fn default() -> Self {
        Self(COMMANDS.map(|(_, _, key, _)| key.to_owned()))
    }
}

impl KeyMap {
    /// As the person left it.
    pub fn kept() -> Self {
        let mut map = Self::default();
        for choice in preferences::get(KEPT).unwrap_or_default().split(' ') {
            let found = choice.split_once('=');
            let named = |name: &str| COMMANDS.into_iter().find(|(_, id, ..)| *id == name);
            if let Some((command, key)) = found.and_then(|(name, key)| Some((named(name)?.0, key))) {
                map.0[command as usize] = key.to_owned();
            }
        }
        // Two of one key come only of a preference that somebody wrote by hand.
        let has_twins = |map: &Self| map.0.iter().enumerate().any(|(at, key)| map.0[..at].contains(key));
        if has_twins(&map) { Self::default() } else { map }
    }

    /// The key of a command.
    pub fn key(&self, command: Command) -> &str {
        &self.0[command as usize]
    }

    /// The key of a command as it stands on a keyboard.
    pub fn shown(&self, command: Command) -> String {
        self.key(command).to_uppercase()
    }

    /// What a key does.
    pub fn command(&self, key: &str) -> Option<Command> {
        self.0.iter().position(|known| known == key).map(|at| COMMANDS[at].0)
    }

    /// Gives a command another key and keeps that.
    ///
    /// # Errors
    /// Why the key cannot be had, as a sentence.
    pub fn set(&mut self, command: Command, key: &str) -> Result<(), String> {
        let is_one = key.chars().count() == 1 && key.is_ascii() && !key.trim().is_empty();
        if !is_one {
            return Err("Press a letter or a sign that takes one key.".to_owned());
        }
        if key.chars().all(|c| c.is_ascii_digit()) {
            return Err("The digits pick responses, so they cannot be given away.".to_owned());
        }
        if key == "?" {
            return Err("? opens this sheet, so it cannot be given away.".to_owned());
        }
        match self.command(key) {
            Some(other) if other != command => {
                let key = key.to_uppercase();
                Err(format!("{key} is taken by \"{}\". Give that another key first.", other.words()))
            }
            _ => {
                key.clone_into(&mut self.0[command as usize]);
                self.keep();
                Ok(())
            }
        }
    }

    /// The first keys again.
    pub fn reset(&mut self) {
        *self = Self::default();
        preferences::remove(KEPT);
    }

    fn keep(&self) {
        let choices: Vec<String> =
            COMMANDS.iter().zip(&self.0).map(|((_, id, ..), key)| format!("{id}={key}")).collect();
        preferences::set(KEPT, &choices.join(" "));
    }
}
