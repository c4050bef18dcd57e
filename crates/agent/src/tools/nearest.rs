//! Names that are like one that does not exist, so that a mistaken call can be mended at once.

use std::path::Path;

/// The `count` names of `candidates` that come nearest to `wanted`, the nearest first; those with nothing in common are
/// none. A path with the same file name elsewhere is nearest, then what differs in case, then in few letters.
pub(super) fn nearest(
    wanted: &str,
    candidates: impl Iterator<Item = String>,
    count: usize,
) -> Vec<String> {
    let mut ranked: Vec<(usize, String)> = candidates
        .filter_map(|candidate| distance(wanted, &candidate).map(|distance| (distance, candidate)))
        .collect();
    ranked.sort();
    ranked.dedup();
    ranked.truncate(count);
    ranked.into_iter().map(|(_, name)| name).collect()
}

/// How far `candidate` is from `wanted`; `None` when they are strangers.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let (wanted_name, name) = (file_name(wanted), file_name(candidate));
    if name == wanted_name {
        return Some(0);
    }
    if name.eq_ignore_ascii_case(wanted_name) {
        return Some(1);
    }
    let longest = wanted_name.chars().count().max(name.chars().count());
    // Two letters are soon exchanged, but something must be left in common.
    let allowed = (longest * 2 / 5).max(2).min(longest.saturating_sub(1));
    let edits = edits_up_to(wanted_name, name, allowed)?;
    Some(1 + edits)
}

fn file_name(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

/// The least number of letters to insert, remove or replace (Levenshtein), case aside; `None` beyond `limit`.
fn edits_up_to(one: &str, other: &str, limit: usize) -> Option<usize> {
    let one: Vec<char> = one.chars().flat_map(char::to_lowercase).collect();
    let other: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    if one.len().abs_diff(other.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other_letter) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other_letter);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
        if row.iter().min().is_some_and(|least| *least > limit) {
            return None;
        }
    }
    row.last().copied().filter(|edits| *edits <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_names_come_first_and_strangers_not_at_all() {
        let names = [
            "src/main.rs",
            "src/Parser.rs",
            "lib/parser.rs",
            "src/parsers.rs",
            "README.md",
        ];
        let names = || names.into_iter().map(str::to_owned);
        assert_eq!(
            nearest("parser.rs", names(), 9),
            ["lib/parser.rs", "src/Parser.rs", "src/parsers.rs"]
        );
        assert_eq!(nearest("src/mian.rs", names(), 1), ["src/main.rs"]);
        assert_eq!(nearest("zebra", names(), 9), Vec::<String>::new());
        assert_eq!(nearest("", names(), 9), Vec::<String>::new());
    }
}
