//! Those who listen on the machine: ports of its loopback, sockets with and without a path, a named pipe.

use std::{
    fs::{File, OpenOptions},
    io::Read,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::{OpenOptionsExt, PermissionsExt},
            net::{SocketAddr, UnixDatagram, UnixListener},
        },
    },
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, FileType, Mode, mknodat};

/// They all hear whether somebody speaks; none waits.
pub(super) struct Listeners {
    tcp: TcpListener,
    /// Where the machine has the newer protocol.
    tcp6: Option<TcpListener>,
    udp: UdpSocket,
    sockets: Vec<(PathBuf, UnixListener)>,
    datagrams: UnixDatagram,
    abstract_socket: UnixListener,
    abstract_datagrams: UnixDatagram,
    pipe: File,
    /// Below `/run`, where only the administrator can make one.
    in_run: Option<PathBuf>,
}

impl Listeners {
    pub(super) fn listen(root: &Path) -> Self {
        let name = root.file_name().unwrap().to_str().unwrap();
        let in_run = Path::new("/run").join(name);
        let paths = [
            root.join("home/bus"),
            root.join("run/bus"),
            root.join("outside/socket"),
            in_run.clone(),
        ];
        let sockets: Vec<_> = paths
            .into_iter()
            .filter_map(|path| Some((path.clone(), UnixListener::bind(&path).ok()?)))
            .collect();
        for (path, listener) in &sockets {
            listener.set_nonblocking(true).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        let abstract_name =
            |kind: &str| SocketAddr::from_abstract_name(format!("{name}{kind}")).unwrap();
        let listeners = Self {
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            tcp6: TcpListener::bind("[::1]:0").ok(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            in_run: sockets
                .iter()
                .any(|(path, _)| *path == in_run)
                .then_some(in_run),
            sockets,
            datagrams: UnixDatagram::bind(root.join("outside/datagrams")).unwrap(),
            abstract_socket: UnixListener::bind_addr(&abstract_name("")).unwrap(),
            abstract_datagrams: UnixDatagram::bind_addr(&abstract_name("-datagrams")).unwrap(),
            pipe: pipe(&root.join("outside/pipe")),
        };
        listeners.never_wait().unwrap();
        listeners
    }

    /// Ports: TCP, its newer kind (zero where there is none), UDP.
    pub(super) fn ports(&self) -> [u16; 3] {
        let newer = self
            .tcp6
            .as_ref()
            .map_or(0, |tcp6| tcp6.local_addr().unwrap().port());
        let port = self.tcp.local_addr().unwrap().port();
        [port, newer, self.udp.local_addr().unwrap().port()]
    }

    /// The socket below `/run`.
    pub(super) fn in_run(&self) -> Option<&Path> {
        self.in_run.as_deref()
    }

    /// Who was spoken to.
    pub(super) fn heard(&mut self) -> Option<String> {
        let mut heard = Vec::new();
        let mut note = |who: String, is_heard: bool| heard.extend(is_heard.then_some(who));
        let mut bytes = [0; 8];
        note("tcp".into(), self.tcp.accept().is_ok());
        note(
            "tcp6".into(),
            self.tcp6.as_ref().is_some_and(|tcp6| tcp6.accept().is_ok()),
        );
        note("udp".into(), self.udp.recv(&mut bytes).is_ok());
        for (path, listener) in &self.sockets {
            note(path.display().to_string(), listener.accept().is_ok());
        }
        note("datagrams".into(), self.datagrams.recv(&mut bytes).is_ok());
        note("abstract".into(), self.abstract_socket.accept().is_ok());
        note(
            "abstract datagrams".into(),
            self.abstract_datagrams.recv(&mut bytes).is_ok(),
        );
        note(
            "pipe".into(),
            self.pipe.read(&mut bytes).is_ok_and(|count| count > 0),
        );
        (!heard.is_empty()).then(|| heard.join(", "))
    }

    fn never_wait(&self) -> std::io::Result<()> {
        self.tcp.set_nonblocking(true)?;
        if let Some(tcp6) = &self.tcp6 {
            tcp6.set_nonblocking(true)?;
        }
        self.udp.set_nonblocking(true)?;
        self.datagrams.set_nonblocking(true)?;
        self.abstract_socket.set_nonblocking(true)?;
        self.abstract_datagrams.set_nonblocking(true)
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        if let Some(path) = &self.in_run {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A named pipe that is open for reading, so that a writer need not wait.
fn pipe(path: &Path) -> File {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o666), 0).unwrap();
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
        .unwrap()
}
