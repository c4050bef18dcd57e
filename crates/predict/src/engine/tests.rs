//! Suggestions in small workspaces, and what must hold in any.

mod golden;
mod jumps;
mod properties;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use text::Text;

use super::{Engine, EngineOptions};
use crate::{
    FileStamp, Index, IndexBuilder, IndexOptions, Outcome, SuggestOptions, SuggestQuery, Suggestion,
};

/// Options under which a test does not depend on the speed of the machine.
fn patient(options: SuggestOptions) -> SuggestOptions {
    SuggestOptions {
        deadline: Duration::from_secs(600),
        ..options
    }
}

/// Files separated by lines `//- PATH`; `$0` is the cursor. The cursor's file is open, the others
/// are indexed, and so is the disk version of the cursor's file if a section `//- PATH (disk)`
/// gives it.
struct Fixture {
    index: Index,
    path: PathBuf,
    text: Text,
    cursor: usize,
}

impl Fixture {
    fn parse(fixture: &str) -> Self {
        let mut builder = IndexBuilder::new(IndexOptions::default());
        let mut open = None;
        for section in fixture.split("//- ").skip(1) {
            let (name, text) = section.split_once('\n').unwrap_or((section, ""));
            match text.split_once("$0") {
                Some((before, after)) => {
                    open = Some((name, format!("{before}{after}"), before.len()))
                }
                None => {
                    _ = builder.add(
                        Path::new(name.trim_end_matches(" (disk)")),
                        text,
                        FileStamp::default(),
                    )
                }
            }
        }
        let (name, text, cursor) = open.expect("one file has the cursor");
        let index = builder.finish(&|| false).expect("nobody cancels");
        Self {
            index,
            path: name.into(),
            text: Text::from(text),
            cursor,
        }
    }

    fn engine(&self) -> Engine {
        let mut engine = Engine::new(EngineOptions::default());
        engine.set_index(Arc::new(self.index.clone()));
        engine.open(&self.path, &self.text);
        engine
    }

    fn suggest(&self, options: &SuggestOptions) -> Outcome {
        let query = SuggestQuery {
            path: &self.path,
            text: &self.text,
            offset: self.cursor,
            options,
        };
        self.engine().suggest(&query, &|| false)
    }
}

/// The line with the suggestion in it, marked; carriage returns are shown as `␍`, tabs as `→`.
fn shown(text: &Text, suggestion: &Suggestion) -> String {
    let line = text.line_of(suggestion.replace.start);
    let before = text
        .slice(text.line_start(line)..suggestion.replace.start)
        .into_owned();
    let after = text
        .slice(suggestion.replace.end..text.line_end(line))
        .into_owned();
    format!("{before}⟦{}⟧{after}", suggestion.text)
        .replace('\r', "␍")
        .replace('\t', "→")
}
