//! A file's text as lines with their line breaks, so that what is not changed stays as it was, byte for byte.

/// A text cut into lines.
pub(crate) struct SourceFile<'text> {
    /// The lines without their breaks. A text that ends with a break has no line after it.
    pub(crate) lines: Vec<&'text str>,
    /// The break after each line; empty for a last line that has none.
    pub(crate) endings: Vec<&'text str>,
}

impl<'text> SourceFile<'text> {
    /// Cuts at `\n` and `\r\n`; a text that has neither at `\r`.
    pub(crate) fn new(text: &'text str) -> Self {
        let only_returns = !text.contains('\n');
        let mut file = Self {
            lines: Vec::new(),
            endings: Vec::new(),
        };
        for piece in text.split_inclusive(if only_returns { '\r' } else { '\n' }) {
            let line = piece
                .strip_suffix("\r\n")
                .or_else(|| piece.strip_suffix('\n'))
                .or_else(|| piece.strip_suffix('\r').filter(|_| only_returns))
                .unwrap_or(piece);
            file.lines.push(line);
            file.endings.push(&piece[line.len()..]);
        }
        file
    }

    /// The break that new lines get: the first of the file.
    pub(crate) fn preferred_ending(&self) -> &'text str {
        match self.endings.first() {
            Some(ending) if !ending.is_empty() => ending,
            _ => "\n",
        }
    }
}
