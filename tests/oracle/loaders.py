#!/usr/bin/env python3
"""Asks the real loaders about real files, pair by pair, and compares with what socle says.

    loaders.py --socle build/socle --base NAME=FACTS=ROOT … FILE…
    loaders.py --socle build/socle --base NAME=FACTS=ROOT … --folder FOLDER [FILE-IN-IT…]

Each FILE is laid at /app in each ROOT and given to that base's own kernel and loader: a
program or script is started up to its entry (start.c), a library opened by
dlopen(RTLD_NOW) from a small host. With --folder the whole folder lies at /app, for files
that bring libraries of their own along. socle judges the same pair from FACTS. Verdict and
the first name that is missing must agree.

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


def one(work, args, tally, bases, inside, kind):
    """One file, already lying in the layer's /app, against every base."""
    app = os.path.join(work.layer, "app")
    source = os.path.join(app, inside)
    try:
        said = ask_socle(args.socle, work.layer + "/app", bases, entries=[inside])
    except ValueError as e:
        tally.error(inside, e)
        return
    provided = ()
    if kind == "library" and args.folder:  # what it brings along may want the host's symbols too
        args.provided = args.provided or host_names(
            os.path.join(d, n) for d, _, files in os.walk(app) for n in files)
        provided = args.provided
    elif kind == "library":
        provided = host_names([source])
    for base, socle in zip(bases, said):
        loader = ask(work, base, kind, "/app/" + inside, source, provided)
        tally.pair(f"{base.name} {inside}", loader, socle)


def each_file(args, work):
    """(path inside /app, kind), every args.jobs-th; single files are laid one at a time."""
    app = work.layer + "/app"
    if args.folder:
        shutil.copytree(args.folder, app, symlinks=True, dirs_exist_ok=True)
        names = args.files or sorted(
            os.path.relpath(os.path.join(d, n), args.folder)
            for d, _, files in os.walk(args.folder) for n in files)
        for n in names[args.part::args.jobs]:
            path = os.path.join(app, n)
            if not os.path.islink(path) and os.path.isfile(path):
                yield n, kind_of(path)
        return
    for path in args.files[args.part::args.jobs]:
        work.clear()
        copy = os.path.join(app, os.path.basename(path))
        shutil.copyfile(path, copy)
        kind = kind_of(path)
        os.chmod(copy, 0o755 if kind == "program" else os.stat(path).st_mode & 0o777)
        yield os.path.basename(path), kind


def run(args, bases, part):
    args.part, args.provided = part, None
    work, tally, skipped = Workplace(bases), Tally(), 0
    try:
        for inside, kind in each_file(args, work):
            if not kind or excluded(inside):
                skipped += 1
            else:
                one(work, args, tally, bases, inside, kind)
    finally:
        work.close()
    return tally, skipped


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--socle", required=True)
    ap.add_argument("--base", action="append", default=[], help="NAME=FACTS=ROOT")
    ap.add_argument("--folder")
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
