"""The judges that nobody can bribe: the kernel and the loaders of real bases.

A base is a root folder on this machine, and what socle knows it by (a tar, a folder, a
catalogue name). An application is a folder with the files as they shall lie in the image.
Both are laid over one another in a mount namespace of this process, so that nothing of the
base is ever changed; then the base's own loader is asked, and socle.

Wants root."""
import ctypes
import errno
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = "/.oracle-host"  # where the program that opens libraries lies
CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 4096, 16384, 1 << 18, 2
libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind=None, flags=0, data=None):
    def text(s):
        return s.encode() if s is not None else None
    if libc.mount(text(source), text(target), text(kind), flags, text(data)) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}: "
                      + os.strerror(ctypes.get_errno()))


def umount(target):
    libc.umount2(target.encode(), MNT_DETACH)


def compiles(compiler):
    """True where `compiler` makes programs here."""
    if not shutil.which(compiler):
        return False
    with tempfile.TemporaryDirectory() as d:
        return subprocess.run([compiler, "-xc", "-", "-o", d + "/x"], input=b"int main(void){return 0;}",
                              capture_output=True).returncode == 0


class Base:
    """`facts` is what socle is told; `root` the folder whose loader is asked."""

    def __init__(self, name, facts, root):
        self.name, self.facts, self.root = name, facts, root
        lib = root + "/lib"
        self.musl = os.path.isdir(lib) and any(n.startswith("ld-musl") for n in os.listdir(lib))
        self.glibc = os.path.lexists(root + "/lib64/ld-linux-x86-64.so.2")


class Answer:
    """What a loader, or socle, said. `first` is (kind, name) of its first complaint, or None."""

    def __init__(self, runs, first, text):
        self.runs, self.first, self.text = runs, first, text


def make_private():
    """No mount made from here on is seen outside. In a chroot into a plain folder "/" is no mount
    point: a detached, private copy of the tree is then put on /proc and becomes the root."""
    if libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0:
        return
    mount("none", "/proc", flags=MS_PRIVATE)
    at_fdcwd, at_empty, at_recursive = -100, 0x1000, 0x8000
    tree = libc.syscall(428, at_fdcwd, b"/", 1 | at_recursive | os.O_CLOEXEC)  # open_tree, clone
    attributes = (ctypes.c_uint64 * 4)(0, 0, MS_PRIVATE, 0)
    if tree < 0 or libc.syscall(442, tree, b"", at_empty | at_recursive, attributes, 32) != 0 or \
            libc.syscall(429, tree, b"", at_fdcwd, b"/proc", 4) != 0:  # mount_setattr, move_mount
        raise OSError(ctypes.get_errno(), "a private copy of the root")
    os.close(tree)
    os.chdir("/proc")
    os.chroot(".")
    os.chdir("/")


