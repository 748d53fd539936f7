"""Images where engines keep them."""
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading

import daemons
from harness import HERE, Skip, entries, home, refuses, skopeo, socle, works
import harness


STARTING = threading.Lock()  # of what the tests of both engines share


def each_engine(function):
    function.each_engine = True
    return harness.test(function)


def prefix(engine):
    return "docker:" if engine.kind == "docker" else "podman:"


@each_engine
def images_are_what_skopeo_copies(engine):
    layout = HERE.work / f"{engine.kind}-layout"
    source = (f"docker-daemon:test/one:1" if engine.kind == "docker"
              else f"containers-storage:[overlay@{engine.folder}/root+{engine.folder}/run]docker.io/test/one:1")
    host = ["--src-daemon-host", f"unix://{engine.socket}"] if engine.kind == "docker" else []
    skopeo("copy", "-q", *host, source, f"oci:{layout}")
    theirs = entries(f"oci-dir:{layout}")
    assert entries(prefix(engine) + "test/one:1", **engine.variables) == theirs
    assert any(entry["path"] == "/etc/hello" for entry in theirs)


@each_engine
def what_is_known_is_not_sent_again(engine):
    at = home()
    first = works("ls", "-r", prefix(engine) + "test/one:1", at=at, **engine.variables)
    before = (at / "cache").stat()
    assert works("ls", "-r", prefix(engine) + "test/one:1", at=at, **engine.variables) == first
    assert before.st_mtime == (at / "cache").stat().st_mtime


@each_engine
def images_have_names_and_ids(engine):
    whole = engine.told("/images/test/one:1/json")["Id"]
    whole = whole if whole.startswith("sha256:") else "sha256:" + whole
    short = whole.removeprefix("sha256:")[:12]
    for name in "test/one:1", whole, short:
        assert works("cat", prefix(engine) + name, "/etc/hello", **engine.variables) == "hello\n"


@each_engine
def a_bare_name_is_an_engine_s_before_it_is_a_registry_s(engine):
    assert works("cat", "test/one:1", "/etc/hello", SOCLE_OFFLINE="1", **engine.variables) == "hello\n"
    refuses("cat", "test/none:1", "/etc/hello", SOCLE_OFFLINE="1", because="nor in an engine", **engine.variables)
    engine.ask("POST", "/images/test/one:1/tag?repo=localhost/mine&tag=2")
    if engine.kind == "podman":
        assert works("cat", "mine:2", "/etc/hello", SOCLE_OFFLINE="1", **engine.variables) == "hello\n"
    engine.ask("DELETE", "/images/localhost/mine:2")


@each_engine
def applications_may_lie_in_engines(engine):
    said = json.loads(works("check", "--at", "/", prefix(engine) + "test/one:1", "scratch", "-o", "json", **engine.variables))
    assert said["bases"][0]["verdict"] == "runs", said


@each_engine
def an_image_that_is_not_there(engine):
    tool = engine.kind
    refuses("ls", prefix(engine) + "test/none:1", because=f"{tool} pull test/none:1 fetches it", **engine.variables)


@each_engine
def trials_on_images_of_engines(engine):
    works("try", HERE.work / "says", prefix(engine) + "test/one:1", "--test", "/app/says cat /etc/hello", **engine.variables)


# --- where engines are looked for


def docker():
    if "docker" not in HERE.engines:
        raise Skip("no dockerd here")
    return HERE.engines["docker"]


def context(at, name, host):
    folder = at / "docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


@harness.test
def docker_contexts():
    at = home()
    context(at, "mine", f"unix://{docker().socket}")
    (at / "docker/config.json").write_text('{"currentContext": "mine"}')
    here = {"DOCKER_CONFIG": str(at / "docker")}
    assert works("cat", "docker:test/one:1", "/etc/hello", at=at, **here) == "hello\n"
    (at / "docker/config.json").write_text('{"currentContext": "default"}')
    assert works("cat", "docker:test/one:1", "/etc/hello", at=at, DOCKER_CONTEXT="mine", **here) == "hello\n"
    refuses("ls", "docker:test/one:1", at=at, DOCKER_CONTEXT="other", because='context "other" is not there', **here)
    context(at, "far", "ssh://somebody@host")
    refuses("ls", "docker:test/one:1", at=at, DOCKER_CONTEXT="far", because="ssh -NL", **here)
    (at / "docker/config.json").write_text("{")
    refuses("ls", "docker:test/one:1", at=at, because="config.json", **here)


