"""Projects: a Dockerfile built, judged, rewritten, built again and tried."""
import json
import re
import shutil

import images
from engine_images import each_engine
from engine_trials import nothing_left
from harness import HERE, home, skopeo, socle


def bases(engine):
    """house/large:1, with a shell and more; house/small:1, with nothing to speak of; house/none:1."""
    if engine.ask("GET", "/images/house/small:1/json")[0] == 200:
        return
    program = (HERE.work / "says").read_bytes()
    for name, files in {"large": {"bin/sh": program, "bin/curl": program, "usr/noise": images.noise(5, 900000),
                                  "etc/os-release": b"ID=house\n", "etc/passwd": b"web:x:7:7::/:/bin/sh\n"},
                        "small": {"etc/hello": b"hello\n"}, "middle": {"etc/wanted": b"x\n", "usr/noise": images.noise(6, 90000)}}.items():
        folder = HERE.work / f"{engine.kind}-{name}"
        layout = images.Layout(str(folder))
        layout.name(images.image(layout, [files]), name)
        archive = HERE.work / f"{engine.kind}-{name}.tar"
        skopeo("copy", "-q", f"oci:{folder}:{name}", f"docker-archive:{archive}:house/{name}:1")
        engine.load(archive)


def project(at, dockerfile):
    folder = at / "project"
    folder.mkdir()
    shutil.copy(HERE.work / "says", folder / "says")
    (folder / "Dockerfile").write_text(dockerfile)
    return folder


def picked(engine, at, *options):
    names = [f"{engine.kind}:house/{name}:1" for name in ("small", "middle", "large")]
    said = socle("pick", "project", *[word for name in names for word in ("--base", name)], *options, "-o", "json",
                 "-o", f"dockerfile={at}/new", at=at, **engine.variables)
    assert said.status in (0, 1), said.err
    nothing_left(engine)
    return json.loads(said.out), said


LAST_STAGE = """FROM house/large:1 AS build
COPY says /made/says
RUN ["/bin/sh", "out", "made"]

# what is shipped
FROM  house/large:1
COPY --from=build /made /srv
WORKDIR /srv
HEALTHCHECK CMD curl -f http://localhost || exit 1
CMD /srv/says serve 8080
"""


@each_engine
def a_last_stage_is_changed_in_place(engine):
    bases(engine)
    at = home()
    project(at, LAST_STAGE)
    said, whole = picked(engine, at, "--test", "/srv/says out fine id x")
    assert whole.status == 0 and said["choice"]["base"].endswith("house/small:1"), whole.out
    made = said["dockerfile"]
    assert made["in_place"] and made["text"] == (at / "new").read_text(), made
    head, tail = made["text"].split("# what is shipped\n")
    assert head == LAST_STAGE.split("# what is shipped\n")[0], head
    # Podman has digests of its own for images that were never pulled.
    assert re.match(r"FROM  (docker\.io/)?house/small:1(@sha256:\w+)?\nCOPY --from=build /made /srv\nWORKDIR /srv\n"
                    r"# HEALTHCHECK is left out: the base has no /bin/sh, no curl; ", tail), tail
    assert tail.endswith('USER 65532:65532\nCMD ["/srv/says", "serve", "8080"]\n'), tail
    assert made["is"]["size_bytes"] < made["was"]["size_bytes"], made
    assert made["is"]["trial"]["status"] == made["was"]["trial"]["status"] == "passed", made
    assert (at / "project/Dockerfile").read_text() == LAST_STAGE


SINGLE = """FROM house/large:1
COPY says /srv/says
RUN ["/bin/sh", "write", "/srv/wanted"]
ENV GREETING="hello $you"
EXPOSE 8080
CMD ["/srv/says", "serve", "8080"]
"""


@each_engine
def a_single_stage_becomes_a_builder(engine):
    bases(engine)
    at = home()
    project(at, SINGLE)
    said, whole = picked(engine, at, "--test", "/srv/says cat /srv/wanted env GREETING", "--http", "8080")
    assert whole.status == 0, whole.out + whole.err
    made = said["dockerfile"]
    assert not made["in_place"] and made["text"].startswith(SINGLE.replace("large:1", "large:1 AS built")), made
    assert re.search(r"\nFROM (docker\.io/)?house/small:1(@sha256:\w+)?\nCOPY --from=built /srv /srv\nENV GREETING=\"hello .*\"\n"
                     r"EXPOSE 8080/tcp\nWORKDIR /\nUSER 65532:65532\nCMD \[\"/srv/says\", \"serve\", \"8080\"\]\n$", made["text"]), made["text"]
    assert made["is"]["trial"]["tests"][1]["http_status"] == 200, made


@each_engine
def the_ladder_climbs_and_root_is_the_last_resort(engine):
    bases(engine)
    at = home()
    # What it wants to write only root may.
    project(at, "FROM house/large:1\nCOPY says /srv/says\nCMD /srv/says exit 0\n")
    said, whole = picked(engine, at, "--test", "/srv/says cat /etc/wanted write /etc/other")
    assert whole.status == 1 and said["choice"] is None and said["dockerfile"]["text"] is None, whole.out
    assert said["dockerfile"]["was"]["trial"]["status"] == "failed", whole.out
    project_file = at / "project/Dockerfile"
    project_file.write_text("FROM house/large:1\nCOPY says /srv/says\nCMD /srv/says exit 0\n")
    said, whole = picked(engine, at, "--test", "/srv/says write /etc/other")
    made = said["dockerfile"]
    assert whole.status == 0 and "USER" not in made["text"], made
    assert any("as user 65532" in why for why in made["refused"]), made


@each_engine
def what_stands_on_the_choice_stays(engine):
    at = home()
    project(at, 'FROM scratch\nCOPY says /srv/says\nCMD ["/srv/says", "exit", "0"]\n')
    said = socle("pick", "project", "--base", "scratch", "--test", "/srv/says out x", at=at, **engine.variables)
    assert said.status == 0 and "stands on that base already" in said.out, said.out + said.err
    nothing_left(engine)


@each_engine
def what_does_not_build_is_no_beginning(engine):
    bases(engine)
    at = home()
    project(at, 'FROM house/large:1\nRUN ["/bin/sh", "exit", "3"]\n')
    said, whole = picked(engine, at, "--test", "/srv/says")
    assert whole.status == 1 and not said["dockerfile"]["was"]["built"] and said["dockerfile"]["was"]["why"], whole.out
    (at / "project/Dockerfile").write_text("RUN nothing\n")
    refused = socle("pick", "project", at=at, **engine.variables)
    assert refused.status == 2 and "project/Dockerfile:1" in refused.err, refused.err
    (at / "project/Dockerfile").write_text("# nothing\n")
    refused = socle("pick", "project", at=at, **engine.variables)
    assert refused.status == 2 and "no FROM" in refused.err, refused.err


@each_engine
def without_an_engine_a_project_is_not_built(engine):
    at = home()
    project(at, LAST_STAGE)
    nowhere = {"DOCKER_HOST": f"unix://{at}/none.sock", "CONTAINER_HOST": f"unix://{at}/none.sock"}
    refused = socle("pick", "project", at=at, **nowhere)
    assert refused.status == 2 and "neither is here" in refused.err and "--at" in refused.err, refused.err
