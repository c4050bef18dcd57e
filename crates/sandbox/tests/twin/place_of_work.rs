//! A workspace with a few files, and twins of it.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sandbox::{
    Channel, CommandLine, Exit, Limits, Processes, Reach, Wall,
    twin::{
        Twin, TwinBase, TwinChanges, TwinContent, TwinError, TwinFile, TwinOptions,
        UnsavedDocument, Verdict,
    },
    walls,
};
use tempfile::TempDir;
use workspace::FileKind;

/// Far enough away that only a defect reaches it.
const LONG: Duration = Duration::from_secs(60);

/// A workspace with a few files, and a state folder.
pub(crate) struct PlaceOfWork {
    /// Goes with it; nothing when the folders are somebody else's.
    _place: Option<TempDir>,
    pub(crate) state: PathBuf,
    pub(crate) workspace: PathBuf,
    pub(crate) documents: Vec<UnsavedDocument>,
    pub(crate) hidden: Vec<PathBuf>,
    pub(crate) strongest: Wall,
}

impl PlaceOfWork {
    pub(crate) fn new(strongest: Wall) -> Self {
        let place = TempDir::new().unwrap();
        let root = place.path().canonicalize().unwrap();
        let [state, workspace] = ["state", "workspace"].map(|name| root.join(name));
        for folder in [&state, &workspace] {
            fs::create_dir(folder).unwrap();
        }
        let place = Self {
            _place: Some(place),
            ..Self::at(state, workspace, strongest)
        };
        place.write("src/main.rs", "fn main() {}\n");
        place.write("src/lib.rs", "pub fn one() {}\n");
        place.write("run.sh", "echo run\n");
        place.write("target/built", "built\n");
        place.write("sub/.env", "PASSWORD=1\n");
        place.write("node_modules/package/index.js", "packaged\n");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(place.workspace.join("run.sh"), executable).unwrap();
        place
    }

    /// With folders that are there.
    pub(crate) fn at(state: PathBuf, workspace: PathBuf, strongest: Wall) -> Self {
        Self {
            _place: None,
            state,
            workspace,
            documents: Vec::new(),
            hidden: Vec::new(),
            strongest,
        }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn with_options<T>(&self, id: &str, with: impl FnOnce(&TwinOptions<'_>) -> T) -> T {
        let files = || {
            let files = all_files(&self.workspace).into_keys();
            let files = files.map(|file| self.workspace.join(file));
            let is_wanted = |file: &PathBuf| judge(file, FileKind::File) == Verdict::Included;
            files.filter(is_wanted).collect()
        };
        with(&TwinOptions {
            state_folder: self.state.clone(),
            id: id.to_owned(),
            title: "Change a few files".to_owned(),
            folders: vec![self.workspace.clone()],
            documents: self.documents.clone(),
            is_secret: &is_secret,
            files: &files,
            strongest: self.strongest,
            limits: walls::Limits::of_this_machine(),
            hidden_variables: Vec::new(),
            hidden: self.hidden.clone(),
        })
    }

    pub(crate) fn create(&self, id: &str) -> Result<Twin, TwinError> {
        self.with_options(id, Twin::create)
    }

    pub(crate) fn open(&self, id: &str) -> Result<Twin, TwinError> {
        self.with_options(id, Twin::open)
    }

    /// Runs `text` in the twin; its output, and it must succeed.
    pub(crate) fn run(&self, twin: &Twin, text: &str) -> String {
        let (exit, output) = self.try_to_run(twin, text);
        assert_eq!(exit, Exit::Code(0), "{text}: {output}");
        output
    }

    pub(crate) fn try_to_run(&self, twin: &Twin, text: &str) -> (Exit, String) {
        let processes = Processes::new(twin.starter(), Limits::default());
        let line = CommandLine {
            text: text.to_owned(),
            folder: self.workspace.clone(),
            channel: Channel::Pipe,
            reach: Reach::Twin,
        };
        let session = processes.start(&line).unwrap();
        assert!(
            session.wait_until_ended(Instant::now() + LONG),
            "{text} does not end"
        );
        (session.ended().unwrap().exit, session.take_unread().head)
    }
}

pub(crate) fn is_secret(path: &Path, _: FileKind) -> bool {
    path.file_name().is_some_and(|name| name == ".env")
}

pub(crate) fn judge(path: &Path, kind: FileKind) -> Verdict {
    let is_ignored = |name: &str| path.components().any(|part| part.as_os_str() == name);
    if is_secret(path, kind) {
        Verdict::Refused("it may hold secrets".to_owned())
    } else if is_ignored("target") || is_ignored("node_modules") {
        Verdict::Ignored
    } else {
        Verdict::Included
    }
}

/// All regular files below `folder`, with what is in them.
pub(crate) fn all_files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        for entry in fs::read_dir(folder.join(&relative)).unwrap() {
            let entry = entry.unwrap();
            let path = relative.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(folder.join(&path)).unwrap();
                files.insert(path, text);
            }
        }
    }
    files
}

/// A line for each change and each thing that was left out.
pub(crate) fn told(workspace: &Path, changes: &TwinChanges) -> String {
    let relative = |path: &Path| path.strip_prefix(workspace).unwrap().display().to_string();
    let mut lines = String::new();
    for change in &changes.files {
        let base = match &change.base {
            TwinBase::Absent => "absent".to_owned(),
            TwinBase::Unknown => "unknown".to_owned(),
            TwinBase::Known(file) => text(file),
        };
        let after = change.after.as_ref().map_or("gone".to_owned(), text);
        lines += &format!("{}: {base} -> {after}\n", relative(&change.path));
    }
    for left_out in &changes.left_out {
        lines += &format!(
            "{} is left out because {}\n",
            relative(&left_out.path),
            left_out.reason
        );
    }
    lines
}

fn text(file: &TwinFile) -> String {
    let executable = if file.is_executable {
        " (executable)"
    } else {
        ""
    };
    match &file.content {
        TwinContent::Bytes(bytes) => format!("{:?}{executable}", String::from_utf8_lossy(bytes)),
        TwinContent::Link(target) => format!("a link to {}", target.display()),
        TwinContent::Large { size, .. } => format!("{size} bytes{executable}"),
    }
}
