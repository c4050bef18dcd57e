//! What a command prints, within bounds: the beginning and the end are kept, the middle is counted.
//!
//! Bytes go in as they come. Text comes out: characters are never cut in two, and what is no UTF-8 is replaced.

use std::collections::VecDeque;

/// Bytes of output that nobody has taken yet.
#[derive(Debug)]
pub struct OutputBuffer {
    /// Grows up to half of the capacity.
    head: Vec<u8>,
    /// The newest bytes, up to the other half, once the head is full.
    tail: VecDeque<u8>,
    dropped: u64,
    half: usize,
}

/// Output that was taken: `head`, `dropped` bytes that are lost, `tail`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The beginning; everything when nothing is lost.
    pub head: String,
    /// How many bytes are lost between the two.
    pub dropped: u64,
    /// The end, when something is lost.
    pub tail: String,
}

/// Whether more output may follow what is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It may: a character that is cut off at the end waits for its rest.
    Follows,
    /// It will not.
    IsOver,
}

impl OutputBuffer {
    /// An empty buffer that keeps up to `capacity` bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            head: Vec::new(),
            tail: VecDeque::new(),
            dropped: 0,
            half: capacity.div_ceil(2),
        }
    }

    /// Appends what was printed.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = self.half - self.head.len();
        let (head, rest) = bytes.split_at(bytes.len().min(room));
        self.head.extend_from_slice(head);
        // Only the last half can stay.
        let kept = &rest[rest.len().saturating_sub(self.half)..];
        let surplus = (self.tail.len() + kept.len()).saturating_sub(self.half);
        self.tail.drain(..surplus);
        self.tail.extend(kept);
        self.dropped += (rest.len() - kept.len() + surplus) as u64;
    }

    /// How many bytes would be taken.
    pub fn len(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Whether there is nothing to take.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes everything out.
    pub(crate) fn take(&mut self, rest: Rest) -> Output {
        let mut head = std::mem::take(&mut self.head);
        let mut tail = Vec::from(std::mem::take(&mut self.tail));
        let mut dropped = std::mem::take(&mut self.dropped);
        if dropped == 0 {
            head.append(&mut tail);
        } else {
            dropped += drop_cut_characters(&mut head, &mut tail);
        }
        if rest == Rest::Follows {
            let last = if dropped == 0 { &mut head } else { &mut tail };
            let unfinished = last.split_off(last.len() - unfinished_length(last));
            self.push(&unfinished);
        }
        Output {
            head: text(head),
            dropped,
            tail: text(tail),
        }
    }
}

/// Removes the halves of characters on both sides of a gap, and says how many bytes that were.
fn drop_cut_characters(head: &mut Vec<u8>, tail: &mut Vec<u8>) -> u64 {
    let before = head.len() + tail.len();
    head.truncate(head.len() - unfinished_length(head));
    let is_continuation = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    let continuations = tail.iter().take(3).take_while(is_continuation).count();
    tail.drain(..continuations);
    (before - head.len() - tail.len()) as u64
}

/// The length in bytes of an incomplete but so far valid character at the end.
fn unfinished_length(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    let last_lead = bytes[start..].iter().rposition(|byte| *byte >= 0b1100_0000);
    let Some(lead) = last_lead else { return 0 };
    let unfinished = &bytes[start + lead..];
    match std::str::from_utf8(unfinished) {
        Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => unfinished.len(),
        _ => 0,
    }
}

fn text(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

#[cfg(test)]
mod tests;
