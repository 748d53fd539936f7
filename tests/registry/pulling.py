"""What is kept of images: fetched once, whole or not at all, of use without a network."""
import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import tarfile
import time

from asking import catalogue, static_program
from harness import HERE, Skip, entries, free_port, home, layer_digests, one, records, refuses, skopeo, socle, test, works
from proxy import Act


def blobs(at):
    """Names of the blobs that are kept."""
    return sorted(p.name for p in (at / "cache").glob("blobs/sha256/*"))


def halves(at):
    return [p for p in (at / "cache").rglob("new-*")]


def digests_of(name="one"):
    digest, manifest = layer_digests(name)
    return digest[7:], manifest["config"]["digest"][7:], [layer["digest"][7:] for layer in manifest["layers"]]


def trial(*more, at, ref=None):
    said = socle("try", static_program(at), ref or one(), "--test", "./p", *more, at=at)
    if said.status == 2 and ("crun" in said.err or "namespace" in said.err or "runtime" in said.err):
        raise Skip(f"no containers here: {said.err.strip()}")
    return said


@test
def a_look_keeps_no_layers():
    at = home()
    HERE.proxy.set(None)
    entries(one(), at=at)
    manifest, config, _ = digests_of()
    assert blobs(at) == sorted([manifest, config]), blobs(at)


@test
def a_trial_fetches_once_and_needs_no_network_again():
    at = home()
    HERE.proxy.set(None)
    said = trial(at=at)
    assert said.status == 0, said.err + said.out
    manifest, config, layers = digests_of()
    assert blobs(at) == sorted([manifest, config, *layers]) and not halves(at)
    assert len(HERE.proxy.asked("/blobs/")) == 1 + len(layers), HERE.proxy.seen
    subprocess.run(["rm", "-rf", str(at / "cache/roots"), *map(str, (at / "cache").glob("facts"))], check=True)
    HERE.proxy.set(None)
    said = trial("--offline", at=at)
    assert said.status == 0 and not HERE.proxy.seen, said.err
    said = trial("--offline", at=at, ref=f"docker://{HERE.proxy.host}/test/one@sha256:{manifest}")
    assert said.status == 0 and not HERE.proxy.seen, said.err


@test
def a_tag_that_moves_is_followed():
    """Where the registry cannot be asked, it is what it was when last asked."""
    def move(to):
        skopeo("copy", "-q", "--all", "--dest-tls-verify=false", f"oci:{HERE.work}/layout:{to}", f"docker://127.0.0.1:{HERE.plain}/test/moving:v1")
    at, ref = home(), f"docker://{HERE.proxy.host}/test/moving:v1"
    HERE.proxy.set(None)
    move("one")
    first = entries(ref, at=at)
    move("multi")
    assert entries("--offline", ref, at=at) == first
    second = entries(ref, at=at)
    assert second != first and entries("--offline", ref, at=at) == second


