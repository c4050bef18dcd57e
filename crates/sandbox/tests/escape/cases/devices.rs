//! Devices, and the user's terminal.

use crate::case::{
    Case,
    Effect::{Reached, Terminal},
    WithoutWalls::{Administrator, Nobody},
};

const ROOTS: &str = "others cannot";

pub(super) const CASES: &[Case] = &[
    Case::new("the machine's memory", Reached, "$ATTEMPT read-device /dev/mem /dev/port /dev/kmem").without_walls(Administrator(ROOTS)),
    Case::new("the machine's disks", Reached, "$ATTEMPT read-device /dev/[svx]d[a-z] /dev/nvme* /dev/mapper/* /dev/loop*").without_walls(Administrator(ROOTS)),
    Case::new("the machine's messages", Reached, "$ATTEMPT open-for-writing /dev/kmsg").without_walls(Administrator(ROOTS)),
    Case::new("devices that make others", Reached, "$ATTEMPT read-device /dev/loop-control /dev/fuse /dev/kvm /dev/net/tun /dev/vhost-net /dev/uinput")
        .without_walls(Administrator(ROOTS)),
    Case::new("a disk's device made by oneself", Reached, "$ATTEMPT make-device disk").without_walls(Administrator(ROOTS)),
    Case::new("a harmless device made by oneself", Reached, "$ATTEMPT make-device null").without_walls(Administrator(ROOTS)),
    Case::new("a device copied", Reached, "cp -a /dev/zero zero && [ -c zero ] && $ATTEMPT read-device zero").without_walls(Administrator(ROOTS)),
    Case::new("write to the user's terminal", Terminal, "$ATTEMPT write-to-terminal $TERMINAL /dev/tty; echo planted > $TERMINAL"),
    Case::new("write to the server's outputs", Terminal, "for process in /proc/[0-9]*; do $ATTEMPT write-to-terminal $process/fd/[012]; done >/dev/null")
        .without_walls(Nobody("the server's outputs are the test's")),
    Case::new("type into the user's terminal", Terminal, "$ATTEMPT type-into-terminal $TERMINAL /dev/tty"),
];
