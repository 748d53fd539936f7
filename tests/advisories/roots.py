"""Root folders to scan: real package databases where they can be had, and such as real tools make
of names and versions that are given."""
import json
import os
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import installed


def write(path, text):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def os_release(root, which, number):
    write(Path(root, "etc/os-release"), f'ID={which}\nVERSION_ID="{number}"\n')


def copied(root, which, number, source, place):
    os_release(root, which, number)
    target = Path(root, place)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    return root


def status_folder(root, status, which, number):
    """As Distroless keeps it: a file for each package, without its status."""
    os_release(root, which, number)
    for count, record in enumerate(status.read_text().strip().split("\n\n")):
        lines = [line for line in record.splitlines() if not line.startswith("Status:")]
        if " installed" in record:
            write(Path(root, "var/lib/dpkg/status.d", f"p{count}"), "\n".join(lines) + "\n")
    return root


def unpacked(root, archive):
    with tarfile.open(archive) as tar:
        tar.extractall(root)
    return root


def debs(root, which, number, packages):
    os_release(root, which, number)
    write(Path(root, "var/lib/dpkg/status"), "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        f"Maintainer: x\nDescription: x\n\n" for name, version in packages))
    return root


def apks(root, which, number, packages):
    os_release(root, which, number)
    write(Path(root, "lib/apk/db/installed"), "".join(
        f"C:Q1\nP:{name}\nV:{version}\nA:x86_64\no:{origin}\n\n" for name, version, origin in packages))
    return root


# ---- rpm ----

TAGS = {"NAME": 1000, "VERSION": 1001, "RELEASE": 1002, "EPOCH": 1003, "OS": 1021, "ARCH": 1022,
        "MODULARITYLABEL": 5096}


def header(fields):
    index = data = b""
    for tag, value in sorted((TAGS[k], v) for k, v in fields.items() if v is not None):
        if isinstance(value, int):
            data += b"\0" * (-len(data) % 4)
            index += struct.pack(">IIII", tag, 4, len(data), 1)
            data += struct.pack(">I", value)
        else:
            index += struct.pack(">IIII", tag, 6, len(data), 1)
            data += value.encode() + b"\0"
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


def rpms(root, which, number, packages):
    """A database that rpm makes. Packages are (name, version with epoch and release, label)."""
    os_release(root, which, number)
    folder = Path(root, "var/lib/rpm")
    folder.mkdir(parents=True)
    headers = []
    for name, version, label in packages:
        epoch, _, rest = version.rpartition(":")
        version, _, release = rest.rpartition("-")
        headers.append(header({"NAME": name, "VERSION": version, "RELEASE": release, "OS": "linux",
                               "ARCH": "x86_64", "EPOCH": int(epoch) if epoch else None,
                               "MODULARITYLABEL": label or None}))
    installed.import_headers(folder, headers)
    return root


# ---- languages ----

def pythons(root, packages):
    """Some as wheels leave them, some as eggs."""
    site = Path(root, "usr/local/lib/python3.11/site-packages")
    for count, (name, version) in enumerate(packages):
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        stem = f"{name.replace('-', '_')}-{version.replace('-', '_')}"
        place = [f"{stem}.dist-info/METADATA", f"{stem}.egg-info/PKG-INFO", f"{stem}.egg-info",
                 f"{stem}.dist-info/METADATA"][count % 4]
        write(site / place, text)
    return root


def crates(root, packages):
    """A program as cargo-auditable makes it."""
    folder = Path(root, "usr/bin")
    folder.mkdir(parents=True)
    listed = [{"name": n, "version": v, "source": "crates.io"} for n, v in packages]
    listed[0]["kind"] = "build"
    listed[1]["source"] = "local"
    listed.append({"name": "app", "version": "0.1.0", "source": "local", "root": True})
    packed = folder / "packed"
    packed.write_bytes(zlib.compress(json.dumps({"packages": listed}).encode()))
    write(folder / "x.c", "int main(void) { return 0; }\n")
    subprocess.run(["cc", "-o", folder / "app", folder / "x.c"], check=True)
    subprocess.run(["objcopy", f"--add-section=.dep-v0={packed}", folder / "app"], check=True)
    packed.unlink()
    (folder / "x.c").unlink()
    return root


def go_proxy(folder, modules):
    """Modules of our own, as a proxy in a folder serves them."""
    for name, version in modules:
        base = Path(folder, name, "@v")
        mod = f"module {name}\n\ngo 1.17\n"
        write(base / f"{version}.info", json.dumps({"Version": version,
                                                    "Time": "2024-01-01T00:00:00Z"}))
        write(base / f"{version}.mod", mod)
        with zipfile.ZipFile(base / f"{version}.zip", "w") as packed:
            packed.writestr(f"{name}@{version}/go.mod", mod)
            packed.writestr(f"{name}@{version}/x.go", "package x\n\nfunc F() int { return 1 }\n")


def go_programs(root, folder, modules, systems):
    """A program that uses every module but the last, which replaces the first."""
    go_proxy(folder / "proxy", modules)
    use = modules[:-1]
    write(folder / "app/go.mod", "module example.org/app\n\ngo 1.17\n\nrequire (\n" +
          "".join(f"\t{n} {v}\n" for n, v in use) + ")\n\n" +
          f"replace {use[0][0]} => {modules[-1][0]} {modules[-1][1]}\n\n" +
          f"replace {use[1][0]} => ../local\n")
    write(folder / "local/go.mod", f"module {use[1][0]}\n\ngo 1.17\n")
    write(folder / "local/x.go", "package x\n\nfunc F() int { return 2 }\n")
    write(folder / "app/main.go", "package main\n\nimport (\n" +
          "".join(f'\tm{i} "{n}"\n' for i, (n, _) in enumerate(use)) +
          ")\n\nfunc main() { println(" + " + ".join(f"m{i}.F()" for i in range(len(use))) + ") }\n")
    # A folder is the only proxy, and what it has has no checksums elsewhere.
    for system, machine, *flags in systems:
        env = dict(os.environ, GOPROXY=f"file://{folder}/proxy", GOSUMDB="off", GOFLAGS="-mod=mod",
                   GOOS=system, GOARCH=machine, CGO_ENABLED="0", GOMODCACHE=str(folder / "mod"),
                   GOTOOLCHAIN="local", GO111MODULE="on", GOWORK="off")
        out = Path(root, "usr/bin", f"app-{system}-{machine}{len(flags)}")
        subprocess.run(["go", "build", "-modcacherw", *flags, "-o", out, "."], cwd=folder / "app",
                       env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return root


def cached_bases():
    """Root file systems that tools/assemble has made here."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return sorted(Path(home, "socle/bases").glob("*/*/*.tar"))
