//! Colours and symbols, each with a form for places that can show neither. The commands find out what the
//! terminal can; every report for people colours its lines by what happens to a thing.

/// Whether to colour text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// With ANSI sequences.
    Colours,
    /// Plain.
    Plain,
}

/// What text is about: each has one colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It goes.
    Goes,
    /// It is changed, or not certain.
    Changes,
    /// It is in the way.
    Blocks,
    /// It stays, and that is well.
    Stays,
    /// A heading.
    Head,
    /// Money and success.
    Good,
}

/// Ends a colour.
const END: &str = "\u{1b}[0m";

const SEQUENCES: [&str; 7] =
    [END, "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[35m", "\u{1b}[2m", "\u{1b}[1m", "\u{1b}[32m"];

impl Paint {
    /// The text in the tone's colour.
    pub fn tint(self, tone: Tone, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colours => {
                let begin = match tone {
                    Tone::Goes => "\u{1b}[31m",
                    Tone::Changes => "\u{1b}[33m",
                    Tone::Blocks => "\u{1b}[35m",
                    Tone::Stays => "\u{1b}[2m",
                    Tone::Head => "\u{1b}[1m",
                    Tone::Good => "\u{1b}[32m",
                };
                format!("{begin}{text}{END}")
            }
        }
    }

    /// Every sequence that [`Self::tint`] writes: no other ever reaches a terminal.
    pub const fn sequences(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Colours => &SEQUENCES,
        }
    }
}

/// Which characters can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    /// Lines and dots.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// What happens, or would happen, to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is deleted, or goes with what is.
    Delete,
    /// A link of it is cut, and it stays.
    Cut,
    /// It was selected and cannot go.
    Blocked,
    /// Not certain whose it is.
    Uncertain,
    /// It stays.
    Kept,
}

impl Mark {
    /// The symbol.
    pub const fn symbol(self, symbols: Symbols) -> &'static str {
        match (self, symbols) {
            (Self::Delete, _) => "-",
            (Self::Cut, _) => "~",
            (Self::Blocked, _) => "!",
            (Self::Uncertain, _) => "?",
            (Self::Kept, Symbols::Unicode) => "·",
            (Self::Kept, Symbols::Ascii) => ".",
        }
    }

    /// It as a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Cut => "cut",
            Self::Blocked => "blocked",
            Self::Uncertain => "uncertain",
            Self::Kept => "kept",
        }
    }

    /// Its tone.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Delete => Tone::Goes,
            Self::Cut | Self::Uncertain => Tone::Changes,
            Self::Blocked => Tone::Blocks,
            Self::Kept => Tone::Stays,
        }
    }
}

impl Symbols {
    /// The lines of a tree: a branch, the last branch, and what goes on beside them.
    pub const fn tree(self) -> [&'static str; 4] {
        match self {
            Self::Unicode => ["├─ ", "└─ ", "│  ", "   "],
            Self::Ascii => ["|- ", "`- ", "|  ", "   "],
        }
    }

    /// What stands between the parts of a line.
    pub const fn dot(self) -> &'static str {
        match self {
            Self::Unicode => " · ",
            Self::Ascii => ", ",
        }
    }

    /// What stands for letters that were left out.
    pub const fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "..",
        }
    }

    /// From what is held to what holds it.
    pub const fn arrow(self) -> &'static str {
        match self {
            Self::Unicode => " ← ",
            Self::Ascii => " <- ",
        }
    }
}
