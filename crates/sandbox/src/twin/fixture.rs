//! For tests: a workspace, a twin of it, and a shell that works in the twin through a real overlay, mounted by `unshare`
//! and `mount` in namespaces of their own.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::PermissionsExt,
        process::{CommandExt, ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use workspace::FileKind;

use crate::{Wall, walls::Limits};

use super::{
    TwinBase, TwinChange, TwinContent, TwinFile, TwinOptions, UnsavedDocument, Verdict,
    description::StoredWall, files::TwinFiles, home::Home, prepare, tree::Tree,
};

/// A file in a test: what is in it, or where it leads, and whether it can be executed.
pub(super) type Plain = (Vec<u8>, bool, FileKind);

/// Folders of a test that go with it.
pub(super) struct Fixture {
    _place: tempfile::TempDir,
    pub(super) state: PathBuf,
    pub(super) workspace: PathBuf,
    pub(super) documents: Vec<UnsavedDocument>,
    view: PathBuf,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().canonicalize().unwrap();
        let [state, workspace, view] = ["state", "workspace", "view"].map(|name| path.join(name));
        for folder in [&state, &workspace, &view] {
            fs::create_dir(folder).unwrap();
        }
        Self {
            _place: place,
            state,
            workspace,
            documents: Vec::new(),
            view,
        }
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn options<'a>(
        &self,
        files: &'a (dyn Fn() -> Vec<PathBuf> + Sync),
    ) -> TwinOptions<'a> {
        TwinOptions {
            state_folder: self.state.clone(),
            id: "one".to_owned(),
            title: "a test".to_owned(),
            folders: vec![self.workspace.clone()],
            documents: self.documents.clone(),
            is_secret: &is_secret,
            files,
            strongest: Wall::Overlay,
            limits: Limits::of_this_machine(),
            hidden_variables: Vec::new(),
            hidden: Vec::new(),
        }
    }

    pub(super) fn create(&self) -> TwinFiles {
        let home = Home::create(&self.state, "one", &self.state).unwrap();
        let options = self.options(&Vec::new);
        let folders = [self.workspace.clone()];
        prepare::create(home, &options, &folders, StoredWall::Overlay).unwrap()
    }

    /// A twin that is a copy of all files.
    pub(super) fn create_copy(&self) -> TwinFiles {
        let home = Home::create(&self.state, "one", &self.state).unwrap();
        let all = || {
            let files = plain_files(&self.workspace).into_keys();
            files.map(|file| self.workspace.join(file)).collect()
        };
        let folders = [self.workspace.clone()];
        prepare::create(home, &self.options(&all), &folders, StoredWall::Copy).unwrap()
    }

    pub(super) fn open(&self) -> TwinFiles {
        let home = Home::open(&self.state, "one").unwrap();
        prepare::open(home, &self.options(&Vec::new)).unwrap()
    }

    /// A copy of the workspace as it is, to try on what commands do. Each name has a file of its own, as in a twin, where
    /// writing to one of several names of a file parts it from the others.
    pub(super) fn copy_of_workspace(&self, name: &str) -> PathBuf {
        let copy = self.state.parent().unwrap().join(name);
        let status = Command::new("cp")
            .args(["-a", "--no-preserve=links"])
            .args([&self.workspace, &copy])
            .status();
        assert!(status.unwrap().success());
        copy
    }

    /// Mounts the twin; `None`, and said so, where namespaces are refused.
    pub(super) fn mount(&self, files: &TwinFiles) -> Option<Shell> {
        let shell = Shell::start(&self.workspace, &files.home, &self.view)?;
        files.begin();
        Some(shell)
    }
}

pub(super) fn is_secret(path: &Path, kind: FileKind) -> bool {
    let name = path.file_name().map(|name| name.as_bytes());
    match kind {
        FileKind::Directory => name == Some(b".ssh"),
        _ => name == Some(b".env"),
    }
}

/// Secrets are refused, `target` is ignored.
pub(super) fn judge(path: &Path, kind: FileKind) -> Verdict {
    if path
        .ancestors()
        .any(|above| is_secret(above, FileKind::Directory))
        || is_secret(path, kind)
    {
        return Verdict::Refused("it may hold secrets".to_owned());
    }
    if path.components().any(|name| name.as_os_str() == "target") {
        return Verdict::Ignored;
    }
    Verdict::Included
}

/// A shell that works in a mounted twin.
pub(super) struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    view: PathBuf,
}

