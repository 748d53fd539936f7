"""socle pin against a real registry: digests into files, and nothing else."""
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess

import images
from harness import HERE, Skip, home, refuses, socle, test
from asking import token_rule
from proxy import Act

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}")


# --- a registry with any names

SEEDED = {}


def put(port, path, data, media_type="application/octet-stream"):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("PUT", path, body=data, headers={"Content-Type": media_type})
    answer = c.getresponse()
    answer.read()
    assert answer.status in (201, 202), (path, answer.status)
    c.close()


def put_blob(port, repository, data):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("POST", f"/v2/{repository}/blobs/uploads/", headers={"Content-Length": "0"})
    answer = c.getresponse()
    answer.read()
    where = answer.getheader("Location").split("/", 3)[3]
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    c.close()
    put(port, f"/{where}{'&' if '?' in where else '?'}digest={digest}", data)
    return {"digest": digest, "size": len(data)}


def seed(repository, tag, say=""):
    """An index for two platforms under that name; its digest and those of its manifests."""
    port, key = HERE.plain, (repository, tag, say)
    if key in SEEDED:
        return SEEDED[key]
    children = []
    for architecture in "amd64", "arm64":
        config = put_blob(port, repository, json.dumps({"os": "linux", "architecture": architecture}).encode())
        manifest = json.dumps({"schemaVersion": 2, "mediaType": images.OCI + "manifest.v1+json", "layers": [],
                               "config": {**config, "mediaType": images.OCI + "config.v1+json"},
                               "annotations": {"for": f"{repository} {say}"}}).encode()
        digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
        put(port, f"/v2/{repository}/manifests/{digest}", manifest, images.OCI + "manifest.v1+json")
        children.append({"mediaType": images.OCI + "manifest.v1+json", "digest": digest, "size": len(manifest),
                         "platform": {"os": "linux", "architecture": architecture}})
    index = json.dumps({"schemaVersion": 2, "mediaType": images.OCI + "index.v1+json", "manifests": children}).encode()
    put(port, f"/v2/{repository}/manifests/{tag}", index, images.OCI + "index.v1+json")
    SEEDED[key] = "sha256:" + hashlib.sha256(index).hexdigest(), [c["digest"] for c in children]
    return SEEDED[key]


def hub(*args, **more):
    """pin, where Docker Hub is the proxy."""
    return socle("pin", *args, "--mirror", f"docker.io=http://{HERE.proxy.host}", **more)


def file(at, text, name="Dockerfile"):
    path = at / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def references(said):
    return [r for f in json.loads(said.out)["files"] for r in f["references"]]


def pinned(at, text, *args, name="Dockerfile"):
    """The text that `pin -i` makes of it."""
    HERE.proxy.set(None)
    path = file(at, text, name)
    said = hub(name, "-i", *args, at=at)
    assert said.status == 0, said.err + said.out
    return path.read_bytes().decode()


# --- Dockerfiles


@test
def every_place_of_a_dockerfile_is_pinned():
    a, _ = seed("library/a", "1")
    b, _ = seed("team/b", "2.0-slim")
    latest, _ = seed("library/c", "latest")
    text = ("# syntax=team/b:2.0-slim\r\nARG BASE=a:1\r\nARG N=9\nFROM  a:1 AS one\nFROM ${BASE}\nFROM ${BASE:-x}\n"
            "RUN --mount=type=bind,from=c,target=/x true\nCOPY --from=one / /\nCOPY --from=team/b:2.0-slim / /\n"
            "ONBUILD COPY --from=a:1 / /\nFROM scratch\nFROM one")
    wanted = (text.replace("b:2.0-slim", f"b:2.0-slim@{b}").replace("a:1", f"a:1@{a}").replace("from=c", f"from=c@{latest}"))
    at = home()
    assert pinned(at, text) == wanted
    assert len(HERE.proxy.asked("/manifests/")) == 3, HERE.proxy.seen
    assert not HERE.proxy.asked("/manifests/", "GET")
    before = os.stat(at / "Dockerfile")
    said = hub("Dockerfile", "-i", "-o", "json", at=at)
    assert os.stat(at / "Dockerfile") == before or os.stat(at / "Dockerfile").st_mtime_ns == before.st_mtime_ns
    assert {r["status"] for r in references(said)} == {"current"}, said.out
    assert hub("--check", ".", at=at).status == 0


