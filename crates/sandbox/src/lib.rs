//! Processes that the agent starts, and their confinement.
