"""How a case is written down: a function that fills a Case, under the name of its rule."""

BOTH = ("glibc", "musl")
GLIBC = ("glibc",)
MUSL = ("musl",)


class Unmakeable(Exception):
    """This machine's tools do not make the case."""


def collector():
    """(list of cases, decorator that adds to it)."""
    cases = []

    def rule(name, flavours=BOTH):
        def add(build):
            cases.append((name, build, flavours))
            return build
        return add
    return cases, rule


def rpath(folders):
    """DT_RPATH, which ld no longer writes by itself."""
    return f"-Wl,--disable-new-dtags,-rpath,{folders}"


def runpath(folders):
    return f"-Wl,--enable-new-dtags,-rpath,{folders}"


def soname(name):
    return f"-Wl,-soname,{name}"


# A library that is looked for elsewhere than where it was linked from.
LOOSE = "-Wl,--unresolved-symbols=ignore-all"
X0, X1 = "int x(void){return 0;}", "int x(void){return 1;}"
CALLS_X = "int x(void);int main(void){return x();}"
NOTHING = "int main(void){return 0;}"
