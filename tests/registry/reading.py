"""Digests, tags and images from a registry that means well."""
import json
import os
import subprocess

from harness import HERE, entries, free_port, home, layer_digests, one, records, refuses, skopeo, test, works
from proxy import Act


# --- digests and tags


@test
def digests_are_those_that_skopeo_tells():
    for name in "one", "multi":
        ref = f"127.0.0.1:{HERE.plain}/test/{name}:v1"
        wanted = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{ref}").strip()
        for form in ref, f"docker://{ref}", f"registry:{ref}":
            assert works("digest", form).strip() == wanted
        by_digest = ref.rsplit(":", 1)[0] + "@" + wanted
        assert works("digest", by_digest).strip() == wanted
        said = json.loads(works("digest", "-o", "json", ref))
        assert said["schema"] == "socle/digest/1" and said["images"][0]["digest"] == wanted, said


@test
def a_digest_is_asked_by_head_alone():
    HERE.proxy.set(None)
    works("digest", f"{HERE.proxy.host}/test/multi:v1")
    assert HERE.proxy.asked("/manifests/", "HEAD") and not HERE.proxy.asked("/manifests/", "GET")


@test
def a_digest_without_its_header_is_counted():
    HERE.proxy.set(lambda r: Act(replace={"Docker-Content-Digest": None}))
    wanted, _ = layer_digests("one")
    assert works("digest", f"{HERE.proxy.host}/test/one:v1").strip() == wanted
    HERE.proxy.set(lambda r: Act(status=405) if r.command == "HEAD" else None)
    assert works("digest", f"{HERE.proxy.host}/test/one:v1").strip() == wanted


@test
def tags_come_in_the_registrys_order():
    wanted = json.loads(skopeo("list-tags", "--tls-verify=false", f"docker://127.0.0.1:{HERE.plain}/test/one"))["Tags"]
    assert works("tags", f"127.0.0.1:{HERE.plain}/test/one").split() == wanted
    said = json.loads(works("tags", "-o", "json", f"127.0.0.1:{HERE.plain}/test/one"))
    assert said["tags"] == wanted and said["repository"] == f"127.0.0.1:{HERE.plain}/test/one"


def page(tags, link):
    body = json.dumps({"name": "x", "tags": tags}).encode()
    return Act(status=200, headers={"Content-Type": "application/json", **({"Link": link} if link else {})}, body=body)


def pages(link_of, tags_of=lambda n: [f"t{n}"]):
    """Tag lists, page after page: ?n=NUMBER."""
    def rule(r):
        if "/tags/list" not in r.path:
            return None
        n = int(r.path.partition("?n=")[2] or 0)
        return page(tags_of(n), link_of(n))
    return rule


@test
def pages_of_tags_are_followed():
    HERE.proxy.set(pages(lambda n: f'</v2/x/tags/list?n={n + 1}>; rel="next"' if n < 30 else None))
    assert works("tags", f"{HERE.proxy.host}/x").split() == [f"t{n}" for n in range(31)]


@test
def pages_in_a_circle_are_refused():
    HERE.proxy.set(pages(lambda n: f'</v2/x/tags/list?n={(n + 1) % 3 or 1}>; rel="next"'))
    refuses("tags", f"{HERE.proxy.host}/x", because="in a circle")


@test
def pages_without_end_are_refused():
    many = [f"tag{i}" for i in range(40000)]
    HERE.proxy.set(pages(lambda n: f'</v2/x/tags/list?n={n + 1}>; rel="next"', lambda n: many))
    refuses("tags", f"{HERE.proxy.host}/x", because="more than")


@test
def what_pages_hold_is_bounded():
    """Neither one that is too large, nor many with more than tags in them, take memory."""
    HERE.proxy.set(lambda r: Act(status=200, body=b" " * (17 << 20)) if "/tags/list" in r.path else None)
    refuses("tags", f"{HERE.proxy.host}/x", because="more than 16777216 bytes")
    large = json.dumps({"tags": ["t"], "x": "y" * 4000000}).encode()

    def rule(r):
        n = int(r.path.partition("?n=")[2] or 0)
        return Act(status=200, body=large, headers={"Link": f'</v2/x/tags/list?n={n + 1}>; rel="next"'} if n < 60 else {})
    HERE.proxy.set(rule)
    # The sanitizer would keep what is freed.
    process = subprocess.Popen([HERE.socle, "tags", f"{HERE.proxy.host}/x"], stdout=subprocess.PIPE,
                               env={"HOME": str(home()), "ASAN_OPTIONS": "quarantine_size_mb=1"})
    said = process.stdout.read()
    peak_kib = os.wait4(process.pid, 0)[2].ru_maxrss
    assert said.split() == [b"t"] * 61, said
    assert peak_kib < 160000, peak_kib


