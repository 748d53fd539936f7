"""What the tests of db update share: the program, homes, bundles, and the server."""
import contextlib
import io
import itertools
import json
import os
import pathlib
import random
import subprocess
import zipfile

from server import Server


class Here:
    """Filled in by run."""
    socle = ""             # the program
    work = pathlib.Path()  # a folder that goes away


HERE = Here
TESTS = []


def test(function):
    TESTS.append(function)
    return function


# --- what is served


def record(ecosystem, number, package="musl", modified="2026-01-01T00:00:00Z", noise=0):
    """Everything below 9 is affected. `noise`: bytes that no compression makes smaller by much."""
    return {"id": f"T-{ecosystem[:2]}-{number}", "modified": modified, "details": random.Random(number).randbytes(noise // 2).hex(),
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]}]}


def bundle(*records):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for r in records:
            z.writestr(zipfile.ZipInfo(f"{r['id']}.json"), json.dumps(r))
    return out.getvalue()


def alpine(*numbers, noise=0):
    return bundle(*[record("Alpine:v3.9", n, noise=noise) for n in numbers])


KEV = json.dumps({"dateReleased": "2026-02-02", "vulnerabilities": [{"cveID": "CVE-2026-1", "dateAdded": "2026-02-01"}]}).encode()


# --- what is run


class Said:
    def __init__(self, result):
        self.status, self.out, self.err = result.returncode, result.stdout.decode(), result.stderr.decode()


HOMES = itertools.count(1)


class Home:
    """A folder of its own, with a cache and an image to scan."""

    def __init__(self):
        self.path = HERE.work / f"home{next(HOMES)}"
        (self.path / "r/lib/apk/db").mkdir(parents=True)
        (self.path / "r/etc").mkdir()
        (self.path / "r/etc/os-release").write_text("ID=alpine\nVERSION_ID=3.9.1\n")
        (self.path / "r/lib/apk/db/installed").write_text("P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\n")
        self.folder = self.path / "cache/advisories"

    def environment(self, env):
        return {"PATH": os.environ["PATH"], "HOME": str(self.path), "SOCLE_CACHE": str(self.path / "cache"), "LC_ALL": "C.UTF-8",
                "TZ": "UTC", "SOCLE_PATIENCE": "4,20,1500", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""), **env}

    def socle(self, *args, **env):
        result = subprocess.run([HERE.socle, *args], env=self.environment(env), cwd=self.path, capture_output=True, timeout=60)
        said = Said(result)
        assert "Sanitizer" not in said.err and "runtime error" not in said.err, said.err
        return said

    def update(self, server, *args, **env):
        said = self.socle("db", "update", *args, "--source", server.url, **env)
        assert said.status == 0, f"exit {said.status}: {said.err}"
        return said

    def fails(self, server, *args, because, **env):
        said = self.socle("db", "update", *args, "--source", server.url, **env)
        assert said.status == 2, f"exit {said.status}: {said.out}{said.err}"
        assert because in said.err, f'"{because}" is not in: {said.err}'
        return said

    def start(self, server, *args):
        return subprocess.Popen([HERE.socle, "db", "update", *args, "--source", server.url], env=self.environment({}), cwd=self.path,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def found(self):
        """Identifiers that a scan of the image finds."""
        said = self.socle("scan", "dir:r", "-q", "-o", "json")
        assert said.status in (0, 1), said.err
        return sorted(f["id"] for f in json.loads(said.out)["findings"] if f["id"].startswith("T-"))

    def source(self, name):
        said = self.socle("db", "status", "-o", "json")
        assert said.status == 0, said.err
        return next((s for s in json.loads(said.out)["sources"] if s["name"] == name), None)

    def files(self):
        return sorted(p.name for p in self.folder.iterdir() if p.name != "lock")


@contextlib.contextmanager
def serving(**files):
    """A server of bundles: Alpine=bytes stands for /Alpine/all.zip."""
    server = Server({f"/{name}/all.zip": body for name, body in files.items()})
    try:
        yield server
    finally:
        server.close()
