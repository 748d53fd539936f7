#!/usr/bin/env python3
"""Asks the real loaders about real files, pair by pair, and compares with what socle says.

    loaders.py --socle build/socle --base NAME=FACTS=ROOT … FILE…
    loaders.py --socle build/socle --base NAME=FACTS=ROOT … --folder FOLDER… [FILE-IN-IT…]

Each FILE is laid at /app in each ROOT and given to that base's own kernel and loader: a
program or script is started up to its entry (start.c), a library opened by
dlopen(RTLD_NOW) from a small host. With --folder, which may stand there more than once, the
whole folder lies at /app, for files that bring libraries of their own along. socle judges the
same pair from FACTS. Verdict and the first name that is missing must agree.

Prints a line for every disagreement and one for the whole; exit status 1 where there was
any."""
import argparse
import os
import re
import shutil
import subprocess
import sys

from oracle import HERE, Tally, Workplace, ask_socle, in_parallel, parse_bases, wanted_root

# Files whose real behaviour is no loader matter.
EXCLUDED = [
    (re.compile(r"lib(clang_rt\.)?(asan|tsan|hwasan)[-.\w]*\.so"), "its constructor ends a process that it does not like"),
    (re.compile(r"^ft2font\."), "its constructors call the Python that opens it"),
    (re.compile(r"^libucc_tl_ucp\."), "its constructor crashes where nobody has called ucc_init() before"),
    (re.compile(r"libpcprofile\.so"), "its constructor calls through slots whose addends musl adds (-z mark-plt)"),
    (re.compile(r"^(libc\.so\.6|ld-linux-x86-64\.so\.2|ld-musl-x86_64\.so\.1|libc\.musl-.*)$"),
     "a second libc or loader inside a process"),
]


def kind_of(path):
    """"program", "library", "script" or None; by readelf, a reader of its own."""
    with open(path, "rb") as f:
        head = f.read(64)
    if head.startswith(b"#!"):
        return "script" if os.stat(path).st_mode & 0o111 else None
    if not head.startswith(b"\x7fELF") or len(head) < 64:
        return None
    out = subprocess.run(["readelf", "-hldW", path], capture_output=True, text=True).stdout
    if re.search(r"Type:\s+EXEC", out) or re.search(r"Flags: .*\bPIE\b", out) or "(DEBUG)" in out:
        return "program"
    if not re.search(r"Type:\s+DYN", out) or "program interpreter" in out and "(SONAME)" not in out:
        return "program" if "program interpreter" in out else None
    return "library" if "Dynamic section" in out else None


def excluded(path):
    return next((why for pattern, why in EXCLUDED if pattern.search(os.path.basename(path))), None)


def interfaces():
    """[(prefix of a symbol, prefix of an export that the module must have)] of src/predict/host.c:
    what a host that opens a module would provide to it."""
    with open(os.path.join(HERE, "../../src/predict/host.c"), encoding="utf-8") as f:
        source = f.read()
    marker = dict(re.findall(r'#define (\w+)\(prefix\) .* STR_INIT\("(\w+)"\)', source))
    found = [(p, "") for p in re.findall(r'\bANY\("\w+", "(\w+)"\)', source)]
    found += [(p, marker[m]) for m in marker for p in re.findall(rf'\b{m}\("(\w+)"\)', source)]
    return found + [("", m) for m in re.findall(r'\{NULL, 0\}, STR_INIT\("(\w+)"\)', source)]


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def symbols(path, which):
    out = subprocess.run(["nm", "-D", which, path], capture_output=True, text=True).stdout
    return [line.split()[-1] for line in out.splitlines()]


def host_names(paths):
    """What the files lack of such interfaces."""
    names, known = set(), interfaces()
    for path in paths:
        exports = symbols(path, "--defined-only")
        prefixes = tuple(p for p, marker in known if not marker or any(e.startswith(marker) for e in exports))
        names.update(n for n in symbols(path, "--undefined-only")
                     if n.startswith(prefixes) and re.fullmatch(r"[A-Za-z_]\w*", n))
    return tuple(sorted(names))


