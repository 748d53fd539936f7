"""Images brought into a registry: what skopeo then reads there is what they were."""
import itertools
import json
import os
import pathlib
import subprocess
import tarfile

import images
from asking import BASIC, basic_rule, login, tls_home, token_rule
from harness import HERE, Skip, entries, home, layer_digests, refuses, skopeo, socle, start_registry, test, works
from proxy import Act
from pulling import on_a_terminal

COUNT = itertools.count()


def fresh(host=None):
    """A repository that is not there yet."""
    return f"{host or HERE.proxy.host}/push/r{next(COUNT)}:t1"


def seen_by_skopeo(ref, *more):
    return skopeo("inspect", "--tls-verify=false", *more, "--format", "{{.Digest}}", f"docker://{ref}").strip()


def raw(ref):
    return skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{ref}")


def push(source, ref, *more, **env):
    return json.loads(works("push", "-o", "json", source, ref, *more, **env))


def layout(name):
    return f"oci-dir:{HERE.work}/layout:{name}"


def behind(ref):
    """The same repository, asked without the proxy."""
    return ref.replace(HERE.proxy.host, HERE.plain_host)


@test
def a_layout_arrives_as_it_is():
    HERE.proxy.set(None)
    digest, manifest = layer_digests("one")
    ref = fresh()
    said = push(layout("one"), ref)
    blobs = 1 + len({layer["digest"] for layer in manifest["layers"]})
    assert said["schema"] == "socle/push/1" and said["digest"] == digest == seen_by_skopeo(behind(ref)), said
    assert said["blobs"] == {"sent": blobs, "mounted": 0, "there": 0} and said["manifests"] == 1, said
    assert entries(ref) == entries(layout("one"))
    skopeo("copy", "-q", "--src-tls-verify=false", f"docker://{behind(ref)}", f"oci:{HERE.work}/back:one")
    assert entries(f"oci-dir:{HERE.work}/back:one") == entries(layout("one"))
    HERE.proxy.set(None)
    said = push(layout("one"), ref)
    assert said["blobs"] == {"sent": 0, "mounted": 0, "there": blobs} and said["sent_bytes"] == 0, said
    assert not HERE.proxy.asked("/uploads/")


@test
def children_come_before_what_names_them():
    HERE.proxy.set(None)
    ref = fresh()
    said = push(layout("multi"), ref)
    puts = [s[1] for s in HERE.proxy.asked("/manifests/", "PUT")]
    assert len(puts) == said["manifests"] == 4 and puts[-1].endswith("/t1") and all("sha256:" in p for p in puts[:-1])
    last = max(i for i, s in enumerate(HERE.proxy.seen) if "/uploads/" in s[1] and s[0] == "PUT")
    first = min(i for i, s in enumerate(HERE.proxy.seen) if s[1].endswith("/t1"))
    assert last < first
    assert raw(behind(ref)) == raw(f"{HERE.plain_host}/test/multi:v1")
    skopeo("copy", "-q", "--all", "--src-tls-verify=false", f"docker://{behind(ref)}", f"oci:{HERE.work}/all:multi")


@test
def one_platform_goes_alone():
    HERE.proxy.set(None)
    ref = fresh()
    said = push(layout("multi"), ref, "--platform", "linux/arm64")
    assert said["manifests"] == 1 and json.loads(raw(behind(ref)))["layers"]
    assert works("cat", "--platform", "linux/arm64", ref, "/which") == "arm64"


@test
def a_layout_for_another_machine_goes_as_well():
    folder = HERE.work / f"foreign{next(COUNT)}"
    made = images.Layout(str(folder))
    made.name({**images.image(made, [{"a": b"b"}], "s390x"), "platform": {"os": "linux", "architecture": "s390x"}}, "x")
    HERE.proxy.set(None)
    push(f"oci-dir:{folder}", fresh())


