//! What real programs printed without a network, without sockets and on a read-only disk, and what is made of it.
//!
//! Recorded from curl 7.88, git 2.47, OpenSSH 9.2, cargo 1.9x, npm 10, node 20, pip 24, Python 3.11, wget 1.21, OpenJDK 17,
//! Perl 5.36, bash 5.2 and the GNU tools; Go, Ruby, Docker and sudo as their sources have it.

use std::path::{Path, PathBuf};

use sandbox::{Beyond, Exit, Network, Reach};

use super::{FailedCommand, Refused, recognise};

/// What is recognised in `output` of a command that failed in `/w/sub` of the workspace `/w`.
fn found(output: &str, exit: Exit, reach: &Reach) -> Option<Refused> {
    let refusal = recognise(&FailedCommand {
        exit,
        output,
        folder: Path::new("/w/sub"),
        workspace: &[PathBuf::from("/w")],
        reach,
    });
    refusal.map(|refusal| refusal.what)
}

fn in_twin(output: &str) -> Option<Refused> {
    found(output, Exit::Code(1), &Reach::Twin)
}

fn with_network(network: Network) -> Reach {
    Reach::Beyond(Beyond {
        network,
        ..Beyond::default()
    })
}

const NETWORK: &[&str] = &[
    "curl: (6) Could not resolve host: example.com",
    "curl: (7) Failed to connect to 10.0.0.1 port 80 after 0 ms: Couldn't connect to server",
    "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com",
    "ssh: Could not resolve hostname github.com: Temporary failure in name resolution\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.",
    "    Updating crates.io index\nwarning: spurious network error (3 tries remaining): [6] Could not resolve hostname (Could not resolve host: index.crates.io)\nerror: failed to get `libc` as a dependency of package `cx v0.1.0 (/w)`\n\nCaused by:\n  download of config.json failed\n\nCaused by:\n  failed to download from `https://index.crates.io/config.json`\n",
    "error: failed to download `libc v0.2.177`\n\nCaused by:\n  attempting to make an HTTP request, but --offline was specified",
    "npm error code EAI_AGAIN\nnpm error syscall getaddrinfo\nnpm error errno EAI_AGAIN\nnpm error request to https://registry.npmjs.org/left-pad failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org\nnpm error A complete log of this run can be found in: /home/user/.npm/_logs/2026-11-20T17_40_16_886Z-debug-0.log",
    "npm error code ENOTCACHED\nnpm error request to https://registry.npmjs.org/left-pad failed: cache mode is 'only-if-cached' but no cached response is available.",
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f0801ce0690>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/six/\nERROR: Could not find a version that satisfies the requirement six (from versions: none)\nERROR: No matching distribution found for six",
    "ERROR: Could not find a version that satisfies the requirement six (from versions: none)\nERROR: No matching distribution found for six",
    "  File \"/usr/lib/python3.11/urllib/request.py\", line 1351, in do_open\n    raise URLError(err)\nurllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
    "    sock = socket.socket(af, socktype, proto)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nPermissionError: [Errno 13] Permission denied",
    "  [cause]: Error: getaddrinfo EAI_AGAIN example.com\n      at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26) {\n    errno: -3001,\n    code: 'EAI_AGAIN',\n    syscall: 'getaddrinfo',\n    hostname: 'example.com'\n  }\n}\n\nNode.js v20.20.2",
    "    at processTicksAndRejections (node:internal/process/task_queues:82:21) {\n  errno: -101,\n  code: 'ENETUNREACH',\n  syscall: 'connect',\n  address: '10.0.0.1',\n  port: 80\n}",
    "    at processTicksAndRejections (node:internal/process/task_queues:82:21) {\n  errno: -13,\n  code: 'EACCES',\n  syscall: 'connect',\n  address: '10.0.0.1',\n  port: 80\n}\n\nNode.js v20.20.2",
    "IO::Socket::INET: Bad hostname 'example.com:80' at -e line 1.",
    "socket: Permission denied at -e line 1.",
    "--2026-11-20 17:40:39--  http://example.com/\nResolving example.com (example.com)... failed: Temporary failure in name resolution.\nwget: unable to resolve host address ‘example.com’",
    "Connecting to 10.0.0.1:80... failed: Permission denied.\nRetrying.",
    "bash: connect: Network is unreachable\nbash: line 1: /dev/tcp/10.0.0.1/80: Network is unreachable",
    "bash: socket: Permission denied\nbash: line 1: /dev/tcp/10.0.0.1/80: Permission denied",
    "Exception in thread \"main\" java.net.SocketException: Permission denied\n\tat java.base/java.net.Socket.createImpl(Socket.java:533)",
    "Exception in thread \"main\" java.net.UnknownHostException: example.com\n\tat java.base/sun.nio.ch.NioSocketImpl.connect(NioSocketImpl.java:567)",
    "Err:1 http://deb.debian.org/debian bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'",
    "go: github.com/a/b@v1.0.0: Get \"https://proxy.golang.org/github.com/a/b/@v/v1.0.0.mod\": dial tcp: lookup proxy.golang.org on 10.0.0.2:53: dial udp 10.0.0.2:53: socket: operation not permitted",
    "go: github.com/a/b: module lookup disabled by GOPROXY=off",
    "Failed to open TCP connection to rubygems.org:443 (getaddrinfo(3): Temporary failure in name resolution)",
    "Error: error sending request for url (https://example.com/)\n  dns error: failed to lookup address information: Temporary failure in name resolution",
];

