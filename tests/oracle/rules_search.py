"""Where the loaders look for a library, in which order, and under which names."""
import os
import shutil

from rules_common import (BOTH, CALLS_X, GLIBC, LOOSE, MUSL, NOTHING, X0, X1, Unmakeable, collector, rpath,
                          runpath, soname)

CASES, rule = collector()
READS_X = "extern int x;int main(void){return x;}"
CALLS_LATER = "int gone(void);int main(int n,char**v){return n>9?gone():0;}"


def needs_x(c, *flags, name="main", code=CALLS_X):
    """A program that needs libx.so, which lies nowhere yet."""
    c.lib("libx.so", X0, soname("libx.so"))
    c.prog(name, code, *flags, "libx.so")
    os.unlink(c.host("libx.so"))
    c.start(name)


@rule("library that is nowhere")
def _(c):
    needs_x(c)


@rule("library beside the program, without a path to it")
def _(c):
    needs_x(c)
    c.lib("libx.so")


# ---- One list of folders: RPATH and RUNPATH ----

def path_case(name, value, place, flavours=BOTH):
    for tag, flag in (("RPATH", rpath), ("RUNPATH", runpath)):
        def build(c, flag=flag):
            needs_x(c, flag(value))
            if place:
                c.lib(place)
        rule(f"{tag}: {name}", flavours)(build)


path_case("absolute", "/app/lib", "lib/libx.so")
path_case("$ORIGIN", "$ORIGIN/lib", "lib/libx.so")
path_case("${ORIGIN}", "${ORIGIN}/lib", "lib/libx.so")
path_case("$ORIGIN alone", "$ORIGIN", "libx.so")
path_case("$ORIGIN with something behind", "$ORIGINAL/lib", "lib/libx.so")
path_case("$ORIGIN/..", "$ORIGIN/../opt/lib", "/opt/lib/libx.so")
path_case("$ORIGIN in the middle", "/opt/$ORIGIN/lib", "/opt/app/lib/libx.so")
path_case("$ORIGIN twice", "/nowhere$ORIGIN:$ORIGIN/lib", "lib/libx.so")
path_case("brace that is not closed", "${ORIGIN/lib:/app/lib", "lib/libx.so")
path_case("$LIB", "/app/$LIB", "lib/x86_64-linux-gnu/libx.so")
path_case("$LIB is not there, the next is", "/app/$LIB:/app/lib", "lib/libx.so")
path_case("$PLATFORM", "/app/$PLATFORM", "x86_64/libx.so")
path_case("unknown token", "/app/$NAME/lib", "$NAME/lib/libx.so")
path_case("unknown token, then another folder", "/app/$NAME:/app/lib", "lib/libx.so")
path_case("lonely dollar", "/app/a$:/app/lib", "a$/libx.so")
path_case("trailing slash", "/app/lib/", "lib/libx.so")
path_case("trailing slashes", "/app/lib///", "lib/libx.so")
path_case("doubled slashes", "//app//lib", "lib/libx.so")
path_case("the root", "/", "/libx.so")
path_case("relative", "app/lib", "lib/libx.so")
path_case("dot", ".", "/libx.so")
path_case("empty element first", ":/nowhere", "/libx.so")
path_case("empty element in the middle", "/nowhere::/nothing", "/libx.so")
path_case("empty element last", "/nowhere:", "/libx.so")
path_case("second folder", "/nowhere:/app/lib", "lib/libx.so")
path_case("third folder", "/nowhere:/etc/passwd:/app/lib", "lib/libx.so")
path_case("folder of another name", "/app/lib", "lib2/libx.so")
path_case("dot-dot through nothing", "/nowhere/../app/lib", "lib/libx.so")
path_case("semicolon cuts nothing", "/nowhere;/app/lib", "lib/libx.so")
path_case("newline", "/nowhere\n/app/lib", "lib/libx.so")


def both_tags(name, old, new, place):
    @rule("both tags: " + name)
    def _(c):
        # ld writes DT_RUNPATH alone; DT_RPATH takes the place of a tag that no loader wants.
        c.lib("libx.so", X0, soname("libx.so"))
        c.prog("main", CALLS_X, runpath(new), "-Wl,--depaudit=" + old, "libx.so")
        c.retag("main", 0x6ffffefb, 15)  # DT_DEPAUDIT becomes DT_RPATH
        os.unlink(c.host("libx.so"))
        c.lib(place)
        c.start("main")


both_tags("the library is in RPATH", "/app/old", "/app/new", "old/libx.so")
both_tags("the library is in RUNPATH", "/app/old", "/app/new", "new/libx.so")