@test
def what_is_not_known_is_reported_and_left_alone():
    seed("library/a", "1")
    at = home()
    text = "ARG V=1\nFROM a:$V\nARG W\nFROM $W\nFROM a:1\nCOPY --from=$x / /\n"
    file(at, text)
    HERE.proxy.set(None)
    said = hub("Dockerfile", "-o", "json", at=at)
    assert said.status == 0 and (at / "Dockerfile").read_text() == text
    assert [(r["line"], r["status"]) for r in references(said)] == \
        [(2, "unresolved"), (4, "unresolved"), (5, "pinned"), (6, "unresolved")], said.out
    assert all(r["reason"] for r in references(said) if r["status"] == "unresolved")
    assert hub("--check", "Dockerfile", at=at).status == 1


@test
def an_argument_that_others_are_made_of_stays():
    """$BASE-slim would become a:1@sha256:…-slim."""
    a, _ = seed("library/a", "1")
    at = home()
    got = pinned(at, "ARG BASE=a:1\nARG OTHER=a:1\nFROM $BASE\nFROM $BASE-slim\nFROM $OTHER\n")
    assert got == f"ARG BASE=a:1\nARG OTHER=a:1@{a}\nFROM $BASE\nFROM $BASE-slim\nFROM $OTHER\n"


@test
def a_pin_of_one_platform_is_mended():
    index, children = seed("library/a", "1")
    at = home()
    HERE.proxy.set(None)
    file(at, f"FROM a:1@{children[1]}\n")
    said = hub("--check", "Dockerfile", "-o", "json", at=at)
    assert said.status == 1 and "of linux/arm64 alone" in references(said)[0]["reason"], said.out
    assert pinned(at, f"FROM a:1@{children[1]}\n") == f"FROM a:1@{index}\n"


@test
def lint_tells_a_pin_of_one_platform_where_it_may_ask():
    index, children = seed("library/a", "1")
    at = home()
    HERE.proxy.set(None)
    file(at, f"FROM a:1@{children[1]}\nUSER 1\n")
    rules = [f["rule"] for f in json.loads(socle("lint", "Dockerfile", "-o", "json", at=at).out)["files"][0]["findings"]]
    assert "child-digest" not in rules and not HERE.proxy.seen, rules
    said = socle("lint", "Dockerfile", "--pull", "--mirror", f"docker.io=http://{HERE.proxy.host}", "-o", "json", at=at)
    found = [f for f in json.loads(said.out)["files"][0]["findings"] if f["rule"] == "child-digest"]
    assert said.status == 1 and found and f"a:1@{index}" in json.dumps(found), said.out
    file(at, f"FROM a:1@{index}\nUSER 1\n")
    said = socle("lint", "Dockerfile", "--pull", "--mirror", f"docker.io=http://{HERE.proxy.host}", at=at)
    assert "child-digest" not in said.out, said.out


@test
def an_older_pin_stays_until_update():
    old, old_children = seed("library/moved", "1", "old")
    new, _ = seed("library/moved", "1", "new")
    at = home()
    text = f"FROM moved:1@{old}\n"
    assert pinned(at, text) == text
    said = hub("--check", "Dockerfile", "-o", "json", at=at)
    assert said.status == 0 and "--update" in references(said)[0]["reason"]
    assert hub("--check", "--update", "Dockerfile", at=at).status == 1
    assert pinned(at, text, "--update") == f"FROM moved:1@{new}\n"
    # A manifest of the older index: not to be mended without changing what it is.
    assert pinned(at, f"FROM moved:1@{old_children[0]}\n") == f"FROM moved:1@{old_children[0]}\n"
    assert hub("--check", "Dockerfile", at=at).status == 1
    assert pinned(at, f"FROM moved:1@{old_children[0]}\n", "--update") == f"FROM moved:1@{new}\n"
    gone = "sha256:" + "0" * 64
    assert pinned(at, f"FROM moved:1@{gone}\n") == f"FROM moved:1@{gone}\n"
    said = hub("--check", "Dockerfile", "-o", "json", at=at)
    assert said.status == 1 and references(said)[0]["status"] == "unresolved", said.out


