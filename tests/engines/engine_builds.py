"""Dockerfiles built by engines. The tests are src/image/engine/build_test.c: nothing but an engine can
answer them."""
import pathlib
import subprocess

import daemons
from engine_images import docker, each_engine
from harness import HERE, Skip, test


def built_by(engine):
    program = pathlib.Path(HERE.socle).parent / "tests/test-image-engine-build"
    if not program.exists():
        raise Skip(f"{program} is not built")
    said = subprocess.run([program], env=engine.variables, capture_output=True, timeout=120)
    assert said.returncode == 0 and b"SKIPPED" not in said.stdout, (said.stdout + said.stderr).decode()
    assert not engine.containers(), engine.containers()


@each_engine
def dockerfiles_are_built(engine):
    built_by(engine)


@test
def buildkit_where_it_is_the_engine_s_own_choice():
    docker()
    engine = daemons.start("docker", HERE.work / "buildkit", {"features": {"buildkit": True}})
    try:
        engine.load(HERE.archive)
        built_by(engine)
    finally:
        daemons.stop(engine)
