//! Writes a Seatbelt profile: what a command may do, in the language of `sandbox-exec`. Text in, text out.
//!
//! Everything is denied that is not allowed; of several rules that fit, the last one counts.

use std::{fmt::Write, path::PathBuf};

use crate::{Beyond, Network, confined::Confinement};

/// What every program needs: to run, to read, to end its own processes, and to ask the kernel about itself.
const EVERY_PROGRAM: &str = r#"(version 1)
(deny default)
(allow process-exec process-fork)
(allow signal process-info* (target same-sandbox))
(allow sysctl-read)
(allow file-read* file-map-executable)
(allow file-write-data file-ioctl
  (literal "/dev/null")
  (literal "/dev/zero")
  (literal "/dev/tty"))
(allow file-ioctl (regex #"^/dev/ttys[0-9]+$"))
(allow pseudo-tty)
(allow ipc-posix-sem ipc-posix-shm*)
(allow mach-lookup
  (global-name "com.apple.system.logger")
  (global-name "com.apple.system.notification_center")
  (global-name "com.apple.system.opendirectoryd.libinfo"))
"#;

/// Names of hosts, certificates, proxies: without these services programs do not use the network.
const NETWORK: &str = r#"(allow network*)
(allow system-socket)
(allow mach-lookup
  (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.dnssd.service")
  (global-name "com.apple.networkd")
  (global-name "com.apple.trustd.agent"))
"#;

/// The profile for a command of `confinement` that may reach as far as `beyond`; a loopback of its own cannot be had.
///
/// Other programs are not reached: neither by messages to them nor by having them opened, which would run commands outside.
pub(super) fn write(confinement: &Confinement, beyond: &Beyond) -> String {
    let mut profile = EVERY_PROGRAM.to_owned();
    rule(&mut profile, "deny file-read*", &confinement.hidden);
    let scratch = std::slice::from_ref(&confinement.scratch);
    let writable = [&confinement.writable, scratch, &beyond.writable].concat();
    // The task's own folders lie in the folder of all tasks, which is hidden.
    rule(&mut profile, "allow file-read* file-write*", &writable);
    rule(&mut profile, "deny file-write*", &confinement.read_only);
    if beyond.network == Network::Shared {
        profile.push_str(NETWORK);
    }
    profile
}

/// A rule for `paths` and all that is below them; none without paths.
///
/// Paths that are not UTF-8 cannot exist on this system's disks.
fn rule(profile: &mut String, rule: &str, paths: &[PathBuf]) {
    let paths: Vec<&str> = paths.iter().filter_map(|path| path.to_str()).collect();
    if paths.is_empty() {
        return;
    }
    let _ = write!(profile, "({rule}");
    for path in paths {
        let escaped = path.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = write!(profile, "\n  (subpath \"{escaped}\")");
    }
    profile.push_str(")\n");
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::Wall;

    /// Checks what comes after the rules that every program has.
    fn check(beyond: &Beyond, expected: Expect) {
        let confinement = Confinement {
            wall: Wall::Copy,
            hidden: vec!["/Users/me/.ssh".into(), "/state".into()],
            writable: vec!["/state/1/copy/a \"b\" \\".into()],
            read_only: vec!["/state/1/copy/a \"b\" \\/.git".into()],
            scratch: "/state/1/scratch".into(),
            ..Confinement::default()
        };
        let profile = write(&confinement, beyond);
        expected.assert_eq(profile.strip_prefix(EVERY_PROGRAM).unwrap());
    }

    #[test]
    fn a_twin_writes_its_own_folders_and_nothing_else() {
        check(
            &Beyond::default(),
            expect![[r#"
                (deny file-read*
                  (subpath "/Users/me/.ssh")
                  (subpath "/state"))
                (allow file-read* file-write*
                  (subpath "/state/1/copy/a \"b\" \\")
                  (subpath "/state/1/scratch"))
                (deny file-write*
                  (subpath "/state/1/copy/a \"b\" \\/.git"))
            "#]],
        );
    }

    #[test]
    fn what_a_person_has_allowed_is_added() {
        let beyond = Beyond {
            network: Network::Shared,
            writable: vec!["/opt/tool".into()],
        };
        check(
            &beyond,
            expect![[r#"
                (deny file-read*
                  (subpath "/Users/me/.ssh")
                  (subpath "/state"))
                (allow file-read* file-write*
                  (subpath "/state/1/copy/a \"b\" \\")
                  (subpath "/state/1/scratch")
                  (subpath "/opt/tool"))
                (deny file-write*
                  (subpath "/state/1/copy/a \"b\" \\/.git"))
                (allow network*)
                (allow system-socket)
                (allow mach-lookup
                  (global-name "com.apple.SystemConfiguration.configd")
                  (global-name "com.apple.dnssd.service")
                  (global-name "com.apple.networkd")
                  (global-name "com.apple.trustd.agent"))
            "#]],
        );
    }
}