class Workplace:
    """A mount namespace with every base in it, each writable for its own part (overlayfs), and
    one /app that is the same in all of them: `layer` is the folder that cases fill, as if it
    were the root of an image; what lies outside its /app is copied into a base for a question
    and taken out again. (Mounting anew for each pair costs ten times as much.)"""

    def __init__(self, bases):
        if libc.unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare: the oracle wants root")
        make_private()
        self.dir = tempfile.mkdtemp(prefix="socle-oracle-")
        mount("tmpfs", self.dir, "tmpfs")
        self.layer = os.path.join(self.dir, "layer")
        os.makedirs(self.layer + "/app")
        self.start = os.path.join(self.dir, "start")
        subprocess.run(["cc", "-O1", "-D_GNU_SOURCE", os.path.join(HERE, "start.c"), "-o", self.start],
                       check=True)
        self.have_musl = compiles("musl-gcc")
        self.hosts, self.views = {}, {}
        for base in bases:
            self.views[base.name] = self.view_of(base, os.path.join(self.dir, f"base-{len(self.views)}"))

    def view_of(self, base, at):
        for part in ("upper", "work", "view"):
            os.makedirs(f"{at}/{part}")
        view = at + "/view"
        mount("overlay", view, "overlay",
              data=f"lowerdir={base.root},upperdir={at}/upper,workdir={at}/work")
        for folder in ("app", "proc"):
            os.makedirs(f"{view}/{folder}", exist_ok=True)
        mount(self.layer + "/app", view + "/app", flags=MS_BIND)
        mount("/proc", view + "/proc", flags=MS_BIND)
        return view

    def close(self):
        umount(self.dir)
        os.rmdir(self.dir)

    def clear(self):
        """An empty layer."""
        for d in (self.layer + "/app", self.layer):
            for name in os.listdir(d):
                path = os.path.join(d, name)
                if d == self.layer and name == "app":
                    continue
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)

    def lay(self, base):
        """Copies what is outside /app into the base; gives what leave() takes away again."""
        view, done = self.views[base.name], []
        for folder, folders, files in os.walk(self.layer):
            if folder == self.layer:
                folders.remove("app")
            for name in folders + files:
                source = os.path.join(folder, name)
                target = view + source[len(self.layer):]
                if os.path.isdir(source) and not os.path.islink(source):
                    if not os.path.isdir(target):
                        os.mkdir(target)
                        done.append((target, None))
                    continue
                kept = target + ".of-the-base" if os.path.lexists(target) else None
                if kept:
                    os.rename(target, kept)
                shutil.copy2(source, target, follow_symlinks=False)
                done.append((target, kept))
        return done

    def leave(self, done):
        for path, kept in reversed(done):
            if os.path.isdir(path) and not os.path.islink(path):
                os.rmdir(path)
            else:
                os.unlink(path)
            if kept:
                os.rename(kept, path)

    def host(self, base, provided=None):
        """Path of the host program for a base's libc, or None. `provided`: names it exports."""
        flavour = "musl" if base.musl else "glibc" if base.glibc else None
        if not flavour or (flavour == "musl" and not self.have_musl):
            return None
        key = (flavour, tuple(provided or ()))
        if key not in self.hosts:
            path = os.path.join(self.dir, f"host-{len(self.hosts)}")
            with open(path + ".c", "w") as f:
                f.writelines(f"long {n}(void){{return 0;}}\n" for n in provided or ())
            compiler = ["musl-gcc"] if flavour == "musl" else ["cc", "-nostdlib", "-DBARE", *self.old_glibc()]
            done = subprocess.run([compiler[0], "-O1", "-w", "-fno-builtin", "-fno-stack-protector", "-rdynamic",
                                   os.path.join(HERE, "host.c"), path + ".c", *compiler[1:], "-o", path],
                                  capture_output=True)
            self.hosts[key] = path if done.returncode == 0 else None
        return self.hosts[key]

    def old_glibc(self):
        """Stubs of libraries that know GLIBC_2.2.5, as all glibc for x86-64 do."""
        stubs = {"libdl.so.2": ("dlopen", "dlerror"), "libc.so.6": ("write", "_exit")}
        paths = []
        for name, functions in stubs.items():
            path = os.path.join(self.dir, "stub-" + name)
            paths.append(path)
            if os.path.exists(path):
                continue
            with open(path + ".c", "w") as f:
                f.writelines(f"void {n}(void){{}}\n" for n in functions)
            with open(path + ".map", "w") as f:
                f.write("GLIBC_2.2.5{global:%s;local:*;};" % ";".join(functions))
            subprocess.run(["cc", "-w", "-fno-builtin", "-shared", "-fPIC", "-nostdlib", f"-Wl,-soname,{name}",
                            f"-Wl,--version-script={path}.map", path + ".c", "-o", path], check=True)
        return ["-Wl,--no-as-needed", *paths]

    def run(self, base, argv, env, cwd):
        """(exit status, everything written). Status 255 with "execve ENAME" where execve failed."""
        def enter():
            os.chroot(self.views[base.name])
            os.chdir(cwd)
        try:
            p = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, preexec_fn=enter, timeout=20)
        except subprocess.TimeoutExpired:
            return 255, "timeout"
        except OSError as e:
            return 255, f"execve {errno.errorcode.get(e.errno, e.errno)}"
        return p.returncode, p.stdout.decode("utf-8", "replace")

    def run_whole(self, base, path, env, cwd):
        """Runs a program that does nothing but return 0."""
        code, text = self.run(base, [path], env, cwd)
        return Answer(code == 0, first_complaint(text), f"{code} {text}")

    def start_program(self, base, path, env, cwd, entries=1):
        """Starts a program up to its entry: nothing of it is run (start.c)."""
        try:
            p = subprocess.run([self.start, self.views[base.name], cwd, str(entries), path], env=env,
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        except subprocess.TimeoutExpired:
            return Answer(False, None, "timeout")
        said = p.stdout.decode("utf-8", "replace").strip()
        text = said + "\n" + p.stderr.decode("utf-8", "replace")
        return Answer(said == "started", first_complaint(text), text)

    def open_library(self, base, path, env, cwd, provided=None):
        """dlopen(RTLD_NOW) by a small host on the base's own libc."""
        host = self.host(base, provided)
        if not host:
            return Answer(False, None, "there is no loader")
        place = self.views[base.name] + HOST
        if os.path.lexists(place):
            os.unlink(place)
        shutil.copy2(host, place)
        code, text = self.run(base, [HOST, path], env, cwd)
        return Answer(code == 0, first_complaint(text), text)


# What the loaders write, first the more special. glibc: elf/dl-load.c, dl-version.c,
# dl-lookup.c, dl-error-skeleton.c; musl: ldso/dynlink.c.
COMPLAINTS = [
    ("version", re.compile(r"(?<!weak )version `([^']+)' not found")),
    ("version", re.compile(r"DT_RELR without (GLIBC_ABI_DT_RELR) dependency")),
    ("symbol", re.compile(r"undefined symbol: ([^,\s]+)")),
    ("symbol", re.compile(r"Error relocating [^:\n]+: ([^:\s]+): symbol not found")),
    ("isa", re.compile(r"(CPU ISA level) is lower than required")),
    ("execstack", re.compile(r"(cannot enable executable stack)")),
    ("tls", re.compile(r"(cannot allocate memory in static TLS block)")),
    ("tls", re.compile(r"(initial-exec TLS) resolves to dynamic definition")),
    ("library", re.compile(r"error while loading shared libraries: ([^:\n]+): ")),
    ("library", re.compile(r"Error loading shared library ([^:\n]+):")),
    ("library", re.compile(r"^([^:\n]+): (?:cannot open shared object file|file too short|invalid ELF header"
                           r"|cannot read file data|cannot dynamically load|object file has no|wrong ELF"
                           r"|only ET_DYN|ELF (?:file|load)|shared object cannot)")),
]
# Where these two stand for one thing, only the kind is compared.
UNNAMED = {"isa", "execstack", "tls"}


def first_complaint(text):
    for line in text.splitlines():
        for kind, pattern in COMPLAINTS:
            m = pattern.search(line)
            if m:
                return kind, m.group(1)
    return None


def ask_socle(socle, app, bases, at="/app", entries=(), env=(), more=()):
    """[Answer] in the order of `bases`; .runs is None for `unknown`. Raises ValueError."""
    argv = [socle, "check", app, *[b.facts for b in bases], "--at", at, "-o", "json", "-q", *more]
    for e in entries:
        argv += ["--entry", e]
    for e in env:
        argv += ["--env", e]
    p = subprocess.run(argv, capture_output=True, text=True)
    if p.returncode > 1 or p.returncode < 0:
        raise ValueError(f"exit status {p.returncode}: {p.stderr.strip()}")
    return [socle_answer(b) for b in json.loads(p.stdout)["bases"]]


def socle_answer(base):
    blocks = [f for f in base["findings"] if f["severity"] == "blocks"]
    runs = {"runs": True, "fails": False, "unknown": None}[base["verdict"]]
    shown = blocks or base["findings"]
    text = "; ".join(f"{f['kind']} {f['name']} ({f['message']})" for f in shown[:3])
    first = (blocks[0]["kind"], blocks[0]["name"], blocks[0].get("object", "")) if blocks else None
    return Answer(runs, first, text)


def same_name(loader, socle):
    """A loader names a file by its path where it had found it, by its name where not. Of the
    entry itself socle says what is wrong with it, and a loader its name; musl does not even
    look at the machine, and names whatever it stumbles over."""
    if loader is None:
        return True
    if socle is None:
        return False
    if socle[0] == "machine":
        return True
    if loader[0] == "library" and loader[1] == socle[2]:
        return True
    if loader[0] != socle[0]:
        return False
    return loader[0] in UNNAMED or os.path.basename(loader[1]) == os.path.basename(socle[1])


def compare(loader, socle):
    """"right", "wrong" (verdict), "name" (the first complaint differs) or "unknown"."""
    if socle.runs is None:
        return "unknown"
    if loader.runs != socle.runs:
        return "wrong"
    if not loader.runs and not same_name(loader.first, socle.first):
        return "name"
    return "right"


class Tally:
    """Counts pairs, and keeps a line for each that is not right."""

    def __init__(self):
        self.count = {"right": 0, "wrong": 0, "name": 0, "unknown": 0, "error": 0}
        self.runs = self.fails = 0
        self.lines = []

    def pair(self, what, loader, socle):
        result = compare(loader, socle)
        self.count[result] += 1
        self.runs += loader.runs
        self.fails += not loader.runs
        if result != "right":
            said = " ".join(loader.text.split())[:200]
            verdict = {True: "runs", False: "fails", None: "unknown"}[socle.runs]
            self.lines.append(f"{result}: {what}: loader {'runs' if loader.runs else 'fails'} "
                              f"{loader.first or ''} | socle {verdict} {socle.text[:200]} | {said}")
        return result

    def error(self, what, why):
        self.count["error"] += 1
        self.lines.append(f"error: {what}: {why}")

    def add(self, other):
        for k, n in other.count.items():
            self.count[k] += n
        self.runs += other.runs
        self.fails += other.fails
        self.lines += other.lines

    @property
    def failed(self):
        return sum(n for k, n in self.count.items() if k != "right")

    def show(self, limit):
        for line in self.lines[:limit]:
            print(line)
        if len(self.lines) > limit:
            print(f"… and {len(self.lines) - limit} more")
        c = self.count
        print(f"{self.runs + self.fails} pairs: the loaders run {self.runs}, refuse {self.fails}; "
              f"{c['right']} agree, {c['wrong']} wrong verdicts, {c['name']} wrong names, "
              f"{c['unknown']} unknown, {c['error']} errors")


def in_parallel(jobs, work):
    """[work(i) for i in range(jobs)], each in a process of its own, with its own mounts."""
    readers = []
    for i in range(jobs):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(r)
            status = 1
            try:
                with os.fdopen(w, "wb") as f:
                    pickle.dump(work(i), f)
                status = 0
            except Exception:  # the parent says that there was no answer
                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(w)
        readers.append((pid, os.fdopen(r, "rb")))
    results = []
    for pid, f in readers:
        data = f.read()
        os.waitpid(pid, 0)
        results.append(pickle.loads(data))
    return results


def parse_bases(specs):
    """NAME=FACTS=ROOT each."""
    return [Base(*s.split("=")) for s in specs]


def wanted_root():
    if os.geteuid() != 0:
        sys.exit("the oracle wants root: it lays bases and applications over one another")
