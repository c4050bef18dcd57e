//! A text cut into the pieces that are compared: lines for `diff.rs` and `merge.rs`, words inside them.

use std::ops::Range;

/// A text and the places at which it is cut. Joined, the tokens are the text.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'text> {
    text: &'text str,
    /// The start of each token, and the end of the last.
    bounds: Vec<usize>,
}

impl<'text> Tokens<'text> {
    /// The lines as LSP breaks them, each with its line break. A text that ends with a line break has
    /// no token for the empty line behind it.
    pub(crate) fn lines(text: &'text str) -> Self {
        Self::cut(text, line_length)
    }

    /// The lines as Git breaks them, at `\n` only, each with its line break.
    pub(crate) fn newlines(text: &'text str) -> Self {
        Self::cut(text, |text| {
            let content = text.bytes().position(|byte| byte == b'\n');
            content.map_or(text.len(), |content| content + 1)
        })
    }

    /// Runs of letters, digits and `_`; runs of blanks; line breaks; every other character alone.
    pub(crate) fn words(text: &'text str) -> Self {
        Self::cut(text, word_length)
    }

    pub(crate) fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    pub(crate) fn get(&self, token: usize) -> &'text str {
        self.text(token..token + 1)
    }

    pub(crate) fn bytes(&self, tokens: Range<usize>) -> Range<usize> {
        self.bounds[tokens.start]..self.bounds[tokens.end]
    }

    pub(crate) fn text(&self, tokens: Range<usize>) -> &'text str {
        &self.text[self.bytes(tokens)]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'text str> {
        (0..self.len()).map(|token| self.get(token))
    }

    /// `length_of` says how long the token at the start of a text that is not empty is.
    fn cut(text: &'text str, length_of: fn(&str) -> usize) -> Self {
        let mut bounds = vec![0];
        let mut end = 0;
        while end < text.len() {
            end += length_of(&text[end..]);
            bounds.push(end);
        }
        Self { text, bounds }
    }
}

fn line_length(text: &str) -> usize {
    let content = text.bytes().position(|byte| matches!(byte, b'\n' | b'\r'));
    content.map_or(text.len(), |content| {
        content + break_length(&text[content..])
    })
}

fn break_length(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

fn word_length(text: &str) -> usize {
    let line_break = break_length(text);
    if line_break > 0 {
        return line_break;
    }
    let mut characters = text.chars();
    let first = characters.next().expect("the text is not empty");
    let kind = Kind::of(first);
    let is_more = |character: &char| kind != Kind::Single && Kind::of(*character) == kind;
    first.len_utf8()
        + characters
            .take_while(is_more)
            .map(char::len_utf8)
            .sum::<usize>()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Blank,
    Single,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            '_' => Self::Word,
            '\n' | '\r' => Self::Single,
            _ if character.is_whitespace() => Self::Blank,
            _ if is_unspaced(character) => Self::Single,
            _ if character.is_alphanumeric() => Self::Word,
            _ if character.is_ascii() => Self::Single,
            // Marks that combine with a letter, and the parts of an emoji, stay in one piece.
            _ => Self::Word,
        }
    }
}

/// Whether the character belongs to a script that puts no blanks between its words (Chinese,
/// Japanese): there a sentence would be one word.
fn is_unspaced(character: char) -> bool {
    let blocks = [
        '\u{2e80}'..='\u{9fff}',
        '\u{f900}'..='\u{faff}',
        '\u{20000}'..='\u{3ffff}',
    ];
    blocks.iter().any(|block| block.contains(&character))
}
