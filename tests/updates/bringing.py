"""Updates that succeed: what is asked, what is not, and what a scan then says."""
import gzip
import os

from harness import Home, KEV, alpine, bundle, record, serving, test
from server import Act, in_turn

ALPINE = "/Alpine/all.zip"


@test
def what_was_brought_is_scanned():
    home = Home()
    with serving(Alpine=alpine(1, 2)) as server:
        said = home.update(server, "Alpine")
        assert "Alpine:v3.9" in said.out, said.out
    assert home.found() == ["T-Al-1", "T-Al-2"]
    assert home.source("Alpine")["from"] == server.url + ALPINE
    assert home.files() == ["Alpine.db"]


@test
def what_has_not_changed_is_not_fetched():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        home.update(server, "Alpine")
        before = os.stat(home.folder / "Alpine.db")
        server.set()
        said = home.update(server, "Alpine")
        assert "Alpine: nothing has changed" in said.err, said.err
        after = os.stat(home.folder / "Alpine.db")
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
        assert len(server.asked(ALPINE, "If-None-Match")) == 1
        server.files[ALPINE] = alpine(1, 3)
        home.update(server, "Alpine")
    assert home.found() == ["T-Al-1", "T-Al-3"]


@test
def a_date_serves_where_there_is_no_etag():
    home = Home()
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    with serving(Alpine=alpine(1)) as server:
        server.set(in_turn(Act(headers={"ETag": None, "Last-Modified": date}), Act(status=304)))
        home.update(server, "Alpine")
        home.update(server, "Alpine")
        assert server.asked(ALPINE, "If-Modified-Since") == [date], server.seen


@test
def a_flat_folder_is_a_mirror():
    home = Home()
    with serving() as server:
        server.files |= {"/x/Alpine.zip": alpine(1), "/x/Red%20Hat.zip": bundle(record("Red Hat:enterprise_linux:9", 1)),
                         "/x/known_exploited_vulnerabilities.json": KEV,
                         "/x/epss_scores-current.csv.gz": gzip.compress(b"#model_version:v1,score_date:2026-03-03\ncve,epss,percentile\nCVE-2026-1,0.5,0.9\n")}
        server.url += "/x/"
        said = home.update(server)
        assert "Debian: there is none at" in said.err and "left out" in said.err, said.err
        assert home.files() == ["Alpine.db", "Red-Hat.db", "epss_scores-current.db", "known_exploited_vulnerabilities.db"]
        server.set()
        said = home.update(server)
        assert [line.split(":")[1] for line in said.err.splitlines()] == [" Alpine", " Red Hat", " epss", " kev"], said.err
        assert not server.asked("/x/Debian.zip")
        home.update(server, "red-hat", "alpine", "ALPINE")


@test
def what_was_imported_is_brought_up_to_date():
    home = Home()
    (home.path / "Alpine.zip").write_bytes(alpine(1))
    assert home.socle("db", "import", "Alpine.zip").status == 0
    with serving(Alpine=alpine(2)) as server:
        home.update(server)
        assert not server.asked("/Debian/all.zip")
    assert home.found() == ["T-Al-2"] and home.files() == ["Alpine.db"]
    assert home.socle("db", "import", "Alpine.zip").status == 0
    assert home.found() == ["T-Al-1"]
    with serving(Alpine=alpine(2)) as server:
        home.update(server)
        assert not server.asked(ALPINE, "If-None-Match")


@test
def redirects_are_followed():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        server.files["/moved"] = alpine(4)
        server.set(lambda r: Act(status=302, headers={"Location": "/moved"}) if r.path == ALPINE else None)
        home.update(server, "Alpine")
        assert home.found() == ["T-Al-4"]
        home.update(server, "Alpine")
        assert len(server.asked("/moved", "If-None-Match")) == 1
        server.set(lambda r: Act(status=307, headers={"Location": ALPINE}))
        home.fails(server, "Alpine", because="more than 5 redirects")
        server.set(lambda r: Act(status=301, headers={"Location": "file:///etc/passwd"}))
        home.fails(server, "Alpine", because="no address of a server")
    assert home.found() == ["T-Al-4"]


@test
def damaged_advisories_are_brought_anew():
    home = Home()
    with serving(Alpine=alpine(1)) as server:
        home.update(server, "Alpine")
        (home.folder / "Alpine.db").write_bytes(b"no database")
        assert home.socle("scan", "dir:r").status == 2
        home.update(server)
    assert home.found() == ["T-Al-1"]
