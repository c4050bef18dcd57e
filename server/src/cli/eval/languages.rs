//! Which files of a repository are source code worth replaying.

use std::path::Path;

/// Longer files are data or generated.
pub(super) const MAX_FILE_BYTES: usize = 400_000;

/// The endings of the languages the evaluation knows.
const EXTENSIONS: &[&str] = &[
    "rs", "py", "ts", "tsx", "js", "jsx", "mjs", "go", "c", "h", "cc", "cpp", "hpp", "java", "kt",
    "cs", "swift", "rb", "php", "lua", "scala", "zig",
];

/// Folders whose files others wrote.
const FOREIGN: &[&str] = &["vendor", "node_modules", "third_party", "deps", "dist"];

/// Patterns for `git` that match the files of these languages.
pub(super) fn pathspecs() -> impl Iterator<Item = String> {
    EXTENSIONS
        .iter()
        .map(|extension| format!(":(glob)**/*.{extension}"))
}

/// Whether the path names source code of the repository's own.
pub(super) fn is_source(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_foreign = path
        .components()
        .any(|part| FOREIGN.iter().any(|foreign| part.as_os_str() == *foreign));
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) && !is_foreign
}
