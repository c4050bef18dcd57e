//! What a patch says of one file: its header, then its hunks or its binary content.

use sha1::{Digest, Sha1};

use super::binary;
use crate::file_state::text_of;
use crate::names::{quoted, quoted_with_prefix};
use crate::renames::similarity_percent;
use crate::{FileState, text_diff};

/// One file of a patch. Of a deleted file and of a new one both names are the same.
pub(super) struct Section<'file> {
    /// Below the root of the patch, not quoted.
    pub(super) old_name: &'file [u8],
    /// Below the root of the patch, not quoted.
    pub(super) new_name: &'file [u8],
    /// `None` for a new file.
    pub(super) before: Option<&'file FileState>,
    /// `None` for a deleted file.
    pub(super) after: Option<&'file FileState>,
}

impl Section<'_> {
    pub(super) fn write(&self, patch: &mut Vec<u8>) {
        let names = [("a/", self.old_name), ("b/", self.new_name)]
            .map(|(prefix, name)| quoted_with_prefix(prefix, name));
        write_line(patch, &[b"diff --git ", &names[0], b" ", &names[1]]);
        self.write_modes(patch);
        self.write_rename(patch);
        let (before, after) = (bytes(self.before), bytes(self.after));
        let is_one_sided = self.before.is_none() || self.after.is_none();
        if before == after && !is_one_sided {
            return self.write_index_of_moved_link(patch);
        }
        match text_of(before).zip(text_of(after)) {
            Some((old, new)) => {
                self.write_index(patch, SHORT_ID);
                if before != after {
                    let side = |state: Option<_>, name: &[u8]| match state {
                        None => b"/dev/null".to_vec(),
                        Some(_) => with_end(name),
                    };
                    write_line(patch, &[b"--- ", &side(self.before, &names[0])]);
                    write_line(patch, &[b"+++ ", &side(self.after, &names[1])]);
                    patch.extend_from_slice(text_diff(old, new).as_bytes());
                }
            }
            None => {
                self.write_index(patch, FULL_ID);
                binary::write(patch, before, after);
            }
        }
    }

    fn write_modes(&self, patch: &mut Vec<u8>) {
        match (mode(self.before), mode(self.after)) {
            (Some(old), None) => write_line(patch, &[b"deleted file mode ", old]),
            (None, Some(new)) => write_line(patch, &[b"new file mode ", new]),
            (Some(old), Some(new)) if old != new => {
                write_line(patch, &[b"old mode ", old]);
                write_line(patch, &[b"new mode ", new]);
            }
            _ => {}
        }
    }

    fn write_rename(&self, patch: &mut Vec<u8>) {
        let Some((before, after)) = self.before.zip(self.after) else {
            return;
        };
        if self.old_name == self.new_name {
            return;
        }
        let percent = similarity_percent(before, after).to_string();
        write_line(patch, &[b"similarity index ", percent.as_bytes(), b"%"]);
        write_line(patch, &[b"rename from ", &quoted(self.old_name)]);
        write_line(patch, &[b"rename to ", &quoted(self.new_name)]);
    }

    /// Without its mode, Git believes that a link that only moves was a file, and refuses a patch that
    /// puts a folder in its old place.
    fn write_index_of_moved_link(&self, patch: &mut Vec<u8>) {
        if self.before.is_some_and(FileState::is_link) {
            self.write_index(patch, SHORT_ID);
        }
    }

    /// Git's names of both contents. Where the user's repository has the old one, `git apply --3way`
    /// can merge; binary content is only taken with the whole names.
    fn write_index(&self, patch: &mut Vec<u8>, length: usize) {
        let ids = [self.before, self.after].map(|state| {
            let id = state.map_or_else(|| "0".repeat(FULL_ID), object_id);
            id[..length].to_owned()
        });
        let range = format!("{}..{}", ids[0], ids[1]);
        match (mode(self.before), mode(self.after)) {
            (Some(old), Some(new)) if old == new => {
                write_line(patch, &[b"index ", range.as_bytes(), b" ", old]);
            }
            _ => write_line(patch, &[b"index ", range.as_bytes()]),
        }
    }
}

/// In hexadecimal digits.
const FULL_ID: usize = 40;
/// In hexadecimal digits: enough to be the only one in a repository.
const SHORT_ID: usize = 12;

/// What Git calls a blob of this content, in hexadecimal.
fn object_id(state: &FileState) -> String {
    let bytes = state.content.bytes();
    let mut digest = Sha1::new();
    digest.update(format!("blob {}\0", bytes.len()));
    digest.update(bytes);
    let digits = digest.finalize();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name at the end of a line. One with blanks that is not quoted is followed by a tab, for what
/// stands behind a blank is taken for a date by some readers.
fn with_end(name: &[u8]) -> Vec<u8> {
    let mut name = name.to_vec();
    if name.contains(&b' ') && !name.starts_with(b"\"") {
        name.push(b'\t');
    }
    name
}

fn mode(state: Option<&FileState>) -> Option<&'static [u8]> {
    state.map(|state| state.content.git_mode(state.is_executable).as_bytes())
}

fn bytes(state: Option<&FileState>) -> &[u8] {
    state.map_or(&[], |state| state.content.bytes())
}

fn write_line(patch: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|part| patch.extend_from_slice(part));
    patch.push(b'\n');
}
