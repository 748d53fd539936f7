"""Trials in engines: the verdicts of the built-in runtime, and nothing left behind."""
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time

import daemons
from harness import HERE, Skip, home, refuses, socle, test, works
from engine_images import docker, each_engine, prefix


def result(engine, app, base, *options, runtime=None, **more):
    """What a trial gives, a result for each test: in the engine, or with runtime="builtin" in that one."""
    said = socle("try", str(app), base, *options, "--engine", runtime or engine.kind, "-o", "json", **{**engine.variables, **more})
    assert said.status in (0, 1), f"exit {said.status}: {said.err}"
    return json.loads(said.out)["bases"][0]["tests"]


def app_folder():
    """The program as it is started in /app, and a few files."""
    folder = HERE.work / "app"
    if not folder.exists():
        folder.mkdir()
        shutil.copy(HERE.work / "says", folder / "says")
        (folder / "data").mkdir()
        (folder / "data/note").write_text("a note\n")
        (folder / "data/note").chmod(0o640)
        os.symlink("note", folder / "data/link")
        (folder / "foreign").write_bytes(b"\x7fELF" + bytes(100))
        (folder / "foreign").chmod(0o755)
    return folder


def nothing_left(engine):
    assert not [c for c in engine.containers() if "socle.run" in (c["Labels"] or {})], engine.containers()
    assert not [i for i in engine.told("/images/json?all=true") if "socle.run" in (i["Labels"] or {})]


COMMANDS = [
    "/app/says out hello err oh exit 0", "/app/says out hello exit 3", "/app/says signal 9", "/app/says signal 11",
    "/app/says cwd . id x", "/app/says cat /app/data/link", "/app/says env PATH", "/app/says write /tmp-file cat /tmp-file",
    "/app/nothing", "nothing", "/app/data/note", "/app/data", "/app/foreign", "/bin/says out base", "/app/says flood 3000000",
]
OPTIONS = [
    ["--test", "/app/says env GREETING", "-e", "GREETING=hello there"],
    ["--test", "says cat data/note", "-e", "PATH=/app"],
    ["--test", "/app/says id x", "--user", "1000:1001"],
    ["--test", "/app/says id x", "--user", "nobody-knows"],
]


@each_engine
def the_same_verdicts(engine):
    base = prefix(engine) + "test/one:1"
    together = [word for command in COMMANDS for word in ("--test", command)]
    for options in [together, *OPTIONS]:
        theirs = result(engine, app_folder(), base, *options)
        ours = result(engine, app_folder(), base, *options, runtime="builtin")
        assert len(theirs) == len(ours) > 0
        for a, b in zip(theirs, ours):
            # Of what never started only the runtimes' own words are there.
            same = ["passed", "exit"] + (["stdout", "stderr"] if a["exit"] != -1 else [])
            same += ["why"] if "--user" not in options or a["exit"] != -1 else []
            assert [a.get(what) for what in same] == [b.get(what) for what in same], f"{str(a)[:700]} but built in {str(b)[:700]}"
    nothing_left(engine)


@each_engine
def limits_hold(engine):
    base = prefix(engine) + "test/one:1"
    slow = result(engine, app_folder(), base, "--test", "/app/says out begun sleep 30", "--timeout", "1")[0]
    assert slow["timed_out"] and "did not end within 1 s" in slow["why"] and "begun" in slow["stdout"], slow
    hungry = result(engine, app_folder(), base, "--test", "/app/says eat 200", "--memory", "50M")[0]
    # Podman does not always say that memory was the reason.
    assert not hungry["passed"] and ("memory" in hungry["why"] or "SIGKILL" in hungry["why"]), hungry
    nothing_left(engine)


@each_engine
def servers_are_asked(engine):
    base = prefix(engine) + "test/one:1"
    there = result(engine, app_folder(), base, "--entry", "says", "--http", "8099")[0]
    assert not there["passed"] and "ended before it answered" in there["why"], there
    said = socle("try", str(HERE.work / "server"), base, "--http", "8099/x", "--engine", engine.kind, "-o", "json", **engine.variables)
    served = json.loads(said.out)["bases"][0]["tests"][0]
    assert served["passed"] and served["http_status"] == 200, served
    said = socle("try", str(HERE.work / "server"), base, "--http", "8098", "--timeout", "1", "--engine", engine.kind, "-o", "json",
                 **engine.variables)
    silent = json.loads(said.out)["bases"][0]["tests"][0]
    assert not silent["passed"] and "no answer on port 8098 within 1 s" in silent["why"], silent
    nothing_left(engine)


