#!/usr/bin/env python3
"""sbom-valid.py FILE…: checks CycloneDX 1.6, SPDX 2.3 and SARIF 2.1.0 documents against the official
JSON schemas (tests/fixtures/schemas); prints "valid" or what is wrong, a document a line."""
import json
import pathlib
import sys

import jsonschema

FOLDER = pathlib.Path(__file__).parent.parent / "fixtures" / "schemas"


def schema(name):
    return json.loads((FOLDER / f"{name}.schema.json").read_text())


def joined(part):
    """The schema with what it takes from others put in; we sign nothing, so without signatures."""
    if isinstance(part, list):
        return [joined(p) for p in part]
    if not isinstance(part, dict):
        return part
    other = part.get("$ref", "")
    if other.startswith("spdx."):
        return {"enum": schema("spdx")["enum"]}
    return {} if other.startswith("jsf-") else {k: joined(v) for k, v in part.items()}


def validator(document):
    if "runs" in document:
        return jsonschema.Draft4Validator(schema("sarif-2.1.0"))
    name = "spdx-2.3" if "spdxVersion" in document else "bom-1.6"
    return jsonschema.Draft7Validator(joined(schema(name)))


def references(document):
    """What the schema cannot say: identifiers are there once, and what is referred to exists."""
    if "spdxVersion" in document:
        ids = [p["SPDXID"] for p in document["packages"]] + ["SPDXRef-DOCUMENT"]
        used = [r[k] for r in document["relationships"]
                for k in ("spdxElementId", "relatedSpdxElement")]
        extracted = {x["licenseId"] for x in document.get("hasExtractedLicensingInfos", [])}
        used_licenses = {p["licenseDeclared"] for p in document["packages"]
                         if p["licenseDeclared"].startswith("LicenseRef-")}
        if extracted != used_licenses:
            yield f"licences without text, or unused: {extracted ^ used_licenses}"
    elif "runs" in document:
        run = document["runs"][0]
        rules, results = run["tool"]["driver"]["rules"], run["results"]
        ids = [r["id"] for r in rules]
        used = [r["ruleId"] for r in results]
        if any(ids[r["ruleIndex"]] != r["ruleId"] for r in results):
            yield "a result has the index of another rule"
        prints = [str(r.get("partialFingerprints", i)) for i, r in enumerate(results)]
        if len(prints) != len(set(prints)):
            yield "a fingerprint stands twice"
    else:
        ids = [c["bom-ref"] for c in document["components"]] + ["image"]
        used = [r for d in document["dependencies"] for r in [d["ref"], *d.get("dependsOn", [])]]
        used += [a["ref"] for v in document.get("vulnerabilities", []) for a in v["affects"]]
    if len(ids) != len(set(ids)):
        yield "an identifier stands twice"
    if set(used) - set(ids):
        yield f"referred to and not there: {set(used) - set(ids)}"


for path in sys.argv[1:]:
    doc = json.loads(pathlib.Path(path).read_text())
    wrong = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in validator(doc).iter_errors(doc)]
    print("\n".join(wrong + list(references(doc))) or "valid")
