#!/usr/bin/env python3
"""Asks the real loaders, pair by pair, and compares with what socle says.

    loaders.py --socle build/socle --base NAME=TAR=ROOT … FILE…

Each FILE is laid at /app/NAME in each ROOT (a base unpacked, on which nothing is
changed: the file is bound into a mount namespace of this process) and given to that
base's own loader: programs with LD_TRACE_LOADED_OBJECTS and LD_WARN (glibc) or --list
(musl), libraries by dlopen(RTLD_NOW) from a small host. socle judges the same pair
from facts of TAR. Verdict and the first missing name must agree.

Wants root. Prints a line for every disagreement and one for the whole; exit status 1
where there was any."""
import argparse
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, flags):
    if libc.mount(source.encode(), target.encode(), None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}")


def interpreter(path):
    """PT_INTERP and whether the file is a program, by readelf: an independent reader."""
    out = subprocess.run(["readelf", "-hlW", path], capture_output=True, text=True).stdout
    m = re.search(r"Requesting program interpreter: (.*?)\]", out)
    kind = re.search(r"Type:\s+(\S+)", out)
    pie = re.search(r"Type:.*\((Position-Independent Executable|Executable file)", out)
    return (m.group(1) if m else None, kind.group(1) if kind else None, bool(pie))


def run_in(root, argv, env):
    def enter():
        os.chroot(root)
        os.chdir("/app")
    try:
        p = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                           preexec_fn=enter, timeout=20)
    except subprocess.TimeoutExpired:
        return None, "timeout"
    except FileNotFoundError:
        return 127, "execve: ENOENT"
    except OSError as e:
        return 126, f"execve: {e.strerror}"
    return p.returncode, (p.stdout + b"\n" + p.stderr).decode("utf-8", "replace")


MISSING = [
    ("library", re.compile(r"^\s*(\S+) => not found", re.M)),
    ("library", re.compile(r"error while loading shared libraries: ([^:\s]+): cannot open")),
    ("library", re.compile(r"Error loading shared library ([^:]+):")),
    ("library", re.compile(r"^([^:\s]+): cannot open shared object file", re.M)),
    ("version", re.compile(r"version `([^']+)' not found")),
    ("symbol", re.compile(r"undefined symbol: ([^,\s]+)")),
    ("symbol", re.compile(r"Error relocating [^:]+: ([^:]+): symbol not found")),
]


def missing_names(text):
    found = {}
    for kind, pattern in MISSING:
        for name in pattern.findall(text):
            found.setdefault(kind, []).append(name)
    return found


def ask_loader(base, name, interp, is_program):
    """(runs, text): what the base's own loader says of /app/name."""
    root = base["root"]
    if is_program:
        if not os.path.lexists(root + interp):
            return False, "execve: ENOENT"
        if base["musl"]:
            code, text = run_in(root, [interp, "--list", "/app/" + name], {})
            return code == 0 and "Error" not in text, text
        env = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_WARN": "yes"}
        code, text = run_in(root, ["/app/" + name], env)
        bad = "not found" in text or "undefined symbol" in text or \
            "error while loading" in text or "symbol lookup error" in text
        return code == 0 and not bad, text
    if not base["host"]:
        return False, "no loader"
    code, text = run_in(root, ["/app/.host", "/app/" + name], {})
    return code == 0, text


def ask_socle(socle, path, bases):
    p = subprocess.run([socle, "check", path, *[b["tar"] for b in bases], "-o", "json", "-q"],
                       capture_output=True, text=True)
    if p.returncode > 1:
        return None, p.stderr.strip()
    return json.loads(p.stdout)["bases"], ""


def judge(answer):
    blocks = [f for f in answer["findings"] if f["severity"] == "blocks"]
    return answer["verdict"], {(f["kind"], f["name"]) for f in blocks}


def compare(base, name, runs, text, answer):
    verdict, blocks = judge(answer)
    if verdict == "unknown":
        return "unknown", f"{base['name']} {name}: unknown ({answer['findings'][0]['message']})"
    if (verdict == "runs") != runs:
        return "wrong", (f"{base['name']} {name}: loader {'runs' if runs else 'fails'}, socle {verdict} "
                         f"{sorted(blocks)} | {' '.join(text.split())[:300]}")
    if runs:
        return "right", ""
    said = missing_names(text)
    for kind in ("library", "version", "symbol"):
        if kind in said:
            if (kind, said[kind][0]) not in blocks:
                return "name", f"{base['name']} {name}: loader names {kind} {said[kind][0]}, socle {sorted(blocks)}"
            break
    return "right", ""


def build_host(compiler, to, provided):
    here = os.path.dirname(os.path.abspath(__file__))
    flags = [f'-DPROVIDED="{provided}"'] if provided else []
    return subprocess.run([compiler, "-O1", "-rdynamic", *flags, os.path.join(here, "host.c"), "-o", to,
                           "-ldl"], capture_output=True).returncode == 0


