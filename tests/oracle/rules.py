#!/usr/bin/env python3
"""One-line C programs, one for each rule of the kernel and the loaders.

    rules.py --socle build/socle --base NAME=FACTS=ROOT … [--only WORD] [--keep FOLDER]

Every case is built here with cc or musl-gcc, laid over each base and really started (the
programs return 0), or really opened where it is a library; socle judges the same. Verdict
and the first name that is missing must agree. What the case is about stands in its name;
no case says what should come out: the loaders do.

The cases themselves are in the modules beside this one that begin with rules_."""
import argparse
import importlib
import os
import shutil
import struct
import subprocess
import sys

from oracle import Tally, Workplace, ask_socle, compiles, in_parallel, parse_bases, wanted_root
from rules_common import Unmakeable

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Case:
    """A folder with what shall lie in the image, and what is started in it.

    `cc` is the compiler of its flavour. Paths are those in the image; "x" means /app/x."""

    def __init__(self, name, folder, flavour):
        self.name, self.folder, self.flavour = name, folder, flavour
        self.cc = {"glibc": "cc", "musl": "musl-gcc"}[flavour]
        self.entries, self.env, self.cpu = [], [PATH], None
        os.makedirs(folder + "/app", exist_ok=True)

    def host(self, path):
        """Where a path of the image lies on this machine; folders are made."""
        full = self.folder + (path if path.startswith("/") else "/app/" + path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def compile(self, path, code, flags):
        to = self.host(path)
        source = self.folder + "/source.c"
        with open(source, "w") as f:
            f.write(code + "\n")
        if not shutil.which(self.cc):
            raise Unmakeable
        argv = [self.cc, "-O1", "-w", "-o", to, source, *flags]
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.folder + "/app")
        os.unlink(source)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(argv)}: {done.stderr.strip()}")
        return to

    def lib(self, path, code="int x(void){return 0;}", *flags):
        return self.compile(path, code, ["-shared", "-fPIC", *flags])

    def prog(self, path, code="int x(void);int main(void){return x();}", *flags):
        return self.compile(path, code, flags)

    def lacking(self, path, make, code, stub, *flags):
        """Made with a library of `stub` at hand, of which nothing stays: not its name either.
        (What ld makes of symbols that it was told to ignore is no program.)"""
        self.lib("stub/libstub.so", stub, "-Wl,-soname,libstub.so", "-nostdlib")
        made = make(path, code, "-Wl,--no-as-needed", "stub/libstub.so", *flags)
        subprocess.run(["rm", "-r", self.host("stub")], check=True)
        self.forget_needed(path, "libstub.so")
        return made

    def text(self, path, content, mode=0o755):
        with open(self.host(path), "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        os.chmod(self.host(path), mode)

    def link(self, path, target):
        os.symlink(target, self.host(path))

    def move(self, path, to):
        os.rename(self.host(path), self.host(to))

    def start(self, *paths):
        """What the loader is asked about; all of them must run."""
        self.entries += [p if p.startswith("/") else "/app/" + p for p in paths]

    def tool(self, *argv):
        subprocess.run(argv, check=True, capture_output=True, cwd=self.folder + "/app")

    # ---- Changing what a linker made ----

    def patch(self, path, offset, data):
        with open(self.host(path), "r+b") as f:
            f.seek(offset)
            f.write(data)

    def segments(self, path):
        """[(offset of the header, type, …)] of the program headers of a 64-bit file."""
        with open(self.host(path), "rb") as f:
            head = f.read(64)
            phoff, = struct.unpack_from("<Q", head, 32)
            count, = struct.unpack_from("<H", head, 56)
            f.seek(phoff)
            table = f.read(56 * count)
        return [(phoff + 56 * i, *struct.unpack_from("<IIQQQQQQ", table, 56 * i)) for i in range(count)]

    def dynamic(self, path):
        """[(offset, tag, value)] of the dynamic segment."""
        for _, kind, _, off, _, _, size, _, _ in self.segments(path):
            if kind == 2:
                with open(self.host(path), "rb") as f:
                    f.seek(off)
                    table = f.read(size)
                return [(off + i, *struct.unpack_from("<QQ", table, i)) for i in range(0, size, 16)]
        return []

    def retag(self, path, old, new):
        """Gives every dynamic tag `old` the number `new`."""
        for off, tag, _ in self.dynamic(path):
            if tag == old:
                self.patch(path, off, struct.pack("<Q", new))

    def string_table(self, path):
        """File offset of DT_STRTAB: its address, in files whose first segment starts at 0."""
        return next(value for _, tag, value in self.dynamic(path) if tag == 5)

    def string(self, path, offset):
        with open(self.host(path), "rb") as f:
            f.seek(self.string_table(path) + offset)
            return f.read(200).split(b"\0")[0].decode()

    def forget_needed(self, path, name):
        """DT_NEEDED of `name` becomes a tag that no loader knows."""
        for off, tag, value in self.dynamic(path):
            if tag == 1 and self.string(path, value) == name:
                self.patch(path, off, struct.pack("<Q", 0x6ffffe00))

    def set_version_flags(self, path, version, flags):
        """vna_flags of one entry of DT_VERNEED."""
        need = next(value for _, tag, value in self.dynamic(path) if tag == 0x6ffffffe)
        with open(self.host(path), "rb") as f:
            content = f.read()
        while True:
            _, count, _, aux, more = struct.unpack_from("<HHIII", content, need)
            entry = need + aux
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", content, entry)
                if self.string(path, name) == version:
                    self.patch(path, entry + 4, struct.pack("<H", flags))
                entry += step
            if not more:
                return
            need += more

    def drop_segment(self, path, kind):
        """Makes a program header PT_NULL."""
        for at, found, *_ in self.segments(path):
            if found == kind:
                self.patch(path, at, struct.pack("<I", 0))

    def cut(self, path, size):
        os.truncate(self.host(path), size)

    def replace(self, path, old, new):
        """Swaps bytes of the same length."""
        old, new = (s.encode() if isinstance(s, str) else s for s in (old, new))
        assert len(old) == len(new), (old, new)
        with open(self.host(path), "rb") as f:
            content = f.read()
        assert old in content, (path, old)
        with open(self.host(path), "wb") as f:
            f.write(content.replace(old, new))


def cases():
    """(name, function, flavours) of every rule."""
    found = []
    for module in ("rules_kernel", "rules_search", "rules_objects", "rules_symbols"):
        found += importlib.import_module(module).CASES
    return found


def is_library(path):
    """An entry that is opened: by its name, the cases keep to it."""
    return ".so" in os.path.basename(path)


def ask_loader(work, base, case):
    added = work.lay(base)
    env = dict(e.split("=", 1) for e in case.env)
    answer = None
    for path in case.entries:
        if is_library(path):
            answer = work.open_library(base, path, env, "/")
        else:
            answer = work.run_whole(base, path, env, "/")
        if not answer.runs:
            break
    work.leave(added)
    return answer


def judge_case(work, args, tally, bases, case):
    more = ["--cpu", case.cpu] if case.cpu else []
    try:
        said = ask_socle(args.socle, case.folder, bases, at="/", entries=case.entries, env=case.env, more=more)
    except ValueError as e:
        tally.error(case.name, e)
        return
    for base, socle in zip(bases, said):
        tally.pair(f"{case.name} on {base.name}", ask_loader(work, base, case), socle)


def run(args, bases, part):
    """Every args.jobs-th case from `part` on: (tally, names of what was skipped)."""
    tally, skipped = Tally(), set()
    flavours = [f for f, cc in (("glibc", "cc"), ("musl", "musl-gcc")) if compiles(cc)]
    every = [(f"{name} [{flavour}]", build, flavour) for name, build, wanted in cases() for flavour in wanted]
    every = [e for e in every if not args.only or args.only in e[0]]
    work = Workplace(bases)
    try:
        for full, build, flavour in every[part::args.jobs]:
            if flavour in flavours:
                judge_built(work, args, tally, bases, full, build, flavour, skipped)
            else:
                skipped.add(full)
    finally:
        work.close()
    return tally, skipped


def judge_built(work, args, tally, bases, full, build, flavour, skipped):
    work.clear()
    case = Case(full, work.layer, flavour)
    try:
        build(case)
        judge_case(work, args, tally, bases, case)
    except Unmakeable:
        skipped.add(full)
    except RuntimeError as e:
        tally.error(full, e)
    if args.keep:
        subprocess.run(["cp", "-a", case.folder, f"{args.keep}/{full.replace(' ', '-').replace('/', '_')}"])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--socle", required=True)
    ap.add_argument("--base", action="append", default=[], help="NAME=FACTS=ROOT")
    ap.add_argument("--only", help="cases whose name holds this")
    ap.add_argument("--keep", help="leave the built cases there")
    ap.add_argument("--show", type=int, default=40)
    ap.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    args = ap.parse_args()
    wanted_root()
    bases, tally, skipped = parse_bases(args.base), Tally(), set()
    for part, left_out in in_parallel(args.jobs, lambda i: run(args, bases, i)):
        tally.add(part)
        skipped |= left_out
    tally.show(args.show)
    for s in sorted(skipped):
        print(f"skipped: {s}: this machine's tools do not make it")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