@test
def damaged_bytes_are_fetched_again():
    at = home()
    HERE.proxy.set(None)
    assert trial(at=at).status == 0
    manifest, config, layers = digests_of()
    for name, how in zip([manifest, config, *layers[:3]], ["flip", "cut", "flip", "cut", "grow"]):
        path = at / "cache/blobs/sha256" / name
        data = bytearray(path.read_bytes())
        if how == "flip":
            data[len(data) // 2] ^= 1
        path.write_bytes({"flip": data, "cut": data[:-1], "grow": data + b"x"}[how])
    subprocess.run(["rm", "-rf", str(at / "cache/roots"), str(at / "cache/facts")], check=True)
    HERE.proxy.set(None)
    assert trial(at=at).status == 0
    assert len(HERE.proxy.asked("/blobs/")) == 4, HERE.proxy.seen
    HERE.proxy.set(None)
    assert entries("--offline", one(), at=at)


@test
def wrong_bytes_are_never_kept():
    manifest, config, layers = digests_of()
    for act in Act(corrupt=100), Act(cut=1000), Act(length=5):
        at = home()
        HERE.proxy.set(lambda r, act=act: act if any(d in r.path for d in layers) else None)
        assert trial(at=at).status == 2
        assert set(blobs(at)) <= {manifest, config, layers[3]} and not halves(at), (blobs(at), halves(at))
        assert records(at) <= 1


@test
def cut_transfers_are_kept_whole():
    at = home()
    _, _, layers = digests_of()
    HERE.proxy.set(lambda r: Act(cut=150000) if "/blobs/" in r.path else None)
    assert trial(at=at).status == 0
    assert set(layers) <= set(blobs(at))
    HERE.proxy.set(None)
    assert trial("--offline", at=at).status == 0


@test
def killed_in_the_middle_nothing_is_half_under_its_name():
    manifest, config, layers = digests_of()
    for _ in range(3):
        at = home()
        static_program(at)
        HERE.proxy.set(lambda r: Act(slow=0.05) if any(d in r.path for d in layers) else None)
        env = {"PATH": os.environ["PATH"], "HOME": str(at), "SOCLE_CACHE": str(at / "cache")}
        process = subprocess.Popen([HERE.socle, "try", "p", one(), "--test", "./p"], env=env, cwd=at,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not halves(at):
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert halves(at), "was too fast"
        for path in (at / "cache/blobs/sha256").iterdir():
            wanted = HERE.work / "layout/blobs/sha256" / path.name
            assert path.name.startswith("new-") or path.read_bytes() == wanted.read_bytes(), path
        for path in halves(at):
            os.utime(path, (0, 0))
        HERE.proxy.set(None)
        assert trial(at=at).status == 0
        assert blobs(at) == sorted([manifest, config, *layers])


@test
def a_full_or_closed_cache_stops_no_trial():
    at = home()
    (at / "cache").mkdir()
    (at / "cache/blobs").write_text("in the way")
    HERE.proxy.set(None)
    assert trial(at=at).status == 0


# --- pull


@test
def a_pull_brings_all_and_a_second_one_nothing():
    at = home()
    manifest, config, layers = digests_of()
    HERE.proxy.set(None)
    image = json.loads(works("pull", "-o", "json", one(), at=at))["images"][0]
    sizes = [layer["size"] for layer in layer_digests("one")[1]["layers"]]
    assert image["digest"] == "sha256:" + manifest and "index_digest" not in image and image["platform"] == "linux/amd64"
    assert image["packed_bytes"] == image["fetched_bytes"] == sum(sizes) and image["layers"] == len(layers)
    assert image["reference"] == f"{HERE.proxy.host}/test/one:v1"
    assert blobs(at) == sorted([manifest, config, *layers]) and records(at) == len(layers)
    HERE.proxy.set(None)
    image = json.loads(works("pull", "-o", "json", one(), at=at))["images"][0]
    assert image["fetched_bytes"] == 0 and not HERE.proxy.asked("/blobs/"), image
    HERE.proxy.set(None)
    assert trial("--offline", at=at).status == 0
    assert entries("--offline", one(), at=at) == entries(f"oci-dir:{HERE.work}/layout:one")
    assert works("cat", "--offline", one(), "/etc/hello", at=at) == "hello\n"
    works("pull", "--offline", one(), at=at)
    assert not HERE.proxy.seen


@test
def a_pull_fetches_bytes_of_known_facts():
    at = home()
    HERE.proxy.set(None)
    entries(one(), at=at)
    refuses("pull", "--offline", one(), because="--offline was given", at=at)
    works("pull", one(), at=at)
    assert set(digests_of()[2]) <= set(blobs(at))


@test
def an_index_is_pulled_for_one_platform():
    at, ref = home(), f"docker://{HERE.plain_host}/test/multi:v1"
    index = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", ref).strip()
    for platform in "linux/amd64", "linux/arm64":
        image = json.loads(works("pull", "-o", "json", "--platform", platform, ref, at=at))["images"][0]
        assert image["index_digest"] == index != image["digest"] and image["platform"] == platform
        assert works("cat", "--offline", "--platform", platform, ref, "/which", at=at) == platform[6:]
        at_digest = f"docker://{HERE.plain_host}/test/multi@{index}"
        assert works("cat", "--offline", "--platform", platform, at_digest, "/which", at=at) == platform[6:]
    refuses("pull", "--platform", "linux/s390x", ref, because="it has linux/amd64, linux/arm64 (", at=at)


@test
def what_is_pulled_is_written_out():
    at = home()
    digest, _ = layer_digests("one")
    HERE.proxy.set(None)
    multi = f"{HERE.plain_host}/test/multi:v1"
    for to in "oci-dir:out", "oci-archive:out.tar":
        works("pull", one(), multi, "--to", to, at=at)
        kind = to.replace("oci-dir", "oci").replace(":", f":{at}/")
        names = {m["annotations"]["io.containerd.image.name"]: m["digest"] for m in index_of(at, to)["manifests"]}
        assert names[f"{HERE.proxy.host}/test/one:v1"] == digest, names
        assert works("cat", f"{to}:{multi}", "/which", at=at) == "amd64"
        works("pull", one(), "--to", to + ".one", at=at)
        assert skopeo("inspect", "--format", "{{.Digest}}", kind + ".one").strip() == digest
        refuses("pull", one(), "--to", to, because="is there already", at=at)
    assert entries("oci-archive:out.tar.one", at=at) == entries(f"oci-dir:{HERE.work}/layout:one")
    works("pull", one(), "--to", "oci-archive:again.tar", at=at)
    assert (at / "again.tar").read_bytes() == (at / "out.tar.one").read_bytes()
    for wrong in "out2", "docker-archive:x", "oci-dir:":
        refuses("pull", one(), "--to", wrong, because="neither oci-dir:FOLDER nor oci-archive:FILE", at=at)
    refuses("pull", one(), "--to", "oci-dir:no/such/folder", because="no/such/folder", at=at)
    assert sorted(p.name for p in at.iterdir()) == ["again.tar", "cache", "out", "out.one", "out.tar", "out.tar.one"]


def index_of(at, to):
    if to.startswith("oci-dir:"):
        return json.loads((at / to[8:] / "index.json").read_text())
    with tarfile.open(at / to[12:]) as tar:
        return json.load(tar.extractfile("index.json"))


@test
def what_cannot_be_kept_is_no_pull():
    at = home()
    (at / "cache").mkdir()
    (at / "cache/blobs").write_text("in the way")
    HERE.proxy.set(None)
    refuses("pull", one(), because="could not be kept", at=at)


def on_a_terminal(*args, at):
    """What a person sees on standard error."""
    master, slave = pty.openpty()
    env = {"PATH": os.environ["PATH"], "HOME": str(at), "SOCLE_CACHE": str(at / "cache"), "TERM": "xterm"}
    process = subprocess.Popen([HERE.socle, *args], env=env, cwd=at, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    seen = b""
    try:
        while piece := os.read(master, 4096):
            seen += piece
    except OSError:
        pass
    os.close(master)
    assert process.wait() == 0, seen
    return seen.decode()


@test
def bytes_rate_and_time_left_are_shown():
    HERE.proxy.set(lambda r: Act(slow=0.03) if "/blobs/" in r.path else None)
    seen = on_a_terminal("pull", one(), at=home())
    assert re.search(r"pulling [0-9.]+ [kM]?B of 1\.5 MB, [0-9.]+ [kM]?B/s, \d+ s left", seen), seen
    assert seen.endswith("\r\x1b[K"), seen
    for quiet in "-q", "--no-progress":
        assert "pulling" not in on_a_terminal("pull", quiet, one(), at=home())


@test
def a_pulled_base_of_the_catalogue_is_at_hand():
    at = home()
    more = catalogue(at, HERE.proxy.host)
    HERE.proxy.set(None)
    program = static_program(at)
    entries(one(), at=at)
    said = socle("pick", program, "--test", "./p", *more, at=at)
    assert "measured" not in said.out, said.out
    works("pull", "house/slim:v1", *more, at=at)
    HERE.proxy.set(None)
    bases = json.loads(works("bases", "-o", "json", *more, at=at))["bases"]
    assert bases[0]["provenance"] == "measured" and bases[0]["at_hand"], bases
    said = socle("pick", program, "--offline", "--base", "house/slim:v1", "--test", "./p", *more, at=at)
    if said.status == 2:
        raise Skip(f"no containers here: {said.err.strip()}")
    digest, _ = layer_digests("one")
    assert said.status == 0 and f"{HERE.proxy.host}/test/one:v1@{digest}" in said.out, said.out + said.err
    assert not HERE.proxy.seen


@test
def what_was_fetched_is_offered_where_nobody_answers():
    at = home()
    mirror = ["--mirror", f"docker.io=http://{HERE.proxy.host}"]
    HERE.proxy.set(None)
    works("pull", "test/one:v1", *mirror, at=at)
    HERE.proxy.set(lambda r: Act(status=403))
    refuses("ls", "docker://test/one:v1", *mirror, because="with --offline the one that was fetched before", at=at)
    works("ls", "docker://test/one:v1", "--offline", *mirror, at=at)


@test
def what_a_mirror_says_is_not_its_publishers_word():
    at = home()
    (at / "mine.yaml").write_text('bases:\n- name: house/slim:v1\n  repository: "docker.io/test/one"\n  tags: ["v1"]\n  libc: glibc 2.36\n')
    more = "--catalogue", "mine.yaml", "--offline"
    mirror = "--mirror", f"docker.io=http://{HERE.plain_host}"
    works("pull", "test/one:v1", *mirror, at=at)

    def provenance(*args):
        return json.loads(works("bases", "-o", "json", *more, *args, at=at))["bases"][0]["provenance"]

    seen = [provenance(*mirror), provenance(), provenance("--mirror", "docker.io=http://127.0.0.1:9")]
    assert seen == ["measured", "documented", "documented"], seen
    refuses("ls", "docker://test/one:v1", "--offline", because="--offline was given", at=at)


@test
def a_bare_name_that_was_pulled_works_offline():
    at, name = home(), f"{HERE.proxy.host}/test/one:v1"
    HERE.proxy.set(None)
    refuses("check", static_program(at), name, "--offline", because="nor pulled", at=at)
    works("pull", name, at=at)
    HERE.proxy.set(None)
    works("check", static_program(at), name, "--offline", at=at)
    assert trial("--offline", at=at, ref=name).status == 0 and not HERE.proxy.seen


# --- the cache


def df(at):
    return {kind: use["count"] for kind, use in json.loads(works("cache", "df", "-o", "json", at=at))["kinds"].items()}


def aged(at, part, days=40):
    """As if nothing below had been of use for so long."""
    then = time.time() - days * 86400
    for path in [at / "cache" / part, *(at / "cache" / part).rglob("*")]:
        if not path.is_symlink():
            os.utime(path, (then, then))


@test
def the_cache_is_counted_and_pruned():
    at = home()
    assert not any(df(at).values())
    HERE.proxy.set(None)
    assert trial(at=at).status == 0
    (at / "cache/learned/amd64").mkdir(parents=True)
    (at / "cache/learned/amd64/x.facts").write_text("x")
    (at / "cache/facts/1").mkdir()
    (at / "cache/facts/1/sha256-0").write_text("x")
    (at / "cache/mine").write_text("not socle's")
    have = {"facts": 4, "blobs": 6, "tags": 1, "roots": 1, "learned": 1, "bases": 0,
            "advisories": 0, "left": 1}
    assert df(at) == have, df(at)
    works("cache", "prune", at=at)
    assert df(at) == have, df(at)
    aged(at, "blobs")
    aged(at, "facts/1")
    aged(at, "learned")
    works("cache", "prune", "--older-than", "50d", at=at)
    assert df(at) == {**have, "left": 0}, df(at)
    entries(one(), at=at)  # of use: the manifest and the configuration
    gone = json.loads(works("cache", "prune", "-o", "json", at=at))
    assert gone["pruned"] and gone["kinds"]["blobs"]["count"] == 4, gone
    assert df(at) == {**have, "blobs": 2, "left": 0}, df(at)
    aged(at, "roots")
    assert trial("--offline", at=at).status == 0
    works("cache", "prune", at=at)
    assert df(at)["roots"] == 1, "it was of use"
    aged(at, "roots")
    works("cache", "prune", at=at)
    assert df(at)["roots"] == 0
    works("cache", "prune", "--all", at=at)
    assert not any(df(at).values()) and (at / "cache/mine").exists()
    for wrong in ["x"], ["30"], ["d"], ["-1d"], ["99999999999999999999d"]:
        refuses("cache", "prune", "--older-than", *wrong, because="--older-than wants an age", at=at)
    refuses("cache", "prune", "--all", "--older-than", "1d", because="exclude each other", at=at)
    refuses("cache", "df", "--all", because="go with cache prune", at=at)
    refuses("cache", because="df or prune", at=at)


@test
def links_in_the_cache_are_not_followed():
    at = home()
    (at / "precious").mkdir()
    (at / "precious/file").write_text("x")
    for folder in "cache/roots", "cache/blobs/sha256", "cache/facts":
        (at / folder).mkdir(parents=True)
        (at / folder / "link").symlink_to(at / "precious")
    (at / "cache/tags").symlink_to(at / "precious")
    (at / "cache/roots/1-a/bin").mkdir(parents=True)
    (at / "cache/roots/1-a/bin/link").symlink_to(at / "precious")
    (at / "cache/roots/1-a/bin").chmod(0o555)
    works("cache", "prune", "--all", at=at)
    assert (at / "precious/file").exists() and not (at / "cache/roots/1-a").exists()


@test
def pruning_during_use_disturbs_nobody():
    at = home()
    static_program(at)
    HERE.proxy.set(None)
    assert trial(at=at).status == 0
    root = next((at / "cache/roots").iterdir())
    held = os.open(root, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)  # as a trial does
    said = socle("cache", "prune", "--all", at=at)
    assert said.status == 0 and "1 of the roots are in use" in said.err and root.exists(), said.err
    os.close(held)
    works("cache", "prune", "--all", at=at)
    assert not root.exists()
    stop = time.monotonic() + 6
    runs = 0
    while time.monotonic() < stop:
        pruning = subprocess.Popen(["sh", "-c", f'while :; do "{HERE.socle}" cache prune --all -q >/dev/null; done'],
                                   env={"PATH": os.environ["PATH"], "SOCLE_CACHE": str(at / "cache")})
        said = trial(at=at)
        pruning.kill()
        pruning.wait()
        assert said.status == 0, said.err + said.out
        runs += 1
    assert runs > 1