def a_server_s_port_may_be_published():
    """Who is not root may not enter a container's network. With a bridge, which the other engine here has not."""
    if os.path.exists("/sys/class/net/docker0"):
        raise Skip("this machine has an engine of its own")
    docker()
    engine = daemons.start("docker", HERE.work / "bridged", bridge=True)
    try:
        engine.load(HERE.archive)
        os.chmod(engine.socket, 0o666)
        at = home()
        for path in HERE.work, engine.folder:
            path.chmod(0o755)
        at.chmod(0o777)
        program = shutil.copy(HERE.socle, at / "program")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "try", HERE.work / "open-server",
                   "docker:test/one:1", "--http", "8099", "--engine", "docker"]
        said = subprocess.run(command, env={"PATH": os.environ["PATH"], "HOME": str(at), **engine.variables}, capture_output=True,
                              timeout=60)
        assert said.returncode == 0 and b"published port" in said.stdout, said
    finally:
        daemons.stop(engine)
        subprocess.run(["ip", "link", "delete", "docker0"], check=False, capture_output=True)


test(a_server_s_port_may_be_published)


FILE_TESTS = """schemaVersion: 2.0.0
commandTests:
  - name: steps share a layer
    setup: [["/app/says", "write", "/left"]]
    command: /app/says
    args: ["cat", "/left"]
    expectedOutput: ["written"]
    teardown: [["/app/says", "cat", "/left"]]
  - name: a step that fails
    setup: [["/app/says", "exit", "4"]]
    command: /app/says
  - name: nothing of it is left
    command: /app/says
    args: ["cat", "/left"]
    exitCode: 7
fileExistenceTests:
  - {name: a file, path: /app/data/note, shouldExist: true, permissions: "-rw-r-----", uid: 0, gid: 0}
  - {name: a wrong mode, path: /app/data/note, shouldExist: true, permissions: "-rw-rw-rw-"}
  - {name: a folder, path: /app/data, shouldExist: true, permissions: "drwxr-xr-x"}
  - {name: a link, path: /app/data/link, shouldExist: true}
  - {name: the base's, path: /etc/hello, shouldExist: true, isExecutableBy: owner}
  - {name: not there, path: /app/other, shouldExist: false}
  - {name: should be there, path: /app/other, shouldExist: true}
fileContentTests:
  - {name: content, path: /app/data/note, expectedContents: ["a note"]}
  - {name: other content, path: /etc/hello, expectedContents: ["goodbye"]}
  - {name: no file, path: /app/data, expectedContents: ["x"]}
metadataTest:
  envVars: [{key: PATH, value: /bin}]
"""


@each_engine
def files_and_steps(engine):
    file = HERE.work / f"tests-{engine.kind}.yaml"
    file.write_text(FILE_TESTS)
    base = prefix(engine) + "test/one:1"
    theirs = result(engine, app_folder(), base, "--test-file", str(file))
    ours = result(engine, app_folder(), base, "--test-file", str(file), runtime="builtin")
    for a, b in zip(theirs, ours):
        assert (a["passed"], a["exit"]) == (b["passed"], b["exit"]) and (a["passed"] or a["why"] == b["why"]), f"{a} but built in {b}"
    assert len(theirs) == len(ours) == 14
    nothing_left(engine)


@each_engine
def bases_from_everywhere(engine):
    tree = HERE.work / f"tree-{engine.kind}"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/hello").write_text("hello\n")
    subprocess.run(["tar", "-C", tree, "-cf", f"{tree}.tar", "."], check=True)
    subprocess.run(["zstd", "-q", f"{tree}.tar"], check=True)
    other = [prefix(other) + "test/one:1" for other in HERE.engines.values() if other is not engine]
    variables = {**engine.variables, **{key: value for other in HERE.engines.values() if other is not engine
                                        for key, value in other.variables.items() if str(other.socket) in value}}
    for base in [f"oci-dir:{HERE.work}/layout", f"docker-archive:{HERE.archive}", f"{tree}.tar", f"{tree}.tar.zst", f"dir:{tree}", *other]:
        got = result(engine, app_folder(), base, "--test", "/app/says cat /etc/hello", **variables)[0]
        assert got["passed"] and got["stdout"] == "hello\n", f"{base}: {got}"
    got = result(engine, app_folder(), "scratch", "--test", "/app/says out alone")[0]
    assert got["passed"], got
    nothing_left(engine)


