//! The network, and whoever listens on this machine.

use crate::case::{
    Case,
    Effect::{Heard, Reached},
    WithoutWalls::{Administrator, Nobody},
};

const ROOTS: &str = "others cannot";

pub(super) const CASES: &[Case] = &[
    Case::new(
        "a port of the machine",
        Heard,
        "$ATTEMPT tcp 127.0.0.1:$TCP",
    ),
    Case::new(
        "a port of the machine, newer protocol",
        Heard,
        "$ATTEMPT tcp [::1]:$TCP6",
    ),
    Case::new(
        "a datagram to the machine",
        Heard,
        "$ATTEMPT udp 127.0.0.1:$UDP",
    ),
    Case::new("an internet socket", Reached, "$ATTEMPT socket 2 1 0"),
    Case::new(
        "an internet socket, newer protocol",
        Reached,
        "$ATTEMPT socket 10 2 0",
    ),
    Case::new("an echo request", Reached, "$ATTEMPT socket 2 3 1")
        .without_walls(Administrator(ROOTS)),
    Case::new("raw packets", Reached, "$ATTEMPT socket 17 3 768")
        .without_walls(Administrator(ROOTS)),
    Case::new(
        "the kernel's messages about the network",
        Reached,
        "$ATTEMPT socket 16 3 0",
    ),
    Case::new(
        "the machine below this one",
        Reached,
        "$ATTEMPT socket 40 1 0",
    ),
    Case::new(
        "the kernel's cryptography",
        Reached,
        "$ATTEMPT socket 38 5 0",
    ),
    Case::new("a socket without a path", Heard, "$ATTEMPT abstract $NAME"),
    Case::new(
        "a datagram without a path",
        Heard,
        "$ATTEMPT abstract-datagram $NAME-datagrams",
    ),
    Case::new("a service in the home", Heard, "$ATTEMPT unix $HOME/bus"),
    Case::new(
        "the session's bus",
        Heard,
        "$ATTEMPT unix $WORKSPACE/../run/bus",
    ),
    Case::new("a service in /run", Heard, "$ATTEMPT unix \"$RUN_SOCKET\""),
    Case::new(
        "a service elsewhere",
        Heard,
        "$ATTEMPT unix $OUTSIDE/socket",
    ),
    Case::new(
        "a datagram to a service elsewhere",
        Heard,
        "$ATTEMPT unix-datagram $OUTSIDE/datagrams",
    ),
    Case::new(
        "a service through another process's root",
        Heard,
        "for process in 1 $CANARY $SERVER self; do $ATTEMPT unix /proc/$process/root$OUTSIDE/socket; done",
    ),
    Case::new("a pipe with a name", Heard, "echo planted > $OUTSIDE/pipe"),
    Case::new("a ring of requests", Reached, "$ATTEMPT ring"),
    Case::new("what was inherited", Reached, "$ATTEMPT inherited")
        .without_walls(Nobody("nothing is, without walls either")),
];