impl Shell {
    #[allow(clippy::print_stderr)] // A test that does not run says so.
    fn start(lower: &Path, home: &Home, view: &Path) -> Option<Self> {
        let mut command = Command::new("unshare");
        command
            .args(["-Urm", "sh"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn().ok()?;
        let mut shell = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            view: view.to_path_buf(),
        };
        let options = format!(
            "userxattr,lowerdir={},upperdir={},workdir={}",
            lower.display(),
            home.upper(0).display(),
            home.work(0).display()
        );
        let mount = format!("mount -t overlay overlay -o {options} {}", view.display());
        if shell.run(mount.as_bytes()).is_none() {
            eprintln!("not run: overlays cannot be mounted in a user namespace here");
            return None;
        }
        shell.run(format!("cd {}", view.display()).as_bytes())?;
        Some(shell)
    }

    /// Runs `script` in the twin; its output, or nothing when it fails.
    pub(super) fn run(&mut self, script: &[u8]) -> Option<Vec<u8>> {
        let mark = b"\n--done--";
        self.input.write_all(script).ok()?;
        self.input
            .write_all(b"\nprintf '\\n--done--%s\\n' $?\n")
            .ok()?;
        let mut output = Vec::new();
        loop {
            let length = output.len();
            self.output.read_until(b'\n', &mut output).unwrap();
            assert!(output.len() > length, "the shell has ended");
            let last = output[..output.len() - 1]
                .iter()
                .rposition(|byte| *byte == b'\n');
            let start = last.unwrap_or(0);
            if output[start..].starts_with(mark) {
                let is_fine = output[start + mark.len()..] == *b"0\n";
                output.truncate(start);
                return is_fine.then_some(output);
            }
        }
    }

    /// The twin's folder, as it can be reached from outside of its namespaces.
    pub(super) fn view(&self) -> PathBuf {
        let view = self.view.strip_prefix("/").unwrap();
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join("root")
            .join(view)
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "the shell has ended by itself");
    }
}

/// All files and links below `folder`.
pub(super) fn plain_files(folder: &Path) -> BTreeMap<PathBuf, Plain> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        for entry in fs::read_dir(folder.join(&relative)).unwrap() {
            let path = relative.join(entry.unwrap().file_name());
            let metadata = folder.join(&path).symlink_metadata().unwrap();
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.is_symlink() {
                let target = fs::read_link(folder.join(&path)).unwrap();
                let target = target.as_os_str().as_bytes().to_vec();
                files.insert(path, (target, false, FileKind::Link));
            } else {
                let mut bytes = Vec::new();
                let mut file = fs::File::open(folder.join(&path)).unwrap();
                file.read_to_end(&mut bytes).unwrap();
                let is_executable = metadata.permissions().mode() & 0o100 != 0;
                files.insert(path, (bytes, is_executable, FileKind::File));
            }
        }
    }
    files
}

/// A change in the same terms.
pub(super) fn plain(file: &TwinFile) -> Plain {
    match &file.content {
        TwinContent::Bytes(bytes) => (bytes.to_vec(), file.is_executable, FileKind::File),
        TwinContent::Link(target) => (
            target.as_os_str().as_bytes().to_vec(),
            false,
            FileKind::Link,
        ),
        TwinContent::Large { place, .. } => {
            (fs::read(place).unwrap(), file.is_executable, FileKind::File)
        }
    }
}

/// What a scan should tell of the way from `before` to `after`, if the user changed nothing meanwhile.
pub(super) type Expected = BTreeMap<PathBuf, (Option<Plain>, Option<Plain>)>;

pub(super) fn difference(
    before: &BTreeMap<PathBuf, Plain>,
    after: &BTreeMap<PathBuf, Plain>,
) -> Expected {
    let paths = before.keys().chain(after.keys());
    let pairs = paths.map(|path| {
        (
            path.clone(),
            (before.get(path).cloned(), after.get(path).cloned()),
        )
    });
    pairs
        .filter(|(_, (before, after))| before != after)
        .collect()
}

/// Changes in the same terms.
///
/// # Panics
/// When the start of one is unknown.
pub(super) fn as_expected(workspace: &Path, changes: &[TwinChange]) -> Expected {
    let pair = |change: &TwinChange| {
        let base = match &change.base {
            TwinBase::Absent => None,
            TwinBase::Known(file) => Some(plain(file)),
            TwinBase::Unknown => panic!("{} has an unknown start", change.path.display()),
        };
        let path = change.path.strip_prefix(workspace).unwrap().to_path_buf();
        (path, (base, change.after.as_ref().map(plain)))
    };
    changes.iter().map(pair).collect()
}

/// The folders of the twin as its task sees them.
pub(super) fn shown(shell: &Shell) -> Vec<Tree> {
    vec![Tree::open(&shell.view()).unwrap()]
}
