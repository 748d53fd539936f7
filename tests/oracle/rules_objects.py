"""Which files the loaders take as libraries: formats, kinds, stacks, thread storage, ISA."""
import os
import struct

from rules_common import (BOTH, CALLS_X, GLIBC, LOOSE, MUSL, NOTHING, X0, Unmakeable, collector, runpath, soname)

CASES, rule = collector()
LONG_TEXT = "INPUT ( libreal.so )\n" + "/* a linker script, and more than sixty-four bytes of it */\n" * 20
PT_GNU_STACK, PT_DYNAMIC, PT_LOAD = 0x6474e551, 2, 1


def broken(name, change, flavours=BOTH):
    """lib/libx.so is changed; the same library lies whole in the next folder."""
    for where, second in (("alone", False), ("another behind it", True)):
        def build(c, second=second):
            c.lib("lib/libx.so", X0, soname("libx.so"))
            c.prog("main", CALLS_X, runpath("/app/lib:/app/next"), "lib/libx.so")
            if second:
                c.lib("next/libx.so", X0, soname("libx.so"))
            change(c, "lib/libx.so")
            c.start("main")
        rule(f"file: {name}, {where}", flavours)(build)

    if name == "folder":
        return

    @rule(f"file: {name}, opened", flavours)
    def _(c):
        c.lib("mod.so", X0)
        change(c, "mod.so")
        c.start("mod.so")


def cross(c, path):
    """musl does not look at e_machine: a library that is one through and through is wanted."""
    os.unlink(c.host(path))
    kept, c.cc = c.cc, "aarch64-linux-gnu-gcc"
    try:
        c.lib(path, "static int y;int*p=&y;" + X0, "-nostdlib")
    finally:
        c.cc = kept


def as_text(content):
    def change(c, path):
        os.unlink(c.host(path))
        c.text(path, content, 0o644)
    return change


def as_folder(c, path):
    os.unlink(c.host(path))
    os.makedirs(c.host(path))


def class_32(c, path):
    """A real 32-bit library, by hand: cc -m32 needs more than it is worth."""
    os.unlink(c.host(path))
    c.compile(path, "int x;", ["-m32", "-shared", "-nostdlib", "-fPIC"]) if c.flavour == "glibc" else \
        c.text(path, bytes.fromhex("7f454c4601010100") + b"\0" * 8 + struct.pack("<HHI", 3, 3, 1) + b"\0" * 400)


broken("of another machine", cross)
broken("32 bit", class_32)
broken("linker script", as_text(LONG_TEXT))
broken("short text", as_text("INPUT ( libreal.so )\n"))
broken("empty", as_text(""))
broken("folder", as_folder)
broken("first 40 bytes", lambda c, p: c.cut(p, 40))
broken("first 64 bytes", lambda c, p: c.cut(p, 64))
broken("first 300 bytes", lambda c, p: c.cut(p, 300))
broken("first 4096 bytes", lambda c, p: c.cut(p, 4096))
broken("first 8192 bytes", lambda c, p: c.cut(p, 8192))
broken("ABI of FreeBSD", lambda c, p: c.patch(p, 7, b"\x09"))
broken("ABI of GNU", lambda c, p: c.patch(p, 7, b"\x03"))
broken("core file", lambda c, p: c.patch(p, 16, b"\4\0"))
broken("no dynamic segment", lambda c, p: c.drop_segment(p, PT_DYNAMIC))
broken("no execute permission", lambda c, p: os.chmod(c.host(p), 0o644))
broken("no read permission", lambda c, p: os.chmod(c.host(p), 0))
broken("no stack header", lambda c, p: c.drop_segment(p, PT_GNU_STACK))
broken("stripped", lambda c, p: c.tool("strip", c.host(p)))


@rule("kind: PIE as a library")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.prog("lib/libx.so", X0 + NOTHING, "-pie", "-fPIE", "-rdynamic")
    c.start("main")


@rule("kind: program at a fixed address as a library")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.prog("lib/libx.so", X0 + NOTHING, "-no-pie", "-rdynamic")
    c.start("main")


