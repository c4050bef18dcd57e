//! Which sockets a command cannot make. `seccomp.rs` puts it up.

use libc::{EACCES, c_int};

use super::{
    UnixSockets,
    filter::{Case, Condition, Refusal},
};
use crate::Network;

/// The arguments of `socket` and `socketpair`.
const FAMILY: u8 = 0;
const KIND: u8 = 1;
const PROTOCOL: u8 = 2;

/// The bits of the second argument that are the kind; above them are flags.
const KIND_BITS: u32 = 0xf;

/// Streams, datagrams, and what is asked for to reach a host at all; every other protocol is one more part of the kernel.
const INTERNET_PROTOCOLS: [c_int; 6] = [
    0,
    libc::IPPROTO_ICMP,
    libc::IPPROTO_TCP,
    libc::IPPROTO_UDP,
    libc::IPPROTO_ICMPV6,
    libc::IPPROTO_MPTCP,
];

/// What is refused to a command with this much of the network.
pub(super) fn refusals(network: Network, unix_sockets: UnixSockets) -> Vec<Refusal> {
    let mut cases = match network {
        Network::None => vec![none_of(FAMILY, &[libc::AF_UNIX])],
        Network::Loopback => internet(&[libc::AF_UNIX]),
        Network::Shared => internet(&[libc::AF_UNIX, libc::AF_NETLINK]),
    };
    // Names of hosts cannot be looked up without the list of addresses, which only netlink gives.
    if network == Network::Shared {
        cases.push(vec![
            Condition::Is(FAMILY, libc::AF_NETLINK.cast_unsigned()),
            Condition::IsNot(PROTOCOL, libc::NETLINK_ROUTE.cast_unsigned()),
        ]);
    }
    let pairs = none_of(FAMILY, &[libc::AF_UNIX]);
    if unix_sockets == UnixSockets::PairsOnly {
        cases.push(vec![Condition::Is(FAMILY, libc::AF_UNIX.cast_unsigned())]);
    }
    vec![
        Refusal {
            call: libc::SYS_socket,
            when: cases,
            errno: EACCES,
        },
        Refusal {
            call: libc::SYS_socketpair,
            when: vec![pairs],
            errno: EACCES,
        },
    ]
}

/// Refuses all but `others`, and streams and datagrams of the Internet's families with a usual protocol.
fn internet(others: &[c_int]) -> Vec<Case> {
    let families = [others, &[libc::AF_INET, libc::AF_INET6]].concat();
    let unusual_protocol = [
        none_of(FAMILY, others),
        none_of(PROTOCOL, &INTERNET_PROTOCOLS),
    ];
    let mut cases = vec![none_of(FAMILY, &families), unusual_protocol.concat()];
    // Streams are 1 and datagrams 2: all other numbers of four bits are 0, 3, or have a higher bit.
    let unusual_kinds = [(KIND_BITS, 0), (KIND_BITS, 3), (4, 4), (8, 8)];
    cases.extend(unusual_kinds.map(|(mask, value)| {
        let mut case = none_of(FAMILY, others);
        case.push(Condition::Bits(KIND, mask, value));
        case
    }));
    cases
}

fn none_of(argument: u8, values: &[c_int]) -> Case {
    values
        .iter()
        .map(|value| Condition::IsNot(argument, value.cast_unsigned()))
        .collect()
}
