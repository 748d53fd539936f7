"""A network that cuts and is silent, a registry that lies and sends elsewhere."""
import json
import time

import images
from harness import HERE, entries, home, layer_digests, one, records, refuses, socle, test, works
from proxy import Act


# --- a bad network


def blobs(act):
    return lambda r: act if "/blobs/" in r.path else None


@test
def a_cut_is_taken_up_by_range():
    HERE.proxy.set(blobs(Act(cut=150000)))
    assert entries(one()) == entries(f"oci-dir:{HERE.work}/layout:one")
    assert any("Range" in s[2] for s in HERE.proxy.seen)


@test
def a_cut_without_ranges_starts_again():
    asked = {}

    def rule(r):
        if "/blobs/" not in r.path:
            return None
        del r.headers["Range"]
        asked[r.path] = asked.get(r.path, 0) + 1
        return Act(cut=150000 * asked[r.path])
    HERE.proxy.set(rule)
    assert entries(one()) == entries(f"oci-dir:{HERE.work}/layout:one")


@test
def cuts_without_any_gain_end():
    at = home()
    HERE.proxy.set(blobs(Act(cut=0)))
    refuses("ls", one(), because="cut after 0 of", at=at)
    assert len(HERE.proxy.seen) < 40 and records(at) == 0


@test
def cut_manifests_are_asked_again():
    count = []

    def rule(r):
        if "/manifests/" in r.path:
            count.append(1)
            return Act(cut=100) if len(count) < 3 else None
        return None
    HERE.proxy.set(rule)
    works("ls", one())


@test
def the_wrong_part_is_refused():
    def rule(r):
        if "/blobs/" in r.path and "Range" in r.headers:
            return Act(replace={"Content-Range": "bytes 0-9/10"})
        return Act(cut=100000) if "/blobs/" in r.path else None
    HERE.proxy.set(rule)
    refuses("ls", one(), because="should have")


@test
def slowness_is_borne():
    HERE.proxy.set(blobs(Act(slow=0.02)))
    works("ls", one())


@test
def silence_is_not_borne_for_ever():
    HERE.proxy.set(blobs(Act(hang=1.5)))
    said = refuses("ls", one(), because="nothing came for 700 ms")
    assert said.seconds < 12, said.seconds


@test
def silence_once_is_forgiven():
    hung = []

    def rule(r):
        if "/blobs/" in r.path and not hung:
            hung.append(1)
            return Act(hang=1.5)
        return None
    HERE.proxy.set(rule)
    works("ls", one())


@test
def errors_that_pass_are_waited_out():
    for status in 429, 500, 502, 503, 504:
        count = {}

        def rule(r, status=status, count=count):
            if "/v2/test" not in r.path:
                return None
            count[r.path] = count.get(r.path, 0) + 1
            return Act(status=status) if count[r.path] < 3 else None
        HERE.proxy.set(rule)
        works("ls", one())


@test
def errors_that_stay_end():
    HERE.proxy.set(lambda r: Act(status=500) if "/v2/test" in r.path else None)
    refuses("ls", one(), because="answers 500")
    assert len(HERE.proxy.asked("/v2/test")) == 4, HERE.proxy.seen


@test
def the_registrys_own_words_are_told():
    body = b'{"errors":[{"code":"DENIED","message":"no, \\u001b[31mnever"}]}'
    HERE.proxy.set(lambda r: Act(status=403, body=body) if "/v2/test" in r.path else None)
    said = refuses("ls", one(), because="answers 403, forbidden: no, ")
    assert "\x1b" not in said.err


@test
def retry_after_is_honoured():
    count = []

    def rule(r):
        if "/v2/test" not in r.path:
            return None
        count.append(1)
        return Act(status=429, headers={"Retry-After": "1"}) if len(count) == 1 else None
    HERE.proxy.set(rule)
    said = socle("digest", f"{HERE.proxy.host}/test/one:v1")
    assert said.status == 0 and said.seconds >= 1, said.seconds


@test
def retry_after_for_too_long_ends():
    HERE.proxy.set(lambda r: Act(status=429, headers={"Retry-After": "3600"}) if "/v2/test" in r.path else None)
    said = refuses("digest", f"{HERE.proxy.host}/test/one:v1", because="answers 429")
    assert said.seconds < 2 and len(HERE.proxy.asked("/v2/test")) == 1


# --- lies


@test
def damaged_layers_are_not_kept():
    at = home()
    _, manifest = layer_digests("one")
    for position in 0, 3, 1000, 400000:
        bad = manifest["layers"][1]["digest"]
        HERE.proxy.set(lambda r, p=position: Act(corrupt=p) if bad in r.path else None)
        said = socle("ls", one(), at=at)
        assert said.status == 2, said.out
        assert not list((at / "cache").glob("facts/*/" + "sha256-" + diff_id_of(manifest, 1)[7:])), "kept"
    HERE.proxy.set(None)
    assert entries(one(), at=at) == entries(f"oci-dir:{HERE.work}/layout:one")