@rule("kind: program at a fixed address as a library of another")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so", "-no-pie")
    c.prog("lib/libx.so", X0 + NOTHING, "-no-pie", "-rdynamic")
    c.start("main")


@rule("kind: library that may not be opened", GLIBC)
def _(c):
    c.lib("mod.so", X0, "-Wl,-z,nodlopen")
    c.start("mod.so")


@rule("kind: library that may not be opened, needed")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"), "-Wl,-z,nodlopen")
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.start("main")


@rule("kind: library that needs no libc")
def _(c):
    c.lib("mod.so", X0, "-nostdlib")
    c.start("mod.so")


@rule("kind: library that is opened and needs a PIE")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.lib("mod.so", "int x(void);int m(void){return x();}", runpath("/app/lib"), "lib/libx.so")
    c.prog("lib/libx.so", X0 + NOTHING, "-pie", "-fPIE", "-rdynamic")
    c.start("mod.so")


@rule("kind: libc alone has both a program's and a library's marks", GLIBC)
def _(c):
    c.lib("mod.so", 'const char i[] __attribute__((section(".interp")))="/lib64/ld-linux-x86-64.so.2";' + X0,
          soname("mod.so"))
    c.start("mod.so")


def linked(name, *flags, flavours=BOTH):
    @rule("kind: library linked with " + name, flavours)
    def _(c):
        c.lib("lib/libx.so", "int v=1;" + X0, soname("libx.so"), *flags)
        c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
        c.start("main")


linked("-N", "-Wl,-N", flavours=MUSL)
linked("-n", "-Wl,-n", flavours=MUSL)
linked("pages of 2 MB", "-Wl,-z,max-page-size=0x200000")
linked("pages of 64 KB", "-Wl,-z,max-page-size=0x10000")
linked("pages of 1 KB", "-Wl,-z,max-page-size=0x400", "-Wl,-z,common-page-size=0x400")
linked("pages of 1 KB, code beside data", "-Wl,-z,max-page-size=0x400", "-Wl,-z,common-page-size=0x400",
       "-Wl,-z,noseparate-code")
linked("no separate code", "-Wl,-z,noseparate-code")
linked("no relro", "-Wl,-z,norelro")
linked("both hash tables", "-Wl,--hash-style=both")
linked("initfirst", "-Wl,-z,initfirst")
linked("nodelete", "-Wl,-z,nodelete")
linked("interpose", "-Wl,-z,interpose")
linked("global", "-Wl,-z,global")
linked("origin", "-Wl,-z,origin")


@rule("kind: library with relocations in its code")
def _(c):
    c.lib("mod.so", 'static int v;void*x(void){void*q;__asm__("movabs $v,%0":"=r"(q));return q;}', "-Wl,-z,notext")
    c.start("mod.so")


@rule("kind: library without a hash table")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so", "-Wl,-z,now")
    c.retag("lib/libx.so", 0x6ffffef5, 0x6ffffe01)  # DT_GNU_HASH
    c.start("main")


# ---- Stack ----

for kind in ("execstack", "noexecstack"):
    def needed(c, kind=kind):
        c.lib("lib/libx.so", X0, soname("libx.so"), f"-Wl,-z,{kind}")
        c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
        c.start("main")

    def opened(c, kind=kind):
        c.lib("mod.so", X0, f"-Wl,-z,{kind}")
        c.start("mod.so")

    def behind(c, kind=kind):
        c.lib("lib/libx.so", X0, soname("libx.so"), f"-Wl,-z,{kind}")
        c.lib("mod.so", "int x(void);int m(void){return x();}", runpath("/app/lib"), "lib/libx.so")
        c.start("mod.so")

    def program(c, kind=kind):
        c.prog("main", NOTHING, f"-Wl,-z,{kind}")
        c.start("main")

    rule(f"stack: {kind}, needed")(needed)
    rule(f"stack: {kind}, opened")(opened)
    rule(f"stack: {kind}, needed by what is opened")(behind)
    rule(f"stack: {kind} of a program")(program)


@rule("stack: no header in a program")
def _(c):
    c.prog("main", NOTHING)
    c.drop_segment("main", PT_GNU_STACK)
    c.start("main")