@test
def archives_go_too():
    at = home()
    HERE.proxy.set(None)
    skopeo("copy", "-q", f"oci:{HERE.work}/layout:one", f"oci-archive:{at}/oci.tar")
    ref = fresh()
    assert push("oci-archive:oci.tar", ref, at=at)["digest"] == layer_digests("one")[0]
    skopeo("copy", "-q", f"oci:{HERE.work}/layout:one", f"docker-archive:{at}/docker.tar:x:1")
    digests = set()
    for _ in range(2):
        ref = fresh()
        digests.add(push("docker-archive:docker.tar", ref, at=at)["digest"])
        assert entries(ref) == entries(layout("one")) and seen_by_skopeo(behind(ref)) in digests
    assert len(digests) == 1
    skopeo("copy", "-q", "--src-tls-verify=false", f"docker://{behind(ref)}", f"oci:{at}/back:one")


@test
def what_is_no_image_is_refused():
    at = home()
    (at / "folder").mkdir()
    (at / "file").write_text("#!/bin/sh\n")
    with tarfile.open(at / "x.tar", "w") as tar:
        tar.add(at / "folder", "folder")
    HERE.proxy.set(None)
    for source in "dir:folder", "x.tar":
        refuses("push", source, fresh(), because="no image, but files", at=at)
    refuses("push", "file", fresh(), because="file: one program", at=at)
    refuses("push", layout("one"), f"{HERE.proxy.host}/x@sha256:{'0' * 64}", because="name a tag to push to")
    refuses("push", layout("one"), "oci-dir:x", because="is not in a registry")
    refuses("push", layout("one"), fresh(), "--offline", because="pushing asks a registry")
    mirror = "--mirror", f"docker.io=http://{HERE.proxy.host}"
    refuses("push", layout("one"), "test/mirrored:t1", *mirror, because="mirrors are for pulling")
    assert not HERE.proxy.seen
    assert not HERE.proxy.asked("/uploads/")


# --- within one registry


@test
def blobs_of_the_same_registry_are_mounted():
    HERE.proxy.set(None)
    _, manifest = layer_digests("one")
    ref = fresh()
    said = push(f"{HERE.proxy.host}/test/one:v1", ref)
    assert said["blobs"] == {"sent": 0, "mounted": 1 + len(manifest["layers"]), "there": 0}, said
    posts = HERE.proxy.asked("/uploads/", "POST")
    assert all("mount=sha256%3A" in s[1] and "from=test%2Fone" in s[1] for s in posts) and posts
    assert not HERE.proxy.asked("/blobs/", "GET") and not HERE.proxy.asked("/uploads/", "PUT")
    assert seen_by_skopeo(behind(ref)) == layer_digests("one")[0]


@test
def a_registry_that_mounts_nothing_is_sent_to():
    def rule(r):
        if "mount=" in r.path:
            r.path = r.path.partition("?")[0]
        return None
    HERE.proxy.set(rule)
    ref = fresh()
    said = push(f"{HERE.proxy.host}/test/one:v1", ref)
    assert said["blobs"]["sent"] == 5 and seen_by_skopeo(behind(ref)) == layer_digests("one")[0], said


@test
def from_one_registry_to_another():
    HERE.proxy.set(None)
    at = home()
    ref = fresh()
    said = push(f"{HERE.plain_host}/test/multi:v1", ref, at=at)
    assert not any("mount=" in s[1] for s in HERE.proxy.seen) and said["manifests"] == 4
    assert raw(behind(ref)) == raw(f"{HERE.plain_host}/test/multi:v1")
    works("pull", f"{HERE.plain_host}/test/one:v1", at=at)
    push(f"{HERE.plain_host}/test/one:v1", fresh(), at=at)


# --- a bad network


def on(method, part, act, times=1):
    """The first requests of a kind are answered so."""
    left = [times]

    def rule(r):
        if r.command == method and part in r.path and left[0]:
            left[0] -= 1
            return act
        return None
    return rule