def provided_symbols(files, to):
    """Definitions of the host interface that the modules ask for."""
    names = set()
    wanted = re.compile(r"\b((?:_?Py|napi_|node_api_|uv_|rb_|PL_|Perl_|lua_|luaL_|zend_|php_|SPI_|ap_|ngx_|Tcl_|JNI_|JVM_)\w*)$")
    for f in files:
        out = subprocess.run(["nm", "-D", "--undefined-only", f], capture_output=True, text=True).stdout
        for line in out.splitlines():
            m = wanted.search(line)
            if m and "@" not in line:
                names.add(m.group(1))
    with open(to, "w") as f:
        for n in sorted(names):
            f.write(f"char {n}[4096];\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--socle", required=True)
    ap.add_argument("--base", action="append", default=[], help="NAME=TAR=ROOT")
    ap.add_argument("--show", type=int, default=20)
    ap.add_argument("files", nargs="+")
    args = ap.parse_args()

    if libc.unshare(CLONE_NEWNS) != 0:
        sys.exit("loaders.py wants root: unshare failed")
    mount("none", "/", MS_REC | MS_PRIVATE)
    work = tempfile.mkdtemp(prefix="socle-oracle-")
    app = os.path.join(work, "app")
    os.mkdir(app)
    mount(work, work, MS_BIND)

    provided = os.path.join(work, "provided.h")
    provided_symbols(args.files, provided)
    glibc_host, musl_host = os.path.join(work, "host-glibc"), os.path.join(work, "host-musl")
    have_glibc = build_host("cc", glibc_host, provided)
    have_musl = build_host("musl-gcc", musl_host, provided)

    bases = []
    for spec in args.base:
        name, tar, root = spec.split("=")
        musl = any(n.startswith("ld-musl") for n in os.listdir(root + "/lib")) if os.path.isdir(root + "/lib") else False
        glibc = os.path.lexists(root + "/lib64/ld-linux-x86-64.so.2")
        view = os.path.join(work, "root-" + name.replace("/", "_").replace(":", "_"))
        os.mkdir(view)
        # An overlay gives the root an /app without touching it.
        upper, lower_work = view + ".upper", view + ".work"
        os.makedirs(upper + "/app")
        os.mkdir(lower_work)
        tmp = f"lowerdir={root},upperdir={upper},workdir={lower_work}".encode()
        if libc.mount(b"overlay", view.encode(), b"overlay", 0, tmp) != 0:
            raise OSError(ctypes.get_errno(), "overlay")
        mount(app, view + "/app", MS_BIND)
        bases.append({"name": name, "tar": tar, "root": view, "musl": musl,
                      "host": (have_musl and musl) or (have_glibc and glibc and not musl)})

    seen = {True: 0, False: 0}
    count = {"right": 0, "wrong": 0, "name": 0, "unknown": 0, "error": 0, "skipped": 0}
    complaints = []
    for path in args.files:
        interp, kind, program = interpreter(path)
        name = os.path.basename(path)
        is_program = interp is not None
        if kind is None or (interp is None and program) or kind not in ("DYN", "EXEC"):
            count["skipped"] += 1
            continue
        answers, trouble = ask_socle(args.socle, path, bases)
        if answers is None:
            count["error"] += 1
            complaints.append(f"{path}: socle: {trouble}")
            continue
        target = os.path.join(app, name)
        subprocess.run(["cp", "-L", path, target], check=True)
        if is_program:
            os.chmod(target, 0o755)
        for base, answer in zip(bases, answers):
            host = os.path.join(app, ".host")
            if not is_program and base["host"]:
                if os.path.lexists(host):
                    os.unlink(host)
                os.link(musl_host if base["musl"] else glibc_host, host)
            runs, text = ask_loader(base, name, interp, is_program)
            seen[runs] += 1
            result, why = compare(base, name, runs, text, answer)
            count[result] += 1
            if why:
                complaints.append(f"{result}: {why}")
        os.unlink(target)
    for c in complaints[:args.show]:
        print(c)
    if len(complaints) > args.show:
        print(f"… and {len(complaints) - args.show} more")
    print(f"{sum(seen.values())} pairs asked: the loaders run {seen[True]} and refuse {seen[False]}")
    print(f"{count['right']} pairs agree, {count['wrong']} wrong verdicts, {count['name']} wrong names, "
          f"{count['unknown']} unknown, {count['error']} errors, {count['skipped']} files skipped")
    for b in bases:
        libc.umount2((b["root"] + "/app").encode(), 2)
        libc.umount2(b["root"].encode(), 2)
    libc.umount2(work.encode(), 2)
    subprocess.run(["rm", "-rf", work])
    sys.exit(1 if count["wrong"] or count["name"] or count["error"] else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
