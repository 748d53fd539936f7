"""Version orders, asked of the tools that own them. Each order compares two versions: negative,
zero, positive; None where the tool takes one of them for no version."""
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

BASES = Path(os.environ.get("SOCLE_BASES",
                            Path(__file__).resolve().parents[2].parent / "shared/bases"))
SIGNS = {"<": -1, "=": 0, ">": 1}


class Asked:
    """A tool that answers "A B" on its standard input with <, = or >, line by line."""

    def __init__(self, command, **more):
        self.known = {}
        self.tool = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, text=True, **more)

    def __call__(self, a, b):
        if (a, b) not in self.known:
            if re.search(r"\s", a + b) or not a or not b:
                return None
            self.tool.stdin.write(f"{a} {b}\n")
            self.tool.stdin.flush()
            answer = self.tool.stdout.readline()
            if not answer:
                raise RuntimeError(f"the tool died at {a} {b}")
            self.known[a, b] = SIGNS.get(answer.strip())
        return self.known[a, b]


DPKG = """while read -r a b; do
	if dpkg --compare-versions "$a" lt "$b"; then echo '<'
	elif dpkg --compare-versions "$a" eq "$b"; then echo '='
	else echo '>'; fi
done"""

RPM = """%{lua:
while true do
	local line = io.stdin:read('*l')
	if not line then break end
	local a, b = line:match('(%S+) (%S+)')
	local c = rpm.vercmp(a, b)
	io.stdout:write((c < 0 and '<' or c > 0 and '>' or '=') .. string.char(10))
	io.stdout:flush()
end}"""

APK = 'while read -r a b; do apk version -t "$a" "$b" || echo "?"; done'


def deb():
    return Asked(["sh", "-c", DPKG]) if shutil.which("dpkg") else None


def rpm():
    if not shutil.which("rpm"):
        return None
    return Asked(["rpm", "--eval", RPM])


def apk():
    """The apk inside an Alpine file system, which must be entered for it: that wants root."""
    packed = BASES / f"alpine-minirootfs-3.20.3-{os.uname().machine}.tar.gz"
    if not packed.exists() or os.geteuid() != 0:
        return None
    root = tempfile.mkdtemp(prefix="socle-apk-")
    with tarfile.open(packed) as tar:
        tar.extractall(root)
    order = Asked(["chroot", root, "/bin/sh", "-c", APK])
    order.root = root
    return order


def pep440():
    try:
        from packaging.version import InvalidVersion, Version
    except ImportError:
        from pip._vendor.packaging.version import InvalidVersion, Version

    def version(text):
        try:
            return Version(text)
        except InvalidVersion:
            return None

    def order(a, b):
        """What is no version is older than all that are, as in `packaging` before 22, by which OSV
        goes; two of those compare only where they are the same."""
        if a == b:
            return 0
        a, b = version(a), version(b)
        if a is None or b is None:
            return None if a is b else (1 if b is None else -1)
        return (a > b) - (a < b)
    return order


# semver.org, 9 to 11; golang.org/x/mod/semver also takes v1 and v1.2.
SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.+-]+)?")


def semver_key(version):
    found = SEMVER.fullmatch(version)
    if not found:
        return None
    identifiers = []
    for word in (found[4] or "").split(".") if found[4] else []:
        identifiers.append((0, int(word), "") if word.isdigit() else (1, 0, word))
    # A version before its pre-releases comes after them.
    return [int(found[i] or 0) for i in (1, 2, 3)], not identifiers, identifiers


def semver_order(a, b):
    a, b = semver_key(a), semver_key(b)
    if a is None or b is None:
        return None
    return (a > b) - (a < b)


def semver():
    return semver_order


MAKERS = {"deb": deb, "rpm": rpm, "apk": apk, "pypi": pep440, "golang": semver, "cargo": semver}


class Orders(dict):
    """By type of package; None: its tool is not here."""

    def __missing__(self, kind):
        self[kind] = MAKERS[kind]()
        return self[kind]

    def close(self):
        for order in self.values():
            if isinstance(order, Asked):
                order.tool.stdin.close()
                order.tool.wait()
                if hasattr(order, "root"):
                    shutil.rmtree(order.root)
