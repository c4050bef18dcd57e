//! What of a model's answer is the new text: what stands in the fence that was asked for, without the talk around it. Pure.

/// Beginnings of a first line that announces the text, for answers that come without a fence.
const ANNOUNCEMENTS: [&str; 6] = [
    "here is",
    "here's",
    "here are",
    "sure",
    "certainly",
    "of course",
];

/// The new text in a complete answer; `fence` backticks were asked for. Shorter fences belong to the text.
pub(crate) fn wanted_text(answer: &str, fence: usize) -> String {
    match in_fence(answer, fence) {
        Some(inside) => inside,
        None => without_announcement(answer).to_owned(),
    }
}

/// The new text as far as it has come; nothing before its fence has.
pub(crate) fn growing(answer: &str, fence: usize) -> Option<String> {
    let inside = in_fence(answer, fence)?;
    // What may yet become the closing fence.
    let (lines, last) = inside.rsplit_once('\n').unwrap_or(("", &inside));
    let is_fence_to_be = !last.is_empty() && last.trim_start().bytes().all(|byte| byte == b'`');
    Some(match is_fence_to_be {
        true => lines.to_owned(),
        false => inside,
    })
}

/// The lines between the first fence and its end, or the answer's. A fence with a language inside opens a text within the
/// text, whose end is not ours.
fn in_fence(answer: &str, least: usize) -> Option<String> {
    let mut lines = answer.lines();
    let opening = lines.find_map(|line| Fence::of(line).filter(|fence| fence.length >= least))?;
    let mut inside: Vec<&str> = Vec::new();
    let mut depth = 0;
    for line in lines {
        match Fence::of(line).filter(|fence| fence.length >= opening.length) {
            Some(fence) if fence.has_language => depth += 1,
            Some(_) if depth == 0 => break,
            Some(_) => depth -= 1,
            None => {}
        }
        inside.push(line);
    }
    Some(inside.join("\n"))
}

struct Fence {
    length: usize,
    has_language: bool,
}

impl Fence {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        let rest = line.trim_start_matches('`');
        let length = line.len() - rest.len();
        (length >= 3 && !rest.contains('`')).then_some(Self {
            length,
            has_language: !rest.trim().is_empty(),
        })
    }
}

fn without_announcement(answer: &str) -> &str {
    let Some((first, rest)) = answer.trim_start_matches(['\n', '\r']).split_once('\n') else {
        return answer;
    };
    let line = first.trim().to_lowercase();
    let begins = ANNOUNCEMENTS.iter().any(|words| line.starts_with(words));
    match begins && line.ends_with(':') {
        true => rest,
        false => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fenced_text_counts() {
        let cases = [
            ("```rust\na();\n```\n", "a();"),
            (
                "Here you go:\n\n```\na\n\nb\n```\nI have changed it.",
                "a\n\nb",
            ),
            ("```\n  a\n", "  a"),
            ("a();\nb();\n", "a();\nb();\n"),
            ("Here is the new text:\na();", "a();"),
            ("Here is the list\na", "Here is the list\na"),
            ("sure:", "sure:"),
            ("```\n```", ""),
            ("", ""),
            (
                "```markdown\n# A\n```sh\nls\n```\nend\n```",
                "# A\n```sh\nls\n```\nend",
            ),
            ("```\r\na\r\n```\r\n", "a"),
        ];
        for (answer, wanted) in cases {
            assert_eq!(wanted_text(answer, 3), wanted, "{answer:?}");
        }
    }

    #[test]
    fn fences_shorter_than_asked_for_belong_to_the_text() {
        assert_eq!(wanted_text("````\n```\na\n```\n````", 4), "```\na\n```");
        assert_eq!(wanted_text("```\na\n```", 4), "```\na\n```");
    }

    #[test]
    fn what_grows_is_always_a_beginning_of_the_whole() {
        let answer = "Sure:\n```rust\nfn a() {\n    `b`\n}\n```\nDone.";
        let whole = wanted_text(answer, 3);
        for end in 0..=answer.len() {
            if let Some(text) = growing(&answer[..end], 3) {
                assert!(whole.starts_with(&text), "{text:?}");
            }
        }
        assert_eq!(growing(answer, 3).as_deref(), Some(&*whole));
        assert_eq!(growing("Sure:", 3), None);
    }
}
