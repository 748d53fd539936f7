"""What the tests of registries share: the program, the registries and proxies that it asks."""
import contextlib
import itertools
import json
import os
import pathlib
import socket
import subprocess
import time


class Here:
    """Filled in by run."""
    socle = ""             # the program
    work = pathlib.Path()  # a folder that goes away
    plain = tls = 0        # ports of registries, one of them with TLS and a password
    plain_host = ""        # 127.0.0.1:PORT of the plain one
    proxy = other = None   # proxies before the plain one


HERE = Here
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Skip(Exception):
    pass


# --- what is run


class Said:
    def __init__(self, result, seconds):
        self.status, self.seconds = result.returncode, seconds
        self.out, self.err = result.stdout.decode(), result.stderr.decode()


HOMES = itertools.count(1)


def home():
    """A folder of its own, without a cache and without credentials."""
    folder = HERE.work / f"home{next(HOMES)}"
    folder.mkdir()
    return folder


def socle(*args, at=None, **env):
    at = at or home()
    env = {"PATH": f"{at}:{os.environ['PATH']}", "HOME": str(at), "SOCLE_CACHE": str(at / "cache"), "LC_ALL": "C.UTF-8",
           "SOCLE_PATIENCE": "4,20,700", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""), **env}
    began = time.monotonic()
    result = subprocess.run([HERE.socle, *args], env=env, cwd=at, capture_output=True, timeout=60)
    said = Said(result, time.monotonic() - began)
    assert "Sanitizer" not in said.err and "runtime error" not in said.err, said.err
    return said


def works(*args, **more):
    said = socle(*args, **more)
    assert said.status == 0, f"exit {said.status}: {said.err}"
    return said.out


def refuses(*args, because, **more):
    said = socle(*args, **more)
    assert said.status == 2, f"exit {said.status}: {said.out}{said.err}"
    assert because in said.err, f'"{because}" is not in: {said.err}'
    return said


def entries(*args, **more):
    return json.loads(works("ls", "-r", "-o", "json", *args, **more))["entries"]


def records(at):
    """How many layers' facts are kept."""
    return len(list((at / "cache").glob("facts/*/sha256-*")))


# --- what is asked


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"no registry at port {port}")


def start_registry(name, more=""):
    port = free_port()
    config = HERE.work / f"{name}.yml"
    config.write_text(f"""version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {HERE.work}/{name}}}}}
http:
  addr: 127.0.0.1:{port}
{more}""")
    process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    STARTED.append(process)
    wait_for(port)
    return port


STARTED = []


def skopeo(*args):
    result = subprocess.run(["skopeo", *args], capture_output=True, check=False,
                            env={**os.environ, "HOME": str(HERE.work), "XDG_RUNTIME_DIR": str(HERE.work)})
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


def fill(port, *more):
    for name in "one", "multi":
        skopeo("copy", "-q", "--all", "--dest-tls-verify=false", *more, f"oci:{HERE.work}/layout:{name}",
               f"docker://127.0.0.1:{port}/test/{name}:v1")


def layer_digests(name):
    index = json.loads((HERE.work / "layout/index.json").read_text())
    d = next(m for m in index["manifests"] if m["annotations"]["org.opencontainers.image.ref.name"] == name)
    manifest = json.loads((HERE.work / "layout/blobs/sha256" / d["digest"][7:]).read_text())
    return d["digest"], manifest


def one(host=None):
    return f"docker://{host or HERE.proxy.host}/test/one:v1"