@test
def pages_on_another_server_are_refused():
    HERE.proxy.set(pages(lambda n: f'<http://{HERE.other.host}/v2/x/tags/list?n=1>; rel="next"'))
    HERE.other.set(None)
    refuses("tags", f"{HERE.proxy.host}/x", because="another server")
    assert not HERE.other.seen


@test
def a_damaged_link_is_refused():
    HERE.proxy.set(pages(lambda n: '<x; rel="next"'))
    refuses("tags", f"{HERE.proxy.host}/x", because="Link header is damaged")


# --- images


@test
def an_image_is_the_same_as_from_its_layout():
    HERE.proxy.set(None)
    assert entries(one()) == entries(f"oci-dir:{HERE.work}/layout:one")
    assert works("cat", one(), "/etc/hello") == "hello\n"


@test
def a_bare_name_is_asked_of_its_registry():
    assert entries(f"127.0.0.1:{HERE.plain}/test/one:v1") == entries(f"oci-dir:{HERE.work}/layout:one")


@test
def the_platform_is_chosen_and_attestations_are_not():
    for architecture in "amd64", "arm64":
        said = works("cat", "--platform", f"linux/{architecture}", f"docker://127.0.0.1:{HERE.plain}/test/multi:v1", "/which")
        assert said == architecture
    refuses("ls", "--platform", "linux/s390x", f"docker://127.0.0.1:{HERE.plain}/test/multi:v1",
            because="it has linux/amd64, linux/arm64 (")


@test
def facts_at_hand_are_not_fetched_again():
    at = home()
    _, manifest = layer_digests("one")
    HERE.proxy.set(None)
    entries(one(), at=at)
    assert len(HERE.proxy.asked("/blobs/")) == 1 + len(manifest["layers"]), HERE.proxy.seen
    assert records(at) == len(manifest["layers"])
    HERE.proxy.set(None)
    entries(one(), at=at)
    assert [s[0] for s in HERE.proxy.seen if s[1] != "/v2/"] == ["HEAD"], HERE.proxy.seen


@test
def a_mirror_is_asked_instead():
    HERE.proxy.set(None)
    works("ls", "--mirror", f"docker.io=http://{HERE.proxy.host}", "docker://test/one:v1")
    assert HERE.proxy.asked("/v2/test/one/manifests/v1")
    works("digest", "--mirror", f"docker.io=http://{HERE.proxy.host}", "test/one:v1")
    refuses("digest", "--mirror", "docker.io", "test/one:v1", because="--mirror")


@test
def docker_hubs_names_are_filled_in():
    HERE.proxy.set(lambda r: Act(status=404, headers={}))
    refuses("digest", "--mirror", f"docker.io=http://{HERE.proxy.host}", "no-such-image", because="404")
    assert HERE.proxy.seen[0][1] == "/v2/library/no-such-image/manifests/latest", HERE.proxy.seen


@test
def what_is_not_there_is_said():
    HERE.proxy.set(None)
    refuses("ls", f"docker://{HERE.proxy.host}/test/none:v1", because="404")
    assert len(HERE.proxy.asked("/manifests/")) == 1
    refuses("ls", f"docker://127.0.0.1:{free_port()}/x", because="cannot be reached")


@test
def offline_asks_nobody():
    HERE.proxy.set(None)
    refuses("ls", "--offline", one(), because="is not here and --offline was given")
    refuses("digest", "--offline", f"{HERE.proxy.host}/test/one:v1", because="is not here and --offline was given")
    refuses("tags", "--offline", f"{HERE.proxy.host}/test/one", because="--offline was given")
    assert not HERE.proxy.seen


@test
def schema_1_is_refused():
    HERE.proxy.set(lambda r: Act(status=200, body=b'{"schemaVersion":1}', headers={
        "Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws"}) if "manifests" in r.path else None)
    refuses("ls", one(), because="schema 1")
    refuses("digest", one(), because="schema 1")
