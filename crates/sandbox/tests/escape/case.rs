//! What a case of the battery is: an attempt, what it would do, and where it can be made.

use sandbox::Wall;

use crate::place::User;

/// An attempt to get out of a task.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// Unique.
    pub(crate) name: &'static str,
    /// For the shell, in the workspace; `scene/variables.rs` has the variables.
    pub(crate) text: &'static str,
    /// What is noticed outside when it succeeds.
    pub(crate) effect: Effect,
    /// Which walls must hold it.
    pub(crate) held_by: HeldBy,
    /// For whom it succeeds where there is no wall.
    pub(crate) without_walls: WithoutWalls,
}

/// What can be noticed outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A file or folder of the user's or the machine's is not what it was.
    Files,
    /// The output, which the model's service gets, has a secret in it.
    Secret,
    /// A system call has succeeded that leads out, or the attempt has seen so itself.
    Reached,
    /// A process of the user's has ended, stopped, or is not what it was.
    Process,
    /// Somebody who listens was spoken to.
    Heard,
    /// The user's terminal was written to or typed into.
    Terminal,
    /// The server has ended.
    Server,
    /// Something still runs after the task.
    Survivor,
}

/// Which walls must hold a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeldBy {
    /// Every one.
    All,
    /// Those with namespaces; the reason why a copy's walls do not.
    Namespaces(#[allow(dead_code)] &'static str),
}

/// For whom an attempt succeeds where there is no wall; the reason why not for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithoutWalls {
    /// For everybody.
    All,
    /// The administrator alone.
    Administrator(#[allow(dead_code)] &'static str),
    /// An ordinary user alone.
    Ordinary(#[allow(dead_code)] &'static str),
    /// It cannot be let loose, or is about something that only a task has.
    Nobody(#[allow(dead_code)] &'static str),
}

impl Case {
    /// A case that every wall must hold and that succeeds for everybody without one.
    pub(crate) const fn new(name: &'static str, effect: Effect, text: &'static str) -> Self {
        Self {
            name,
            text,
            effect,
            held_by: HeldBy::All,
            without_walls: WithoutWalls::All,
        }
    }

    pub(crate) const fn held_by(self, held_by: HeldBy) -> Self {
        Self { held_by, ..self }
    }

    pub(crate) const fn without_walls(self, without_walls: WithoutWalls) -> Self {
        Self {
            without_walls,
            ..self
        }
    }

    pub(crate) fn must_be_held_by(&self, wall: Wall) -> bool {
        match self.held_by {
            HeldBy::All => true,
            HeldBy::Namespaces(_) => wall != Wall::Copy,
        }
    }

    pub(crate) fn succeeds_without_walls(&self, user: User) -> bool {
        match self.without_walls {
            WithoutWalls::All => true,
            WithoutWalls::Administrator(_) => user.is_administrator(),
            WithoutWalls::Ordinary(_) => !user.is_administrator(),
            WithoutWalls::Nobody(_) => false,
        }
    }
}