def inheritance(name, flag_main, flag_lib, place):
    @rule("inheritance: " + name)
    def _(c):
        # main needs liba, which needs libx.
        c.lib("libx.so", X0, soname("libx.so"))
        c.lib("a/liba.so", "int x(void);int a(void){return x();}", soname("liba.so"), "libx.so", *flag_lib)
        c.prog("main", "int a(void);int main(void){return a();}", *flag_main, "a/liba.so", LOOSE)
        os.unlink(c.host("libx.so"))
        c.lib(place)
        c.start("main")


inheritance("RPATH of the program", [rpath("/app/a:/app/x")], [], "x/libx.so")
inheritance("RUNPATH of the program", [runpath("/app/a:/app/x")], [], "x/libx.so")
inheritance("RPATH of the program, library with RUNPATH", [rpath("/app/a:/app/x")], [runpath("/none")],
            "x/libx.so")
inheritance("RPATH of the program, library with RPATH", [rpath("/app/a:/app/x")], [rpath("/none")],
            "x/libx.so")
inheritance("RUNPATH of both", [runpath("/app/a")], [runpath("/app/x")], "x/libx.so")
inheritance("$ORIGIN of the library", [runpath("$ORIGIN/a")], [runpath("$ORIGIN/../x")], "x/libx.so")
inheritance("$ORIGIN of the library, RPATH", [rpath("$ORIGIN/a")], [rpath("$ORIGIN/../x")], "x/libx.so")
inheritance("$ORIGIN of the program in RPATH", [rpath("$ORIGIN/a:$ORIGIN/x")], [], "x/libx.so")
inheritance("library spoils its own path", [rpath("/app/a:/app/x")], [rpath("/app/$LIB")], "x/libx.so")