const LOOPBACK: &[&str] = &[
    "  File \"/usr/lib/python3.11/http/server.py\", line 1265, in test\n  File \"/usr/lib/python3.11/socketserver.py\", line 448, in __init__\n    self.socket = socket.socket(self.address_family,\nPermissionError: [Errno 13] Permission denied",
    "Emitted 'error' event on Server instance at:\n  code: 'EACCES',\n  errno: -13,\n  syscall: 'listen',\n  address: '0.0.0.0',\n  port: 8080\n}",
    "Error: listen EACCES: permission denied 127.0.0.1:3000",
    "curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server",
    "bash: socket: Permission denied\nbash: line 1: /dev/tcp/127.0.0.1/80: Permission denied",
    "listen tcp 127.0.0.1:0: socket: permission denied",
];

const WRITES: &[(&str, &str)] = &[
    (
        "touch: cannot touch '/opt/x/y': Read-only file system",
        "/opt/x/y",
    ),
    (
        "touch: cannot touch '../../opt/y': Read-only file system",
        "/opt/y",
    ),
    ("bash: line 1: /opt/x/y: Read-only file system", "/opt/x/y"),
    (
        "/bin/sh: 1: cannot create /opt/x/y: Read-only file system",
        "/opt/x/y",
    ),
    (
        "cp: cannot create regular file '/opt/x/y': Read-only file system",
        "/opt/x/y",
    ),
    (
        "mkdir: cannot create directory ‘/opt/x/z’: Read-only file system",
        "/opt/x/z",
    ),
    (
        "mkdir: cannot create directory ‘/opt/x/z’: Permission denied",
        "/opt/x/z",
    ),
    (
        "mv: inter-device move failed: '/w/ro' to '/opt/x/ro'; unable to remove target: Read-only file system",
        "/opt/x/ro",
    ),
    (
        "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\nOSError: [Errno 30] Read-only file system: '/opt/x/y'",
        "/opt/x/y",
    ),
    (
        "Error: EROFS: read-only file system, open '/opt/x/y'\n    at Object.writeFileSync (node:fs:2380:20)\n  errno: -30,\n  code: 'EROFS',\n  syscall: 'open',\n  path: '/opt/x/y'\n}",
        "/opt/x/y",
    ),
    ("tee: /opt/x/y: Read-only file system", "/opt/x/y"),
    (
        "error: failed to create package `y` at `/opt/x/y`\n\nCaused by:\n  failed to create directory `/opt/x/y`\n\nCaused by:\n  Read-only file system (os error 30)",
        "/opt/x/y",
    ),
    (
        "error: failed to open: /opt/x/.crates.toml\n\nCaused by:\n  Read-only file system (os error 30)",
        "/opt/x/.crates.toml",
    ),
    (
        "npm error code EROFS\nnpm error syscall open\nnpm error path /opt/x/package.json\nnpm error errno -30\nnpm error rofs EROFS: read-only file system, open '/opt/x/package.json'\nnpm error rofs Often virtualized file systems, or other file systems that don't support symlinks, give this error.",
        "/opt/x/package.json",
    ),
    (
        "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /opt/x/node_modules\nnpm error Error: EACCES: permission denied, mkdir '/opt/x/node_modules'",
        "/opt/x/node_modules",
    ),
    (
        "sed: couldn't open temporary file /opt/x/sedhzdSp9: Read-only file system",
        "/opt/x/sedhzdSp9",
    ),
    (
        "ln: failed to create symbolic link '/opt/x/b': Read-only file system",
        "/opt/x/b",
    ),
    (
        "/usr/bin/ld: cannot open output file /opt/x/y: Read-only file system\ncollect2: error: ld returned 1 exit status",
        "/opt/x/y",
    ),
];