def diff_id_of(manifest, i):
    config = json.loads((HERE.work / "layout/blobs/sha256" / manifest["config"]["digest"][7:]).read_text())
    return config["rootfs"]["diff_ids"][i]


@test
def damaged_manifests_and_configurations_are_refused():
    at = home()
    HERE.proxy.set(lambda r: Act(corrupt=20) if "/manifests/" in r.path else None)
    refuses("ls", one(), because="damaged, or not what it says", at=at)
    _, manifest = layer_digests("one")
    HERE.proxy.set(lambda r: Act(corrupt=20) if manifest["config"]["digest"] in r.path else None)
    refuses("ls", one(), because="damaged, or not what it says", at=at)
    assert records(at) == 0


@test
def a_wrong_digest_is_refused():
    wrong = "sha256:" + "0" * 64
    HERE.proxy.set(lambda r: Act(replace={"Docker-Content-Digest": wrong}) if "/manifests/" in r.path else None)
    refuses("ls", one(), because="but the registry says " + wrong)
    digest, _ = layer_digests("one")
    refuses("digest", f"{HERE.proxy.host}/test/one@{digest}", because="should be")


@test
def another_manifest_than_the_digest_says_is_refused():
    digest, _ = layer_digests("one")
    other, _ = layer_digests("multi")
    body = (HERE.work / "layout/blobs/sha256" / other[7:]).read_bytes()
    HERE.proxy.set(lambda r: Act(status=200, body=body, headers={"Content-Type": images.OCI + "index.v1+json"})
              if "/manifests/" in r.path else None)
    refuses("ls", f"docker://{HERE.proxy.host}/test/one@{digest}", because="should be " + digest)


@test
def wrong_lengths_are_refused():
    at = home()
    for length in 5, 99999999:
        HERE.proxy.set(blobs(Act(length=length)))
        said = socle("ls", one(), at=at)
        assert said.status == 2, said.out
        assert records(at) == 0
    HERE.proxy.set(lambda r: Act(length=99999999) if "/manifests/" in r.path else None)
    assert socle("ls", one()).status == 2


@test
def wrong_types_are_refused():
    HERE.proxy.set(lambda r: Act(replace={"Content-Type": images.OCI + "index.v1+json"}) if "/manifests/" in r.path else None)
    refuses("ls", one(), because="says that it is")


@test
def types_that_say_nothing_are_borne():
    HERE.proxy.set(lambda r: Act(replace={"Content-Type": "text/plain; charset=utf-8"}) if "/manifests/" in r.path else None)
    works("ls", one())


@test
def heads_without_end_are_refused():
    HERE.proxy.set(lambda r: Act(replace={"X-Long": ["a" * 4000] * 60}) if "/manifests/" in r.path else None)
    said = socle("ls", one())
    assert said.status == 2


@test
def heads_that_drip_are_not_borne_for_ever():
    def rule(r):
        if "/manifests/" not in r.path:
            return None
        r.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(200):
            r.wfile.write(f"X-{n}: x\r\n".encode())
            time.sleep(0.05)
        return None
    HERE.proxy.set(rule)
    said = refuses("ls", one(), because="not whole after 2000 ms", SOCLE_PATIENCE="1,20,200")
    assert said.seconds < 8, said.seconds


@test
def manifests_without_end_are_refused():
    HERE.proxy.set(lambda r: Act(status=200, body=b" " * (5 << 20), headers={"Content-Type": images.OCI + "manifest.v1+json"})
              if "/manifests/" in r.path else None)
    refuses("ls", one(), because="more than 4194304 bytes")


# --- sent elsewhere


@test
def redirects_are_followed():
    for status in 301, 302, 303, 307, 308:
        def rule(r, status=status):
            if "/blobs/" in r.path:
                return Act(status=status, headers={"Location": f"http://{HERE.other.host}{r.path}"})
            return None
        HERE.proxy.set(rule)
        HERE.other.set(None)
        works("ls", one())
        assert HERE.other.asked("/blobs/")


@test
def relative_redirects_are_followed():
    HERE.proxy.set(lambda r: Act(status=307, headers={"Location": r.path + "?again"})
              if "/blobs/" in r.path and "again" not in r.path else None)
    works("ls", one())


@test
def redirects_without_end_are_refused():
    HERE.proxy.set(lambda r: Act(status=307, headers={"Location": r.path + "x"}) if "/v2/test" in r.path else None)
    refuses("ls", one(), because="more than 5 redirects")
    assert len(HERE.proxy.asked("/v2/test")) == 6


@test
def redirects_to_no_web_or_no_tls_are_refused():
    for target, why in ("file:///etc/passwd", "no address"), ("http://192.0.2.1/x", "no TLS"), ("", "nowhere"):
        HERE.proxy.set(lambda r, t=target: Act(status=307, headers={"Location": t}) if "/v2/test" in r.path else None)
        refuses("ls", one(), because=why)
