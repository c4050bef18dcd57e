//! Makes the files of a twin, and takes up those of one that was kept: hides secrets, puts unsaved documents in.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use workspace::FileKind;

use super::{
    bases::{Bases, Start},
    confinement, copy,
    description::{Description, StoredWall},
    error::TwinError,
    files::TwinFiles,
    fill::Filler,
    home::Home,
    layers::Layers,
    manifest::Manifest,
    moment::Moment,
    options::TwinOptions,
    scan, secrets, touched,
    tree::Tree,
};

/// Fills the new folder `home` for a twin of `folders`, which are real paths and outermost.
///
/// Nobody may look at the twin's files before [`TwinFiles::begin`].
pub(super) fn create(
    home: Home,
    options: &TwinOptions<'_>,
    folders: &[PathBuf],
    wall: StoredWall,
) -> Result<TwinFiles, TwinError> {
    let description = Description::new(&options.title, folders, wall, Moment::now());
    description.write(home.path())?;
    for folder in [home.base(), home.scratch()] {
        make_folder(&folder)?;
    }
    let mut files = take_up(home, description)?;
    for (number, folder) in folders.iter().enumerate() {
        let layers = match wall {
            StoredWall::Copy => fill_copy(&mut files, number, folder, options)?,
            StoredWall::Overlay | StoredWall::OverlaySharedNetwork => {
                fill_overlay(&mut files, number, folder, options)?
            }
        };
        files.layers.push(layers);
    }
    let filled = Moment::now();
    files.description.filled = Some(filled);
    let base = files.home.base();
    files.description.filled_bases =
        Bases::size(&base).map_err(TwinError::io("it cannot be used", base))?;
    if wall != StoredWall::Copy {
        // Until now nobody has seen a file through it.
        files.start_at(filled);
    }
    files.description.write(files.home.path())?;
    Ok(files)
}

/// Takes up what is in `home`. As after [`create`], nobody may look at it before [`TwinFiles::begin`].
pub(super) fn open(home: Home, options: &TwinOptions<'_>) -> Result<TwinFiles, TwinError> {
    let description = Description::read(home.path(), home.id())?;
    let folders = description.folders.clone();
    let is_copy = description.wall == StoredWall::Copy;
    let mut files = take_up(home, description)?;
    for (number, folder) in folders.iter().enumerate() {
        let folder = &folder.0;
        let own = own_folder(&files.home, number, is_copy);
        let mut layers = open_layers(number, folder, &own)?;
        let secrets = secrets::find(&layers.lower, folder, options.is_secret);
        if is_copy {
            let path = files.home.manifest(number);
            let filled = files.description.filled.unwrap_or(Moment::BEFORE_ALL);
            let manifest = Manifest::read(&path, filled);
            layers.manifest = Some(manifest.map_err(TwinError::io("it cannot be read", path))?);
        } else {
            let start = files.start();
            scan::note_without_keeping(&layers, &files.bases, start)
                .and_then(|()| hide_again(&layers, &secrets))
                .map_err(TwinError::io("it cannot be taken up", own))?;
        }
        files
            .secrets
            .extend(secrets.iter().map(|secret| folder.join(secret)));
        files.layers.push(layers);
    }
    if !is_copy {
        // What the task has not touched yet it sees as the user has it now.
        files.start_at(Moment::now());
    }
    files.description.kept = None;
    files.description.write(files.home.path())?;
    Ok(files)
}

fn take_up(home: Home, description: Description) -> Result<TwinFiles, TwinError> {
    let base = home.base();
    let bases = Bases::open(&base).map_err(TwinError::io("it cannot be used", base))?;
    Ok(TwinFiles::new(home, description, bases))
}

fn own_folder(home: &Home, number: usize, is_copy: bool) -> PathBuf {
    if is_copy {
        home.copy(number)
    } else {
        home.upper(number)
    }
}

fn fill_overlay(
    files: &mut TwinFiles,
    number: usize,
    folder: &Path,
    options: &TwinOptions<'_>,
) -> Result<Layers, TwinError> {
    let own = files.home.upper(number);
    make_folder(&files.home.work(number))?;
    make_folder(&own)?;
    let layers = open_layers(number, folder, &own)?;
    let secrets = secrets::find(&layers.lower, folder, options.is_secret);
    let mut filler = Filler::new(&layers.lower, &layers.own);
    let mut fill = || {
        for secret in &secrets {
            filler.hide(secret)?;
        }
        put_documents(&files.bases, &layers, &mut filler, options)
    };
    fill()
        .and_then(|()| filler.finish())
        .map_err(TwinError::io("it cannot be filled", own))?;
    files
        .secrets
        .extend(secrets.iter().map(|secret| folder.join(secret)));
    Ok(layers)
}