@rule("inheritance: through three libraries")
def _(c):
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("b/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "x/libx.so")
    c.lib("a/liba.so", "int b(void);int a(void){return b();}", soname("liba.so"), "b/libb.so", LOOSE,
          rpath("/app/b:/app/x"))
    c.prog("main", "int a(void);int main(void){return a();}", runpath("/app/a"), "a/liba.so", LOOSE)
    c.start("main")


@rule("inheritance: RUNPATH does not go through three libraries")
def _(c):
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("b/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "x/libx.so")
    c.lib("a/liba.so", "int b(void);int a(void){return b();}", soname("liba.so"), "b/libb.so", LOOSE,
          runpath("/app/b:/app/x"))
    c.prog("main", "int a(void);int main(void){return a();}", rpath("/app/a"), "a/liba.so", LOOSE)
    c.start("main")


@rule("inheritance: the first who asked is who loaded it")
def _(c):
    # Both liba and libb need libm2, which needs libx; liba came first, its RPATH counts.
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("m/libm2.so", "int x(void);int m(void){return x();}", soname("libm2.so"), "x/libx.so")
    c.lib("l/liba.so", "int m(void);int a(void){return m();}", soname("liba.so"), "m/libm2.so", LOOSE,
          rpath("/app/m:/app/x"))
    c.lib("l/libb.so", "int m(void);int b(void){return m();}", soname("libb.so"), "m/libm2.so", LOOSE,
          rpath("/app/m"))
    c.prog("main", "int a(void);int b(void);int main(void){return a()+b();}", rpath("/app/l"), "l/libb.so",
           "l/liba.so", LOOSE)
    c.start("main")


# ---- Opened libraries ----

@rule("opened: RPATH of the library serves what it needs")
def _(c):
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("mod.so", "int x(void);int m(void){return x();}", rpath("$ORIGIN/x"), "x/libx.so")
    c.start("mod.so")


@rule("opened: RUNPATH of the library serves what it needs")
def _(c):
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("mod.so", "int x(void);int m(void){return x();}", runpath("$ORIGIN/x"), "x/libx.so")
    c.start("mod.so")


@rule("opened: RPATH goes through a chain")
def _(c):
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("b/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "x/libx.so")
    c.lib("mod.so", "int b(void);int m(void){return b();}", rpath("$ORIGIN/b:$ORIGIN/x"), "b/libb.so", LOOSE)
    c.start("mod.so")


@rule("opened: RUNPATH does not go through a chain")
def _(c):
    c.lib("x/libx.so", X0, soname("libx.so"))
    c.lib("b/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "x/libx.so")
    c.lib("mod.so", "int b(void);int m(void){return b();}", runpath("$ORIGIN/b:$ORIGIN/x"), "b/libb.so", LOOSE)
    c.start("mod.so")


@rule("opened: library that is nowhere")
def _(c):
    c.lib("libx.so", X0, soname("libx.so"))
    c.lib("mod.so", "int x(void);int m(void){return x();}", "libx.so")
    os.unlink(c.host("libx.so"))
    c.start("mod.so")


@rule("opened: library of a library that is nowhere")
def _(c):
    c.lib("libx.so", X0, soname("libx.so"))
    c.lib("b/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "libx.so")
    c.lib("mod.so", "int b(void);int m(void){return b();}", runpath("$ORIGIN/b"), "b/libb.so", LOOSE)
    os.unlink(c.host("libx.so"))
    c.start("mod.so")


# ---- Built-in folders, cache, files below /etc ----

def place_case(name, place, flavours=BOTH, flags=()):
    @rule("place: " + name, flavours)
    def _(c):
        needs_x(c, *flags)
        c.lib(place)


place_case("/lib", "/usr/lib/libx.so")
place_case("/usr/lib", "/usr/lib/libx.so")
place_case("/usr/local/lib", "/usr/local/lib/libx.so")
place_case("/usr/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu/libx.so")
place_case("/usr/local/lib/x86_64-linux-gnu", "/usr/local/lib/x86_64-linux-gnu/libx.so")
place_case("/usr/lib64", "/usr/lib64/libx.so")
place_case("/opt/lib", "/opt/lib/libx.so")
place_case("a folder below", "/usr/lib/x86_64-linux-gnu/deeper/libx.so")
place_case("nodefaultlib, /usr/lib", "/usr/lib/libx.so", BOTH, ["-Wl,-z,nodefaultlib"])
place_case("nodefaultlib, another folder", "/app/lib/libx.so", BOTH,
           ["-Wl,-z,nodefaultlib", runpath("/app/lib")])


@rule("place: nodefaultlib, a library of the cache", GLIBC)
def _(c):
    c.prog("main", NOTHING, "-Wl,-z,nodefaultlib")
    c.start("main")


@rule("place: nodefaultlib of a library alone", GLIBC)
def _(c):
    c.lib("lib/liba.so", "int a(void){return 0;}", soname("liba.so"), "-Wl,-z,nodefaultlib")
    c.prog("main", "int a(void);int main(void){return a();}", runpath("/app/lib"), "lib/liba.so")
    c.start("main")


@rule("place: a library of the application shadows one of the cache", GLIBC)
def _(c):
    c.lib("lib/libz.so.1", "int x(void){return 0;}", soname("libz.so.1"))
    c.prog("main", CALLS_X, runpath("$ORIGIN/lib"), "lib/libz.so.1")
    c.start("main")


@rule("place: libz of the base", GLIBC)
def _(c):
    c.lib("lib/libz.so.1", "int zlibVersion(void){return 0;}", soname("libz.so.1"))
    c.prog("main", "int zlibVersion(void);int main(void){return !zlibVersion();}", "lib/libz.so.1")
    shutil.rmtree(c.host("lib"))
    c.start("main")


def libc_helper(name, lib, flavours=BOTH):
    @rule("place: " + name + " of the base", flavours)
    def _(c):
        c.lib("lib/stub.so", "int x(void){return 0;}", soname(lib))
        c.prog("main", NOTHING, "-Wl,--no-as-needed", "-lc", "lib/stub.so", "-Wl,--allow-shlib-undefined")
        shutil.rmtree(c.host("lib"))
        c.start("main")


for helper in ("libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2",
               "libgcc_s.so.1", "libstdc++.so.6", "libcrypt.so.1", "ld-linux-x86-64.so.2", "libnsl.so.1",
               "libanl.so.1", "libBrokenLocale.so.1", "libthread_db.so.1", "libc.musl-x86_64.so.1",
               "ld-musl-x86_64.so.1", "libc.so", "libssl.so.3", "libcrypto.so.3", "libz.so.01", "libxnet.so",
               "libatomic.so.1", "libgomp.so.1", "libtinfo.so.6", "libz.so.1"):
    libc_helper(helper, helper)


@rule("musl: path file instead of the default folders, library in it", MUSL)
def _(c):
    needs_x(c)
    c.lib("lib/libx.so")
    c.text("/etc/ld-musl-x86_64.path", "/app/lib\n", 0o644)


@rule("musl: path file instead of the default folders, library in /usr/lib", MUSL)
def _(c):
    needs_x(c)
    c.lib("/usr/lib/libx.so")
    c.text("/etc/ld-musl-x86_64.path", "/app/lib\n", 0o644)


@rule("musl: path file with colons and lines", MUSL)
def _(c):
    needs_x(c)
    c.lib("lib/libx.so")
    c.text("/etc/ld-musl-x86_64.path", "/lib:/usr/lib\n\n/nowhere\n/app/lib", 0o644)


@rule("musl: empty path file", MUSL)
def _(c):
    needs_x(c)
    c.lib("/usr/lib/libx.so")
    c.text("/etc/ld-musl-x86_64.path", "", 0o644)


@rule("musl: path file that is a folder", MUSL)
def _(c):
    needs_x(c)
    c.lib("/usr/lib/libx.so")
    os.makedirs(c.host("/etc/ld-musl-x86_64.path/x"))


@rule("ld.so.preload: library", GLIBC)
def _(c):
    c.lib("libx.so")
    c.text("/etc/ld.so.preload", "/app/libx.so\n", 0o644)
    c.lacking("main", c.prog, CALLS_X, X0)
    c.start("main")


@rule("ld.so.preload: library that is not there", GLIBC)
def _(c):
    c.text("/etc/ld.so.preload", "/app/libgone.so\n", 0o644)
    c.prog("main", NOTHING)
    c.start("main")


@rule("ld.so.preload: several, comments, no newline", GLIBC)
def _(c):
    c.lib("libx.so")
    c.text("/etc/ld.so.preload", "# one\n/app/libgone.so:/app/none.so\t# two\n/app/libx.so", 0o644)
    c.lacking("main", c.prog, CALLS_X, X0)
    c.start("main")


@rule("ld.so.preload: library that lacks another", GLIBC)
def _(c):
    c.lib("libgone.so", X0, soname("libgone.so"))
    c.lib("liba.so", "int x(void);int a(void){return x();}", "libgone.so")
    os.unlink(c.host("libgone.so"))
    c.text("/etc/ld.so.preload", "/app/liba.so\n", 0o644)
    c.prog("main", NOTHING)
    c.start("main")


# ---- ld.so.cache, as ldconfig(8) makes it ----

def cached(c, *folders):
    """A cache of the application's folders in place of the base's; they must hold libraries."""
    c.text("/etc/ld.so.conf", "".join(f"{d}\n" for d in folders), 0o644)
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    if not os.path.exists(ldconfig):
        raise Unmakeable
    c.tool(ldconfig, "-X", "-r", c.folder)
    shutil.rmtree(c.folder + "/var", ignore_errors=True)


def cache_case(name, place, folders, change=None, again=()):
    @rule("cache: " + name, GLIBC)
    def _(c):
        needs_x(c)
        for p in place:
            c.lib(p, X0, soname(os.path.basename(p)))
        cached(c, *folders)
        if change:
            change(c)
        for p in again:
            c.lib(p, X0, soname("libx.so"))


OPT = "/opt/lib/libx.so"
cache_case("library", [OPT], ["/opt/lib"])
cache_case("library in /app", ["lib/libx.so"], ["/app/lib"])
cache_case("library that is gone", [OPT], ["/opt/lib"], lambda c: os.unlink(c.host(OPT)))
cache_case("library that is gone, another built in", [OPT], ["/opt/lib"],
           lambda c: os.unlink(c.host(OPT)), ["/usr/lib/libx.so"])
cache_case("library that came later", ["/opt/lib/liby.so"], ["/opt/lib"], None, [OPT])
cache_case("library that became a text", [OPT], ["/opt/lib"],
           lambda c: (os.unlink(c.host(OPT)), c.text(OPT, "a text of more than sixty-four bytes " * 4)))
cache_case("library that became one of another machine", [OPT], ["/opt/lib"],
           lambda c: c.patch(OPT, 18, b"\xb7\0"))
cache_case("hwcaps, version 2", ["/opt/lib/glibc-hwcaps/x86-64-v2/libx.so"], ["/opt/lib"])
cache_case("hwcaps, version 4", ["/opt/lib/glibc-hwcaps/x86-64-v4/libx.so"], ["/opt/lib"])
cache_case("hwcaps, version 9", ["/opt/lib/glibc-hwcaps/x86-64-v9/libx.so"], ["/opt/lib"])
cache_case("damaged", [OPT], ["/opt/lib"], lambda c: c.text("/etc/ld.so.cache", "nothing", 0o644))
cache_case("empty", [OPT], ["/opt/lib"], lambda c: c.text("/etc/ld.so.cache", "", 0o644))
cache_case("cut off behind its head", [OPT], ["/opt/lib"], lambda c: c.cut("/etc/ld.so.cache", 48))
cache_case("cut off in its entries", [OPT], ["/opt/lib"], lambda c: c.cut("/etc/ld.so.cache", 60))
cache_case("folder in ld.so.conf that nobody cached", ["/opt/other/liby.so"], ["/opt/other"],
           lambda c: c.text("/etc/ld.so.conf", "/opt/lib\n", 0o644), [OPT])


@rule("cache: nodefaultlib, library elsewhere", GLIBC)
def _(c):
    needs_x(c, "-Wl,-z,nodefaultlib", runpath("/app/base"))
    c.lib(OPT, X0, soname("libx.so"))
    cached(c, "/opt/lib")


@rule("cache: a name whose number is written otherwise", GLIBC)
def _(c):
    c.lib("libx.so", X0, soname("libx.so.01"))
    c.prog("main", CALLS_X, "libx.so")
    os.unlink(c.host("libx.so"))
    c.lib("/opt/lib/libx.so.1", X0, soname("libx.so.1"))
    cached(c, "/opt/lib")
    c.start("main")


# ---- A loader and a libc of its own ----

GLIBC_LOADER, GLIBC_LIBC = "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6"
MUSL_LIBC = "/usr/lib/x86_64-linux-musl/libc.so"
OWN = "-Wl,-dynamic-linker,/app/lib/ld.so"


def brought(c, loader, libc):
    for path in (loader, libc):
        if not os.path.exists(path):
            raise Unmakeable
    shutil.copy(os.path.realpath(loader), c.host("lib/ld.so"))
    shutil.copy(os.path.realpath(libc), c.host("lib/" + os.path.basename(libc)))


@rule("own loader: glibc with RUNPATH", GLIBC)
def _(c):
    brought(c, GLIBC_LOADER, GLIBC_LIBC)
    c.prog("main", NOTHING, OWN, runpath("$ORIGIN/lib"))
    c.start("main")


@rule("own loader: glibc without a path to its libc", GLIBC)
def _(c):
    brought(c, GLIBC_LOADER, GLIBC_LIBC)
    c.prog("main", NOTHING, OWN)
    c.start("main")


@rule("own loader: the base's, with a libc of its own", GLIBC)
def _(c):
    brought(c, GLIBC_LOADER, GLIBC_LIBC)
    os.unlink(c.host("lib/ld.so"))
    c.prog("main", 'int puts(const char*);int main(void){return puts("")<0;}', runpath("$ORIGIN/lib"))
    c.start("main")


@rule("own loader: musl", MUSL)
def _(c):
    brought(c, MUSL_LIBC, MUSL_LIBC)
    c.prog("main", NOTHING, OWN)
    c.start("main")


@rule("own loader: musl, with a library in its default path", MUSL)
def _(c):
    brought(c, MUSL_LIBC, MUSL_LIBC)
    needs_x(c, OWN)
    c.lib("/usr/lib/libx.so", X0, soname("libx.so"))


@rule("own loader: musl, with a path file beside it", MUSL)
def _(c):
    brought(c, MUSL_LIBC, MUSL_LIBC)
    needs_x(c, OWN)
    c.lib("more/libx.so", X0, soname("libx.so"))
    c.text("etc/ld-musl-x86_64.path", "/app/more\n", 0o644)


# ---- Environment ----

def env_case(name, variable, place, flavours=BOTH, flags=()):
    @rule("environment: " + name, flavours)
    def _(c):
        needs_x(c, *flags)
        if place:
            c.lib(place)
        c.env.append(variable)


env_case("LD_LIBRARY_PATH", "LD_LIBRARY_PATH=/app/lib", "lib/libx.so")
env_case("LD_LIBRARY_PATH with several", "LD_LIBRARY_PATH=/none:/app/lib", "lib/libx.so")
env_case("LD_LIBRARY_PATH with semicolons", "LD_LIBRARY_PATH=/none;/app/lib", "lib/libx.so")
env_case("LD_LIBRARY_PATH with an empty element", "LD_LIBRARY_PATH=/none:", "/libx.so")
env_case("LD_LIBRARY_PATH with an empty element first", "LD_LIBRARY_PATH=:/none", "/libx.so")
env_case("LD_LIBRARY_PATH is empty", "LD_LIBRARY_PATH=", "/libx.so")
env_case("LD_LIBRARY_PATH with $ORIGIN", "LD_LIBRARY_PATH=$ORIGIN/lib", "lib/libx.so")
env_case("LD_LIBRARY_PATH with $LIB", "LD_LIBRARY_PATH=/app/$LIB", "lib/x86_64-linux-gnu/libx.so")
env_case("LD_LIBRARY_PATH, and RUNPATH elsewhere", "LD_LIBRARY_PATH=/app/lib", "lib/libx.so", BOTH,
         [runpath("/none")])
env_case("LD_PRELOAD gives the library's name", "LD_PRELOAD=/app/lib/libx.so", "lib/libx.so")
env_case("LD_PRELOAD of nothing", "LD_PRELOAD=/app/none.so", None)


def order_case(name, env, flags, good, bad, flavours=BOTH):
    """The library lies in two folders; the bad one lacks the data that the program wants."""
    @rule("order: " + name, flavours)
    def _(c):
        c.lib("libx.so", "int x;", soname("libx.so"))
        c.prog("main", "extern int x;int main(void){return x;}", *flags, "libx.so")
        os.unlink(c.host("libx.so"))
        c.lib(good, "int x;", soname("libx.so"))
        c.lib(bad, "int y;", soname("libx.so"))
        c.env += env
        c.start("main")


ENV = ["LD_LIBRARY_PATH=/app/env"]
for good, bad in (("env", "tag"), ("tag", "env")):
    order_case(f"RPATH and LD_LIBRARY_PATH, good in {good}", ENV, [rpath("/app/tag")], f"{good}/libx.so",
               f"{bad}/libx.so")
    order_case(f"RUNPATH and LD_LIBRARY_PATH, good in {good}", ENV, [runpath("/app/tag")], f"{good}/libx.so",
               f"{bad}/libx.so")
order_case("RUNPATH before /usr/lib", [], [runpath("/app/tag")], "tag/libx.so", "/usr/lib/libx.so")
order_case("/lib or /usr/local/lib", [], [], "/usr/local/lib/libx.so", "/usr/lib/libx.so")


@rule("environment: LD_PRELOAD of data", BOTH)
def _(c):
    c.lib("libx.so", "int x;")
    c.lacking("main", c.prog, READS_X, "int x;")
    c.env.append("LD_PRELOAD=/app/libx.so")
    c.start("main")


@rule("environment: LD_PRELOAD of a name in LD_LIBRARY_PATH", BOTH)
def _(c):
    c.lib("lib/libx.so", "int x;")
    c.lacking("main", c.prog, READS_X, "int x;")
    c.env += ["LD_PRELOAD=libx.so", "LD_LIBRARY_PATH=/app/lib"]
    c.start("main")


@rule("environment: LD_PRELOAD of a name in RUNPATH", BOTH)
def _(c):
    c.lib("lib/libx.so", "int x;")
    c.lacking("main", c.prog, READS_X, "int x;", runpath("/app/lib"))
    c.env += ["LD_PRELOAD=libx.so"]
    c.start("main")


@rule("environment: LD_PRELOAD of two", BOTH)
def _(c):
    c.lib("libx.so", "int x;")
    c.lib("liby.so", "int y;")
    c.lacking("main", c.prog, "extern int x,y;int main(void){return x+y;}", "int x,y;")
    c.env.append("LD_PRELOAD=/app/libx.so:/app/liby.so")
    c.start("main")


@rule("environment: LD_PRELOAD of a library that lacks another", BOTH)
def _(c):
    c.lib("libgone.so", X0, soname("libgone.so"))
    c.lib("liba.so", "int x(void);int a(void){return x();}", "libgone.so")
    os.unlink(c.host("libgone.so"))
    c.prog("main", NOTHING)
    c.env.append("LD_PRELOAD=/app/liba.so")
    c.start("main")


@rule("environment: LD_BIND_NOW", GLIBC)
def _(c):
    c.lacking("main", c.prog, CALLS_LATER, "int gone(void){return 0;}", "-Wl,-z,lazy")
    c.env.append("LD_BIND_NOW=1")
    c.start("main")


@rule("environment: empty LD_BIND_NOW", GLIBC)
def _(c):
    c.lacking("main", c.prog, CALLS_LATER, "int gone(void){return 0;}", "-Wl,-z,lazy")
    c.env.append("LD_BIND_NOW=")
    c.start("main")


# ---- hwcaps ----

def hwcaps_case(name, folder, flavours=BOTH, tag=runpath):
    @rule("hwcaps: " + name, flavours)
    def _(c):
        needs_x(c, tag("/app/lib"))
        c.lib(f"lib/{folder}/libx.so")


for level in ("v1", "v2", "v3", "v4", "v5"):
    hwcaps_case("x86-64-" + level, "glibc-hwcaps/x86-64-" + level)
hwcaps_case("below RPATH", "glibc-hwcaps/x86-64-v2", tag=rpath)
for folder in ("tls", "x86_64", "haswell", "tls/x86_64", "x86_64/x86_64", "avx512_1", "sse2", "x86_64/tls",
               "tls/haswell/x86_64", "tls/x86_64/x86_64"):
    hwcaps_case("old folder " + folder, folder)


@rule("hwcaps: below a built-in folder", GLIBC)
def _(c):
    needs_x(c)
    c.lib("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libx.so")


@rule("hwcaps: the better one is broken", GLIBC)
def _(c):
    needs_x(c, runpath("/app/lib"))
    c.lib("lib/libx.so")
    c.text("lib/glibc-hwcaps/x86-64-v2/libx.so", "nothing that could be an ELF file, and long enough to be "
           "read as one, sixty-four bytes and more")


@rule("hwcaps: the better one is of another machine", GLIBC)
def _(c):
    needs_x(c, runpath("/app/lib"))
    c.lib("lib/libx.so")
    c.lib("lib/glibc-hwcaps/x86-64-v2/libx.so")
    c.patch("lib/glibc-hwcaps/x86-64-v2/libx.so", 18, b"\xb7\0")


@rule("hwcaps: the better one lacks the symbol", GLIBC)
def _(c):
    needs_x(c, runpath("/app/lib"), "-Wl,-z,now")
    c.lib("lib/libx.so")
    c.lib("lib/glibc-hwcaps/x86-64-v2/libx.so", "int y;")


# ---- Names ----

def needed_as(name, needed, place, flavours=BOTH, flags=()):
    """DT_NEEDED as a linker writes it for a library without DT_SONAME: the name on its line."""
    @rule("name: " + name, flavours)
    def _(c):
        c.lib("libx.so", X0, soname(needed))
        c.prog("main", CALLS_X, *flags, "libx.so")
        os.unlink(c.host("libx.so"))
        if place:
            c.lib(place)
        c.start("main")


needed_as("absolute path", "/app/lib/libx.so", "lib/libx.so")
needed_as("relative path", "app/lib/libx.so", "lib/libx.so")
needed_as("path that is not there", "/app/lib/libx.so", None)
needed_as("path is not looked up in RUNPATH", "lib/libx.so", "sub/lib/libx.so", BOTH, [runpath("/app/sub")])
needed_as("$ORIGIN in it", "$ORIGIN/lib/libx.so", "lib/libx.so")
needed_as("${ORIGIN} in it", "${ORIGIN}/lib/libx.so", "lib/libx.so")
needed_as("$LIB in it", "/app/$LIB/libx.so", "lib/x86_64-linux-gnu/libx.so")
needed_as("$ORIGIN without a slash", "$ORIGIN", None)
needed_as("dot", "./libx.so", "/libx.so")
needed_as("reserved by musl, libm.", "libm.any", None)
needed_as("reserved by musl, librt.so.9", "librt.so.9", None)
needed_as("almost reserved by musl", "libmx.so", None)
needed_as("with a blank", "lib x.so", "/usr/lib/lib x.so")
needed_as("300 bytes long", "lib" + "x" * 297, None)


@rule("name: soname differs from the file's name")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so.1"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.start("main")


@rule("name: link to the soname")
def _(c):
    c.lib("lib/libx.so.1.2", X0, soname("libx.so.1"))
    c.link("lib/libx.so.1", "libx.so.1.2")
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so.1.2")
    c.start("main")


@rule("name: a second library asks for the soname of a loaded one")
def _(c):
    # main needs /app/lib/one.so by path, whose soname is libx.so.1; libb needs libx.so.1.
    c.lib("lib/one.so", X0, soname("libx.so.1"))
    c.lib("lib/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "lib/one.so")
    c.lib("tmp/one.so", X0, soname("/app/lib/one.so"))
    c.prog("main", "int x(void);int b(void);int main(void){return x()+b();}", runpath("/app/lib"),
           "tmp/one.so", "lib/libb.so", LOOSE)
    c.start("main")


@rule("name: a second library asks for the file name of a loaded one")
def _(c):
    c.lib("lib/libx.so", X0, soname("/app/lib/libx.so"))
    c.lib("tmp/libx.so", X0, soname("libx.so"))
    c.lib("other/libb.so", "int x(void);int b(void){return x();}", soname("libb.so"), "tmp/libx.so")
    c.prog("main", "int x(void);int b(void);int main(void){return x()+b();}", runpath("/app/other"),
           "lib/libx.so", "other/libb.so", LOOSE)
    shutil.rmtree(c.host("tmp"))
    c.start("main")


@rule("name: one file under two names")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    os.link(c.host("lib/libx.so"), c.host("lib/liby.so"))
    c.lib("tmp/liby.so", "int y(void){return 0;}", soname("liby.so"))
    c.prog("main", "int x(void);int main(void){return x();}", runpath("/app/lib"), "-Wl,--no-as-needed",
           "lib/libx.so", "tmp/liby.so")
    shutil.rmtree(c.host("tmp"))
    c.start("main")


@rule("name: one file by a link")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.link("lib/liby.so", "libx.so")
    c.lib("tmp/liby.so", "int y(void){return 0;}", soname("liby.so"))
    c.prog("main", "int x(void);int main(void){return x();}", runpath("/app/lib"), "-Wl,--no-as-needed",
           "lib/libx.so", "tmp/liby.so")
    shutil.rmtree(c.host("tmp"))
    c.start("main")


@rule("name: library that needs itself")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.lib("lib/self.so", X0, soname("libx.so"), "-Wl,--no-as-needed", "lib/libx.so", runpath("/app/lib"))
    c.move("lib/self.so", "lib/libx.so")
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.start("main")


@rule("name: library that needs the program")
def _(c):
    c.lib("lib/stub.so", "int y(void){return 0;}", soname("main"))
    c.lib("lib/libx.so", X0, soname("libx.so"), "-Wl,--no-as-needed", "lib/stub.so")
    c.prog("main", CALLS_X, runpath("/app/lib:/app"), "lib/libx.so", LOOSE)
    c.start("main")


@rule("name: $ORIGIN of a library found by a link")
def _(c):
    # lib/liba.so is a link to real/liba.so; its RUNPATH $ORIGIN is lib, not real.
    c.lib("real/libx.so", X0, soname("libx.so"))
    c.lib("real/liba.so", "int x(void);int a(void){return x();}", soname("liba.so"), runpath("$ORIGIN"),
          "real/libx.so")
    c.link("lib/liba.so", "../real/liba.so")
    c.prog("main", "int a(void);int main(void){return a();}", runpath("/app/lib"), "lib/liba.so", LOOSE)
    c.start("main")


@rule("name: $ORIGIN of a program started by a link")
def _(c):
    c.lib("real/libx.so", X0, soname("libx.so"))
    c.prog("real/main", CALLS_X, runpath("$ORIGIN"), "real/libx.so")
    c.link("main", "real/main")
    c.start("main")


@rule("name: link that leads to itself, then a second folder")
def _(c):
    needs_x(c, runpath("/app/one:/app/two"))
    c.link("one/libx.so", "libx.so")
    c.lib("two/libx.so")


@rule("name: link that leads to itself, then a built-in folder")
def _(c):
    needs_x(c, runpath("/app/one"))
    c.link("one/libx.so", "libx.so")
    c.lib("/usr/lib/libx.so")


@rule("name: folder that leads to itself, then a second folder")
def _(c):
    needs_x(c, runpath("/app/one:/app/two"))
    c.link("one", "one")
    c.lib("two/libx.so")


@rule("name: link that leads nowhere, then a second folder")
def _(c):
    needs_x(c, runpath("/app/one:/app/two"))
    c.link("one/libx.so", "nowhere")
    c.lib("two/libx.so")


@rule("name: absolute link")
def _(c):
    needs_x(c, runpath("/app/one"))
    c.link("one/libx.so", "/app/two/libx.so")
    c.lib("two/libx.so")


@rule("name: link that leaves the root")
def _(c):
    needs_x(c, runpath("/app/one"))
    c.link("one/libx.so", "../../../../../app/two/libx.so")
    c.lib("two/libx.so")


# ---- Filters ----

def filter_case(name, flag, present, flavours=BOTH):
    @rule("filter: " + name, flavours)
    def _(c):
        c.lib("lib/libimpl.so", X0, soname("libimpl.so"))
        c.lib("lib/libx.so", X1 if present else X0, soname("libx.so"), flag, runpath("/app/lib"))
        c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so", LOOSE)
        if not present:
            os.unlink(c.host("lib/libimpl.so"))
        c.start("main")


filter_case("DT_FILTER", "-Wl,-F,libimpl.so", True, GLIBC)
filter_case("DT_FILTER is not there", "-Wl,-F,libimpl.so", False)
filter_case("DT_AUXILIARY", "-Wl,-f,libimpl.so", True, GLIBC)
filter_case("DT_AUXILIARY is not there", "-Wl,-f,libimpl.so", False)


@rule("filter: DT_AUXILIARY is no ELF file")
def _(c):
    c.text("lib/libimpl.so", "nothing\n" * 20)
    c.lib("lib/libx.so", X0, soname("libx.so"), "-Wl,-f,libimpl.so", runpath("/app/lib"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so", LOOSE)
    c.start("main")


@rule("filter: DT_AUXILIARY lacks a library")
def _(c):
    c.lib("lib/libgone.so", "int g(void){return 0;}", soname("libgone.so"))
    c.lib("lib/libimpl.so", "int g(void);int x(void){return g();}", soname("libimpl.so"), "lib/libgone.so")
    c.lib("lib/libx.so", X0, soname("libx.so"), "-Wl,-f,libimpl.so", runpath("/app/lib"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so", LOOSE)
    os.unlink(c.host("lib/libgone.so"))
    c.start("main")


@rule("filter: a symbol that only the filtee has", BOTH)
def _(c):
    c.lib("lib/libimpl.so", "int only;", soname("libimpl.so"))
    c.lib("lib/libx.so", X0, soname("libx.so"), "-Wl,-F,libimpl.so", runpath("/app/lib"))
    c.lacking("main", c.prog, "extern int only;int main(void){return only;}", "int only;", runpath("/app/lib"),
              "lib/libx.so")
    c.start("main")
