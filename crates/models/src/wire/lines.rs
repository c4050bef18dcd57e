//! Cuts a stream of bytes into lines, wherever the network has cut it before. Also the ground of [`super::SseReader`].

/// The longest line that is taken, in bytes. An image comes as one line, so it is generous.
pub(crate) const MAX_LINE_BYTES: usize = 64 << 20;

/// A line was longer than 64 MiB: the other side does not speak the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service sent a line longer than {} MiB", MAX_LINE_BYTES >> 20)]
pub struct LineTooLong;

/// Cuts bytes into lines that end with LF, CR or CRLF.
#[derive(Debug, Default)]
pub struct LineReader {
    partial: Vec<u8>,
    ended_with_return: bool,
}

impl LineReader {
    /// Takes more bytes and calls `each` with every line that is complete, without its end.
    ///
    /// Bytes that are not UTF-8 become replacement characters.
    pub fn push(&mut self, bytes: &[u8], mut each: impl FnMut(&str)) -> Result<(), LineTooLong> {
        let mut rest = bytes;
        while let Some(position) = memchr::memchr2(b'\n', b'\r', rest) {
            let (line, end_and_rest) = rest.split_at(position);
            let second_half = self.ended_with_return && line.is_empty() && end_and_rest[0] == b'\n';
            self.ended_with_return = end_and_rest[0] == b'\r';
            rest = &end_and_rest[1..];
            if !second_half {
                self.complete(line, &mut each)?;
            }
        }
        if !rest.is_empty() {
            self.ended_with_return = false;
            self.keep(rest)?;
        }
        Ok(())
    }

    /// The stream has ended: what is left is a line of its own.
    pub fn finish(&mut self, mut each: impl FnMut(&str)) {
        self.ended_with_return = false;
        if !self.partial.is_empty() {
            each(&String::from_utf8_lossy(&std::mem::take(&mut self.partial)));
        }
    }

    fn complete(&mut self, end: &[u8], each: &mut impl FnMut(&str)) -> Result<(), LineTooLong> {
        if self.partial.is_empty() {
            each(&String::from_utf8_lossy(end));
            return Ok(());
        }
        self.keep(end)?;
        each(&String::from_utf8_lossy(&self.partial));
        self.partial.clear();
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), LineTooLong> {
        if self.partial.len() + bytes.len() > MAX_LINE_BYTES {
            return Err(LineTooLong);
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
