//! Mounts, roots and namespaces.

use crate::case::{
    Case,
    Effect::{Files, Reached},
    WithoutWalls::Administrator,
};

const ROOTS: &str = "others cannot";

pub(super) const CASES: &[Case] = &[
    Case::new("mount something", Reached, "$ATTEMPT mount $OUTSIDE/folder").without_walls(Administrator(ROOTS)),
    Case::new("a new file system", Reached, "$ATTEMPT new-file-system").without_walls(Administrator(ROOTS)),
    Case::new("write through a copy of a mount", Files, "$ATTEMPT clone-mount $OUTSIDE").without_walls(Administrator(ROOTS)),
    Case::new("mount again, writable", Files, "mount -o remount,bind,rw / ; mount -o remount,rw /; mount --bind $OUTSIDE $OUTSIDE && mount -o remount,bind,rw $OUTSIDE && echo planted > $OUTSIDE/file")
        .without_walls(crate::case::WithoutWalls::Nobody("it would change how the machine's root is mounted")),
    Case::new("another root", Reached, "$ATTEMPT change-root").without_walls(Administrator(ROOTS)),
    Case::new("exchange the root", Reached, "$ATTEMPT exchange-root").without_walls(Administrator(ROOTS)),
    Case::new("a new user namespace", Reached, "$ATTEMPT new-user-namespace"),
    Case::new("a new user namespace by clone", Reached, "$ATTEMPT clone-namespace"),
    Case::new("a new user namespace by clone3", Reached, "$ATTEMPT clone3-namespace"),
    Case::new("mounts in a namespace of one's own", Reached, "unshare -Urm sh -c 'mount -t tmpfs none /mnt' && $ATTEMPT new-user-namespace"),
    Case::new("another process's mounts", Reached, "$ATTEMPT join-namespace /proc/$CANARY/ns/mnt; $ATTEMPT join-namespace /proc/1/ns/mnt; $ATTEMPT join-namespace /proc/$CANARY/ns/net")
        .without_walls(Administrator(ROOTS)),
];
