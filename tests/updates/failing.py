"""Servers that fail, lie or are not there: one clear message, and what was there stays."""
import socket
import subprocess
import time

from harness import HERE, Home, KEV, alpine, bundle, record, serving, test
from server import Act, in_turn

ALPINE = "/Alpine/all.zip"


@test
def what_is_not_there_does_not_stop_the_others():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        said = home.fails(server, "Alpnie", "Alpine", "kev", because="Alpnie: there is none at " + server.url)
        assert "kev: there is none at" in said.err and "Alpine:v3.9" in said.out, said.err
        assert home.files() == ["Alpine.db"] and home.found() == ["T-Al-1"]
        # What was here and is there no longer is no reason to lose it.
        del server.files[ALPINE]
        home.fails(server, because="Alpine: there is none at")
        home.fails(server, "Debian", because="Debian: there is none at")
    assert home.found() == ["T-Al-1"]


@test
def an_empty_mirror_is_no_success():
    home = Home()
    with serving() as server:
        home.fails(server, because="nothing was there to be brought")


@test
def a_server_in_trouble_is_asked_again():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        server.set(in_turn(Act(status=500), Act(status=503, headers={"Retry-After": "0"}), Act(status=429)))
        home.update(server, "Alpine")
        assert server.asked(ALPINE) == 4
        for status, times in (500, 4), (403, 1), (204, 1), (304, 1):
            other = Home()
            server.set(lambda r, status=status: Act(status=status))
            other.fails(server, "Alpine", because=f"the server answers {status}")
            assert server.asked(ALPINE) == times, server.asked(ALPINE)


@test
def a_body_without_an_end_is_ended():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        server.set(lambda r: Act(endless=True))
        home.fails(server, "kev", because="larger than 67108864 bytes")
        assert home.files() == []
        server.set(lambda r: Act(headers={"Content-Length": str(1 << 50)}))
        home.fails(server, "Alpine", because="larger than 8589934592 bytes")
        assert server.asked(ALPINE) == 1 and home.files() == []


@test
def silence_is_not_waited_for_for_ever():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        server.set(lambda r: time.sleep(1) or None)
        home.fails(server, "Alpine", because="nothing came for 200 ms", SOCLE_PATIENCE="2,20,200")
        assert server.asked(ALPINE) == 2


@test
def what_is_no_bundle_takes_no_place():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        home.update(server, "Alpine")
        good = alpine(2, noise=100000)
        for body, because in ((b"<!DOCTYPE html><html><body>Please log in</body></html>\n", "is of no use"), (b"", "is of no use"),
                              (b'{"error": "no"}', "is of no use"), (bundle(), "no advisories in it"), (b"\0" * 100, "is of no use"),
                              (good[:60000], "is of no use"), (good[:50000] + b"\0" * 1000 + good[51000:], "is of no use"),
                              (bundle(record("Debian:12", 1)), "no advisory in it is on Alpine"), (KEV, "no advisory in it is on Alpine")):
            server.files[ALPINE] = body
            home.fails(server, "Alpine", because=because)
            assert home.files() == ["Alpine.db"] and home.found() == ["T-Al-1"], body[:100]
        server.files["/known_exploited_vulnerabilities.json"] = alpine(1)
        home.fails(server, "kev", because="no list of vulnerabilities is in it")
        server.files[ALPINE] = good
        home.update(server, "Alpine")
    assert home.found() == ["T-Al-2"]


@test
def nobody_at_home_is_said_once():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        home.update(server, "Alpine")
    said = home.fails(server, "Alpine", "Debian", "Go", because="Alpine/all.zip")
    assert "2 more from there: not asked" in said.err and len(said.err.splitlines()) == 2, said.err
    assert home.found() == ["T-Al-1"]


@test
def a_certificate_that_nobody_trusts_is_refused():
    home = Home()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", f"{HERE.work}/key", "-out", f"{HERE.work}/crt"], check=True, capture_output=True)
    with serving(Alpine=alpine(1)) as server:
        import ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{HERE.work}/crt", f"{HERE.work}/key")
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        server.url = server.url.replace("http:", "https:")
        home.fails(server, "Alpine", because="certificate")
        assert not server.asked(ALPINE)


@test
def offline_asks_nobody():
    home = Home()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for args, env in (["--offline"], {}), ([], {"SOCLE_OFFLINE": "1"}):
            said = home.socle("db", "update", "--source", url, *args, **env)
            assert said.status == 2 and "--offline was given" in said.err, said.err
        try:
            listening.accept()
            raise AssertionError("somebody has connected")
        except BlockingIOError:
            pass
    assert not home.folder.exists()


@test
def words_that_are_none_are_refused():
    home = Home()
    for args, because in ((["../x"], "is no ecosystem"), ([""], "is no ecosystem"), (["a\nb"], "is no ecosystem"), ([".."], "is no ecosystem"),
                          (["Go", "--source", "ftp://127.0.0.1"], "--source wants"), (["Go", "--source", "nowhere"], "--source wants"),
                          (["Go", "--source", "http://a:b@127.0.0.1/"], "without a password"),
                          (["Go", "--source", "http://127.0.0.1/?x"], "--source wants"), (["Go", "--patience", "x"], "--patience wants")):
        said = home.socle("db", "update", *args)
        assert said.status == 2 and because in said.err, f"{args}: {said.err}"
    said = home.socle("db", "status", "--source", "http://127.0.0.1")
    assert said.status == 2 and "--source goes with db update" in said.err, said.err
    assert not home.folder.exists()
