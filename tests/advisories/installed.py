"""What is installed in a root folder, told by the tools whose databases lie there."""
import functools
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import tempfile
import zlib
from collections import namedtuple
from pathlib import Path

# `name` is how advisories call it, `version` what they compare; `package` and `shown` stand in
# the record itself. `module`: an RPM's modularity label. `platform`: a Go program's GOOS, GOARCH.
Package = namedtuple("Package", "kind package shown name version module platform",
                     defaults=("", ("", "")))


def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=True, **more).stdout


def os_release(root):
    for place in "etc/os-release", "usr/lib/os-release":
        path = Path(root, place)
        if path.exists():
            words = re.findall(r"(?m)^([A-Z_]+)=[\"']?(.*?)[\"']?$", path.read_text())
            return dict(words)
    return {}


# ---- dpkg ----

# Not "not-installed", nor "config-files": of all others the files are there.
DPKG_FORMAT = "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\t${source:Version}\n"


def dpkg(root):
    admin = Path(root, "var/lib/dpkg")
    if (admin / "status").exists():
        try:
            yield from dpkg_query(admin)
        except subprocess.CalledProcessError:  # a line that dpkg does not take
            yield from filter(None, map(control, (admin / "status").read_text().split("\n\n")))
    # Distroless: a control file for each package, and no status in it.
    for path in sorted(admin.glob("status.d/*")):
        if path.suffix != ".md5sums":
            yield control(path.read_text())


def dpkg_query(admin):
    for line in run("dpkg-query", f"--admindir={admin}", "-W", "-f", DPKG_FORMAT).splitlines():
        status, package, version, source, source_version = line.split("\t")
        if status not in ("not-installed", "config-files"):
            yield Package("deb", package, version, source, source_version)


def control(record):
    """One record; None where it is not of a package, or its files are not there."""
    fields = dict(re.findall(r"(?m)^([\w-]+): *(.*?) *$", record))
    if "Package" not in fields or fields.get("Status", "").endswith(("not-installed", "config-files")):
        return None
    source = re.fullmatch(r"(\S+)(?: \((.*)\))?", fields.get("Source", fields["Package"]))
    return Package("deb", fields["Package"], fields["Version"], source[1],
                   source[2] or fields["Version"])


# ---- apk ----

def apk(root):
    for place in "lib/apk/db/installed", "usr/lib/apk/db/installed":
        path = Path(root, place)
        if not path.exists():
            continue
        for record in path.read_text().split("\n\n"):
            fields = dict(line.split(":", 1) for line in record.splitlines() if line[:2] in
                          ("P:", "V:", "o:"))
            if fields:
                yield Package("apk", fields["P"], fields["V"], fields.get("o", fields["P"]),
                              fields["V"])
        return


# ---- rpm ----

RPM_PLACES = {"rpmdb.sqlite": "sqlite", "Packages.db": "ndb", "Packages": "bdb_ro"}
RPM_FORMAT = ("%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{SOURCERPM}"
              "\t%|MODULARITYLABEL?{%{MODULARITYLABEL}}|\n")


def rpm(root):
    for place in "var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm":
        for name, backend in RPM_PLACES.items():
            path = Path(root, place, name)
            if path.exists():
                yield from rpm_database(path, backend)
                return


def ndb_headers(data):
    """Not every rpm can read ndb. Its blobs (lib/backend/ndb/rpmpkg.c): "BlbS", the package's
    number, a generation, the length, and the header."""
    at = data.find(b"BlbS")
    while at >= 0:
        length = int.from_bytes(data[at + 12:at + 16], "little")
        yield data[at + 16:at + 16 + length]
        at = data.find(b"BlbS", at + 16)