@test
def a_digest_holds_without_its_tag():
    index, _ = seed("library/tagless", "1")
    at = home()
    for name in "tagless", "tagless:gone":
        text = f"FROM {name}@{index}\n"
        assert pinned(at, text, "--update") == text
        said = hub("--check", "Dockerfile", "-o", "json", at=at)
        assert said.status == 0 and references(said)[0]["status"] == "current", said.out
        file(at, f"FROM {name}@sha256:{'0' * 64}\n")
        said = hub("--check", "Dockerfile", "-o", "json", at=at)
        assert said.status == 1 and references(said)[0]["status"] == "unresolved", said.out


@test
def comments_that_ignore():
    a, _ = seed("library/a", "1")
    at = home()
    assert pinned(at, "# socle ignore=pin a reason\nFROM a:1\nFROM a:1\n") == \
        f"# socle ignore=pin a reason\nFROM a:1\nFROM a:1@{a}\n"
    said = hub("Dockerfile", "-o", "json", at=at)
    assert references(said)[0]["status"] == "ignored" and references(said)[0]["reason"] == "a reason"
    assert hub("--check", "Dockerfile", at=at).status == 0
    for text in "FROM a:1\n# socle global ignore=latest-tag,pin x\nFROM a:1\n", "# socle ignore=pin x\nARG B=a:1\nFROM $B\n":
        assert pinned(at, text) == text


# --- how it is written


@test
def mode_owner_and_every_other_byte_stay():
    a, _ = seed("library/a", "1")
    at = home()
    path = file(at, "FROM a:1\n")
    path.chmod(0o640)
    if os.getuid() == 0:
        os.chown(path, 1234, 2345)
    before = path.stat()
    assert hub("Dockerfile", "-i", at=at).status == 0
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert path.read_text() == f"FROM a:1@{a}\n"
    assert [p.name for p in at.iterdir() if p.name.startswith("Dockerfile")] == ["Dockerfile"]


@test
def a_link_is_no_file_to_replace():
    seed("library/a", "1")
    at = home()
    real = file(at, "FROM a:1\n", "real")
    (at / "Dockerfile").symlink_to("real")
    said = hub("Dockerfile", "-i", at=at)
    assert said.status == 2 and "symbolic link to real" in said.err, said.err
    assert (at / "Dockerfile").is_symlink() and real.read_text() == "FROM a:1\n"


@test
def hard_links_are_pinned_one_by_one():
    a, _ = seed("library/a", "1")
    at = home()
    file(at, "FROM a:1\n")
    os.link(at / "Dockerfile", at / "other.Dockerfile")
    said = hub(".", "Dockerfile", "-i", "-o", "json", at=at)
    assert said.status == 0 and len(references(said)) == 2, said.out
    assert {(at / n).read_text() for n in ("Dockerfile", "other.Dockerfile")} == {f"FROM a:1@{a}\n"}


@test
def a_report_takes_no_place_of_what_is_pinned():
    at = home()
    file(at, "FROM a:1\n")
    said = hub("-i", ".", "-o", "json=Dockerfile", at=at)
    assert said.status == 2 and "would overwrite ./Dockerfile" in said.err, said.err
    assert (at / "Dockerfile").read_text() == "FROM a:1\n"


@test
def standard_input_goes_to_standard_output():
    a, _ = seed("library/a", "1")
    HERE.proxy.set(None)
    at = home()
    script = f'printf "FROM a:1\\r\\nFROM \\$X" | "{HERE.socle}" pin - --mirror docker.io=http://{HERE.proxy.host}'
    said = subprocess.run(["sh", "-c", script], cwd=at, capture_output=True, check=False)
    assert said.returncode == 0 and said.stdout == f"FROM a:1@{a}\r\nFROM $X".encode(), said
    assert b"is not pinned" in said.stderr


