//! Words of a program that found no network.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use sandbox::Network;

use super::{Refused, SandboxRefusal, quote};

/// One line that says it all. Each row is what some programs print, of which the tests have samples.
static NO_NETWORK: LazyLock<RegexSet> = LazyLock::new(|| {
    let rows = [
        // Names: curl, git, ssh, cargo; the C library's words, and who prints them; node; Go.
        r"(?i)could not resolve (host|proxy)",
        r"(?i)temporary failure (in name resolution|resolving)",
        r"(?i)name or service not known|nodename nor servname provided|no address associated with hostname",
        r"(?i)unable to resolve host|failed to lookup address information|bad hostname",
        r"\b(EAI_AGAIN|EAI_FAIL|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ENETDOWN)\b",
        r"(?i)\bdial (tcp|udp)\b|\blookup \S+ on \S+: ",
        r"(?i)no servers could be reached",
        // Routes and connections.
        r"(?i)network is (unreachable|down)|no route to host",
        r"(?i)failed to connect to \S+ port \d+|couldn't connect to server",
        r"(?i)connecting to \S+\.\.\. failed",
        r"(?i)failed to establish a new connection|newconnectionerror|max retries exceeded with url",
        r"UnknownHostException|java\.net\.(Socket|Connect|NoRouteToHost)Exception",
        // Sockets that could not be made at all.
        r"(?i)\b(socket|connect|bind|listen)(\(.*\))?: (permission denied|operation not permitted|address family not supported)",
        r"\b(connect|listen|bind|socket|send)\b.*\b(EACCES|EPERM|EAFNOSUPPORT)\b",
        r"\b(EACCES|EPERM|EAFNOSUPPORT)\b.*\b(connect|listen|bind|socket|send)\b",
        // Package managers, also when they were told to do without.
        r"(?i)spurious network error|--offline was specified|unable to update registry",
        r"failed to download (from )?`",
        r"(?i)no matching distribution found for",
        r"\b(ENOTCACHED|ERR_PNPM_NO_OFFLINE_TARBALL|ERR_PNPM_META_FETCH_FAIL|ERR_SOCKET_NOT_CONNECTED)\b",
        r"module lookup disabled by GOPROXY=off",
        r"(?i)unable to access 'https?://|could not read from remote repository",
    ];
    RegexSet::new(rows).expect("the rows are constants, which a test compiles")
});

/// A refusal that does not say of what.
static REFUSED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)permission denied|operation not permitted|\b(EACCES|EPERM)\b"));

/// What stands near it when it was a socket: a line of a traceback, a member of an error.
static ABOUT_SOCKETS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bsocket\.socket\(|\bcreate_connection\b|\bsocketserver\b|create_server|syscall: '(connect|listen|bind|send|getaddrinfo)'|(?i)\bSocketException\b",
    )
});

static ON_THIS_MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\blocalhost\b|\b127\.\d+\.\d+\.\d+\b|\b0\.0\.0\.0\b|\[?::1\]?\b|\blisten|\bbind\b|socketserver|create_server",
    )
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, which a test compiles")
}

/// What of the network a program with as much of it as `network` missed.
pub(super) fn find(lines: &[&str], network: Network) -> Option<SandboxRefusal> {
    if network == Network::Shared {
        return None;
    }
    let complains = |line: &&&str| NO_NETWORK.is_match(line) || REFUSED.is_match(line);
    let is_near = |line: &&str| ON_THIS_MACHINE.is_match(line);
    let (line, is_near) = match lines.iter().rev().find(|line| NO_NETWORK.is_match(line)) {
        Some(line) => (line, lines.iter().filter(complains).any(is_near)),
        None => {
            let line = lines.iter().rev().find(|line| REFUSED.is_match(line))?;
            let is_about_sockets = lines.iter().any(|line| ABOUT_SOCKETS.is_match(line));
            is_about_sockets.then(|| (line, lines.iter().any(is_near)))?
        }
    };
    // With a loopback of its own, what fails there is the program's own affair.
    if is_near && network == Network::Loopback {
        return None;
    }
    Some(SandboxRefusal {
        what: if is_near {
            Refused::Loopback
        } else {
            Refused::Network
        },
        line: quote(line),
    })
}
