//! What the client's `workspace/applyEdit` can do. Read off the parameters of `initialize`; pure.

use serde_json::Value;

/// What edits the client can apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EditAbilities {
    /// Any at all.
    pub(crate) applies_edits: bool,
    /// With versions, and in the order given.
    pub(crate) takes_document_changes: bool,
    /// Creates files.
    pub(crate) creates: bool,
    /// Renames files.
    pub(crate) renames: bool,
    /// Deletes files.
    pub(crate) deletes: bool,
    /// Asks where annotations want confirmation.
    pub(crate) asks_by_annotations: bool,
    /// Shows annotations of what it applies unasked without standing in the user's way.
    pub(crate) shows_annotations: bool,
}

impl EditAbilities {
    /// What is missing or of an odd shape counts as not offered.
    pub(crate) fn from_params(params: &Value) -> Self {
        let workspace = &params["capabilities"]["workspace"];
        let edit = &workspace["workspaceEdit"];
        let operations = edit["resourceOperations"].as_array();
        let has = |name: &str| operations.is_some_and(|all| all.iter().any(|one| one == name));
        // Neovim takes them and does not say so. Operations on files exist nowhere but in document changes.
        let is_neovim = params["clientInfo"]["name"] == "Neovim";
        let annotations = edit["changeAnnotationSupport"].is_object();
        Self {
            applies_edits: workspace["applyEdit"] == true,
            takes_document_changes: edit["documentChanges"] == true
                || operations.is_some_and(|all| !all.is_empty())
                || is_neovim,
            creates: has("create"),
            renames: has("rename"),
            deletes: has("delete"),
            asks_by_annotations: annotations,
            // Neovim lists them in a message that waits for a key.
            shows_annotations: annotations && !is_neovim,
        }
    }
}
