//! Parts of the kernel that only administrators need, or where its faults are found.

use crate::case::{Case, Effect::Reached, WithoutWalls::Administrator};

const ROOTS: &str = "others cannot";

pub(super) const CASES: &[Case] = &[
    Case::new(
        "a program in the kernel",
        Reached,
        "$ATTEMPT program-in-kernel",
    )
    .without_walls(Administrator("most machines keep it to the administrator")),
    Case::new(
        "events of the processor",
        Reached,
        "$ATTEMPT performance-events",
    )
    .without_walls(Administrator("some machines keep it to the administrator")),
    Case::new("the kernel's keys", Reached, "$ATTEMPT add-key"),
    Case::new(
        "stop the kernel in its faults",
        Reached,
        "$ATTEMPT user-faults",
    ),
    Case::new(
        "watch everybody's files",
        Reached,
        "$ATTEMPT watch-all-files",
    ),
    Case::new("another kernel", Reached, "$ATTEMPT new-kernel").without_walls(Administrator(ROOTS)),
    Case::new("a module of the kernel", Reached, "$ATTEMPT kernel-module")
        .without_walls(Administrator(ROOTS)),
    Case::new("restart the machine", Reached, "$ATTEMPT restart")
        .without_walls(Administrator(ROOTS)),
    Case::new("the machine's clock", Reached, "$ATTEMPT clock").without_walls(Administrator(ROOTS)),
    Case::new("the machine's name", Reached, "$ATTEMPT host-name")
        .without_walls(Administrator(ROOTS)),
    Case::new("the kernel's messages", Reached, "$ATTEMPT kernel-messages")
        .without_walls(Administrator(ROOTS)),
    Case::new("memory on a disk", Reached, "$ATTEMPT swap").without_walls(Administrator(ROOTS)),
    Case::new("accounts of all processes", Reached, "$ATTEMPT accounting")
        .without_walls(Administrator(ROOTS)),
    Case::new(
        "the right to speak to devices",
        Reached,
        "$ATTEMPT input-and-output",
    )
    .without_walls(Administrator(ROOTS)),
];