@test
def what_goes_to_standard_output():
    a, _ = seed("library/a", "1")
    HERE.proxy.set(None)
    at = home()
    file(at, "FROM a:1\n")
    (at / "link").symlink_to("Dockerfile")
    said = hub("-n", "Dockerfile", "-o", "json=j", at=at)
    assert said.out.startswith("--- Dockerfile\n+++ Dockerfile\n@@ -1,1 +1,1 @@\n-FROM a:1\n") and (at / "j").read_text()
    said = hub("-n", "--check", "Dockerfile", at=at)
    assert said.status == 1 and said.out.startswith("--- Dockerfile\n")
    assert references(hub("-n", "Dockerfile", "-o", "json", at=at))[0]["result"] == f"a:1@{a}"
    script = f'"{HERE.socle}" pin - -o json=k --mirror docker.io=http://{HERE.proxy.host} <Dockerfile'
    said = subprocess.run(["sh", "-c", script], cwd=at, capture_output=True, check=True)
    assert said.stdout.decode() == f"FROM a:1@{a}\n" and json.loads((at / "k").read_text())["files"][0]["file"] == "-"
    said = hub("-i", "link", "Dockerfile", "./Dockerfile", at=at)
    assert said.status == 2 and (at / "Dockerfile").read_text() == f"FROM a:1@{a}\n", said.err


@test
def the_diff_is_one_that_patch_reads():
    seed("library/a", "1")
    at = home()
    text = "# 1\n# 2\n# 3\n# 4\nFROM a:1\n" + "# x\n" * 20 + "FROM a:1\n# y\nFROM a:1"
    for crlf in False, True:
        text = text.replace("\n", "\r\n") if crlf else text
        file(at, text)
        HERE.proxy.set(None)
        diff = hub("Dockerfile", "-n", at=at)
        assert diff.status == 0 and (at / "Dockerfile").read_bytes().decode() == text
        assert diff.out.count("\n@@ ") == 2, diff.out
        if not shutil.which("patch"):
            raise Skip("patch is not installed")
        (at / "diff").write_text(diff.out, newline="")
        subprocess.run(["patch", "--binary", "-p0", "-i", "diff", "-o", "patched"], cwd=at, check=True, capture_output=True)
        assert (at / "patched").read_bytes().decode() == pinned(at, text)


@test
def a_file_is_changed_whole_or_not_at_all():
    a, _ = seed("library/a", "1")
    at = home()
    file(at, "FROM a:1\nFROM no:such\n", "missing.Dockerfile")
    file(at, "FROM a:1\nFROM bad:1\n", "lied.Dockerfile")
    file(at, "FROM a:1\nFROM a b\n", "wrong.Dockerfile")
    file(at, "FROM a:1\n", "good.Dockerfile")
    seed("library/bad", "1")
    HERE.proxy.set(lambda r: Act(status=500) if "/bad/" in r.path else None)
    said = hub(".", "-i", "-o", "json", at=at)
    assert said.status == 2, said.err
    assert "wrong.Dockerfile:2:8: " in said.err and "lied.Dockerfile:2:6: bad:1: " in said.err, said.err
    assert (at / "missing.Dockerfile").read_text() == f"FROM a:1@{a}\nFROM no:such\n"
    assert (at / "good.Dockerfile").read_text() == f"FROM a:1@{a}\n"
    assert (at / "lied.Dockerfile").read_text() == "FROM a:1\nFROM bad:1\n"
    assert (at / "wrong.Dockerfile").read_text() == "FROM a:1\nFROM a b\n"


@test
def what_is_no_manifest_gives_no_digest():
    seed("library/a", "1")
    at = home()
    file(at, "FROM a:1\n")
    page = b"<html>please log in</html>"
    lies = [
        lambda r: Act(status=200, body=page, headers={"Content-Type": "text/html"}),
        lambda r: Act(status=200, body=page, headers={"Content-Type": "text/html", "Docker-Content-Digest": "sha256:" + "1" * 64}),
        lambda r: Act(replace={"Docker-Content-Digest": "sha256:" + "1" * 64}) if r.command == "GET" else Act(status=405),
        lambda r: Act(replace={"Docker-Content-Digest": "sha256:123"}, corrupt=20),
        lambda r: Act(replace={"Docker-Content-Digest": None}, cut=100),
        lambda r: Act(status=307, headers={"Location": r.path}),
    ]
    for lie in lies:
        HERE.proxy.set(lambda r, lie=lie: lie(r) if "/manifests/" in r.path else None)
        said = hub("Dockerfile", "-i", at=at)
        assert said.status == 2 and "Dockerfile:1:6: a:1: " in said.err, said.err + said.out
        assert (at / "Dockerfile").read_text() == "FROM a:1\n"


# --- many files


def all_names(folder):
    said = socle("pin", "--check", "--offline", "-o", "json", str(folder))
    for r in references(said):
        name = DIGEST.sub("", r["image"])
        if "$" not in name:
            yield name


