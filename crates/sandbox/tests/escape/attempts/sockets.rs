//! Sockets of every kind, and whoever listens.

use std::{
    io::{self, Write},
    net::{TcpStream, UdpSocket},
    os::{
        fd::FromRawFd,
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram, UnixStream},
    },
};

use super::{Attempt, Gain, check, number};

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("socket", socket),
    ("tcp", tcp),
    ("udp", udp),
    ("unix", unix),
    ("unix-datagram", unix_datagram),
    ("abstract", abstract_stream),
    ("abstract-datagram", abstract_datagram),
    ("ring", ring),
];

/// A socket of this family, kind and protocol can be made.
fn socket(words: &[String]) -> io::Result<Gain> {
    let (family, kind, protocol) = (number(&words[0]), number(&words[1]), number(&words[2]));
    // SAFETY: the call touches no memory.
    check(unsafe { libc::socket(family, kind, protocol) }.into())?;
    Ok(Gain::Reached)
}

fn tcp(words: &[String]) -> io::Result<Gain> {
    // A machine without the newer protocol has no port of it.
    if words[0].ends_with(":0") {
        return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
    }
    TcpStream::connect(&*words[0])?;
    Ok(Gain::SeenOutside)
}

fn udp(words: &[String]) -> io::Result<Gain> {
    UdpSocket::bind("127.0.0.1:0")?.send_to(b"planted\n", &*words[0])?;
    Ok(Gain::SeenOutside)
}

fn unix(words: &[String]) -> io::Result<Gain> {
    if words[0].is_empty() {
        return Err(io::Error::from_raw_os_error(libc::ENXIO));
    }
    UnixStream::connect(&words[0])?.write_all(b"planted\n")?;
    Ok(Gain::SeenOutside)
}

fn unix_datagram(words: &[String]) -> io::Result<Gain> {
    UnixDatagram::unbound()?.send_to(b"planted\n", &words[0])?;
    Ok(Gain::SeenOutside)
}

fn abstract_stream(words: &[String]) -> io::Result<Gain> {
    UnixStream::connect_addr(&SocketAddr::from_abstract_name(&words[0])?)?;
    Ok(Gain::SeenOutside)
}

fn abstract_datagram(words: &[String]) -> io::Result<Gain> {
    let name = SocketAddr::from_abstract_name(&words[0])?;
    UnixDatagram::unbound()?.send_to_addr(b"planted\n", &name)?;
    Ok(Gain::SeenOutside)
}

/// A ring whose requests no filter sees, sockets among them.
fn ring(_words: &[String]) -> io::Result<Gain> {
    let mut parameters = [0_u32; 30];
    // SAFETY: the structure is as large as the kernel's; the descriptor is nobody else's.
    unsafe {
        let ring = check(libc::syscall(
            libc::SYS_io_uring_setup,
            8,
            parameters.as_mut_ptr(),
        ))?;
        drop(std::fs::File::from_raw_fd(i32::try_from(ring).unwrap()));
    }
    Ok(Gain::Reached)
}
