//! More of the machine than a task may take.

use crate::case::{
    Case,
    Effect::{Files, Reached, Survivor},
    WithoutWalls::Nobody,
};

const LIMIT: &str = "the system may have a limit of its own";

pub(super) const CASES: &[Case] = &[
    Case::new(
        "more processes",
        Reached,
        "echo 'the attempt was made'; $ATTEMPT many-processes",
    )
    .without_walls(Nobody(LIMIT)),
    Case::new(
        "a bomb of processes",
        Survivor,
        "echo 'the attempt was made'; bomb() { bomb | bomb & }; bomb; sleep 2; exit 0",
    )
    .without_walls(Nobody("it would take the machine")),
    Case::new(
        "more memory",
        Reached,
        "echo 'the attempt was made'; $ATTEMPT much-memory",
    ),
    Case::new(
        "more disk",
        Reached,
        "echo 'the attempt was made'; $ATTEMPT much-disk",
    ),
    Case::new(
        "a huge file",
        Reached,
        "echo 'the attempt was made'; $ATTEMPT huge-file",
    ),
    Case::new("more open files", Reached, "$ATTEMPT many-files").without_walls(Nobody(LIMIT)),
    Case::new("folders without end", Files, "$ATTEMPT deep-folders"),
];