const SYSTEM_CALLS: &[&str] = &[
    "strace: test_ptrace_get_syscall_info: PTRACE_TRACEME: Operation not permitted",
    "unshare: unshare failed: Operation not permitted",
    "mount: /mnt: permission denied.",
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as root.",
    "Bad system call (core dumped)",
];

/// Failures that the sandbox has nothing to do with.
const OTHERS: &[&str] = &[
    "",
    "test result: FAILED. 3 passed; 1 failed",
    "error[E0425]: cannot find value `socket` in this scope",
    "assertion failed: could_connect(\"a\")",
    "cat: /etc/shadow: Permission denied",
    "bash: line 1: ./script.sh: Permission denied",
    "ls: cannot open directory '/root': Permission denied",
    "thread 'main' panicked at src/network.rs:3: no listener",
    "grep: /w/missing: No such file or directory",
    "error: could not compile `network` (lib) due to 1 previous error",
];

#[test]
fn a_missing_network_is_recognised_in_the_words_of_many_programs() {
    for output in NETWORK {
        assert_eq!(in_twin(output), Some(Refused::Network), "{output}");
        let loopback = with_network(Network::Loopback);
        assert_eq!(
            found(output, Exit::Code(7), &loopback),
            Some(Refused::Network),
            "{output}"
        );
    }
    for output in LOOPBACK {
        assert_eq!(in_twin(output), Some(Refused::Loopback), "{output}");
        assert_eq!(
            found(output, Exit::Code(7), &with_network(Network::Loopback)),
            None,
            "{output}"
        );
    }
}

#[test]
fn a_refused_write_names_what_was_to_be_written() {
    for (output, path) in WRITES {
        assert_eq!(
            in_twin(output),
            Some(Refused::Write(path.into())),
            "{output}"
        );
    }
    let index = "fatal: Unable to create '/w/.git/index.lock': Read-only file system";
    assert_eq!(
        in_twin(index),
        Some(Refused::Protected("/w/.git/index.lock".into()))
    );
    let relative = "error: could not lock config file ../.git/config: Read-only file system";
    assert_eq!(in_twin(relative), None, "nothing says which path it is");
    let kernel = "tee: /proc/sys/kernel/hostname: Read-only file system";
    assert_eq!(in_twin(kernel), Some(Refused::SystemCall));
}

#[test]
fn a_refused_system_call_is_recognised_in_words_and_in_how_the_command_ended() {
    for output in SYSTEM_CALLS {
        assert_eq!(in_twin(output), Some(Refused::SystemCall), "{output}");
    }
    for exit in [Exit::Signal(31), Exit::Code(159)] {
        assert_eq!(found("", exit, &Reach::Twin), Some(Refused::SystemCall));
    }
}

#[test]
fn what_has_other_causes_is_left_to_the_model() {
    for output in OTHERS {
        assert_eq!(in_twin(output), None, "{output}");
    }
    for output in NETWORK.iter().chain(LOOPBACK) {
        assert_eq!(found(output, Exit::Code(0), &Reach::Twin), None, "{output}");
        assert_eq!(
            found(output, Exit::Code(1), &Reach::Unconfined),
            None,
            "{output}"
        );
        assert_eq!(
            found(output, Exit::Code(1), &with_network(Network::Shared)),
            None,
            "{output}"
        );
    }
}

/// However much was printed around it and wherever it is cut, nothing breaks and quotes stay short.
#[test]
fn only_the_end_counts_and_quotes_are_bounded() {
    let noise = "é compiling\n".repeat(20_000);
    for output in NETWORK {
        assert_eq!(
            in_twin(&format!("{noise}{output}")),
            Some(Refused::Network),
            "{output}"
        );
        assert_eq!(in_twin(&format!("{output}\n{noise}")), None, "{output}");
    }
    let long = format!("curl: (6) Could not resolve host: {}", "é".repeat(5_000));
    let refusal = recognise(&FailedCommand {
        exit: Exit::Code(6),
        output: &long,
        folder: Path::new("/w"),
        workspace: &[],
        reach: &Reach::Twin,
    });
    assert!(refusal.unwrap().line.len() < 210);
}
