//! Rust source as words and signs: what is left of a file without its comments and literals.
//! Gets the text of a file, gives its tokens to `imports`.

/// A word, a sign, or a literal of which nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Sign(char),
    Literal,
}

/// A token and the line on which it begins, from 1.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) line: usize,
}

impl Placed {
    pub(super) fn is(&self, sign: char) -> bool {
        self.token == Token::Sign(sign)
    }

    pub(super) fn word(&self) -> Option<&str> {
        match &self.token {
            Token::Word(word) => Some(word),
            Token::Sign(_) | Token::Literal => None,
        }
    }
}

/// The tokens of a file.
pub(super) fn tokens(text: &str) -> Vec<Placed> {
    let mut reader = Reader { rest: text, line: 1, found: Vec::new() };
    while reader.step() {}
    reader.found
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    found: Vec<Placed>,
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Reader<'_> {
    /// Goes on by so many bytes.
    fn skip(&mut self, bytes: usize) {
        let (over, rest) = self.rest.split_at(bytes);
        self.line += over.matches('\n').count();
        self.rest = rest;
    }

    fn put(&mut self, token: Token, bytes: usize) {
        self.found.push(Placed { token, line: self.line });
        self.skip(bytes);
    }

    fn step(&mut self) -> bool {
        let Some(c) = self.rest.chars().next() else { return false };
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(comment(self.rest));
        } else if let Some(bytes) = string(self.rest).or_else(|| character(self.rest)) {
            self.put(Token::Literal, bytes);
        } else if in_word(c) {
            let raw = if self.rest.starts_with("r#") { 2 } else { 0 };
            let word = &self.rest[raw..];
            let word = &word[..word.find(|c| !in_word(c)).unwrap_or(word.len())];
            self.put(Token::Word(word.to_owned()), raw + word.len());
        } else if c.is_whitespace() {
            self.skip(c.len_utf8());
        } else {
            self.put(Token::Sign(c), c.len_utf8());
        }
        true
    }
}

/// The length of a block comment, with those inside it.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a string, of whichever prefix.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = text.strip_prefix(prefix).unwrap_or_default();
        let hashes = if prefix.ends_with('r') { after.trim_start_matches('#') } else { after };
        hashes.starts_with('"')
    })?;
    let body = &text[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let close = format!("\"{}", &body[..hashes]);
        let inner = &body[hashes + 1..];
        let length = inner.find(&close).map_or(inner.len(), |end| end + close.len());
        return Some(prefix.len() + hashes + 1 + length);
    }
    Some(prefix.len() + escaped(body, '"'))
}

/// The length of a character, and nothing for a lifetime.
fn character(text: &str) -> Option<usize> {
    let prefix = usize::from(text.starts_with("b'"));
    let body = text[prefix..].strip_prefix('\'')?;
    let first = body.chars().next()?;
    let closed = body[first.len_utf8()..].starts_with('\'');
    (first == '\\' || closed).then(|| prefix + escaped(&text[prefix..], '\''))
}

/// The length of what begins and ends with a quote, in which a backslash takes the next sign along.
fn escaped(text: &str, quote: char) -> usize {
    let mut signs = text.char_indices().skip(1);
    while let Some((at, c)) = signs.next() {
        if c == quote {
            return at + 1;
        }
        if c == '\\' {
            signs.next();
        }
    }
    text.len()
}

#[test]
fn comments_and_literals_are_no_words() {
    let text = r####"a /* b /* c */ */ // d
        "e \" f" r#"g " h"# b'\'' '"' 'i' &'j k r#l '\u{1}' br"m""####;
    let found: Vec<Token> = tokens(text).into_iter().map(|placed| placed.token).collect();
    let word = |word: &str| Token::Word(word.to_owned());
    let literal = Token::Literal;
    assert_eq!(
        found,
        [
            word("a"),
            literal.clone(),
            literal.clone(),
            literal.clone(),
            literal.clone(),
            literal.clone(),
            Token::Sign('&'),
            Token::Sign('\''),
            word("j"),
            word("k"),
            word("l"),
            literal.clone(),
            literal,
        ]
    );
    assert_eq!(tokens(text).last().unwrap().line, 2);
}