def seed_name(name):
    """Seeds what a reference means; gives the registry's host."""
    first, slash, rest = name.partition("/")
    host = first if slash and re.search(r"[.:]|^localhost$", first) else "docker.io"
    path = rest if host == first else name
    repository, _, tag = path.partition(":")
    if host == "docker.io" and "/" not in repository:
        repository = "library/" + repository
    seed(repository, tag or "latest")
    return host


def ask_other_parser(folder):
    said = subprocess.run([ROOT / "oracle/dockerfile-ast", "arguments", *sorted(folder.iterdir())], capture_output=True, check=False)
    if said.returncode == 77:
        raise Skip(said.stdout.decode().strip())
    assert said.returncode == 0, said.stderr.decode()
    return said.stdout.decode().replace(str(folder), "")


@test
def files_of_many_styles_change_in_nothing_but_references():
    at = home()
    old, new = at / "old", at / "new"
    for folder in old, new:
        shutil.copytree(ROOT / "fixtures/dockerfile/files", folder)
    HERE.proxy.set(None)
    mirrors = [f"--mirror={host}=http://{HERE.proxy.host}" for host in sorted({seed_name(n) for n in set(all_names(new))})]
    said = socle("pin", "-i", "-o", "json", str(new), *mirrors)
    assert said.status == 0, said.err
    assert len(references(said)) > 600
    asked = [s[:2] for s in HERE.proxy.asked("/manifests/")]
    assert len(asked) == len(set(asked)), [x for x in asked if asked.count(x)>1]
    changed = 0
    for path in new.iterdir():
        before, after = (old / path.name).read_bytes().decode(), path.read_bytes().decode()
        assert DIGEST.sub("", before) == DIGEST.sub("", after), path.name
        assert set(DIGEST.findall(before)) <= set(DIGEST.findall(after)), path.name
        changed += before != after
    assert changed > 300, changed
    again = socle("pin", "-i", "-o", "json", str(new), *mirrors)
    assert again.status == 0 and not {r["status"] for r in references(again)} & {"pinned", "updated"}
    assert socle("pin", "-n", str(new), *mirrors).out == ""
    theirs = ask_other_parser(old), ask_other_parser(new)
    assert theirs[0] != theirs[1] and DIGEST.sub("", theirs[0]) == DIGEST.sub("", theirs[1])


@test
def tags_that_move_are_told_and_tightened():
    for n in range(20):
        seed("library/t", f"3.{n}.1", str(n))
    newest, children = seed("library/t", "3.20.1", "new")
    for tag in "3", "3.20", "latest", "3.20.1-rc1", "lonely":
        seed("library/t", tag, "new")
    slim, _ = seed("library/t", "3.20.1-slim", "slim")
    seed("library/t", "slim", "slim")
    seed("library/t", "3-slim", "slim")
    at = home()
    text = (f"FROM t\nFROM t:latest\nFROM t:3\nFROM t:3.20@{newest}\nFROM t:slim\nFROM t:3-slim\nFROM t:3.20@{children[0]}\n"
            "FROM t:3.20.1\nFROM t:lonely\n")
    file(at, text)
    HERE.proxy.set(None)
    said = references(hub("Dockerfile", "-o", "json", at=at))
    assert [r["line"] for r in said if "moves" in r["reason"]] == [1, 2, 3, 4, 5, 6, 7, 9], said
    assert not HERE.proxy.asked("/tags/")
    assert hub("--check", "--tighten", "Dockerfile", at=at).status == 1
    got = pinned(at, text, "--tighten")
    same = f"FROM t:3.20.1@{newest}\n"
    assert got == same * 4 + f"FROM t:3.20.1-slim@{slim}\n" * 2 + same * 2 + f"FROM t:lonely@{newest}\n", got
    assert len(HERE.proxy.asked("/tags/")) == 1
    asked = [s[1] for s in HERE.proxy.asked("/manifests/", "HEAD")]
    assert len(asked) == len(set(asked)) and len(asked) < 16, asked
    said = references(hub("Dockerfile", "--tighten", "-o", "json", at=at))
    assert {r["status"] for r in said} == {"current"} and "no exact tag" in said[-1]["reason"], said


