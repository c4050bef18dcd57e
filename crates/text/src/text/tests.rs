//! Lines, slices and character boundaries of `Text`.

use crate::Text;

#[test]
fn breaks_lines_where_the_specification_does_and_nowhere_else() {
    let lines = |text: &str| -> Vec<String> {
        let text = Text::from(text);
        (0..text.len_lines())
            .map(|line| text.line(line).into_owned())
            .collect()
    };
    assert_eq!(lines(""), [""]);
    assert_eq!(lines("a"), ["a"]);
    assert_eq!(lines("a\n"), ["a", ""]);
    assert_eq!(lines("a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
    assert_eq!(lines("\r\r\n\n"), ["", "", "", ""]);
    assert_eq!(
        lines("a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f"),
        ["a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f"]
    );
}
