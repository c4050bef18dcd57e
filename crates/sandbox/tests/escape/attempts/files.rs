//! Files and devices, by ways that the shell has not.

use std::{
    ffi::CString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
};

use super::{Attempt, Gain, check, path};

pub(super) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("open-for-writing", open_for_writing),
    ("read-device", read_device),
    ("read-file", read_file),
    ("make-device", make_device),
    ("link-by-descriptor", link_by_descriptor),
    ("exchange", exchange),
    ("file-handle", file_handle),
    ("extended-attribute", extended_attribute),
    ("own-memory", own_memory),
    ("write-by-descriptor", write_by_descriptor),
    ("is-there", is_there),
];

/// One of the files opens for writing; nothing is written.
fn open_for_writing(words: &[String]) -> io::Result<Gain> {
    let mut failure = io::Error::from_raw_os_error(libc::ENXIO);
    for path in words {
        match OpenOptions::new()
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)
        {
            Ok(_) => return Ok(Gain::Reached),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// One of the devices opens.
fn read_device(words: &[String]) -> io::Result<Gain> {
    let mut failure = io::Error::from_raw_os_error(libc::ENXIO);
    for path in words {
        match OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)
        {
            Ok(_) => return Ok(Gain::Reached),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// One of the files opens and is not empty.
fn read_file(words: &[String]) -> io::Result<Gain> {
    let mut failure = io::Error::from_raw_os_error(libc::ENXIO);
    for path in words {
        match File::open(path).and_then(|mut file| file.read_exact(&mut [0])) {
            Ok(()) => return Ok(Gain::Reached),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// The file of a disk, or of another device, made and opened.
fn make_device(words: &[String]) -> io::Result<Gain> {
    let (kind, device) = match words[0].as_str() {
        "disk" => (libc::S_IFBLK, libc::makedev(7, 0)),
        _ => (libc::S_IFCHR, libc::makedev(1, 3)),
    };
    // SAFETY: the path is a string with its end.
    check(unsafe { libc::mknod(c"device".as_ptr(), kind | 0o600, device) }.into())?;
    File::open("device")?;
    Ok(Gain::Reached)
}

/// A second name, in the workspace, of a file that is open for reading; then it is written by that name.
fn link_by_descriptor(words: &[String]) -> io::Result<Gain> {
    let file = File::open(&words[0])?;
    let from = path(&format!("/proc/self/fd/{}", file.as_raw_fd()));
    let (at, follow) = (libc::AT_FDCWD, libc::AT_SYMLINK_FOLLOW);
    // SAFETY: the paths are strings with their ends.
    check(unsafe { libc::linkat(at, from.as_ptr(), at, c"linked".as_ptr(), follow) }.into())?;
    fs::write("linked", "planted\n")?;
    Ok(Gain::SeenOutside)
}

/// Two files change places.
fn exchange(words: &[String]) -> io::Result<Gain> {
    let [one, other] = [path(&words[0]), path(&words[1])];
    let (at, exchange) = (libc::AT_FDCWD, libc::RENAME_EXCHANGE);
    // SAFETY: the paths are strings with their ends.
    check(unsafe { libc::renameat2(at, one.as_ptr(), at, other.as_ptr(), exchange) }.into())?;
    Ok(Gain::SeenOutside)
}

/// The kernel's `struct file_handle` with room for any.
#[repr(C)]
struct FileHandle {
    bytes: u32,
    kind: i32,
    handle: [u8; 128],
}

/// Opens a file by its number, which no rule about paths knows, and writes to it.
fn file_handle(words: &[String]) -> io::Result<Gain> {
    let name = path(&words[0]);
    let mut handle = FileHandle {
        bytes: 128,
        kind: 0,
        handle: [0; 128],
    };
    let mut mount = 0_i32;
    // SAFETY: the structures are the kernel's, with the size told.
    check(unsafe {
        libc::syscall(
            libc::SYS_name_to_handle_at,
            libc::AT_FDCWD,
            name.as_ptr(),
            &raw mut handle,
            &raw mut mount,
            0,
        )
    })?;
    let folder = File::open(&words[1])?;
    // SAFETY: as above.
    let file = check(unsafe {
        libc::syscall(
            libc::SYS_open_by_handle_at,
            folder.as_raw_fd(),
            &raw const handle,
            libc::O_WRONLY,
        )
    })?;
    fs::write(format!("/proc/self/fd/{file}"), "planted\n")?;
    Ok(Gain::SeenOutside)
}

/// Writes something beside a file's content.
fn extended_attribute(words: &[String]) -> io::Result<Gain> {
    let (file, name): (CString, _) = (path(&words[0]), c"user.planted");
    // SAFETY: the strings have their ends, the value its length.
    check(
        unsafe { libc::setxattr(file.as_ptr(), name.as_ptr(), b"x".as_ptr().cast(), 1, 0) }.into(),
    )?;
    Ok(Gain::SeenOutside)
}

/// Maps a file that it may only read, and writes to the mapping through its own memory's file, which minds no protection.
fn own_memory(words: &[String]) -> io::Result<Gain> {
    let file = File::open(&words[0])?;
    // SAFETY: a new mapping, which nobody else uses; the kernel writes to it or refuses.
    let mapped = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ,
            libc::MAP_SHARED,
            file.as_raw_fd(),
            0,
        )
    };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let memory = OpenOptions::new().write(true).open("/proc/self/mem")?;
    std::os::unix::fs::FileExt::write_all_at(&memory, b"planted\n", mapped.addr() as u64)?;
    Ok(Gain::SeenOutside)
}

/// Opens for writing, by its descriptor's name, what it has open for reading.
fn write_by_descriptor(words: &[String]) -> io::Result<Gain> {
    let mut file = File::open(&words[0])?;
    file.read_exact(&mut [0])?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    OpenOptions::new()
        .write(true)
        .open(path)?
        .write_all(b"planted\n")?;
    Ok(Gain::SeenOutside)
}

/// For what is seen by the shell alone.
fn is_there(words: &[String]) -> io::Result<Gain> {
    fs::symlink_metadata(&words[0])?;
    Ok(Gain::Reached)
}
