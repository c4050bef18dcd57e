//! The lines of one text by number, found as far as they are asked for. Line breaks are `\n` and `\r\n`.

/// Lines are asked for from top to bottom, so that the text is gone through once.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line begins, as far as it was looked for.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            starts: vec![0],
        }
    }

    /// Line `line` without its break; empty past the end.
    pub(super) fn get(&mut self, line: usize) -> &'a str {
        let Some(start) = self.start(line) else {
            return "";
        };
        let end = self.start(line + 1).unwrap_or(self.text.len());
        let text = &self.text[start..end];
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text)
    }

    pub(super) fn before(&mut self, line: usize, count: usize) -> Vec<String> {
        (line.saturating_sub(count)..line)
            .map(|line| self.get(line).to_owned())
            .collect()
    }

    pub(super) fn after(&mut self, line: usize, count: usize) -> Vec<String> {
        (line + 1..(line + 1).saturating_add(count))
            .map_while(|line| self.start(line).map(|_| line))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|line| self.get(line).to_owned())
            .collect()
    }

    /// Where line `line` begins; none past the last. The empty line after a break at the very end is no line here.
    fn start(&mut self, line: usize) -> Option<usize> {
        while self.starts.len() <= line {
            let last = *self.starts.last().expect("the first line is always there");
            let next = last + self.text[last..].find('\n')? + 1;
            if next == self.text.len() {
                return None;
            }
            self.starts.push(next);
        }
        Some(self.starts[line])
    }
}