@test
def no_more_tags_are_asked_than_a_few():
    for n in range(40):
        seed("library/many", f"1.0.{n}", str(n))
    seed("library/many", "latest", "other")
    HERE.proxy.set(None)
    at = home()
    file(at, "FROM many\n")
    said = references(hub("Dockerfile", "--tighten", "-o", "json", at=at))
    assert said[0]["status"] == "pinned" and "no exact tag" in said[0]["reason"], said
    assert len(HERE.proxy.asked("/manifests/")) <= 17
    HERE.proxy.set(lambda r: Act(status=404) if "/tags/" in r.path else None)
    said = references(hub("Dockerfile", "--tighten", "-o", "json", at=at))
    assert said[0]["status"] == "pinned" and "cannot be listed" in said[0]["reason"], said


@test
def many_who_ask_bring_one_token():
    at = home()
    for n in range(16):
        seed("library/t", f"3.{n}.1", str(n))
    file(at, "".join(f"FROM t:3.{n}.1\n" for n in range(16)))
    HERE.proxy.set(token_rule(["abc"], scope='scope="repository:library/t:pull"'))
    said = hub("Dockerfile", "-o", "json", at=at)
    assert said.status == 0 and {r["status"] for r in references(said)} == {"pinned"}, said.err
    assert len(HERE.proxy.asked("/token")) == 1, HERE.proxy.asked("/token")


# --- YAML


COMPOSE = """\
# \xe4\u20ac\U0001f433\r
x-image: &image a:1\r
services:\r
  built: {build: ., image: a:1-mine}\r
  also: {image: a:1-mine}\r
  plain:\r
    image: a:1  # stays\r
  single: {image: 'a:1'}\r
  double: {"image": "team/b:2.0-slim"}\r
  aliased: {image: *image}\r
  default: {image: "${IMAGE:-a:1}"}\r
  folded:\r
    image: >-\r
      a:1\r
  variable: {image: "${X}/a:1"}\r
  # socle ignore=pin a reason\r
  left: {image: a:1, environment: {image: a:1}}\r
  left2: {image: a:1} # socle ignore=pin another"""


@test
def compose_files_change_in_nothing_but_references():
    a, _ = seed("library/a", "1")
    b, _ = seed("team/b", "2.0-slim")
    at = home()
    got = pinned(at, "\ufeff" + COMPOSE, name="compose.yaml")
    wanted = COMPOSE.replace("team/b:2.0-slim", f"team/b:2.0-slim@{b}")
    for place in "&image a:1", "image: a:1  #", "'a:1'", ":-a:1", "      a:1\r":
        assert place in wanted
        wanted = wanted.replace(place, place.replace("a:1", f"a:1@{a}"))
    assert got == "\ufeff" + wanted
    assert len(HERE.proxy.asked("/manifests/")) == 2, HERE.proxy.seen
    assert pinned(at, got, name="compose.yaml") == got
    said = hub("--check", "compose.yaml", "-o", "json", at=at)
    assert said.status == 1
    assert [(r["line"], r["status"]) for r in references(said)] == [
        (2, "current"), (4, "ignored"), (5, "ignored"), (7, "current"), (8, "current"), (9, "current"), (11, "current"),
        (14, "current"), (15, "unresolved"), (17, "ignored"), (18, "ignored")], said.out
    assert [r["reason"] for r in references(said)][-2:] == ["a reason", "another"]


