//! What stands behind a step that failed: settings of the system that people can change.

use std::{fs, path::Path};

use super::{SetupError, Step};

/// A setting that keeps ordinary users from namespaces: where it is, the value that does, its name and who sets it.
struct Setting {
    file: &'static str,
    refusing: &'static str,
    hint: &'static str,
}

const SETTINGS: [Setting; 3] = [
    Setting {
        file: "/proc/sys/user/max_user_namespaces",
        refusing: "0",
        hint: "user namespaces are switched off: the setting user.max_user_namespaces is 0",
    },
    Setting {
        file: "/proc/sys/kernel/unprivileged_userns_clone",
        refusing: "0",
        hint: "only the administrator may make user namespaces: the setting kernel.unprivileged_userns_clone is 0",
    },
    Setting {
        file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        refusing: "1",
        hint: "AppArmor lets programs without a profile do nothing in user namespaces: the setting kernel.apparmor_restrict_unprivileged_userns is 1",
    },
];

/// Files that container engines leave in their containers.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// The failure with what to look at, if anything is known about it.
pub(super) fn explained(error: SetupError) -> SetupError {
    match hint(&error) {
        Some(hint) => error.with(hint),
        None => error,
    }
}

fn hint(error: &SetupError) -> Option<&'static str> {
    let is_refusal = matches!(
        error.errno,
        libc::EPERM | libc::EACCES | libc::ENOSPC | libc::ENOSYS
    );
    match error.step {
        Step::UserNamespace | Step::Namespaces | Step::Mount if is_refusal => {
            setting().or_else(container)
        }
        Step::Proc if is_refusal => Some(
            "a fresh /proc can only be mounted where nothing hides parts of the present one, as most containers do",
        ),
        Step::Overlay if is_refusal => Some(
            "the kernel lets only the administrator mount overlays; ordinary users may since Linux 5.11",
        ),
        Step::Overlay if error.errno == libc::ENODEV => {
            Some("the kernel has no overlay file system")
        }
        Step::Overlay if error.errno == libc::EINVAL && error.said.is_empty() => Some(
            "the file system of the twins' folder cannot carry an overlay, as network file systems and overlays themselves cannot",
        ),
        _ => None,
    }
}

fn setting() -> Option<&'static str> {
    let is_set = |setting: &&Setting| {
        let value = fs::read_to_string(setting.file).unwrap_or_default();
        value.trim() == setting.refusing
    };
    SETTINGS.iter().find(is_set).map(|setting| setting.hint)
}

fn container() -> Option<&'static str> {
    let is_container = CONTAINER_MARKS.iter().any(|mark| Path::new(mark).exists());
    is_container.then_some("this is a container, whose engine refuses namespaces within it")
}
