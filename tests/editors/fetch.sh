#!/usr/bin/env bash
# Fetches the real editors that the tests drive into one private folder: Neovim, Helix, and tmux to drive Helix in.
#
#   fetch.sh FOLDER
#
# They are taken as Debian packages from a suite new enough for both, together with the libraries they need, libc included.
# The packages are only unpacked: none of their scripts runs, no root is needed, and the system's own packages stay as they
# are. FOLDER cannot be moved afterwards, for the programs carry its path; a moved one is noticed and fetched anew.
# A second call finds everything there and returns at once. `FOLDER/packages.sha256` says exactly what is in use.
set -euo pipefail

suite=${ROPEWALK_EDITORS_SUITE:-forky}
packages=(neovim hx tmux patchelf)

fail() {
    cat >&2 <<END
fetch.sh: $1

The editors can be installed by hand instead:
  Neovim 0.12 or newer: your system's package, or a release from neovim.io
  Helix 25.07 or newer: your system's package, or a release from helix-editor.com
  tmux: your system's package
Put them on the PATH, or name them: ROPEWALK_NVIM=/path/to/nvim ROPEWALK_HX=/path/to/hx
END
    exit 1
}

[ $# -eq 1 ] || { echo "usage: fetch.sh FOLDER" >&2; exit 2; }
folder=$(realpath -m "$1")
mkdir -p "$folder"

# Two test runs may start at the same time: the second waits for the first and then finds its work done.
command -v flock > /dev/null || fail "flock (package util-linux) is missing."
exec 9> "$folder/.lock"
flock 9

stamp=$folder/.complete
wanted="$folder $suite ${packages[*]}"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

for tool in apt-get dpkg-deb dpkg; do
    command -v "$tool" > /dev/null || fail "this machine has no $tool, so Debian packages cannot be fetched."
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keyring" ] || fail "$keyring is missing (package debian-archive-keyring), so packages cannot be verified."

# The mirror this machine already uses, in either of apt's two notations.
mirror_of_this_machine() {
    local uri
    uri=$(cat /etc/apt/sources.list.d/*.sources 2> /dev/null | awk '$1 == "URIs:" && $2 ~ /debian/ { print $2; exit }')
    [ -n "$uri" ] || uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2> /dev/null |
        awk '$1 == "deb" { sub(/\[[^]]*\] */, ""); if ($2 ~ /debian/) { print $2; exit } }')
    echo "$uri"
}
mirror=${ROPEWALK_DEBIAN_MIRROR:-$(mirror_of_this_machine)}
[ -n "$mirror" ] || fail "no Debian mirror is configured; name one in ROPEWALK_DEBIAN_MIRROR."

# An apt of our own: its own lists and cache, and an empty list of installed packages, so that it resolves every library
# down to libc instead of counting on the system's older ones.
apt=$folder/.apt
rm -rf "$folder/usr" "$folder"/{bin,lib,lib64,sbin} "$apt" "$stamp"
mkdir -p "$apt"/{lists,cache/archives}/partial
echo "deb [signed-by=$keyring] $mirror $suite main" > "$apt/sources.list"
: > "$apt/status"
options=(
    -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State=$apt" -o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status"
    -o "Dir::Cache=$apt/cache" -o "Dir::Cache::archives=$apt/cache/archives"
    -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3
    -o Debug::NoLocking=true
)
echo "Fetching ${packages[*]} from Debian $suite into $folder ..." >&2
apt-get "${options[@]}" update -qq >&2 || fail "the package lists of Debian $suite could not be fetched from $mirror."
apt-get "${options[@]}" install -y -qq --download-only "${packages[@]}" > "$apt/log" 2>&1 ||
    { cat "$apt/log" >&2; fail "${packages[*]} could not be fetched from $mirror."; }

mkdir -p "$folder"/usr/{bin,lib,lib64,sbin}
for name in bin lib lib64 sbin; do
    ln -s "usr/$name" "$folder/$name"
done
for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$folder" || fail "$package could not be unpacked."
done
(cd "$apt/cache/archives" && sha256sum -- *.deb) > "$folder/packages.sha256"

# Each program is told to use the libraries beside it. Starting it through the loader instead would make the loader its
# own executable, and then Neovim's screen and Helix's runtime folder are not found.
libraries=$(dirname "$(find "$folder/usr/lib" -name 'libc.so.6' -print -quit)")
loader=$(find "$folder/usr/lib" "$folder/usr/lib64" -name 'ld-linux*.so.*' -print -quit)
patchelf() { "$loader" --library-path "$libraries" "$folder/usr/bin/patchelf" "$@"; }
for program in usr/bin/nvim usr/bin/tmux usr/lib/hx/hx usr/bin/hx; do
    path=$folder/$program
    [ -f "$path" ] && [ ! -L "$path" ] && [ "$(head -c 4 "$path" | tail -c 3)" = ELF ] || continue
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$path" ||
        fail "$path could not be pointed at its libraries."
done

for program in nvim hx tmux; do
    version=$("$folder/usr/bin/$program" "$([ $program = tmux ] && echo -V || echo --version)" 2>&1 | head -n 1) ||
        fail "$program was unpacked but does not run: $version"
    echo "  $version" >&2
done
rm -rf "$apt"
echo "$wanted" > "$stamp"
