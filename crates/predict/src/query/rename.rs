//! Carries a renaming over to longer names: if `width` became `height` here, `setWidth` becomes
//! `setHeight`. Names are taken apart at underscores and capitals; the case style of the name that
//! is changed is kept.

/// What part of a name was replaced by what, in lower case, parts joined by underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Renaming {
    from: String,
    to: String,
}

/// How the parts of a name are joined and capitalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Snake,
    Upper,
    Pascal,
    Camel,
}

impl Renaming {
    /// What distinguishes two names, their common first and last parts left out.
    pub(super) fn between(from: &str, to: &str) -> Option<Self> {
        if !from.is_ascii() || !to.is_ascii() {
            return None;
        }
        let (from, to) = (parts(from), parts(to));
        let common_start = from
            .iter()
            .zip(&to)
            .take_while(|(left, right)| left == right)
            .count();
        let (from, to) = (&from[common_start..], &to[common_start..]);
        let common_end = from
            .iter()
            .rev()
            .zip(to.iter().rev())
            .take_while(|(left, right)| left == right)
            .count();
        let renaming = Self {
            from: from[..from.len() - common_end].join("_"),
            to: to[..to.len() - common_end].join("_"),
        };
        (renaming.from.len() >= 2 && !renaming.to.is_empty()).then_some(renaming)
    }

    /// The name with the renaming carried out in it, if it has the part that was replaced.
    pub(super) fn apply(&self, name: &str) -> Option<String> {
        if !name.is_ascii() {
            return None;
        }
        [Style::Snake, Style::Upper, Style::Pascal, Style::Camel]
            .into_iter()
            .find_map(|style| {
                let from = styled(&self.from, style);
                let start = name.find(&from)?;
                let end = start + from.len();
                if !is_part(name.as_bytes(), start, end) {
                    return None;
                }
                // One lower-case part at the start of a name without underscores may as well begin
                // a camel-case name.
                let is_camel = style == Style::Snake
                    && start == 0
                    && !from.contains('_')
                    && !name.contains('_');
                let to = styled(&self.to, if is_camel { Style::Camel } else { style });
                Some(format!("{}{to}{}", &name[..start], &name[end..]))
            })
    }
}

/// The parts of a name in lower case.
fn parts(name: &str) -> Vec<String> {
    let bytes = name.as_bytes();
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 0..=bytes.len() {
        let is_separator = at == bytes.len() || matches!(bytes[at], b'_' | b'$');
        if at > start && (is_separator || begins_part(bytes, at)) {
            parts.push(name[start..at].to_ascii_lowercase());
            start = at;
        }
        if is_separator {
            start = at + 1;
        }
    }
    parts
}

/// Whether a capital at `at`, which is not the start, begins a part: `fooBar`, `HTTPServer`.
fn begins_part(bytes: &[u8], at: usize) -> bool {
    bytes[at].is_ascii_uppercase()
        && (!bytes[at - 1].is_ascii_uppercase()
            || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

/// Whether `start..end` of a name begins and ends at the borders of its parts.
fn is_part(name: &[u8], start: usize, end: usize) -> bool {
    let capital_after_small =
        |at: usize| name[at].is_ascii_uppercase() && name[at - 1].is_ascii_lowercase();
    let starts = start == 0 || !name[start - 1].is_ascii_alphabetic() || capital_after_small(start);
    let ends = end == name.len()
        || name[end] == b'_'
        || name[end].is_ascii_digit()
        || capital_after_small(end);
    starts && ends
}

fn styled(snake: &str, style: Style) -> String {
    match style {
        Style::Snake => snake.to_owned(),
        Style::Upper => snake.to_ascii_uppercase(),
        Style::Pascal => snake.split('_').map(capitalised).collect(),
        Style::Camel => {
            let mut parts = snake.split('_');
            let first = parts.next().unwrap_or_default().to_owned();
            first + &parts.map(capitalised).collect::<String>()
        }
    }
}

fn capitalised(part: &str) -> String {
    let mut part = part.to_owned();
    if let Some(first) = part.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    part
}

#[cfg(test)]
mod tests {
    //! Names as people rename them.

    use super::Renaming;

    fn check(from: &str, to: &str, name: &str, expected: Option<&str>) {
        let renamed = Renaming::between(from, to).and_then(|renaming| renaming.apply(name));
        assert_eq!(renamed.as_deref(), expected, "{from} -> {to} in {name}");
    }

    #[test]
    fn carries_a_renaming_over_in_the_style_of_the_name() {
        check("width", "height", "setWidth", Some("setHeight"));
        check("width", "height", "set_width", Some("set_height"));
        check("width", "height", "MAX_WIDTH", Some("MAX_HEIGHT"));
        check("width", "height", "widthOf", Some("heightOf"));
        check("read_file", "write_file", "ReadError", Some("WriteError"));
        check("user", "order_item", "getUser", Some("getOrderItem"));
        check("HTTPServer", "HTTPClient", "newServer", Some("newClient"));
    }

    #[test]
    fn leaves_names_without_the_part_alone() {
        check("width", "height", "bandwidth", None);
        check("width", "width", "width", None);
        check("a", "b", "a_b", None);
        check("größe", "breite", "größe", None);
    }
}
