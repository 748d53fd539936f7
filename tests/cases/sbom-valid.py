#!/usr/bin/env python3
"""sbom-valid.py FILE: checks a CycloneDX 1.6 document against the official JSON schema, which the
Python package cyclonedx-python-lib carries; prints "valid" or what is wrong."""
import json
import pathlib
import sys

import cyclonedx.schema
import jsonschema
import referencing
import referencing.jsonschema

FOLDER = pathlib.Path(cyclonedx.schema.__file__).parent / "_res"
BASE = "http://cyclonedx.org/schema/"


def schema(name):
    return json.loads((FOLDER / f"{name}.SNAPSHOT.schema.json").read_text())


def registry():
    all_of_them = referencing.Registry()
    for name in "bom-1.6", "spdx", "jsf-0.82":
        resource = referencing.Resource.from_contents(
            schema(name), default_specification=referencing.jsonschema.DRAFT7)
        for uri in f"{BASE}{name}.schema.json", f"{BASE}{name}.SNAPSHOT.schema.json":
            all_of_them = all_of_them.with_resource(uri, resource)
    return all_of_them


validator = jsonschema.Draft7Validator(schema("bom-1.6"), registry=registry())
wrong = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in
         validator.iter_errors(json.loads(pathlib.Path(sys.argv[1]).read_text()))]
print("\n".join(wrong) or "valid")