fn fill_copy(
    files: &mut TwinFiles,
    number: usize,
    folder: &Path,
    options: &TwinOptions<'_>,
) -> Result<Layers, TwinError> {
    let own = files.home.copy(number);
    make_folder(&own)?;
    let mut layers = open_layers(number, folder, &own)?;
    let secrets = secrets::find(&layers.lower, folder, options.is_secret);
    let wanted = files_to_copy(folder, options, &secrets);
    let mut filler = Filler::new(&layers.lower, &layers.own);
    let fill = || -> io::Result<Manifest> {
        let documents = documents_in(folder, options);
        let is_saved = |path: &&PathBuf| !documents.iter().any(|(unsaved, _)| unsaved == *path);
        let saved: Vec<_> = wanted.iter().filter(is_saved).cloned().collect();
        let copied = copy::copy_files(&layers.lower, &layers.own, &mut filler, &saved)?;
        put_documents(&files.bases, &layers, &mut filler, options)?;
        filler.finish()?;
        copy::keep_what_changed(&layers, &files.bases, &copied, files.start())?;
        let manifest = Manifest::new(copied, Moment::now());
        manifest.write(&files.home.manifest(number))?;
        Ok(manifest)
    };
    layers.manifest = Some(fill().map_err(TwinError::io("it cannot be filled", own))?);
    files
        .secrets
        .extend(secrets.iter().map(|secret| folder.join(secret)));
    Ok(layers)
}

/// Writes the unsaved documents of the folder; each is what the task starts from in place of the saved file.
fn put_documents(
    bases: &Bases,
    layers: &Layers,
    filler: &mut Filler<'_>,
    options: &TwinOptions<'_>,
) -> io::Result<()> {
    for (path, bytes) in documents_in(&layers.folder, options) {
        filler.write(&path, bytes)?;
        let status = layers.own.status(&path)?;
        let is_executable = status.is_some_and(|status| status.is_executable);
        let kept = bases.keep_bytes(bytes, is_executable)?;
        bases.remember(&layers.key(&path), Start::Kept(kept))?;
    }
    Ok(())
}

/// The unsaved documents in `folder`, relative to it, each once, without secret ones.
fn documents_in<'a>(folder: &Path, options: &'a TwinOptions<'_>) -> Vec<(PathBuf, &'a [u8])> {
    let mut documents: Vec<(PathBuf, &[u8])> = Vec::new();
    for document in &options.documents {
        if let Ok(path) = document.path.strip_prefix(folder)
            && path.file_name().is_some()
            && !is_secret_below(folder, path, options)
            && documents.iter().all(|(known, _)| known != path)
        {
            documents.push((path.to_path_buf(), &document.bytes));
        }
    }
    documents
}

/// Whether the file at `path` in `folder`, or a folder above it, is secret. It need not be there.
fn is_secret_below(folder: &Path, path: &Path, options: &TwinOptions<'_>) -> bool {
    let above = path.ancestors().skip(1);
    let mut above = above.filter(|above| above.file_name().is_some());
    options
        .is_secret
        .is_secret(&folder.join(path), FileKind::File)
        || above.any(|above| {
            let above = folder.join(above);
            options.is_secret.is_secret(&above, FileKind::Directory)
        })
}

/// The files to copy in `folder`, relative to it, each once, in order, without what is secret.
fn files_to_copy(folder: &Path, options: &TwinOptions<'_>, secrets: &[PathBuf]) -> Vec<PathBuf> {
    let files = (options.files)();
    let below = files
        .iter()
        .filter_map(|path| path.strip_prefix(folder).ok());
    let not_seen = not_seen_in(folder, options);
    let closed = secrets.iter().chain(&not_seen);
    let is_open = |path: &&Path| !closed.clone().any(|closed| path.starts_with(closed));
    let mut files: Vec<_> = below.filter(is_open).map(Path::to_path_buf).collect();
    files.sort();
    files.dedup();
    files
}

/// The places in `folder` that no command sees, relative to it: nothing could cover them in a copy.
fn not_seen_in(folder: &Path, options: &TwinOptions<'_>) -> Vec<PathBuf> {
    let places = confinement::places_not_seen(options).into_iter();
    let places = places.filter_map(|place| place.canonicalize().ok());
    let below = places.filter_map(|place| Some(place.strip_prefix(folder).ok()?.to_path_buf()));
    // One that is the folder itself is worked in.
    below.filter(|place| place.file_name().is_some()).collect()
}

/// Hides secrets that have come since, unless the task has made or removed something in their place.
fn hide_again(layers: &Layers, secrets: &[PathBuf]) -> io::Result<()> {
    let mut filler = Filler::again(&layers.lower, &layers.own);
    for secret in secrets {
        if layers.own.status(secret)?.is_none() && !touched::is_hidden_above(&layers.own, secret) {
            filler.hide(secret)?;
        }
    }
    filler.finish()
}

fn open_layers(number: usize, folder: &Path, own: &Path) -> Result<Layers, TwinError> {
    let open = |path: &Path| Tree::open(path).map_err(TwinError::io("it cannot be opened", path));
    Ok(Layers {
        number,
        folder: folder.to_path_buf(),
        lower: open(folder)?,
        own: open(own)?,
        manifest: None,
    })
}

fn make_folder(path: &Path) -> Result<(), TwinError> {
    let parent = path.parent().expect("a twin's folders are below its home");
    let make = || {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
        DirBuilder::new().mode(0o700).create(path)
    };
    make().map_err(TwinError::io("it cannot be made", path))
}