@each_engine
def an_application_anywhere(engine):
    base = prefix(engine) + "test/one:1"
    for at, path in ("/", "/says"), ("/new/folder", "/new/folder/says"), ("/etc", "/etc/says"):
        got = result(engine, app_folder(), base, "--at", at, "--test", f"{path} cat /etc/hello")[0]
        assert got["passed"], f"{at}: {got}"
    got = result(engine, HERE.work / "says", base, "--test", "/app/says out one")[0]
    assert got["passed"], got
    got = result(engine, base, base, "--at", "/", "--test", "/bin/says out itself")[0]
    assert got["passed"], got


@each_engine
def pick_tries_there(engine):
    said = works("pick", str(app_folder()), "--entry", "says", "--base", "scratch", "--base", prefix(engine) + "test/one:1", "--engine",
                 engine.kind, "--test", "/app/says cat /etc/hello", "-o", "json", **engine.variables)
    assert json.loads(said)["choice"]["base"].endswith("test/one:1"), said
    nothing_left(engine)


# --- ends that nobody wants


def begun(engine, *command):
    """A trial whose container runs."""
    process = subprocess.Popen([HERE.socle, "try", str(app_folder()), *command, "--test", "/app/says sleep 60", "--engine", engine.kind],
                               env={"PATH": os.environ["PATH"], "HOME": str(home()), **engine.variables}, stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)
    for _ in range(200):
        if any(c["State"] == "running" for c in engine.containers()):
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError("no container runs")


@each_engine
def socle_is_killed(engine):
    for how in signal.SIGKILL, signal.SIGTERM, signal.SIGINT:
        process = begun(engine, f"docker-archive:{HERE.archive}")
        process.send_signal(how)
        process.wait()
        for _ in range(200):
            try:
                nothing_left(engine)
                break
            except AssertionError as left:  # or Podman's, whose list meets an image that is going
                why = left
            time.sleep(0.05)
        else:
            raise why


@each_engine
def leftovers_of_others_go(engine):
    image = engine.told("/images/test/one:1/json")["Id"]
    for until, name in (1000, "old"), (int(time.time()) + 1000, "new"):
        status, text = engine.ask("POST", "/containers/create", json_body={"Image": image, "Entrypoint": ["/bin/says"],
                                                                           "Labels": {"socle.until": str(until), "name": name}})
        assert status == 201, text
    result(engine, app_folder(), prefix(engine) + "test/one:1", "--test", "/app/says exit 0")
    left = [c["Labels"]["name"] for c in engine.containers() if "name" in (c["Labels"] or {})]
    assert left == ["new"], left
    for container in engine.containers():
        engine.ask("DELETE", f"/containers/{container['Id']}?force=true")


@each_engine
def images_of_others_stay(engine):
    """One without a name, on which a trial's steps make images of their own."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        text = b"FROM test/one:1\nENV OF=others\n"
        info = tarfile.TarInfo("Dockerfile")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    status, said = engine.ask("POST", "/build", body=packed.getvalue())
    assert status == 200, said
    before = engine.images()
    whose = re.findall(rb'"aux":\{"ID":"(sha256:\w+)"', said)[-1].decode()
    at = home()
    (at / "t.yaml").write_text("schemaVersion: 2.0.0\ncommandTests:\n- {name: a, setup: [[/bin/says, write, /x]], command: /bin/says, args: [cat, /x]}\n")
    said = socle("try", str(app_folder()), prefix(engine) + whose, "--test-file", "t.yaml", "--engine", engine.kind, at=at, **engine.variables)
    assert said.status == 0, said.out + said.err
    assert engine.images() == before
    nothing_left(engine)


@test
def no_such_engine():
    refuses("try", str(app_folder()), "scratch", "--test", "x", "--engine", "lxc", because="builtin, docker or podman")
    nowhere = {"DOCKER_HOST": "unix:///nowhere/a.sock"}
    refuses("try", str(app_folder()), "scratch", "--test", "x", "--engine", "docker", because="no Docker engine answers", **nowhere)


def the_engine_is_killed():
    """The last of all: it ends the engine."""
    engine = docker()
    process = begun(engine, "docker:test/one:1")
    os.killpg(engine.process.pid, signal.SIGKILL)
    said = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 2 and "gave no whole answer" in said, said


test(the_engine_is_killed)