def import_headers(folder, headers):
    """A database of SQLite's, made by rpm, of headers as they lie in files."""
    magic = b"\x8e\xad\xe8\x01\0\0\0\0"
    subprocess.run(["rpmdb", "--define", "_db_backend sqlite", "--dbpath", folder, "--importdb"],
                   input=b"".join(magic + h for h in headers), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rpm_database(path, backend):
    # A copy: rpm writes into the folder that it reads.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        wal = path.with_name(path.name + "-wal")
        if wal.exists():
            shutil.copy(wal, folder)
        if backend == "ndb":
            backend = "sqlite"
            import_headers(folder, ndb_headers(path.read_bytes()))
        lines = run("rpm", "--define", f"_db_backend {backend}", "--dbpath", folder, "-qa", "--qf",
                    RPM_FORMAT).splitlines()
    for line in lines:
        name, version, _, module = line.split("\t")
        # Keys that rpm trusts stand among the packages; they have no files and no source.
        if name != "gpg-pubkey":
            yield Package("rpm", name, version, name, version, module)


# ---- Python ----

def files_of_distribution(root):
    """Every file that dpkg's, apk's or rpm's records list, from the root."""
    owned = set()
    for path in Path(root, "var/lib/dpkg/info").glob("*.list"):
        owned.update(path.read_text().splitlines())
    for place in "lib/apk/db/installed", "usr/lib/apk/db/installed":
        path, folder = Path(root, place), ""
        for line in path.read_text().splitlines() if path.exists() else []:
            folder = line[2:] if line.startswith("F:") else folder
            if line.startswith("R:"):
                owned.add(f"/{folder}/{line[2:]}")
    return owned


def pep503(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def python(root):
    owned = files_of_distribution(root)
    for folder, names, files in os.walk(root):
        if not any(n.endswith((".dist-info", ".egg-info")) for n in names + files):
            continue
        for found in importlib.metadata.distributions(path=[folder]):
            record = next((p for p in (found._path / "METADATA", found._path / "PKG-INFO",
                                       found._path) if p.is_file()), None)
            if record is None or not found.metadata["Name"] or not found.version:
                continue
            if "/" + str(record.relative_to(root)) in owned:
                continue
            yield Package("pypi", found.metadata["Name"], found.version,
                          pep503(found.metadata["Name"]), found.version)


def programs(root, marker):
    """Programs that a marker stands in. What is no file is not read: a device has no end."""
    for folder, _, files in os.walk(root):
        for path in (Path(folder, name) for name in files):
            if path.is_symlink() or not path.is_file():
                continue
            with open(path, "rb") as file:
                start = file.read(4)
                if start[:2] in (b"\x7fE", b"MZ") and marker in file.read():
                    yield path


# ---- Go ----

GO = shutil.which("go")


def go(root):
    for path in programs(root, b"\xff Go buildinf:") if GO else []:
        yield from go_program(path)


def go_version(word):
    """go1.22rc2 is v1.22.0-rc.2 to the database."""
    found = re.match(r"go(\d+(?:\.\d+)*)(?:(rc|beta)(\d+))?", word)
    if not found:
        return ""
    numbers = (found[1].split(".") + ["0", "0"])[:3]
    return ".".join(numbers) + (f"-{found[2]}.{found[3]}" if found[2] else "")


def go_program(path):
    try:
        lines = run(GO, "version", "-m", path).splitlines()
    except subprocess.CalledProcessError:
        return
    if not lines:
        return
    built = dict(re.findall(r"(?m)^\tbuild\t(GOOS|GOARCH)=(\w+)$", "\n".join(lines)))
    platform = built.get("GOOS", ""), built.get("GOARCH", "")
    toolchain = go_version(lines[0].rsplit(": ", 1)[1])
    modules = [["stdlib", toolchain]]
    for line in lines[1:]:
        word = line.split("\t")[1:]
        if word[0] in ("mod", "dep"):
            modules.append(word[1:3])
        elif word[0] == "=>":
            modules[-1] = word[1:3]
    for module in modules:
        version = (module + [""])[1]
        if version and version != "(devel)":
            yield Package("golang", module[0], version, module[0], version.removeprefix("v"), "",
                          platform)


# ---- Rust ----

def cargo(root):
    for path in programs(root, b".dep-v0") if shutil.which("objcopy") else []:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["objcopy", f"--dump-section=.dep-v0={folder}/packed", path,
                            f"{folder}/copy"], stderr=subprocess.DEVNULL, check=False)
            packed = Path(folder, "packed")
            text = zlib.decompress(packed.read_bytes()) if packed.exists() else b'{"packages":[]}'
        for crate in json.loads(text)["packages"]:
            # A crate that only built it is not in it, and one from elsewhere is no other's.
            if crate.get("kind", "runtime") == "runtime" and crate["source"] == "crates.io":
                yield Package("cargo", crate["name"], crate["version"], crate["name"],
                              crate["version"])


@functools.cache
def packages(root):
    """Each once; which files told of it does not matter here."""
    return sorted({p for reader in (dpkg, apk, rpm, python, go, cargo) for p in reader(root)})
