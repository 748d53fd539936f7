"""Advisories drawn at random around what is installed: bounds just below, at and above the
versions that are there, in every shape that OSV's schema allows."""
import functools
import re

SUFFIXES = {
    "deb": ["~rc1", "~", "+b1", "+deb12u1", "-1", ".1", "a"],
    "apk": ["_rc1", "_p1", "_git20240101", "-r1", "-r10", ".1", "a"],
    "rpm": ["~rc1", "^git1", ".1", "_1", "a", "-2.el9"],
    "pypi": ["rc1", ".post1", ".dev0", ".1", ".0", "a1"],
    "golang": ["-rc.1", "-0.20240101000000-abcdef012345", "+incompatible", "-rc.10", "-rc.a"],
    "cargo": ["-rc.1", "-alpha", "+build", "-1", "-rc.a"],
}
# The parts of a version that a suffix stands before: a Debian revision, a build number, …
TAIL = re.compile(r"(-r\d+|-[^-]*|\+.*)$")


def near(r, kind, version):
    """A version like it."""
    way = r.randrange(4)
    if way == 0:
        return version
    if way == 1:
        return r.choice([version, TAIL.sub("", version)]) + r.choice(SUFFIXES[kind])
    numbers = list(re.finditer(r"\d+", version))
    one = r.choice(numbers[:3] if way == 2 else numbers)
    number = max(0, int(one[0]) + r.choice([-1, -1, 1, 1, 9, -10]))
    return version[:one.start()] + str(number) + version[one.end():]


def bounds(r, kind, version, order, count):
    """Different versions, in their order; fewer where no more are found."""
    found = []
    for _ in range(40):
        v = near(r, kind, version)
        # What the tool takes for no version has no place in a range.
        if v != "0" and order(v, v) == 0 and all(order(v, other) for other in found):
            found.append(v)
        if len(found) == count:
            break
    return sorted(found, key=functools.cmp_to_key(order))


def span(r, kind, version, order):
    """One range."""
    v = bounds(r, kind, version, order, r.randint(1, 5))
    first = "0" if r.random() < 0.5 else v.pop(0)
    events = [{"introduced": first}]
    last = "fixed" if r.random() < 0.7 else "last_affected"
    names = [last, "introduced"] * 3
    events += [{name: at} for name, at in zip(names, v)]
    if r.random() < 0.1:
        events.append({"limit": r.choice(["*", near(r, kind, version)])})
    # "The order of events does not matter": but "introduced" comes first in all real ones.
    if r.random() < 0.3:
        r.shuffle(events)
    semver = kind in ("golang", "cargo")
    return {"type": "SEMVER" if semver else "ECOSYSTEM", "events": events}


def affected(r, package, where, order):
    base, release = where
    if r.random() < 0.1 and release:
        release = r.choice(["11", "v3.9", "9", "13"])
    entry = {"package": {"ecosystem": f"{base}:{release}" if release else base,
                         "name": package.name}}
    if r.random() < 0.9:
        entry["ranges"] = [span(r, package.kind, package.version, order)
                           for _ in range(r.choice([1, 1, 1, 2, 3]))]
    if r.random() < 0.1:
        entry.setdefault("ranges", []).append(
            {"type": "GIT", "repo": "https://example.org/x", "events": [{"introduced": "0"}]})
    if r.random() < 0.2 or not entry.get("ranges"):
        entry["versions"] = [near(r, package.kind, package.version)
                             for _ in range(r.randint(1, 4))]
    if package.kind == "golang" and r.random() < 0.4:
        entry["ecosystem_specific"] = {"imports": [imports(r) for _ in range(r.randint(1, 2))]}
    return entry


def imports(r):
    one = {"path": "example.com/a", "symbols": ["F"]}
    if r.random() < 0.6:
        one["goos"] = r.sample(["linux", "freebsd", "darwin"], r.randint(1, 2))
    if r.random() < 0.3:
        one["goarch"] = r.sample(["amd64", "arm64"], 1)
    return one


def advisories(r, packages, where_of, order_of, each=3):
    """OSV records: `each` for a package, some on several of them, and states of old."""
    packages = [p for p in packages if where_of(p)[0] and order_of(p.kind)(p.version, p.version) == 0]
    records = []
    for number in range(len(packages) * each):
        chosen = [packages[number // each]] + r.sample(packages, min(len(packages), r.choice([0, 0, 0, 2])))
        record = {"id": f"DRAWN-{number}", "schema_version": "1.6.0",
                  "modified": f"2026-01-{r.randint(10, 28)}T00:00:00Z",
                  "affected": [affected(r, p, where_of(p), order_of(p.kind)) for p in chosen
                               for _ in range(r.choice([1, 1, 1, 2]))]}
        if r.random() < 0.05:
            record["withdrawn"] = "2026-02-01T00:00:00Z"
        if r.random() < 0.2:
            record["upstream"] = [f"CVE-2026-{number}"]
        # The same vulnerability under another name, by somebody else.
        if r.random() < 0.2 and number % each:
            record["aliases"] = [f"DRAWN-{number - 1}"]
        records.append(record)
        if r.random() < 0.1:
            old = dict(record, modified="2025-01-01T00:00:00Z",
                       affected=[affected(r, chosen[0], where_of(chosen[0]), order_of(chosen[0].kind))])
            old.pop("withdrawn", None)
            records.append(old)
    r.shuffle(records)
    return records
