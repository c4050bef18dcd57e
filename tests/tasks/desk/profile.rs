//! The editors that the desk can pass for: what they announce, and how they treat the server's edits and report changes.
//! Taken from what the real ones were seen to do.

use serde_json::{Value, json};

/// An editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Neovim 0.12: documents begin at version 0; an edit for an older version is skipped and said to be applied.
    Neovim,
    /// Helix 25.07: versions must be equal; edits before the one that fails stay.
    Helix,
    /// VS Code 1.139: all versions are checked before anything happens; UTF-16 alone.
    VsCode,
    /// An editor with the plugin, which is told of hunks and tasks by `ropewalk/*`; else like VS Code, in UTF-32.
    Rich,
}

impl Profile {
    pub(crate) const ALL: [Self; 4] = [Self::Neovim, Self::Helix, Self::VsCode, Self::Rich];

    pub(crate) fn first_version(self) -> i64 {
        match self {
            Self::Neovim | Self::Helix => 0,
            Self::VsCode | Self::Rich => 1,
        }
    }

    /// Whether it tells of changes on disk.
    pub(crate) fn watches_files(self) -> bool {
        self != Self::Neovim
    }

    pub(crate) fn capabilities(self) -> Value {
        let mut workspace_edit = json!({ "resourceOperations": ["create", "rename", "delete"] });
        if self != Self::Neovim {
            workspace_edit["documentChanges"] = true.into();
        }
        if self != Self::Helix {
            workspace_edit["changeAnnotationSupport"] = json!({ "groupsOnLabel": true });
        }
        let encodings = match self {
            Self::Neovim => json!(["utf-8", "utf-16", "utf-32"]),
            Self::Helix => json!(["utf-8", "utf-32", "utf-16"]),
            Self::VsCode => json!(["utf-16"]),
            Self::Rich => json!(["utf-32"]),
        };
        let mut capabilities = json!({
            "general": { "positionEncodings": encodings },
            "window": {
                "showDocument": { "support": true },
                "showMessage": { "messageActionItem": { "additionalPropertiesSupport": true } },
                "workDoneProgress": true,
            },
            "workspace": {
                "applyEdit": true,
                "configuration": true,
                "didChangeWatchedFiles": { "dynamicRegistration": self.watches_files() },
                "workspaceEdit": workspace_edit,
                "workspaceFolders": true,
            },
            "textDocument": {
                "codeAction": { "dataSupport": true, "disabledSupport": true },
                "publishDiagnostics": { "dataSupport": true },
            },
        });
        if self != Self::Helix {
            capabilities["textDocument"]["inlineCompletion"] = json!({});
            capabilities["textDocument"]["codeLens"] = json!({});
            capabilities["workspace"]["codeLens"] = json!({ "refreshSupport": true });
        }
        if self == Self::Rich {
            capabilities["experimental"] = json!({ "ropewalk": { "inlineEdit": true } });
        }
        capabilities
    }
}

/// How the desk treats what the server asks of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manners {
    /// As its editor does.
    #[default]
    Good,
    /// Says that it has applied an edit, and has not.
    Lies,
    /// Applies every other part of an edit, and says that it has applied it.
    Halves,
    /// Applies edits whatever the version they are for.
    IgnoresVersions,
    /// Neither applies nor answers until told to: see `Desk::apply_held_edits`.
    Holds,
    /// Says no.
    Declines,
}
