"""Passwords, tokens, TLS; names of the catalogue; trials on what was pulled."""
import base64
import json
import shutil
import subprocess

import images
from harness import HERE, Skip, entries, free_port, home, layer_digests, one, refuses, skopeo, socle, test, works
from proxy import Act


# --- who asks

BASIC = "Basic " + base64.b64encode(b"user:secret").decode()


def login(at, host, secret="user:secret", where=".docker/config.json"):
    path = at / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"auths": {host: {"auth": base64.b64encode(secret.encode()).decode()}}}))
    return at


def token_rule(tokens, realm_host=None, basic=None, scope='scope="repository:test/one:pull"'):
    """A registry that wants one of `tokens`; /token gives the first."""
    def rule(r):
        if r.path.startswith("/token"):
            if basic and r.headers.get("Authorization") != basic:
                return Act(status=401, headers={})
            return Act(status=200, body=json.dumps({"token": tokens[0]}).encode())
        if r.headers.get("Authorization", "") in [f"Bearer {t}" for t in tokens]:
            return None
        realm = f"http://{realm_host or HERE.proxy.host}/token"
        return Act(status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="x",{scope}'})
    return rule


@test
def a_token_is_brought_once():
    HERE.proxy.set(token_rule(["abc"]))
    works("ls", one())
    asked = HERE.proxy.asked("/token")
    assert len(asked) == 1 and "scope=repository%3Atest%2Fone%3Apull" in asked[0][1], asked


@test
def a_token_is_brought_with_the_password():
    HERE.proxy.set(token_rule(["abc"], basic=BASIC))
    works("ls", one(), at=login(home(), HERE.proxy.host))
    refuses("ls", one(), because="token server", at=login(home(), HERE.proxy.host, "user:wrong"))


@test
def a_token_that_ran_out_is_renewed():
    state = {"token": "t1", "count": 0}

    def rule(r):
        state["count"] += 1
        if state["count"] == 6:
            state["token"] = "t2"
        return token_rule([state["token"]])(r)
    HERE.proxy.set(rule)
    works("ls", one())
    assert len(HERE.proxy.asked("/token")) == 2, HERE.proxy.seen


@test
def tokens_without_end_are_refused():
    def rule(r):
        if r.path.startswith("/token"):
            return Act(status=200, body=b'{"token":"never-good"}')
        return Act(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{HERE.proxy.host}/token"'})
    HERE.proxy.set(rule)
    refuses("ls", one(), because="answers 401")
    assert len(HERE.proxy.seen) < 8, HERE.proxy.seen


@test
def damaged_challenges_and_tokens_are_refused():
    for value in 'Bearer realm="x', "Bearer", 'Bearer realm="file:///etc/passwd"', 'Bearer realm="http://192.0.2.1/"', "Negotiate":
        HERE.proxy.set(lambda r, v=value: Act(status=401, headers={"WWW-Authenticate": v}))
        assert socle("ls", one()).status == 2
    for body in b"", b"{}", b'{"token":"a\\r\\nX: y"}', b'{"token":7}':
        def rule(r, b=body):
            return Act(status=200, body=b) if r.path.startswith("/token") else token_rule(["never"])(r)
        HERE.proxy.set(rule)
        assert socle("ls", one()).status == 2


@test
def an_identity_token_is_exchanged():
    at = home()
    (at / ".docker").mkdir()
    (at / ".docker/config.json").write_text(json.dumps({"auths": {HERE.proxy.host: {"identitytoken": "id&1"}}}))
    sent = []

    def rule(r):
        if r.path.startswith("/token"):
            sent.append((r.command, r.sent.decode()))
            return Act(status=200, body=b'{"access_token":"abc"}')
        return token_rule(["abc"])(r)
    HERE.proxy.set(rule)
    works("ls", one(), at=at)
    assert sent[0][0] == "POST" and "grant_type=refresh_token" in sent[0][1] and "refresh_token=id%261" in sent[0][1]


def basic_rule(r):
    if r.headers.get("Authorization") == BASIC:
        return None
    return Act(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})


@test
def passwords_are_found_where_docker_and_podman_keep_them():
    HERE.proxy.set(basic_rule)
    works("ls", one(), at=login(home(), HERE.proxy.host))
    at = login(home(), HERE.proxy.host, where="d/config.json")
    works("ls", one(), at=at, DOCKER_CONFIG=str(at / "d"))
    at = login(home(), HERE.proxy.host, where="a.json")
    works("ls", one(), at=at, REGISTRY_AUTH_FILE=str(at / "a.json"))
    at = login(home(), HERE.proxy.host, where="run/containers/auth.json")
    works("ls", one(), at=at, XDG_RUNTIME_DIR=str(at / "run"))
    works("ls", one(), at=login(home(), HERE.proxy.host + "/test", where=".config/containers/auth.json"))
    refuses("ls", one(), because="wants a login")
    refuses("ls", one(), because="wants a login", at=login(home(), HERE.proxy.host + "/tes"))
    at = home()
    (at / ".docker").mkdir()
    (at / ".docker/config.json").write_text("{")
    refuses("ls", one(), because="config.json: not JSON", at=at)


def helper(at, script):
    path = at / "docker-credential-test"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


@test
def helpers_are_asked():
    for config in {"credsStore": "test"}, {"credHelpers": {HERE.proxy.host: "test"}}:
        at = home()
        (at / ".docker").mkdir()
        (at / ".docker/config.json").write_text(json.dumps(config))
        HERE.proxy.set(basic_rule)
        helper(at, f'read host; [ "$1 $host" = "get {HERE.proxy.host}" ] && '
               'echo \'{"ServerURL":"x","Username":"user","Secret":"secret"}\'')
        works("ls", one(), at=at)
        helper(at, "echo credentials not found in native keychain; exit 1")
        refuses("ls", one(), because="wants a login", at=at)
        helper(at, "echo the vault is shut; exit 1")
        refuses("ls", one(), because="the vault is shut", at=at)
        helper(at, "yes")
        refuses("ls", one(), because="docker-credential-test", at=at)
        (at / "docker-credential-test").unlink()
        refuses("ls", one(), because="is not installed", at=at)


@test
def passwords_go_to_no_other_server():
    at = login(home(), f"127.0.0.1:{HERE.plain}")
    HERE.proxy.set(basic_rule)
    refuses("ls", one(), because="wants a login", at=at)
    assert not any("Authorization" in s[2] for s in HERE.proxy.seen)


@test
def redirects_drop_passwords_and_tokens():
    def elsewhere(inner):
        def rule(r):
            act = inner(r)
            if act is None and "/blobs/" in r.path:
                return Act(status=307, headers={"Location": f"http://{HERE.other.host}{r.path}"})
            return act
        return rule
    for inner in basic_rule, token_rule(["abc"], basic=BASIC):
        HERE.proxy.set(elsewhere(inner))
        HERE.other.set(None)
        works("ls", one(), at=login(home(), HERE.proxy.host))
        assert HERE.other.seen and not any("Authorization" in s[2] for s in HERE.other.seen)


@test
def a_server_behind_a_redirect_gets_no_password_on_demand():
    HERE.proxy.set(lambda r: Act(status=307, headers={"Location": f"http://{HERE.other.host}{r.path}"}))
    HERE.other.set(basic_rule)
    at = login(home(), HERE.proxy.host)
    assert socle("ls", one(), at=at).status == 2
    assert not any("Authorization" in s[2] for s in HERE.other.seen)


# --- TLS


def tls_home(trusted=True):
    at = login(home(), f"127.0.0.1:{HERE.tls}")
    if trusted:
        folder = at / f".config/containers/certs.d/127.0.0.1:{HERE.tls}"
        folder.mkdir(parents=True)
        shutil.copy(HERE.work / "ca.crt", folder)
    return at


@test
def tls_with_a_password():
    ref = f"docker://127.0.0.1:{HERE.tls}/test/one:v1"
    assert entries(ref, at=tls_home()) == entries(f"oci-dir:{HERE.work}/layout:one")
    wanted = skopeo("inspect", "--tls-verify=false", "--creds", "user:secret", "--format", "{{.Digest}}", ref).strip()
    assert works("digest", ref, at=tls_home()).strip() == wanted
    at = tls_home()
    login(at, f"127.0.0.1:{HERE.tls}", "user:wrong")
    refuses("ls", ref, because="answers 401", at=at)


@test
def unknown_certificates_are_refused():
    refuses("ls", f"docker://127.0.0.1:{HERE.tls}/test/one:v1", because="certificate", at=tls_home(trusted=False))


@test
def no_plain_http_beyond_this_machine():
    """The name leads nowhere (RFC 6761): what counts is that HERE.tls was wanted."""
    at = home()
    said = socle("ls", "docker://registry.invalid/x:1", at=at)
    assert said.status == 2 and "registry.invalid cannot be reached" in said.err and said.seconds < 11


# --- the catalogue


def catalogue(at, host):
    (at / "mine.yaml").write_text(f'bases:\n- name: house/slim:v1\n  repository: "{host}/test/one"\n  tags: ["v1"]\n'
                                  "  libc: glibc 2.36\n  shell: dash\n  package_manager: apt\n")
    return "--catalogue", "mine.yaml"


@test
def what_is_only_described_is_pulled_by_name_alone():
    at = home()
    more = catalogue(at, HERE.proxy.host)
    HERE.proxy.set(None)
    works("ls", "house/slim:v1", *more, at=at)
    assert HERE.proxy.asked("/manifests/v1")
    HERE.proxy.set(None)
    works("bases", *more, at=at)
    program = static_program(at)
    socle("pick", program, *more, at=at)
    assert not HERE.proxy.seen
    socle("pick", program, "--pull", *more, at=at)
    assert HERE.proxy.asked("/manifests/")


@test
def without_a_network_the_description_counts():
    at = home()
    more = catalogue(at, f"127.0.0.1:{free_port()}")
    said = socle("check", static_program(at), "house/slim:v1", *more, at=at)
    assert said.status == 1 and "cannot be reached" in said.err and "its publisher says" in said.err, said.err
    assert "unknown" in said.out and "documented" in said.out
    assert len(said.err.splitlines()) == 1
    said = socle("check", static_program(at), "house/slim:v1", "--offline", *more, at=at)
    assert said.status == 1 and said.err == "", said.err


def static_program(at):
    source = at / "p.c"
    source.write_text("int main(void){return 0;}\n")
    if subprocess.run(["cc", "-static", "-o", str(at / "p"), str(source)], capture_output=True).returncode:
        raise Skip("no static C library")
    return "p"


@test
def trials_run_on_what_was_pulled():
    at = home()
    HERE.proxy.set(None)
    said = socle("try", static_program(at), one(), "--test", "./p", at=at)
    if said.status == 2 and ("crun" in said.err or "namespace" in said.err or "runtime" in said.err):
        raise Skip(f"no containers here: {said.err.strip()}")
    assert said.status == 0, said.err + said.out
    asked = [s[1] for s in HERE.proxy.seen]
    assert len(asked) == len(set(asked)), asked


# --- the choice


@test
def the_choice_is_pinned_by_the_index():
    at = home()
    program = static_program(at)

    def chosen(*args):
        said = socle("pick", program, "-o", "json", *args, at=at)
        assert said.status == 0, said.err + said.out
        return json.loads(said.out)["choice"]["reference"]

    host = f"127.0.0.1:{HERE.plain}"
    for name in "one", "multi":
        wanted = works("digest", f"{host}/test/{name}:v1").strip()
        got = chosen("--base", f"{host}/test/{name}:v1")
        assert got == f"{host}/test/{name}:v1@{wanted}", got
    wanted = works("digest", f"{host}/test/one:latest").strip()
    assert chosen("--base", f"docker://{host}/test/one") == f"{host}/test/one@{wanted}"
    # Learned: the digest goes with the facts, and no registry is asked.
    more = catalogue(at, host)
    works("bases", "learn", f"docker://{host}/test/multi:v1", "--as", "house/slim:v1", *more, at=at)
    wanted = works("digest", f"{host}/test/multi:v1").strip()
    assert chosen("--base", "house/slim:v1", "--offline", *more) == f"{host}/test/one:v1@{wanted}"


# --- what an application's image stands on


def put_image(name, layers, annotations=None):
    """An image of these layers in the plain registry."""
    folder = HERE.work / f"layout-{name}"
    layout = images.Layout(str(folder))
    descriptor = images.image(layout, layers)
    if annotations:
        manifest = json.loads((folder / "blobs/sha256" / descriptor["digest"][7:]).read_bytes())
        descriptor = layout.json({**manifest, "annotations": annotations}, descriptor["mediaType"])
    layout.name(descriptor, name)
    ref = f"127.0.0.1:{HERE.plain}/test/{name}:v1"
    skopeo("copy", "-q", "--dest-tls-verify=false", f"oci:{folder}:{name}", f"docker://{ref}")
    return ref


@test
def the_base_of_an_image_is_found():
    at = home()
    static_program(at)
    below = [{"etc/os-release": b"ID=x\n"}, {"lib/y": b"y"}]
    base = put_image("below", below)
    above = put_image("above", below + [{"srv/p": (at / "p").read_bytes()}])
    (at / "mine.yaml").write_text(f'bases:\n- name: house/below:v1\n  repository: "{base.rsplit(":", 1)[0]}"\n')
    more = "--catalogue", "mine.yaml"

    def stands(image, *args):
        said = json.loads(works("check", image, "scratch", "--entry", "/srv/p", "-o", "json", *more, *args, at=at))
        was = said["app"]["base_was"]
        return was and [was["base"], was["told_by"], was["layers"]]

    def holds(got, wanted):
        assert got == wanted, got

    holds(stands(above), None)
    holds(stands(above, "--base-was", base), ["house/below:v1", "--base-was", 2])
    # Once its base has been fetched, nobody is asked for it.
    works("ls", "house/below:v1", *more, at=at)
    holds(stands(above, "--offline"), ["house/below:v1", "its layers", 2])
    said = works("pick", above, "--base", "scratch", "--entry", "/srv/p", "-o", "dockerfile", "-q", *more, at=at)
    holds(said, f"FROM scratch\nCOPY --from={above}@{works('digest', above).strip()} /srv /srv\nWORKDIR /\nENTRYPOINT [\"/srv/p\"]\n")
    refused = socle("check", above, "scratch", "--base-was", one(f"127.0.0.1:{HERE.plain}"), at=at)
    assert refused.status == 2 and "neither its layers nor its packages" in refused.err, refused.err


@test
def the_base_of_an_image_is_taken_at_its_word():
    at = home()
    static_program(at)
    below = [{"etc/os-release": b"ID=z\n"}]
    base = put_image("word", below)
    digest = works("digest", base).strip()
    word = {"org.opencontainers.image.base.name": base, "org.opencontainers.image.base.digest": digest}
    above = put_image("spoken", below + [{"srv/p": (at / "p").read_bytes()}], word)
    said = json.loads(works("needs", above, "--entry", "/srv/p", "-o", "json", at=at))
    assert said["needs"] == [], said
    said = json.loads(works("check", above, "scratch", "--entry", "/srv/p", "-o", "json", at=at))
    assert said["app"]["base_was"]["base"] == base and said["app"]["base_was"]["told_by"] == "its annotations", said
    # A word that is not true of its layers is not taken.
    lying = put_image("lying", [{"srv/p": (at / "p").read_bytes()}], word)
    said = json.loads(works("check", lying, "scratch", "--entry", "/srv/p", "-o", "json", at=at))
    assert said["app"]["base_was"] is None, said
