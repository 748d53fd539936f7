"""Real engines for the tests: dockerd and Podman's service, each with everything below a folder
that goes away; and their API without socle."""
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time


class Unix(http.client.HTTPConnection):
    """HTTP through a Unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("engine", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    """One that runs: its socket, its process, and questions to it."""

    def __init__(self, kind, process, folder):
        self.kind, self.process, self.folder = kind, process, folder
        self.socket = folder / "engine.sock"

    @property
    def variables(self):
        """Where socle finds it, and no other."""
        here, nowhere = f"unix://{self.socket}", f"unix://{self.folder}/nowhere.sock"
        docker = self.kind == "docker"
        return {"DOCKER_HOST": here if docker else nowhere, "CONTAINER_HOST": nowhere if docker else here,
                "SOCLE_PATIENCE": "1,1,20000"}

    def ask(self, method, path, body=None, json_body=None):
        connection = Unix(self.socket)
        headers = {}
        if json_body is not None:
            body, headers = json.dumps(json_body), {"Content-Type": "application/json"}
        elif body is not None:
            headers = {"Content-Type": "application/x-tar"}
        connection.request(method, "/v1.41" + path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def told(self, path):
        status, text = self.ask("GET", path)
        assert status == 200, text
        return json.loads(text)

    def load(self, archive):
        """An archive as `docker save` writes it."""
        status, text = self.ask("POST", "/images/load", body=pathlib.Path(archive).read_bytes())
        assert status == 200 and b"error" not in text.lower(), text

    def containers(self):
        return self.told("/containers/json?all=true")

    def images(self):
        return sorted(image["Id"] for image in self.told("/images/json?all=true"))


def wait_for(engine, log, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until and engine.process.poll() is None:
        try:
            if engine.ask("GET", "/version")[0] == 200:
                return engine
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{engine.kind} does not start here: {last_line(log)}")


def last_line(log):
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it says nothing"


def start(kind, folder, settings=None, bridge=False, also=()):
    """`settings`: dockerd's daemon.json; `also`: more of its options. RuntimeError with the reason where it cannot start."""
    folder.mkdir()
    log = folder / "log"
    socket_path = folder / "engine.sock"
    if kind == "docker":
        (folder / "daemon.json").write_text(json.dumps(settings or {}))
        command = ["dockerd", "--config-file", folder / "daemon.json", "--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", folder / "pid",
                   "--host", f"unix://{socket_path}", "--iptables=false", "--ip6tables=false",
                   *([] if bridge else ["--bridge=none"]), *also]
    else:
        # Old crun takes no cgroups of both versions side by side, as some machines have them.
        runtime = ["--runtime", "runc"] if shutil.which("runc", path=os.environ["PATH"] + ":/usr/sbin") else []
        command = ["podman", "--root", folder / "root", "--runroot", folder / "run", *runtime, "--cgroup-manager", "cgroupfs", "system",
                   "service", "--time=0", f"unix://{socket_path}"]
    if os.geteuid() != 0:
        raise RuntimeError("only root may start it here")
    if not shutil.which(command[0]):
        raise RuntimeError(f"{command[0]} is missing")
    # Podman asks for more open files and processes than root may have everywhere.
    files, tasks = (min(resource.getrlimit(limit)[1], 4096) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
    conf = folder / "containers.conf"
    conf.write_text(f'[containers]\ndefault_ulimits = ["nofile={files}:{files}", "nproc={tasks}:{tasks}"]\n')
    with open(log, "wb") as out:
        # Of its own group: what it starts (containerd) ends with it.
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                   start_new_session=True, cwd=folder, env={**os.environ, "CONTAINERS_CONF": str(conf)})
    try:
        return wait_for(Engine(kind, process, folder), log)
    except RuntimeError:
        stop_process(process)
        raise


def stop_process(process):
    """SIGTERM first: dockerd then ends containerd and unmounts."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def stop(engine):
    """And what an engine that was killed has left running: containers' shims know their folder."""
    stop_process(engine.process)
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{engine.folder}/".encode() in entry.read_bytes() and int(entry.parent.name) != os.getpid():
                os.kill(int(entry.parent.name), signal.SIGKILL)
        except OSError:
            pass


def unmount_below(folder):
    for line in reversed(pathlib.Path("/proc/mounts").read_text().splitlines()):
        target = line.split()[1]
        if target.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", target], check=False, capture_output=True)
