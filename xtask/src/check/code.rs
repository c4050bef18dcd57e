//! Rust source reduced to its code: comments and the contents of literals blanked out, the parts for tests known.
//!
//! A small lexer in place of a parser: the rules ask only for words, and words inside strings and comments must not count.

use std::ops::Range;

/// The code of one Rust file, line by line.
pub(super) struct Code {
    lines: Vec<String>,
    /// Lines compiled for tests only, counted from 0, end exclusive.
    test_lines: Vec<Range<usize>>,
    /// Names of the modules declared for tests only whose text lies in another file.
    test_modules: Vec<String>,
}

impl Code {
    /// Lexes a file.
    pub(super) fn of(source: &str) -> Self {
        let blanked = blank(source);
        let mut code = Self {
            lines: blanked.split('\n').map(str::to_owned).collect(),
            test_lines: Vec::new(),
            test_modules: Vec::new(),
        };
        code.find_tests(&blanked);
        code
    }

    /// Lines that are part of the product, with their numbers counted from 1.
    pub(super) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_product =
            |(line, _): &(usize, &str)| !self.test_lines.iter().any(|range| range.contains(line));
        let lines = self.lines.iter().map(String::as_str).enumerate();
        lines
            .filter(is_product)
            .map(|(line, text)| (line + 1, text))
    }

    /// The names of modules in other files that are compiled for tests only.
    pub(super) fn test_modules(&self) -> impl Iterator<Item = &str> {
        self.test_modules.iter().map(String::as_str)
    }

    fn find_tests(&mut self, blanked: &str) {
        const ATTRIBUTE: &str = "#[cfg(test)]";
        for (start, _) in blanked.match_indices(ATTRIBUTE) {
            let item = &blanked[start + ATTRIBUTE.len()..];
            let end = start + ATTRIBUTE.len() + item_length(item);
            let line_of = |offset: usize| blanked[..offset].matches('\n').count();
            self.test_lines.push(line_of(start)..line_of(end) + 1);
            self.test_modules.extend(declared_module(item));
        }
    }
}

/// The length of an item: up to its `;`, or to the brace that closes its body.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    for (offset, character) in item.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth <= 1 => return offset,
            '}' => depth -= 1,
            ';' if depth == 0 => return offset,
            _ => {}
        }
    }
    item.len()
}

/// The name in `mod name;`, after any attributes and a visibility.
fn declared_module(item: &str) -> Option<String> {
    let declaration = &item[..item.find([';', '{'])?];
    let is_declared_elsewhere = item[declaration.len()..].starts_with(';');
    let (_, name) = declaration.rsplit_once("mod ")?;
    is_declared_elsewhere.then(|| name.trim().to_owned())
}

/// Replaces comments and the insides of string and character literals by spaces; line breaks stay.
fn blank(source: &str) -> String {
    let mut blanked = String::with_capacity(source.len());
    let mut rest = source;
    while !rest.is_empty() {
        let before = blanked.chars().next_back();
        let length = blank_length(rest, before).min(rest.len());
        if length == 0 {
            let character = rest.chars().next().expect("the rest is not empty");
            blanked.push(character);
            rest = &rest[character.len_utf8()..];
        } else {
            blanked.extend(
                rest[..length]
                    .chars()
                    .map(|character| if character == '\n' { '\n' } else { ' ' }),
            );
            rest = &rest[length..];
        }
    }
    blanked
}

/// The length of the comment or literal that begins here, in bytes; 0 when none does.
fn blank_length(rest: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(|character| character.is_alphanumeric() || character == '_');
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment_length(rest)
    } else if rest.starts_with('"') {
        string_length(rest)
    } else if !in_word && let Some(length) = raw_string_length(rest) {
        length
    } else if rest.starts_with('\'') {
        character_length(rest)
    } else {
        0
    }
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut offset = 0;
    while offset < rest.len() {
        let here = &rest.as_bytes()[offset..];
        if here.starts_with(b"/*") {
            depth += 1;
            offset += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            offset += 2;
            if depth == 0 {
                return offset;
            }
        } else {
            offset += 1;
        }
    }
    rest.len()
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (offset, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return offset + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// `r"..."`, `r#"..."#`, `br"..."`, `cr"..."`.
fn raw_string_length(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| rest.starts_with(prefix))?;
    let hashes = rest[prefix.len()..]
        .bytes()
        .take_while(|byte| *byte == b'#')
        .count();
    let body = prefix.len() + hashes;
    rest[body..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = rest[body + 1..]
        .find(&end)
        .map(|offset| body + 1 + offset + end.len());
    Some(length.unwrap_or(rest.len()))
}

/// `'a'`, `'\n'`; 0 for a lifetime.
fn character_length(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            let escaped = characters
                .next()
                .map_or(2, |(offset, character)| offset + character.len_utf8());
            rest[escaped..]
                .find('\'')
                .map_or(0, |offset| escaped + offset + 1)
        }
        Some((offset, character)) => {
            let after = offset + character.len_utf8();
            if rest[after..].starts_with('\'') {
                after + 1
            } else {
                0
            }
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests;
