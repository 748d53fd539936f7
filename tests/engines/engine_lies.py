"""An engine whose answers are wrong: nothing is kept, and the message says what is the matter."""
import hashlib
import io
import tarfile

from harness import HERE, entries, home, refuses, test, works
from fake import Fake

COUNT = 0


def inspected(archive):
    """What an engine would tell of the image in a `docker save` archive."""
    import json
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        config = tar.extractfile(manifest["Config"]).read()
    said = json.loads(config)
    return {"Id": "sha256:" + hashlib.sha256(config).hexdigest(), "RepoTags": ["test/one:1"], "RepoDigests": [],
            "Os": said["os"], "Architecture": said["architecture"], "Config": said["config"], "Size": 500000,
            "RootFS": {"Type": "layers", "Layers": said["rootfs"]["diff_ids"]}}


def fake(**changes):
    global COUNT
    COUNT += 1
    engine = Fake(HERE.work / f"fake{COUNT}")
    told = {**inspected(HERE.archive), **changes}
    engine.image("test/one:1", told, HERE.archive.read_bytes())
    engine.told = told
    engine.get = f"/images/{told['Id']}/get"
    return engine


def refused(engine, because, **env):
    """And nothing is kept of it."""
    at = home()
    said = refuses("ls", "-r", "docker:test/one:1", because=because, at=at, **{**engine.variables, **env})
    kept = [path for path in (at / "cache").rglob("*") if path.is_file()]
    assert not kept, kept
    return said


@test
def an_engine_that_tells_the_truth():
    engine, at = fake(), home()
    first = entries("docker:test/one:1", at=at, **engine.variables)
    assert first == entries(f"docker-archive:{HERE.archive}")
    assert engine.asked.count(f"GET {engine.get}") == 1
    assert entries("docker:test/one:1", at=at, **engine.variables) == first
    assert engine.asked.count(f"GET {engine.get}") == 1, "sent again, though all is known"
    works("try", HERE.work / "says", "docker:test/one:1", "--test", "/app/says exit 0", **engine.variables)
    assert engine.asked.count(f"GET {engine.get}") == 2, "facts and bytes are sent once"


@test
def an_engine_that_goes_away_in_the_middle():
    engine, whole = fake(), HERE.archive.read_bytes()
    for there in 0, 100, 5000, len(whole) // 2, len(whole) - 1:
        engine.answer(engine.get, body=whole[:there], length=len(whole))
        refused(engine, "gave no whole answer")


@test
def a_tar_that_ends_early():
    engine, whole = fake(), HERE.archive.read_bytes()
    for there in 0, 300, 700, len(whole) // 2:
        engine.answer(engine.get, body=whole[:there])
        refused(engine, "docker:test/one:1: ")


@test
def bytes_of_another_image():
    engine = fake()
    whole = bytearray(HERE.archive.read_bytes())
    at = whole.index(b"hello\n")
    whole[at:at + 6] = b"jello\n"
    engine.answer(engine.get, body=bytes(whole))
    refused(engine, "but should be sha256:")


@test
def fewer_layers_than_it_says():
    layers = inspected(HERE.archive)["RootFS"]["Layers"]
    refused(fake(RootFS={"Layers": layers + [layers[0]]}), "sends 2 layers of an image that has 3")
    refused(fake(RootFS={"Layers": layers[::-1]}), "but should be sha256:")


@test
def answers_that_are_nonsense():
    for wrong, because in [({"Id": "x"}, "is no ID of an image"), ({"Id": None}, "is no ID of an image"),
                           ({"RootFS": {"Layers": ["sha256:1"]}}, "is no diff ID"), ({"Os": "windows"}, "an image for windows"),
                           ({"RootFS": {"Layers": ["sha256:" + "0" * 64] * 300}}, "more than 256 layers")]:
        engine = fake()
        engine.answer("/images/test/one:1/json", json={**engine.told, **wrong})
        refused(engine, because)
    engine = fake()
    for body in b"{", b"[1,", b"\xff\xfe", b"[" * 200000, b"{}", b"[]", b"null", b"":
        engine.answer("/images/test/one:1/json", body=body)
        refused(engine, "docker:test/one:1: ")
    engine.answer("/images/test/one:1/json", status=500, json={"message": "the disk is full"})
    refused(engine, "says: the disk is full")
    engine.answer("/images/test/one:1/json", status=500, body=b"\x1b[31mred")
    assert "\x1b" not in refused(engine, "says: ").err


@test
def who_is_no_engine():
    engine = fake()
    for version in {"json": {}}, {"json": {"ApiVersion": "2.0"}}, {"json": {"ApiVersion": "1.x"}}, {"body": b"<html>"}, {"status": 404}:
        engine.answer("/version", **version)
        refused(engine, "")


@test
def answers_without_an_end():
    engine = fake()
    engine.answer("/images/test/one:1/json", endless=b"[" * 65536)
    refused(engine, "gave no whole answer")
    engine = fake(Size=0)
    engine.answer(engine.get, endless=bytes(1 << 20))
    refused(engine, "sends more than 2048 MiB")


@test
def answers_that_take_too_long():
    patience = {"SOCLE_PATIENCE": "1,1,200"}
    engine = fake()
    engine.answer("/images/test/one:1/json", json=engine.told, wait=3)
    refused(engine, "nothing came for 200 ms", **patience)
    engine = fake()
    engine.answer(engine.get, body=HERE.archive.read_bytes(), wait=1)
    works("ls", "docker:test/one:1", **{**engine.variables, **patience})
    engine.answer(engine.get, body=HERE.archive.read_bytes(), wait=6)
    refused(engine, "nothing came for 2000 ms", **patience)




@test
def an_image_for_every_platform_at_once():
    """As an engine with several of them in its store sends it."""
    import json
    out = io.BytesIO()
    with tarfile.open(HERE.archive) as tar, tarfile.open(fileobj=out, mode="w") as several:
        members = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
        manifest = json.loads(members["manifest.json"])[0]
        other = json.loads(members[manifest["Config"]])
        other["architecture"], other["rootfs"]["diff_ids"] = "arm64", other["rootfs"]["diff_ids"][:1]
        other["history"] = other["history"][:1]
        members["other.json"] = json.dumps(other).encode()
        members["manifest.json"] = json.dumps([{"Config": "other.json", "RepoTags": None, "Layers": manifest["Layers"][:1]}, manifest]).encode()
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            several.addfile(info, io.BytesIO(data))
    engine = fake()
    engine.answer(engine.get, body=out.getvalue())
    assert entries("docker:test/one:1", **engine.variables) == entries(f"docker-archive:{HERE.archive}")