@test
def errors_that_pass_are_waited_out():
    for method, part in ("HEAD", "/blobs/"), ("POST", "/uploads/"), ("PUT", "/uploads/"), ("PUT", "/manifests/"):
        for status in 429, 500, 503:
            HERE.proxy.set(on(method, part, Act(status=status), 2))
            ref = fresh()
            assert push(layout("one"), ref)["digest"] == seen_by_skopeo(behind(ref))


@test
def errors_that_stay_end():
    for method, part in ("POST", "/uploads/"), ("PUT", "/uploads/"), ("PUT", "/manifests/"):
        HERE.proxy.set(on(method, part, Act(status=500), 99))
        refuses("push", layout("one"), fresh(), because="answers 500")
        assert len(HERE.proxy.seen) < 40, len(HERE.proxy.seen)
    body = b'{"errors":[{"code":"DENIED","message":"read only"}]}'
    HERE.proxy.set(on("POST", "/uploads/", Act(status=403, body=body), 99))
    refuses("push", layout("one"), fresh(), because="answers 403, forbidden: read only")
    assert len(HERE.proxy.asked("/uploads/")) == 1


@test
def an_upload_that_was_lost_is_begun_again():
    for act in Act(status=404), Act(status=502):
        HERE.proxy.set(on("PUT", "/uploads/", act))
        ref = fresh()
        assert push(layout("one"), ref)["digest"] == seen_by_skopeo(behind(ref))
        assert len(HERE.proxy.asked("/uploads/", "POST")) == 6
    # What did arrive before the answer was lost is not sent again.
    HERE.proxy.set(lambda r: Act(cut=0, length=9) if r.command == "PUT" and "/uploads/" in r.path else None)
    push(layout("one"), fresh())


@test
def uploads_are_redirected():
    def rule(r):
        if r.command == "PUT" and "/uploads/" in r.path:
            return Act(status=307, headers={"Location": f"http://{HERE.other.host}{r.path}"})
        return None
    HERE.proxy.set(rule)
    HERE.other.set(None)
    ref = fresh()
    assert push(layout("one"), ref)["digest"] == seen_by_skopeo(behind(ref))
    assert len(HERE.other.asked("/uploads/", "PUT")) == 5


@test
def a_place_to_send_to_may_be_relative_or_elsewhere():
    for place in "", "http://" + HERE.other.host:
        def rule(r, place=place):
            if r.command == "POST":
                return Act(replace={"Location": lambda was: place + "/" + was.split("/", 3)[3]})
            return None
        HERE.proxy.set(rule)
        HERE.other.set(None)
        ref = fresh()
        assert push(layout("one"), ref, at=login(home(), HERE.proxy.host))["digest"] == seen_by_skopeo(behind(ref))
        assert bool(HERE.other.seen) == bool(place)
        assert not any("Authorization" in s[2] for s in HERE.other.seen)
    for place, because in ("http://registry.invalid/x", "no TLS"), (None, "nowhere"), ("file:///x", ""):
        HERE.proxy.set(lambda r, place=place: Act(replace={"Location": place}) if r.command == "POST" else None)
        refuses("push", layout("one"), fresh(), because=because)


@test
def a_registry_that_keeps_something_else_is_told_of():
    HERE.proxy.set(lambda r: Act(replace={"Docker-Content-Digest": "sha256:" + "0" * 64}) if r.command == "PUT" else None)
    refuses("push", layout("one"), fresh(), because="keeps it as sha256:000")


@test
def damaged_sources_reach_nobody():
    at = home()
    subprocess.run(["cp", "-r", f"{HERE.work}/layout", str(at)], check=True)
    _, manifest = layer_digests("one")
    path = at / "layout/blobs/sha256" / manifest["layers"][1]["digest"][7:]
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    HERE.proxy.set(None)
    ref = fresh()
    refuses("push", "oci-dir:layout:one", ref, because="its digest is", at=at)
    assert not HERE.proxy.asked("/manifests/", "PUT")
    path.unlink()
    refuses("push", "oci-dir:layout:one", ref, because="is not in it", at=at)


