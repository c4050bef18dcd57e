//! Recognises a shell command that is nothing but a patch: models write `apply_patch <<'EOF'` where they have a shell.
//!
//! Such a command is done by the tool itself: no program of that name need exist, and the patch gets its approval.

/// A patch that was written as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchCommand {
    /// Where the command goes first, as written; relative to where it would run.
    pub directory: Option<String>,
    /// The patch.
    pub patch: String,
}

/// The patch that `command` is, if it is one and nothing else: `apply_patch`, or `cd DIRECTORY && apply_patch`, with a
/// here-document. The document is taken as it stands, for a patch with `$` in it means that character.
pub fn from_command(command: &str) -> Option<PatchCommand> {
    let (head, body) = command.trim().split_once('\n')?;
    let (directory, call) = match head.split_once("&&") {
        Some((change, call)) => (Some(directory(change.trim())?), call),
        None => (None, head),
    };
    let redirection = ["apply_patch", "applypatch"]
        .iter()
        .find_map(|name| call.trim().strip_prefix(name))?;
    let delimiter = delimiter(redirection.trim().strip_prefix("<<")?)?;
    let patch = document(body, delimiter)?;
    Some(PatchCommand { directory, patch })
}

fn directory(change: &str) -> Option<String> {
    let word = change.strip_prefix("cd ")?.trim();
    let unquoted = unquoted(word).unwrap_or(word);
    let is_plain = unquoted == word && word.contains(|character: char| !is_plain(character));
    // A name that the shell would have to expand is left to the shell.
    let needs_shell = unquoted.contains(['$', '`', '\\', '*', '~']) || is_plain;
    (!unquoted.is_empty() && !needs_shell && !unquoted.starts_with('-'))
        .then(|| unquoted.to_owned())
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "/._-+@%:,=".contains(character)
}

fn delimiter(word: &str) -> Option<&str> {
    let word = word.trim();
    let name = unquoted(word).unwrap_or(word);
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn unquoted(word: &str) -> Option<&str> {
    ['\'', '"'].iter().find_map(|&quote| {
        let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    })
}

/// The lines before the delimiter, which is the last line.
fn document(body: &str, delimiter: &str) -> Option<String> {
    let mut lines: Vec<&str> = body.lines().collect();
    let is_last = lines.iter().position(|line| line.trim_end() == delimiter)? + 1 == lines.len();
    if !is_last {
        return None;
    }
    lines.pop();
    let patch = lines.join("\n");
    patch
        .trim_start()
        .starts_with("*** Begin Patch")
        .then_some(patch)
}
