//! What is wrong with a command's arguments, in words for whoever wrote them.

/// Why a command cannot be carried out as it was called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{command}: {problem}")]
pub(crate) struct ArgumentError {
    /// The command's name.
    pub(crate) command: String,
    /// What is wrong, and how it is called rightly.
    pub(crate) problem: String,
}