def entries_of(script):
    """A script of env(1) starts env and then another program."""
    with open(script, "rb") as f:
        line = f.readline(256)
    return 2 if re.match(rb"#!\s*\S*/env\s", line) else 1


def ask(work, base, kind, path, source, provided):
    if kind == "library":
        return work.open_library(base, path, {}, "/app", provided)
    return work.start_program(base, path, {}, "/app", entries_of(source) if kind == "script" else 1)


def one(work, args, tally, bases, app, kind):
    """One file, already lying in the layer's /app, against every base."""
    source = os.path.join(work.layer, "app", app.inside)
    try:
        said = ask_socle(args.socle, work.layer + "/app", bases, entries=[app.inside])
    except ValueError as e:
        tally.error(app.name, e)
        return
    provided = app.provided() if kind == "library" else ()
    for base, socle in zip(bases, said):
        loader = ask(work, base, kind, "/app/" + app.inside, source, provided)
        tally.pair(f"{base.name} {app.name}", loader, socle)


class Application:
    """What lies at /app now; `inside` is the file in it that is asked about."""

    def __init__(self, place, folder=None):
        self.place, self.folder, self.inside, self.names = place, folder, None, None

    @property
    def name(self):
        return os.path.join(os.path.basename(self.folder or ""), self.inside)

    def provided(self):
        """What the folder brings along may want the host's symbols too."""
        if self.names is None or not self.folder:
            paths = [os.path.join(d, n) for d, _, files in os.walk(self.place) for n in files]
            self.names = host_names(p for p in paths if os.path.isfile(p) and is_elf(p))
        return self.names


def each_in_folders(args, work):
    """(application, kind of file), every args.jobs-th."""
    wanted = [(folder, name) for folder in args.folder
              for name in args.files or sorted(
                  os.path.relpath(os.path.join(d, n), folder)
                  for d, _, files in os.walk(folder) for n in files)]
    app = None
    for folder, name in wanted[args.part::args.jobs]:
        if not app or app.folder != folder:
            work.clear()
            shutil.copytree(folder, work.layer + "/app", symlinks=True, dirs_exist_ok=True)
            app = Application(work.layer + "/app", folder)
        app.inside = name
        path = os.path.join(app.place, name)
        if not os.path.islink(path) and os.path.isfile(path):
            yield app, kind_of(path)


def each_file(args, work):
    """The same for single files, which are laid one at a time."""
    app = Application(work.layer + "/app")
    for path in args.files[args.part::args.jobs]:
        work.clear()
        app.inside = os.path.basename(path)
        copy = os.path.join(app.place, app.inside)
        shutil.copyfile(path, copy)
        kind = kind_of(path)
        os.chmod(copy, 0o755 if kind == "program" else os.stat(path).st_mode & 0o777)
        yield app, kind


def run(args, bases, part):
    args.part = part
    work, tally, skipped = Workplace(bases), Tally(), 0
    try:
        for app, kind in (each_in_folders if args.folder else each_file)(args, work):
            if not kind or excluded(app.inside):
                skipped += 1
            else:
                one(work, args, tally, bases, app, kind)
    finally:
        work.close()
    return tally, skipped


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--socle", required=True)
    ap.add_argument("--base", action="append", default=[], help="NAME=FACTS=ROOT")
    ap.add_argument("--folder", action="append", default=[])
    ap.add_argument("--show", type=int, default=20)
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    ap.add_argument("files", nargs="*")
    args = ap.parse_args()
    wanted_root()
    bases, tally, skipped = parse_bases(args.base), Tally(), 0
    for part, left_out in in_parallel(args.jobs, lambda i: run(args, bases, i)):
        tally.add(part)
        skipped += left_out
    tally.show(args.show)
    print(f"{skipped} files skipped: no program, script or library, or excluded")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