@test
def manifests_and_workflows():
    a, children = seed("library/a", "1")
    manifest = ("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: x, image: a:1}\n  volumes:\n"
                f"  - image: {{reference: a:1@{children[0]}}}\n---\napiVersion: v1\nkind: List\nitems: []\n")
    workflow = ("on: push\njobs:\n  j:\n    container: a:1\n    services: {s: {image: 'a:1'}}\n    steps:\n"
                "    - uses: actions/checkout@v4\n    - uses: docker://a:1\n    - {uses: x/y@v1, with: {image: a:1}}\n")
    gitlab = "image: a:1\nj:\n  image: {name: a:1, entrypoint: [x]}\n  services: [a:1, {name: a:1}]\n  script: [docker run a:1]\n"
    at = home()
    file(at, manifest, "k8s/pod.yaml")
    file(at, workflow, ".github/workflows/ci.yml")
    file(at, gitlab, ".gitlab-ci.yml")
    file(at, "image: a:1\n", "values.yaml")
    file(at, "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n", "chart/pod.yaml")
    HERE.proxy.set(None)
    said = hub(".", "-i", at=at)
    assert said.status == 0 and "chart/pod.yaml is a template" in said.err, said.err
    assert (at / "k8s/pod.yaml").read_text() == manifest.replace(f"@{children[0]}", "").replace("a:1", f"a:1@{a}")
    assert (at / ".github/workflows/ci.yml").read_text() == \
        workflow.replace("a:1", f"a:1@{a}").replace(f"with: {{image: a:1@{a}}}", "with: {image: a:1}")
    assert (at / ".gitlab-ci.yml").read_text() == gitlab.replace("a:1", f"a:1@{a}").replace(f"run a:1@{a}", "run a:1")
    assert (at / "values.yaml").read_text() == "image: a:1\n"
    assert len(HERE.proxy.asked("/manifests/1", "HEAD")) == 1
    assert hub("--check", ".", at=at).status == 0
    refuses("pin", "chart/pod.yaml", because="chart/pod.yaml:4:1: not YAML", at=at)


@test
def what_standard_input_is_is_seen():
    a, _ = seed("library/a", "1")
    HERE.proxy.set(None)
    for text in "services: {x: {image: a:1}}\n", "# a comment\nFROM a:1\n", "---\nimage: a:1\n", "\n  from a:1\n":
        said = subprocess.run([HERE.socle, "pin", "-", "--mirror", f"docker.io=http://{HERE.proxy.host}"], check=False,
                              input=text.encode(), capture_output=True, cwd=home())
        assert said.returncode == 0 and said.stdout.decode() == text.replace("a:1", f"a:1@{a}"), said


def loaded(text):
    """What another parser reads, as JSON."""
    import yaml  # pylint: disable=import-outside-toplevel
    return json.dumps(list(yaml.safe_load_all(text)), default=str, ensure_ascii=False)


STYLES = {
    "plain": lambda t: t,
    "crlf": lambda t: t.replace("\n", "\r\n"),
    "bom": lambda t: "\ufeff" + t,
    "open": lambda t: t.rstrip("\n"),
    "comments": lambda t: t.replace("\n", "  # \xe4\u20ac\U0001f433\n") if "|" not in t and ">" not in t else t,
    "documents": lambda t: "# first\n---\n" + t + "...\n---\nimage: same:1 # last\n",
}


@test
def yaml_of_many_styles_changes_in_nothing_but_references():
    """The first line of each file says which images are to be pinned."""
    at = home()
    wanted = {}
    for source in sorted((ROOT / "fixtures/yaml").iterdir()):
        text = source.read_text()
        names = text.split("\n", 1)[0].split()[2:]
        for style, write in STYLES.items():
            path = file(at, write(text), f"old/{style}.{source.name}")
            wanted[path.name] = sorted(set(names + ["same:1"] * (style == "documents")))
    files = sorted((at / "old").iterdir())
    shutil.copytree(at / "old", at / "new")
    mirrors = [f"--mirror={host}=http://{HERE.proxy.host}" for host in sorted({seed_name(n) for ns in wanted.values() for n in ns})]
    HERE.proxy.set(None)
    said = socle("pin", "-i", "-o", "json", *[str(at / "new" / f.name) for f in files], *mirrors)
    assert said.status == 0, said.err
    for f in json.loads(said.out)["files"]:
        name = pathlib.Path(f["file"]).name
        assert sorted({r["image"] for r in f["references"] if r["status"] == "pinned"}) == wanted[name], (name, f)
    again = socle("pin", "-n", *[str(at / "new" / f.name) for f in files], *mirrors)
    assert again.status == 0 and again.out == "", again.out
    for f in files:
        before, after = f.read_bytes().decode(), (at / "new" / f.name).read_bytes().decode()
        assert DIGEST.sub("", after) == before, f.name
    try:
        import yaml  # noqa: F401  pylint: disable=import-outside-toplevel,unused-import
    except ImportError:
        raise Skip("PyYAML, the second parser, is not installed (python3-yaml)") from None
    for f in files:
        before, after = loaded(f.read_bytes().decode()), loaded((at / "new" / f.name).read_bytes().decode())
        assert DIGEST.sub("", after) == before and (before != after or not wanted[f.name]), f.name