@harness.test
def rootless_sockets():
    at = home()
    os.symlink(docker().socket, at / "docker.sock")
    if os.path.exists("/var/run/docker.sock"):
        raise Skip("this machine has an engine of its own")
    assert works("cat", "docker:test/one:1", "/etc/hello", at=at, XDG_RUNTIME_DIR=str(at)) == "hello\n"


@harness.test
def no_engine_anywhere():
    nowhere = {"DOCKER_HOST": "unix:///nowhere/a.sock", "CONTAINER_HOST": "unix:///nowhere/b.sock"}
    refuses("ls", "docker:x", because="no Docker engine answers (unix:///nowhere/a.sock: not there)", **nowhere)
    refuses("ls", "podman:x", because="no Podman engine answers (unix:///nowhere/b.sock: not there)", **nowhere)
    for bad, because in [("relative.sock", "is no address"), ("unix://relative", "no absolute path"), ("npipe:////./pipe/x", "is no address"),
                         ("unix:///" + "x" * 120, "at most 107 bytes"), ("ssh://h", "ssh -NL"), ("tcp://127.0.0.1:1", "gave no whole answer")]:
        refuses("ls", "docker:x", because=because, DOCKER_HOST=bad)


def make_certificates(folder):
    """A CA, and one certificate that serves both sides."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=one", "-keyout", "key.pem", "-out", "one.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl("x509", "-req", "-in", "one.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names",
            "-out", "cert.pem")


@harness.test
def an_engine_behind_tls():
    docker()
    at = home()
    make_certificates(at)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    engine = daemons.start("docker", HERE.work / "tls", also=["--tlsverify", "--tlscacert", at / "ca.pem", "--tlscert", at / "cert.pem",
                                                              "--tlskey", at / "key.pem", "--host", f"tcp://127.0.0.1:{port}"])
    try:
        engine.load(HERE.archive)
        there = {"DOCKER_HOST": f"tcp://127.0.0.1:{port}", "SOCLE_PATIENCE": "1,1,20000"}
        us = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(at)}
        assert works("cat", "docker:test/one:1", "/etc/hello", **there, **us) == "hello\n"
        refuses("ls", "docker:test/one:1", because="gave no whole answer", **there, DOCKER_TLS_VERIFY="1")  # it is not trusted
        (at / "cert.pem").rename(at / "other.pem")
        refuses("ls", "docker:test/one:1", because="gave no whole answer", **there, **us)  # we are not
        (at / "other.pem").rename(at / "cert.pem")
        context(at, "far", there["DOCKER_HOST"])
        tls = at / "docker/contexts/tls" / hashlib.sha256(b"far").hexdigest() / "docker"
        tls.mkdir(parents=True)
        for name in "ca.pem", "cert.pem", "key.pem":
            shutil.copy(at / name, tls / name)
        assert works("cat", "docker:test/one:1", "/etc/hello", DOCKER_CONFIG=str(at / "docker"), DOCKER_CONTEXT="far") == "hello\n"
    finally:
        daemons.stop(engine)


@harness.test
def a_socket_that_is_not_ours():
    at = home()
    at.chmod(0o755)
    HERE.work.chmod(0o755)
    docker().folder.chmod(0o755)
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", HERE.socle, "ls", "docker:test/one:1"]
    said = subprocess.run(command, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **docker().variables}, capture_output=True,
                          timeout=30)
    if b"Permission denied" in said.stderr and b"group docker" not in said.stderr:
        raise Skip("the program itself cannot be started by others")
    assert said.returncode == 2 and b"group docker" in said.stderr, said.stderr




@each_engine
def images_go_into_registries(engine):
    with STARTING:
        registry = harness.start_registry(f"into-{engine.kind}")
        process = harness.STARTED.pop()
    patient = {"SOCLE_PATIENCE": "4,20,20000", **engine.variables}
    try:
        for name in prefix(engine) + "test/one:1", "test/one:1":
            ref = f"127.0.0.1:{registry}/from/{engine.kind}:1"
            said = json.loads(works("push", "-o", "json", name, ref, **patient))
            digest = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{ref}").strip()
            assert said["digest"] == digest, said
            assert entries(ref) == entries(prefix(engine) + "test/one:1", **patient)
    finally:
        process.terminate()
        process.wait()
