//! Which brackets are open at the cursor. Knows no strings and no comments: a bracket in one counts
//! like any other.

use crate::vocabulary::{Kind, TokenId, Vocabulary};

/// How many tokens above the cursor's line are looked at, and how many open brackets are kept.
const MAX_TOKENS: usize = 4_000;
const MAX_OPEN: usize = 32;

/// The closers that may come next: those of the lines above, and those of the cursor's line, which
/// come first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brackets {
    enclosing: Vec<u8>,
    line: Vec<u8>,
}

impl Brackets {
    /// `enclosing` are the closers that the lines above wait for, innermost last.
    pub(crate) fn new(enclosing: &[u8]) -> Self {
        Self {
            enclosing: enclosing.to_vec(),
            line: Vec::new(),
        }
    }

    /// The closers that the cursor's line waits for, innermost last.
    pub(crate) fn open_on_line(&self) -> &[u8] {
        &self.line
    }

    /// Goes over text of the cursor's line.
    pub(crate) fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            match closer_of(byte) {
                Some(closer) => self.line.push(closer),
                None if is_closer(byte) => self.close(byte),
                None => {}
            }
        }
    }

    /// Goes on to the next line.
    pub(crate) fn end_line(&mut self) {
        self.enclosing.append(&mut self.line);
    }

    /// Whether every closer in `text` has an opener of its kind, in it or before it. It need not be
    /// the innermost one: that may stand in a string.
    pub(crate) fn allows(&self, text: &str) -> bool {
        let mut brackets = self.clone();
        text.bytes().all(|byte| match closer_of(byte) {
            Some(closer) => {
                brackets.line.push(closer);
                true
            }
            None => !is_closer(byte) || brackets.take(byte),
        })
    }

    /// Closes the innermost bracket of this kind, and with it those inside. Answers whether there
    /// was one.
    fn take(&mut self, closer: u8) -> bool {
        for open in [&mut self.line, &mut self.enclosing] {
            if let Some(place) = open.iter().rposition(|&awaited| awaited == closer) {
                open.truncate(place);
                return true;
            }
            open.clear();
        }
        false
    }

    fn close(&mut self, closer: u8) {
        if self.line.last() == Some(&closer) {
            self.line.pop();
        } else if self.line.is_empty() && self.enclosing.last() == Some(&closer) {
            self.enclosing.pop();
        }
    }
}

/// The closers of the brackets that these tokens leave open, innermost last.
pub(crate) fn open_closers(vocabulary: &Vocabulary, tokens: &[TokenId]) -> Vec<u8> {
    let mut closed = Vec::new();
    let mut open = Vec::new();
    for &token in tokens.iter().rev().take(MAX_TOKENS) {
        let Some(byte) = bracket(vocabulary, token) else {
            continue;
        };
        match closer_of(byte) {
            None => closed.push(byte),
            Some(closer) if closed.last() == Some(&closer) => _ = closed.pop(),
            // A closer of another kind is taken for text: the opener counts as open.
            Some(closer) if open.len() < MAX_OPEN => open.push(closer),
            Some(_) => break,
        }
    }
    open.reverse();
    open
}

/// The closing bracket of an opening one.
pub(crate) fn closer_of(opener: u8) -> Option<u8> {
    match opener {
        b'(' => Some(b')'),
        b'[' => Some(b']'),
        b'{' => Some(b'}'),
        _ => None,
    }
}

/// Whether this is a closing bracket.
pub(crate) fn is_closer(byte: u8) -> bool {
    matches!(byte, b')' | b']' | b'}')
}

fn bracket(vocabulary: &Vocabulary, token: TokenId) -> Option<u8> {
    if vocabulary.kind(token) != Kind::Operator {
        return None;
    }
    match *vocabulary.core_text(token).as_bytes() {
        [byte] if closer_of(byte).is_some() || is_closer(byte) => Some(byte),
        _ => None,
    }
}
