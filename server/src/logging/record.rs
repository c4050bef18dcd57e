//! What becomes of a record before it is written: no secrets, no endless lines, a line break at its end.

use super::redact::Redactor;

/// Longer records are cut, in bytes of UTF-8: what is worth more belongs into a file of its own.
const MAX_RECORD_BYTES: usize = 2 << 10;

/// Appends `record` to `lines`, ready to be written.
pub(super) fn append(lines: &mut String, record: &[u8], redactor: &Redactor) {
    let record = String::from_utf8_lossy(record);
    // Secrets go first: one that is cut in two is no longer known as one.
    let record = redactor.redact(&record);
    let record = record.trim_end_matches(['\n', '\r']);
    if record.len() <= MAX_RECORD_BYTES {
        lines.push_str(record);
    } else {
        let end = (0..=MAX_RECORD_BYTES)
            .rev()
            .find(|&end| record.is_char_boundary(end))
            .unwrap_or_default();
        lines.push_str(&record[..end]);
        lines.push_str(&format!(" [… {} bytes more]", record.len() - end));
    }
    lines.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::redact::Redactor;
    use super::{MAX_RECORD_BYTES, append};

    fn written(record: &str) -> String {
        let mut lines = String::new();
        append(
            &mut lines,
            record.as_bytes(),
            &Redactor::new(["hunter2-hunter2".to_string()].into_iter()),
        );
        lines
    }

    #[test]
    fn short_records_are_whole_and_end_with_one_line_break() {
        assert_eq!(written("opened\n"), "opened\n");
        assert_eq!(written("opened"), "opened\n");
        let longest = "é".repeat(MAX_RECORD_BYTES / 2);
        assert_eq!(written(&longest), format!("{longest}\n"));
    }

    #[test]
    fn long_records_are_cut_between_characters_with_a_mark() {
        for shift in 0..4 {
            let record = "x".repeat(shift) + &"🦀".repeat(MAX_RECORD_BYTES);
            let line = written(&(record.clone() + "\n"));
            let (kept, mark) = line.split_once(" [… ").unwrap();
            assert!(record.starts_with(kept));
            assert!(MAX_RECORD_BYTES - 4 < kept.len() && kept.len() <= MAX_RECORD_BYTES);
            assert_eq!(mark, format!("{} bytes more]\n", record.len() - kept.len()));
        }
    }

    #[test]
    fn a_secret_on_the_edge_is_taken_out_whole() {
        for length in MAX_RECORD_BYTES - 20..MAX_RECORD_BYTES + 5 {
            let line = written(&("x".repeat(length) + " hunter2-hunter2 and more"));
            assert!(!line.contains("hunt"), "{line}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        let mut lines = String::new();
        append(&mut lines, b"a\xffb\n", &Redactor::new(std::iter::empty()));
        assert_eq!(lines, "a\u{fffd}b\n");
    }
}
