"""What is kept of images: fetched once, whole or not at all, of use without a network."""
import os
import signal
import subprocess
import time

from asking import static_program
from harness import HERE, Skip, entries, home, layer_digests, one, records, skopeo, socle, test
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
