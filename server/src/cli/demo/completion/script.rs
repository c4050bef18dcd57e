//! What the person in the demonstration writes: new code that the project does not have.

/// A stretch of work in one file.
pub(super) struct Scene {
    /// Path below the project's folder.
    pub(super) file: &'static str,
    /// What the person is about to do, for the audience.
    pub(super) intent: &'static str,
    /// The new lines go before the line that begins with this text.
    pub(super) before: &'static str,
    /// What is typed; the editor indents new lines by itself.
    pub(super) lines: &'static str,
}

pub(super) const SCENES: [Scene; 3] = [
    Scene {
        file: "src/position.rs",
        intent: "a new function, much like its neighbours",
        before: "    /// The position of `offset`.",
        lines: "    /// The length of `line` in `encoding`, without its line break.
    pub fn line_length(&self, line: usize, encoding: PositionEncoding) -> usize {
        let (start, end) = (self.line_start(line), self.line_end(line));
        match encoding {
            PositionEncoding::Utf8 => end - start,
            PositionEncoding::Utf16 => self.utf16_before(end) - self.utf16_before(start),
            PositionEncoding::Utf32 => self.chars_before(end) - self.chars_before(start),
        }
    }
",
    },
    Scene {
        file: "src/position/tests.rs",
        intent: "its test",
        before: "#[test]",
        lines: "#[test]
fn the_length_of_a_line_counts_in_its_encoding() {
    let text = Text::from(\"é😀b\\r\\ncd\");
    for (encoding, length) in [(Utf8, 7), (Utf16, 4), (Utf32, 3)] {
        assert_eq!(
            text.line_length(0, encoding),
            length,
            \"{encoding:?}\"
        );
    }
}

",
    },
    Scene {
        file: "src/change_set.rs",
        intent: "something that is new to the project",
        before: "    /// The text that `text` becomes.",
        lines: "    /// The number of bytes that it inserts.
    pub fn inserted_bytes(&self) -> usize {
        self.edits().map(|edit| edit.insert.len()).sum()
    }

",
    },
];

#[cfg(test)]
mod tests {
    use super::SCENES;
    use crate::cli::demo::project;

    #[test]
    fn every_scene_finds_its_place_and_writes_something_new() {
        let project = project::copy().unwrap();
        for scene in SCENES {
            let text = std::fs::read_to_string(project.path().join(scene.file)).unwrap();
            assert!(
                text.lines().any(|line| line.starts_with(scene.before)),
                "{}",
                scene.file
            );
            assert!(!text.contains(scene.lines), "{}", scene.file);
        }
    }
}
