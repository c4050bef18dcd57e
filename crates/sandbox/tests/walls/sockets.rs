//! Every kind of socket is really asked for, at each extent of the network.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::{UnixListener, UnixStream},
};

use libtest_mimic::Trial;
use sandbox::{
    Network,
    walls::{SocketFilter, UnixSockets},
};

use crate::attempt::{Attempt, User, folder, outcome, run, trials_for_users};

pub(crate) const ATTEMPTS: &[Attempt] = &[
    ("sockets, none", |_| {
        try_all(Network::None, UnixSockets::All)
    }),
    ("sockets, none, pairs", |_| {
        try_all(Network::None, UnixSockets::PairsOnly)
    }),
    ("sockets, loopback", |_| {
        try_all(Network::Loopback, UnixSockets::All)
    }),
    ("sockets, shared", |_| {
        try_all(Network::Shared, UnixSockets::All)
    }),
    ("sockets, shared, pairs", |_| {
        try_all(Network::Shared, UnixSockets::PairsOnly)
    }),
    ("sockets, at work", |folder| {
        filter(Network::Loopback, UnixSockets::All);
        println!("loopback {}", outcome(speak_over_loopback()));
        filter(Network::None, UnixSockets::All);
        println!("no loopback {}", outcome(speak_over_loopback()));
        println!("file {}", outcome(speak_over_file(&folder.join("socket"))));
        filter(Network::None, UnixSockets::PairsOnly);
        println!(
            "no file {}",
            outcome(speak_over_file(&folder.join("other")))
        );
        println!("pair {}", outcome(UnixStream::pair()));
    }),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials_for_users("only the permitted sockets can be made", only_the_permitted);
    trials.extend(trials_for_users("permitted sockets work", permitted_work));
    trials
}

fn filter(network: Network, unix_sockets: UnixSockets) {
    SocketFilter::new(network, unix_sockets)
        .unwrap()
        .install()
        .unwrap();
}

const FAMILIES: std::ops::Range<i32> = 0..50;
const KINDS: std::ops::Range<i32> = 0..16;
const PROTOCOLS: [i32; 14] = [0, 1, 2, 6, 15, 16, 17, 33, 58, 132, 136, 255, 256, 262];
/// Flags, and bits that the kernel does not look at in an argument of 32 bits.
const STRAY: [i64; 3] = [
    0,
    (libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK) as i64,
    1 << 40,
];

/// Compares every answer of the kernel with the rule in its plainest form, and prints what is wrong.
fn try_all(network: Network, unix_sockets: UnixSockets) {
    filter(network, unix_sockets);
    let mut wrong = Vec::new();
    let mut permitted = 0;
    for (family, kind) in FAMILIES.flat_map(|family| KINDS.map(move |kind| (family, kind))) {
        for (protocol, stray) in PROTOCOLS
            .iter()
            .flat_map(|protocol| STRAY.map(|stray| (*protocol, stray)))
        {
            let is_made = make(family, i64::from(kind) | stray, protocol);
            let may = may(network, unix_sockets, family, kind, protocol);
            permitted += u32::from(may);
            // Whether a user may send echo requests is the machine's setting, which gives the same answer.
            let is_echo = kind == 2
                && matches!(
                    (family, protocol),
                    (libc::AF_INET, 1) | (libc::AF_INET6, 58)
                );
            if is_made != may && !(may && is_echo) {
                wrong.push((family, kind, protocol, stray));
            }
        }
        let is_pair_refused = pair(family, kind) == libc::EACCES;
        if is_pair_refused != (family != libc::AF_UNIX) {
            wrong.push((family, kind, -1, 0));
        }
    }
    println!("{permitted} permitted, wrong: {wrong:?}");
}

fn may(network: Network, unix_sockets: UnixSockets, family: i32, kind: i32, protocol: i32) -> bool {
    match family {
        libc::AF_UNIX => unix_sockets == UnixSockets::All,
        libc::AF_INET | libc::AF_INET6 => {
            network != Network::None
                && [1, 2].contains(&kind)
                && [0, 1, 6, 17, 58, 262].contains(&protocol)
        }
        libc::AF_NETLINK => network == Network::Shared && protocol == 0,
        _ => false,
    }
}

/// Whether the filter lets it be asked for; that the kernel then has no such socket is another matter.
fn make(family: i32, kind: i64, protocol: i32) -> bool {
    // SAFETY: makes a descriptor, which is closed at once.
    unsafe {
        let result = libc::syscall(
            libc::SYS_socket,
            i64::from(family),
            kind,
            i64::from(protocol),
        );
        if result >= 0 {
            libc::close(result as i32);
            return true;
        }
    }
    std::io::Error::last_os_error().raw_os_error() != Some(libc::EACCES)
}

fn pair(family: i32, kind: i32) -> i32 {
    let mut pair = [-1; 2];
    // SAFETY: makes two descriptors, which are closed at once.
    unsafe {
        if libc::socketpair(family, kind, 0, pair.as_mut_ptr()) == 0 {
            let [left, right] = pair;
            libc::close(left);
            libc::close(right);
            return 0;
        }
    }
    std::io::Error::last_os_error().raw_os_error().unwrap()
}

fn only_the_permitted(user: User) {
    let folder = folder(user);
    for (name, permitted) in [
        ("sockets, none", 16 * 14 * 3),
        ("sockets, none, pairs", 0),
        ("sockets, loopback", 16 * 14 * 3 + 2 * 2 * 6 * 3),
        ("sockets, shared", 16 * 14 * 3 + 2 * 2 * 6 * 3 + 16 * 3),
        ("sockets, shared, pairs", 2 * 2 * 6 * 3 + 16 * 3),
    ] {
        assert_eq!(
            run(name, folder.path(), user),
            format!("{permitted} permitted, wrong: []\n"),
            "{name}"
        );
    }
}

fn speak_over_loopback() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut left = TcpStream::connect(listener.local_addr()?)?;
    let (mut right, _) = listener.accept()?;
    left.write_all(b"x")?;
    right.read_exact(&mut [0])
}

fn speak_over_file(path: &std::path::Path) -> std::io::Result<()> {
    let listener = UnixListener::bind(path)?;
    let mut left = UnixStream::connect(path)?;
    let (mut right, _) = listener.accept()?;
    left.write_all(b"x")?;
    right.read_exact(&mut [0])
}

fn permitted_work(user: User) {
    let folder = folder(user);
    let expected = "loopback ok\nno loopback EACCES\nfile ok\nno file EACCES\npair ok\n";
    assert_eq!(run("sockets, at work", folder.path(), user), expected);
}