@rule("stack: no header in a needed library")
def _(c):
    c.lib("lib/libx.so", X0, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.drop_segment("lib/libx.so", PT_GNU_STACK)
    c.start("main")


# ---- Thread storage ----

def tls_case(name, size, model, flavours=BOTH, align=8):
    code = (f"__thread __attribute__((tls_model(\"{model}\"),aligned({align}))) char t[{size}]={{1}};"
            "int x(void){return t[1];}")

    @rule(f"TLS: {name}, opened", flavours)
    def _(c):
        c.lib("mod.so", code)
        c.start("mod.so")

    @rule(f"TLS: {name}, needed", flavours)
    def _(c):
        c.lib("lib/libx.so", code, soname("libx.so"))
        c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
        c.start("main")


for bytes_wanted in (8, 512, 1024, 1500, 1600, 1656, 1664, 1700, 1792, 2048, 4096, 100000):
    tls_case(f"initial-exec of {bytes_wanted} bytes", bytes_wanted, "initial-exec")
tls_case("global-dynamic of 100000 bytes", 100000, "global-dynamic")
tls_case("local-dynamic of 4096 bytes", 4096, "local-dynamic")
tls_case("initial-exec, aligned to 64", 1600, "initial-exec", align=64)
tls_case("initial-exec, aligned to 256", 1024, "initial-exec", align=256)
tls_case("initial-exec, aligned to 4096", 64, "initial-exec", align=4096)


def tls_pair(name, first, second):
    @rule("TLS: two libraries opened at once, " + name)
    def _(c):
        c.lib("lib/libx.so", f'__thread __attribute__((tls_model("initial-exec"))) char t[{first}];'
              "int x(void){return t[0];}", soname("libx.so"))
        c.lib("mod.so", f'int x(void);__thread __attribute__((tls_model("initial-exec"))) char u[{second}];'
              "int m(void){return x()+u[0];}", runpath("/app/lib"), "lib/libx.so")
        c.start("mod.so")


tls_pair("800 and 800 bytes", 800, 800)
tls_pair("800 and 1000 bytes", 800, 1000)
tls_pair("1600 and 8 bytes", 1600, 8)


@rule("TLS: initial-exec of a variable in another opened library")
def _(c):
    c.lib("lib/libx.so", "__thread char t[4096];", soname("libx.so"))
    c.lib("mod.so", 'extern __thread __attribute__((tls_model("initial-exec"))) char t[];'
          "int m(void){return t[0];}", runpath("/app/lib"), "lib/libx.so")
    c.start("mod.so")


@rule("TLS: dynamic use of a variable in another opened library")
def _(c):
    c.lib("lib/libx.so", "__thread char t[4096];", soname("libx.so"))
    c.lib("mod.so", "extern __thread char t[];int m(void){return t[0];}", runpath("/app/lib"), "lib/libx.so")
    c.start("mod.so")


@rule("TLS: errno of libc by initial-exec", GLIBC)
def _(c):
    c.lib("mod.so", "#include <errno.h>\nint m(void){return errno;}")
    c.start("mod.so")


@rule("TLS: variable that is nowhere")
def _(c):
    c.lib("mod.so", "extern __thread int gone;int m(void){return gone;}", LOOSE)
    c.start("mod.so")


@rule("TLS: variable that is nowhere, program")
def _(c):
    c.lib("libx.so", "__thread int gone;", soname("libx.so"))
    c.prog("main", "extern __thread int gone;int main(void){return gone;}", runpath("/app/lib"), "libx.so")
    c.lib("lib/libx.so", "int other;", soname("libx.so"))
    c.start("main")


@rule("TLS: descriptors", GLIBC)
def _(c):
    c.lib("mod.so", "__thread char t[300];int x(void){return t[1];}", "-mtls-dialect=gnu2")
    c.start("mod.so")


@rule("TLS: descriptors of 100000 bytes", BOTH)
def _(c):
    c.lib("mod.so", "__thread char t[100000];int x(void){return t[1];}", "-mtls-dialect=gnu2")
    c.start("mod.so")


# ---- Packed relocations ----

MANY = "extern char a[];char a[9];void*p[50]={" + ",".join(["a"] * 50) + "};"


def relr(c, path, make, code, *flags):
    make(path, MANY + code, "-Wl,-z,pack-relative-relocs", *flags)
    if not any(tag == 36 for _, tag, _ in c.dynamic(path)):
        raise Unmakeable


@rule("RELR: program")
def _(c):
    relr(c, "main", c.prog, NOTHING)
    c.start("main")


@rule("RELR: library, needed")
def _(c):
    relr(c, "lib/libx.so", c.lib, X0, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.start("main")


@rule("RELR: library, opened")
def _(c):
    relr(c, "mod.so", c.lib, X0)
    c.start("mod.so")


@rule("RELR: the version is called otherwise", GLIBC)
def _(c):
    relr(c, "main", c.prog, NOTHING)
    c.replace("main", "GLIBC_ABI_DT_RELR", "GLIBC_ABI_DT_RELX")
    c.start("main")


@rule("RELR: no version is needed", GLIBC)
def _(c):
    # The version's entry becomes one that libc has: its hash and its name.
    relr(c, "main", c.prog, NOTHING)
    c.replace("main", b"GLIBC_ABI_DT_RELR\0", b"GLIBC_2.2.5\0\0\0\0\0\0\0")
    c.replace("main", struct.pack("<I", 0xfd0e42), struct.pack("<I", 0x9691a75))
    c.start("main")


# ---- ISA notes ----

# A level that no processor has; GLIBC_TUNABLES can lower the folders that are searched, but
# not the level that notes are compared with.
NOTE = struct.pack("<II", 0xc0008002, 4)  # GNU_PROPERTY_X86_ISA_1_NEEDED, of four bytes


def isa_case(name, build):
    for beyond in (False, True):
        rule(f"ISA: {name}, {'beyond' if beyond else 'within'} the processor", GLIBC)(
            lambda c, beyond=beyond: build(c, beyond))


def noted(c, path, make, code, beyond, *flags):
    with open(make(path, code, "-Wl,-z,x86-64-v4", *flags), "rb") as f:
        at = f.read().find(NOTE)
    if at < 0:
        raise Unmakeable
    c.patch(path, at + len(NOTE), struct.pack("<I", 0x10 if beyond else 1))


def isa_program(c, beyond):
    noted(c, "main", c.prog, NOTHING, beyond)
    c.start("main")


def isa_needed(c, beyond):
    noted(c, "lib/libx.so", c.lib, X0, beyond, soname("libx.so"))
    c.prog("main", CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.start("main")


def isa_opened(c, beyond):
    noted(c, "mod.so", c.lib, X0, beyond)
    c.start("mod.so")


def isa_and_version(c, beyond):
    noted(c, "main", c.prog, 'int puts(const char*);int main(void){return puts("")<0;}', beyond)
    c.replace("main", "GLIBC_2.2.5", "GLIBC_2.9.9")
    c.start("main")


def isa_and_symbol(c, beyond):
    noted(c, "mod.so", c.lib, "extern int gone;int m(void){return gone;}", beyond, LOOSE)
    c.start("mod.so")


isa_case("program", isa_program)
isa_case("needed library", isa_needed)
isa_case("opened library", isa_opened)
isa_case("program that lacks a version too", isa_and_version)
isa_case("opened library that lacks a symbol too", isa_and_symbol)

for folder in ("x86-64-v2", "x86-64-v3", "x86-64-v4"):
    for level, off in (("x86-64-v1", "-SSE4_2,-AVX2,-AVX512F"), ("x86-64-v2", "-AVX2,-AVX512F"),
                       ("x86-64-v3", "-AVX512F")):
        def hwcaps(c, folder=folder, level=level, off=off):
            c.lib("libx.so", X0, soname("libx.so"))
            c.prog("main", CALLS_X, runpath("/app/lib"), "libx.so")
            c.lib(f"lib/glibc-hwcaps/{folder}/libx.so", X0, soname("libx.so"))
            c.env.append("GLIBC_TUNABLES=glibc.cpu.hwcaps=" + off)
            c.cpu = level
            c.start("main")

        rule(f"ISA: folder {folder}, processor {level}", GLIBC)(hwcaps)
