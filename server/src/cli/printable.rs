//! Text from outside, made fit to be shown: nothing in it may speak to the terminal or look like something else than it is.
//!
//! Whatever a model, a command, a file or a service has said passes through here before a subcommand prints it.

/// Text to read: what a terminal would obey is left out, with the rest of its escape sequence, so that coloured output is
/// read as plain text. Line breaks and tabs stay.
pub(crate) fn readable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => rest = after_escape(rest),
            '\u{9b}' => rest = after_control_sequence(rest),
            '\n' | '\t' => shown.push(character),
            _ if is_hidden(character) => {}
            _ => shown.push(character),
        }
    }
    shown
}

/// Text to decide upon: every character that does not show is written as its escape. Line breaks and tabs stay.
pub(crate) fn exact(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(character),
            _ if is_hidden(character) => shown.extend(character.escape_default()),
            _ => shown.push(character),
        }
    }
    shown
}

/// A line as a terminal would leave it standing: after a carriage return it is written anew, as progress bars do.
pub(crate) fn settled(line: &str) -> &str {
    let mut versions = line.rsplit('\r');
    versions
        .find(|version| !version.is_empty())
        .unwrap_or_default()
}

/// Controls, what turns the direction of writing (<https://trojansource.codes>), and what takes no room. Joiners are
/// left, because emoji and some scripts need them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// What follows the escape sequence whose first character was just read (ECMA-48, section 5.4 and 5.6).
fn after_escape(rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let mut after = rest.clone();
    match after.next() {
        Some('[') => after_control_sequence(after),
        // Strings: window titles, links, pictures.
        Some(']' | 'P' | 'X' | '^' | '_') => after_control_string(after),
        // Another character set takes one more.
        Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
            after.next();
            after
        }
        Some(' '..='~') => after,
        _ => rest,
    }
}

/// Skips parameters and the one character that ends them. A sequence that is none hides nothing.
fn after_control_sequence(rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let text = rest.as_str();
    let end = text.find(|character| !matches!(character, ' '..='?'));
    match end.and_then(|end| text[end..].chars().next().map(|last| (end, last))) {
        Some((end, '@'..='~')) => text[end + 1..].chars(),
        _ => rest,
    }
}

/// Skips to the bell or the string terminator. A string without an end hides nothing.
fn after_control_string(rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let text = rest.as_str();
    let line = text.lines().next().unwrap_or_default();
    let ends = ["\u{7}", "\u{1b}\\", "\u{9c}"].into_iter();
    let end = ends
        .filter_map(|end| line.find(end).map(|start| start + end.len()))
        .min();
    text[end.unwrap_or(0)..].chars()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_read_without_its_colours_and_titles() {
        for (text, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m\tplain\n", "red\tplain\n"),
            (
                "\u{1b}]0;title\u{7}a\u{1b}]8;;http://x\u{1b}\\link",
                "alink",
            ),
            ("\u{1b}]0;no end\nnext", "0;no end\nnext"),
            ("a\u{1b}(Bb\u{1b}c\u{9b}2Jd\u{8}\u{7f}", "abd"),
            ("\u{1b}[", ""),
            ("\u{1b}[3é", "3é"),
            ("\u{1b}é", "é"),
            ("safe\u{202e}elif\u{200b}", "safeelif"),
            ("👩\u{200d}🚒 é 漢", "👩\u{200d}🚒 é 漢"),
        ] {
            assert_eq!(readable(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_decided_upon_hides_nothing() {
        assert_eq!(
            exact("rm x\r\u{1b}[2Kls\u{202e}\n\t👩\u{200d}🚒"),
            "rm x\\r\\u{1b}[2Kls\\u{202e}\n\t👩\u{200d}🚒"
        );
    }

    #[test]
    fn a_line_that_is_written_over_shows_its_last_version() {
        for (line, expected) in [
            ("plain\r", "plain"),
            ("10 %\r20 %\rdone", "done"),
            ("10 %\r20 %\r\r", "20 %"),
            ("\r", ""),
        ] {
            assert_eq!(settled(line), expected, "{line:?}");
        }
    }

    /// Whatever is thrown at it, nothing that a terminal obeys comes through.
    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let pieces = [
            "\u{1b}", "[", "]", "\u{9b}", "2J", ";", "\u{7}", "\\", "a", "é", "\n", "\u{202e}",
            "\u{9c}", "P", "(", "\r", "\u{0}",
        ];
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let text: String = (0..random.usize(0..12))
                .map(|_| pieces[random.usize(0..pieces.len())])
                .collect();
            for shown in [readable(&text), exact(&text)] {
                let obeyed = |character: char| is_hidden(character) && character != '\n';
                assert!(!shown.contains(obeyed), "{text:?} became {shown:?}");
            }
        }
    }
}
