"""Downloads that are cut: by the server, by kill -9, by another run."""
import os
import signal
import subprocess
import time

from harness import HERE, Home, alpine, serving, test
from server import Act, etag_of, in_turn

ALPINE = "/Alpine/all.zip"


@test
def a_cut_is_taken_up_in_the_same_run():
    home, body = Home(), alpine(1, 2, noise=600000)
    with serving(Alpine=body) as server:
        server.set(in_turn(Act(cut=200000), Act(cut=100000)))
        home.update(server, "Alpine")
        ranges = server.asked(ALPINE, "Range")
        assert server.asked(ALPINE) == 3 and ranges == ["bytes=200000-", "bytes=300000-"], ranges
        assert server.asked(ALPINE, "If-Range") == [etag_of(body)] * 2
    assert home.found() == ["T-Al-1", "T-Al-2"] and home.files() == ["Alpine.db"]


@test
def a_cut_is_taken_up_in_the_next_run():
    home = Home()
    with serving(Alpine=alpine(1, noise=600000)) as server:
        server.set(lambda r: Act(cut=0) if "Range" in r.headers else Act(cut=100000))
        home.fails(server, "Alpine", because=ALPINE)
        assert home.files() == ["Alpine.part", "Alpine.part-of"]
        server.set()
        home.update(server, "Alpine")
        assert server.asked(ALPINE, "Range") == ["bytes=100000-"] and server.asked(ALPINE) == 1
    assert home.found() == ["T-Al-1"]


@test
def another_state_begins_anew():
    home = Home()
    with serving(Alpine=alpine(1, noise=600000)) as server:
        server.set(lambda r: Act(cut=0) if "Range" in r.headers else Act(cut=100000))
        home.fails(server, "Alpine", because=ALPINE)
        server.files[ALPINE] = alpine(2, noise=700000)
        server.set()
        home.update(server, "Alpine")
        assert server.asked(ALPINE, "Range") == ["bytes=100000-"] and server.asked(ALPINE) == 1
    assert home.found() == ["T-Al-2"]


@test
def a_server_without_if_range_cannot_mix_two_states():
    home = Home()
    with serving(Alpine=alpine(1, noise=600000)) as server:
        server.set(lambda r: Act(cut=0) if "Range" in r.headers else Act(cut=100000))
        home.fails(server, "Alpine", because=ALPINE)
        server.files[ALPINE] = alpine(2, noise=700000)
        server.set(lambda r: Act(drop=["If-Range"]))
        home.update(server, "Alpine")
        assert server.asked(ALPINE) == 2
    assert home.found() == ["T-Al-2"]


@test
def a_server_without_ranges_begins_anew():
    home = Home()
    with serving(Alpine=alpine(1, noise=600000)) as server:
        server.set(in_turn(Act(cut=200000), Act(drop=["Range"])))
        home.update(server, "Alpine")
        assert server.asked(ALPINE) == 2
        for headers in {"ETag": 'W/"x"'}, {"ETag": None}:
            server.set(in_turn(Act(cut=200000, headers=headers)))
            home.update(server, "Alpine")
            assert server.asked(ALPINE) == 2 and not server.asked(ALPINE, "Range")
    assert home.found() == ["T-Al-1"]


@test
def a_server_that_gains_nothing_is_given_up():
    home = Home()
    with serving(Alpine=alpine(1, noise=600000)) as server:
        server.set(lambda r: Act(cut=100000, drop=["Range"]))
        home.fails(server, "Alpine", because=ALPINE)
        assert server.asked(ALPINE) < 10, server.asked(ALPINE)


@test
def what_is_whole_is_not_fetched_again():
    """As after a kill between the last byte and the import."""
    home, body = Home(), alpine(1, noise=600000)
    with serving(Alpine=body) as server:
        server.set(lambda r: Act(cut=0) if "Range" in r.headers else Act(cut=100000))
        home.fails(server, "Alpine", because=ALPINE)
        (home.folder / "Alpine.part").write_bytes(body)
        server.set()
        home.update(server, "Alpine")
        assert server.asked(ALPINE, "Range") == [f"bytes={len(body)}-"] and server.asked(ALPINE) == 1
        assert home.found() == ["T-Al-1"]
        # Longer than all of it, and still said to be of this state.
        (home.folder / "Alpine.part").write_bytes(body + b"more")
        (home.folder / "Alpine.part-of").write_text(f"{server.url}{ALPINE}\n{etag_of(body)}\n\n{etag_of(body)}\n")
        server.files[ALPINE] = alpine(3)
        home.update(server, "Alpine")
    assert home.found() == ["T-Al-3"]


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@test
def a_kill_leaves_the_last_good_state():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        home.update(server, "Alpine")
        server.files[ALPINE] = alpine(2, noise=900000)
        server.set(lambda r: Act(slow=0.1))
        process, part = home.start(server, "Alpine"), home.folder / "Alpine.part"
        wait_for(lambda: part.exists() and part.stat().st_size > 50000)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert home.found() == ["T-Al-1"]
        had = part.stat().st_size
        left = home.folder / "new-1-0"
        left.write_bytes(b"half")
        os.utime(left, (0, 0))
        server.set()
        home.update(server)
        assert server.asked(ALPINE, "Range") == [f"bytes={had}-"]
    assert home.found() == ["T-Al-2"] and home.files() == ["Alpine.db"]


@test
def two_at_once_do_not_meet():
    home = Home()
    with serving(Alpine=alpine(1, noise=900000)) as server:
        server.set(lambda r: Act(slow=0.05))
        process = home.start(server, "Alpine")
        wait_for(lambda: server.asked(ALPINE))
        home.fails(server, "Alpine", because="another socle is bringing advisories right now")
        (home.path / "Alpine.zip").write_bytes(alpine(2))
        said = home.socle("db", "import", "Alpine.zip")
        assert said.status == 2 and "right now" in said.err, said.err
        process.communicate()
        assert process.returncode == 0 and server.asked(ALPINE) == 1
    assert home.found() == ["T-Al-1"]


@test
def a_terminal_is_shown_what_comes():
    home = Home()
    with serving(Alpine=alpine(1, noise=900000)) as server:
        server.set(lambda r: Act(slow=0.05))
        command = f"{HERE.socle} db update Alpine --source {server.url}"
        for more, shown in ("", True), (" --no-progress", False), (" -q", False):
            server.files[ALPINE] = alpine(len(more), noise=900000)
            result = subprocess.run(["script", "-qec", command + more, "/dev/null"], env=home.environment({"TERM": "xterm"}),
                                    cwd=home.path, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
            assert result.returncode == 0, result.stdout
            assert (b"Alpine: " in result.stdout and b"left" in result.stdout) == shown, result.stdout