@test
def a_type_of_two_lines_smuggles_nothing():
    folder = HERE.work / f"smuggler{next(COUNT)}"
    made = images.Layout(str(folder))
    child = images.image(made, [{"a": b"b"}])
    for n, kind in enumerate((images.OCI + "manifest.v1+json\r\nX-Smuggled: 1", "a/b/c", "nothing", "a/b c", "a/\u00e9")):
        index = {"schemaVersion": 2, "manifests": [{**child, "mediaType": kind}]}
        made.name(made.json(index, images.OCI + "index.v1+json"), f"inner{n}")
        made.name({**child, "mediaType": kind}, f"outer{n}")
        for name in f"inner{n}", f"outer{n}":
            HERE.proxy.set(None)
            because = "is no media type" if name.startswith("inner") else "manifest"
            said = refuses("push", f"oci-dir:{folder}:{name}", fresh(), because=because)
            assert not any("X-Smuggled" in s[2] for s in HERE.proxy.seen) and said.err.count("\n") == 1, said.err


@test
def a_manifest_without_a_type_in_its_descriptor_keeps_its_own():
    folder = HERE.work / f"typeless{next(COUNT)}"
    made = images.Layout(str(folder))
    child = images.image(made, [{"a": b"b"}])
    del child["mediaType"]
    index = {"schemaVersion": 2, "mediaType": images.OCI + "index.v1+json", "manifests": [child]}
    made.name(made.json(index, images.OCI + "index.v1+json"), "x")
    HERE.proxy.set(None)
    push(f"oci-dir:{folder}:x", fresh())
    sent = [s[2].get("Content-Type") for s in HERE.proxy.asked("/manifests/", "PUT")]
    assert sent == [images.OCI + "manifest.v1+json", images.OCI + "index.v1+json"], sent


# --- who may


@test
def a_password_is_used():
    ref = f"127.0.0.1:{HERE.tls}/push/secret:1"
    works("push", layout("one"), ref, at=tls_home())
    assert seen_by_skopeo(ref, "--creds", "user:secret") == layer_digests("one")[0]
    HERE.proxy.set(basic_rule)
    refuses("push", layout("one"), fresh(), because="wants a login")


@test
def tokens_for_pulling_are_exchanged_for_those_for_pushing():
    """As registries do it: the scope that the challenge names is asked for."""
    def rule(r):
        if r.path.startswith("/token"):
            word = "push" if "push" in r.path.partition("scope=")[2].partition("Apush%2F")[2] else "pull"
            return Act(status=200, body=json.dumps({"token": word}).encode())
        wanted = "pull" if r.command in ("GET", "HEAD") else "push"
        if r.headers.get("Authorization") in ("Bearer push", f"Bearer {wanted}"):
            del r.headers["Authorization"]
            return None
        name = r.path.split("/v2/")[1].split("/blobs/")[0].split("/manifests/")[0]
        scope = f"repository:{name}:{'pull' if wanted == 'pull' else 'pull,push'}"
        return Act(status=401, headers={"WWW-Authenticate":
                                        f'Bearer realm="http://{HERE.proxy.host}/token",service="s",scope="{scope}"'})
    HERE.proxy.set(rule)
    ref = fresh()
    push(layout("one"), ref)
    asked = [s[1] for s in HERE.proxy.asked("/token")]
    assert len(asked) == 2 and "pull%2Cpush" in asked[1] and "push" not in asked[0].partition("%3Apull")[2], asked
    assert seen_by_skopeo(behind(ref)) == layer_digests("one")[0]


@test
def progress_speaks_of_pushing():
    HERE.proxy.set(lambda r: Act(hang=0.5) if r.command == "PUT" else None)
    folder = HERE.work / f"large{next(COUNT)}"
    made = images.Layout(str(folder))
    made.name(images.image(made, [{"a": images.noise(9, 60_000_000)}]), "x")
    seen = on_a_terminal("push", f"oci-dir:{folder}", fresh(), at=home())
    assert seen == "" or "pushing " in seen, seen
