//! Which places of the user's and of the machine's are hidden from commands, and which are writable for the task alone.
//!
//! The lists are in `places/hidden.rs` and `places/scratch.rs`, each with its reasons; here they meet what exists and the
//! environment variables that move them. Secrets inside of the workspace are not these lists' matter: a snapshot knows them.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

mod hidden;
mod scratch;
mod sockets;

/// Where a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// The user's folder.
    Home,
    /// `$XDG_CONFIG_HOME`, else `~/.config`.
    Config,
    /// `$XDG_DATA_HOME`, else `~/.local/share`.
    Data,
    /// `$XDG_CACHE_HOME`, else `~/.cache`.
    Cache,
    /// `$XDG_STATE_HOME`, else `~/.local/state`.
    State,
    /// The machine's.
    Root,
    /// Where this environment variable says; nowhere when it is not set.
    Variable(&'static str),
}

/// The home of the one who may do everything.
const ADMINISTRATORS_HOME: &str = "/root";

/// Places that are in the list for one reason.
struct Places {
    base: Base,
    /// Below the base; empty for the base itself. The last part may hold one `*`, for any characters.
    paths: &'static [&'static str],
}

/// A line of a list; the reason is for the reader.
const fn places(_reason: &str, base: Base, paths: &'static [&'static str]) -> Places {
    Places { base, paths }
}

/// What of the user's and the machine's no command shall see: keys, passwords, private data, and sockets of programs
/// that do what they are told, as far as they exist now.
///
/// Absolute, without links, sorted, none below another. A workspace folder may lie below one of them and must then be
/// made visible again; so must [`places_kept_in_view`].
pub fn hidden_places(home: &Path) -> Vec<PathBuf> {
    let surroundings = Surroundings::of_this_process(home);
    let mut places = surroundings.find(hidden::PLACES);
    if !home.starts_with(ADMINISTRATORS_HOME) {
        places.extend(match rustix::process::geteuid().is_root() {
            // It is the user's own, whatever `HOME` says: programs are there, and keys.
            true => {
                Surroundings::of_this_process(Path::new(ADMINISTRATORS_HOME)).find(hidden::PLACES)
            }
            false => surroundings.find(&[hidden::ADMINISTRATOR]),
        });
    }
    places.extend(sockets::listening());
    surroundings.tidy(places)
}

/// What must stay readable although it lies in a hidden place: how hosts' names are looked up, where programs are.
pub fn places_kept_in_view() -> Vec<PathBuf> {
    let exists = |path: &PathBuf| path.exists();
    hidden::KEPT_IN_VIEW
        .iter()
        .map(PathBuf::from)
        .filter(exists)
        .collect()
}

/// Caches and stores of build tools that commands may write to, as far as they exist now; what is written is the task's
/// alone.
///
/// Absolute, without links, sorted, none below another. Hidden places may lie in them.
pub fn scratch_places(home: &Path) -> Vec<PathBuf> {
    Surroundings::of_this_process(home).scratch()
}

/// What decides where places are.
struct Surroundings<'a> {
    home: &'a Path,
    variable: &'a dyn Fn(&str) -> Option<OsString>,
}

impl<'a> Surroundings<'a> {
    fn of_this_process(home: &'a Path) -> Self {
        Self {
            home,
            variable: &|name| std::env::var_os(name),
        }
    }

    fn scratch(&self) -> Vec<PathBuf> {
        let mut places = self.tidy(self.find(scratch::PLACES));
        places.retain(|path| path.is_dir());
        places
    }

    /// The places of `lists` that exist.
    fn find(&self, lists: &[Places]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for list in lists {
            for base in self.bases(list.base) {
                let paths = list.paths.iter();
                found.extend(paths.flat_map(|path| existing(&base, path)));
            }
        }
        found
    }

    fn bases(&self, base: Base) -> Vec<PathBuf> {
        let moved = |variable: &str, usual: &str| {
            let moved = self.paths_in(variable);
            // What was there before somebody set the variable may still be there.
            [moved, vec![self.home.join(usual)]].concat()
        };
        match base {
            Base::Home => vec![self.home.into()],
            Base::Config => moved("XDG_CONFIG_HOME", ".config"),
            Base::Data => moved("XDG_DATA_HOME", ".local/share"),
            Base::Cache => moved("XDG_CACHE_HOME", ".cache"),
            Base::State => moved("XDG_STATE_HOME", ".local/state"),
            Base::Root => vec!["/".into()],
            Base::Variable(name) => self.paths_in(name),
        }
    }

    /// The absolute paths in a variable, which may hold several, as `KUBECONFIG` does, or a kind before the path, as
    /// `KRB5CCNAME` does.
    fn paths_in(&self, variable: &str) -> Vec<PathBuf> {
        let value = (self.variable)(variable).unwrap_or_default();
        std::env::split_paths(&value)
            .filter(|path| path.is_absolute())
            .collect()
    }

    /// Real paths, sorted, none below another, and none that would take more than was meant.
    fn tidy(&self, paths: Vec<PathBuf>) -> Vec<PathBuf> {
        let home = fs::canonicalize(self.home).unwrap_or_else(|_| self.home.into());
        let is_meant = |path: &PathBuf| {
            // A variable may name anything: `/dev/null` to have no history, the user's folder itself.
            !home.starts_with(path)
                && !["/dev", "/proc", "/sys"]
                    .iter()
                    .any(|top| path.starts_with(top))
        };
        let mut paths: Vec<_> = paths
            .iter()
            .filter_map(|path| fs::canonicalize(path).ok())
            .filter(is_meant)
            .collect();
        // A path comes right before what is below it, whatever characters other names begin with.
        paths.sort();
        paths.dedup_by(|below, above| below.starts_with(above));
        paths
    }
}

/// What of `path`, whose last part may hold one `*`, exists below `base`.
fn existing(base: &Path, path: &str) -> Vec<PathBuf> {
    let whole = match path {
        "" => base.into(),
        path => base.join(path),
    };
    let Some((start, end)) = path
        .rsplit('/')
        .next()
        .and_then(|name| name.split_once('*'))
    else {
        return Some(whole)
            .filter(|path| path.exists())
            .into_iter()
            .collect();
    };
    let folder = whole.parent().unwrap_or(base);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let matches = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        name.len() >= start.len() + end.len()
            && name.starts_with(start.as_bytes())
            && name.ends_with(end.as_bytes())
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| matches(&entry.file_name()))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests;
