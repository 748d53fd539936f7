"""Symbols and their versions: what must be found, when, and in what."""
import os
import shutil

from rules_common import (BOTH, CALLS_X, GLIBC, LOOSE, MUSL, NOTHING, X0, collector, runpath, soname)

CASES, rule = collector()
LAZY, NOW = "-Wl,-z,lazy", "-Wl,-z,now"
CALLS = "int gone(void);int main(int n,char**v){return n>9?gone():0;}"
POINTS = "int gone(void);int(*p)(void)=gone;int main(void){return 0;}"
READS = "extern int gone;int main(void){return gone;}"


STUB = "int gone,g2;int g1(void){return 0;}"
FUNCTIONS = "int gone(void){return 0;}int g1(void){return 0;}int g2(void){return 0;}"


def simple(name, code, flags, flavours=BOTH, stub=FUNCTIONS):
    @rule("symbol: " + name, flavours)
    def _(c):
        c.lacking("main", c.prog, code, stub, *flags)
        c.start("main")


simple("function that is nowhere, bound lazily", CALLS, [LAZY])
simple("function that is nowhere, bound now", CALLS, [NOW])
simple("function that is nowhere, no PLT", CALLS, [LAZY, "-fno-plt"])
simple("address of a function that is nowhere", POINTS, [LAZY])
simple("data that is nowhere", READS, [LAZY, "-fPIC"], stub=STUB)
simple("data that is nowhere, copied", READS, [LAZY, "-no-pie"], stub=STUB)
simple("weak function that is nowhere", "__attribute__((weak)) " + CALLS, [NOW])
simple("weak data that is nowhere", "extern int gone __attribute__((weak));int main(void){return &gone!=0;}",
       [NOW, "-fPIC"], stub=STUB)
simple("weak function that is nowhere, bound lazily", "__attribute__((weak)) " + CALLS, [LAZY])
simple("two functions, bound now", "int g1(void);int g2(void);int main(int n,char**v){return n>9?g2()+g1():0;}",
       [NOW])
simple("data and function, bound now",
       "int g1(void);extern int g2;int main(int n,char**v){return n>9?g1()+g2:0;}", [NOW, "-fPIC"], stub=STUB)
simple("function of libc", "int puts(const char*);int main(void){return puts(\"\")<0;}", [LAZY])
simple("program with its own symbol table of the old kind", NOTHING, ["-Wl,--hash-style=sysv"])


@rule("symbol: nowhere in an opened library, function")
def _(c):
    c.lib("mod.so", "int gone(void);int m(void){return gone();}", LOOSE, LAZY)
    c.start("mod.so")


@rule("symbol: nowhere in an opened library, data")
def _(c):
    c.lib("mod.so", "extern int gone;int m(void){return gone;}", LOOSE)
    c.start("mod.so")


@rule("symbol: nowhere in an opened library, several of either kind")
def _(c):
    c.lib("mod.so", "int f1(void);int f2(void);extern int d1,d2;int m(void){return f2()+d2+f1()+d1;}", LOOSE)
    c.start("mod.so")


@rule("symbol: nowhere in a library that an opened one needs")
def _(c):
    c.lib("lib/libx.so", "int gone(void);int x(void){return gone();}", soname("libx.so"), LOOSE)
    c.lib("mod.so", "int x(void);int gone2(void);int m(void){return x()+gone2();}", LOOSE, runpath("/app/lib"),
          "lib/libx.so")
    c.start("mod.so")


def order(name, flags):
    @rule("symbol: missing in several libraries, " + name)
    def _(c):
        # main needs a and b, a needs c: each lacks a symbol of its own.
        c.lib("lib/libc1.so", "extern int gc;int c(void){return gc;}", soname("libc1.so"), LOOSE)
        c.lib("lib/liba1.so", "extern int ga;int c(void);int a(void){return ga+c();}", soname("liba1.so"), LOOSE,
              "lib/libc1.so", runpath("/app/lib"))
        c.lib("lib/libb1.so", "extern int gb;int c(void);int b(void){return gb+c();}", soname("libb1.so"), LOOSE,
              "lib/libc1.so", runpath("/app/lib"))
        c.lacking("main", c.prog, "extern int gm;int a(void);int b(void);int main(void){return gm+a()+b();}",
                  "int gm;", LOOSE, runpath("/app/lib"), "-fPIC", *flags)
        c.start("main")


order("a first", ["-Wl,--no-as-needed", "lib/liba1.so", "lib/libb1.so"])
order("b first", ["-Wl,--no-as-needed", "lib/libb1.so", "lib/liba1.so"])
order("c first", ["-Wl,--no-as-needed", "lib/libc1.so", "lib/liba1.so", "lib/libb1.so"])


@rule("symbol: missing in two libraries that need one another")
def _(c):
    c.lib("lib/liba1.so", "int a(void){return 0;}", soname("liba1.so"))
    c.lib("lib/libb1.so", "extern int gb;int a(void);int b(void){return gb+a();}", soname("libb1.so"), LOOSE,
          "lib/liba1.so", runpath("/app/lib"))
    c.lib("lib/liba1.so", "extern int ga;int b(void);int a(void){return ga+b();}", soname("liba1.so"), LOOSE,
          "lib/libb1.so", runpath("/app/lib"))
    c.prog("main", "int a(void);int main(void){return a();}", LOOSE, runpath("/app/lib"), "lib/liba1.so")
    c.start("main")


@rule("symbol: missing in several libraries, opened")
def _(c):
    c.lib("lib/libc1.so", "extern int gc;int c(void){return gc;}", soname("libc1.so"), LOOSE)
    c.lib("lib/liba1.so", "extern int ga;int c(void);int a(void){return ga+c();}", soname("liba1.so"), LOOSE,
          "lib/libc1.so", runpath("/app/lib"))
    c.lib("mod.so", "extern int gm;int a(void);int m(void){return gm+a();}", LOOSE, runpath("/app/lib"),
          "lib/liba1.so")
    c.start("mod.so")


# ---- A library that changed since ----

def changed(name, was, now, program, flags=(), flavours=BOTH, lib_flags=()):
    @rule("changed: " + name, flavours)
    def _(c):
        c.lib("old/libx.so", was, soname("libx.so"))
        c.prog("main", program, runpath("/app/new"), *flags, "old/libx.so")
        c.lib("new/libx.so", now, soname("libx.so"), *lib_flags)
        shutil.rmtree(c.host("old"))
        c.start("main")


changed("function gone, bound lazily", "int x(void){return 0;}", "int y;",
        "int x(void);int main(int n,char**v){return n>9?x():0;}", [LAZY])
changed("function gone, bound now", "int x(void){return 0;}", "int y;", CALLS_X, [NOW])
changed("variable gone, copied", "int x;", "int y;", "extern int x;int main(void){return x;}", ["-no-pie"])
changed("variable gone, not copied", "int x;", "int y;", "extern int x;int main(void){return x;}", ["-fPIC"])
changed("variable there, copied", "int x;", "int x;", "extern int x;int main(void){return x;}", ["-no-pie"])
changed("variable larger, copied", "int x;", "int x[9];", "extern int x;int main(void){return x;}", ["-no-pie"])
changed("variable became hidden", "int x;", '__attribute__((visibility("hidden"))) int x;',
        "extern int x;int main(void){return x;}", ["-fPIC"])
changed("variable became protected", "int x;", '__attribute__((visibility("protected"))) int x;',
        "extern int x;int main(void){return x;}", ["-fPIC"])
changed("variable became protected, copied", "int x;", '__attribute__((visibility("protected"))) int x;',
        "extern int x;int main(void){return x;}", ["-no-pie"])
changed("function became protected, its address is taken", "int x(void){return 0;}",
        '__attribute__((visibility("protected"))) int x(void){return 0;}',
        "int x(void);int(*p)(void)=x;int main(void){return p();}", ["-no-pie"])
changed("function became protected", "int x(void){return 0;}",
        '__attribute__((visibility("protected"))) int x(void){return 0;}', CALLS_X, [NOW])
changed("function became weak", "int x(void){return 0;}", "__attribute__((weak)) int x(void){return 0;}", CALLS_X,
        [NOW])
changed("function became a variable", "int x(void){return 0;}", "int x;",
        "int x(void);int main(int n,char**v){return n>9?x():0;}", [NOW])
changed("function became an indirect one", "int x(void){return 0;}",
        "static int r(void){return 0;}static void*s(void){return r;}int x(void)__attribute__((ifunc(\"s\")));",
        CALLS_X, [NOW], GLIBC)
changed("symbol table of the old kind", "int x(void){return 0;}", X0, CALLS_X, [NOW], BOTH,
        ["-Wl,--hash-style=sysv"])
changed("symbolic", "int x(void){return 0;}", X0, CALLS_X, [NOW], BOTH, ["-Wl,-Bsymbolic"])


@rule("symbol: defined by the program for a library")
def _(c):
    c.lib("lib/libx.so", "extern int mine;int x(void){return mine;}", soname("libx.so"), LOOSE)
    c.prog("main", "int mine;" + CALLS_X, runpath("/app/lib"), "lib/libx.so")
    c.start("main")


@rule("symbol: indirect function of a library's own", GLIBC)
def _(c):
    c.lib("mod.so", "static int r(void){return 0;}static void*s(void){return r;}"
          "static int x(void)__attribute__((ifunc(\"s\")));int m(void){return x();}")
    c.start("mod.so")


@rule("symbol: indirect function that a library exports", GLIBC)
def _(c):
    c.lib("mod.so", "static int r(void){return 0;}static void*s(void){return r;}"
          "int x(void)__attribute__((ifunc(\"s\")));int m(void){return x();}")
    c.start("mod.so")


@rule("symbol: indirect function without users", GLIBC)
def _(c):
    c.lib("mod.so", "static int r(void){return 0;}static void*s(void){return r;}"
          "int x(void)__attribute__((ifunc(\"s\")));")
    c.start("mod.so")


# ---- Versions ----

def versioned(c, path, code, script, *flags):
    with open(c.host("map"), "w") as f:
        f.write(script)
    c.lib(path, code, soname("libx.so"), "-Wl,--version-script=map", *flags)
    os.unlink(c.host("map"))


V1 = "V1{global:x;};"
V12 = "V1{global:y;};V2{global:x;}V1;"


def version_case(name, was, now, code=CALLS_X, flags=(NOW,), was_code=X0, now_code=X0, flavours=BOTH,
                 now_flags=()):
    @rule("version: " + name, flavours)
    def _(c):
        if was:
            versioned(c, "old/libx.so", was_code, was)
        else:
            c.lib("old/libx.so", was_code, soname("libx.so"))
        c.prog("main", code, runpath("/app/new"), *flags, "old/libx.so")
        if now:
            versioned(c, "new/libx.so", now_code, now, *now_flags)
        else:
            c.lib("new/libx.so", now_code, soname("libx.so"), *now_flags)
        shutil.rmtree(c.host("old"))
        c.start("main")

    if "copied" in name:
        return

    @rule(f"version: {name}, opened", flavours)
    def _(c):
        if was:
            versioned(c, "old/libx.so", was_code, was)
        else:
            c.lib("old/libx.so", was_code, soname("libx.so"))
        c.lib("mod.so", code.replace("main", "m"), runpath("/app/new"), *flags, "old/libx.so")
        if now:
            versioned(c, "new/libx.so", now_code, now, *now_flags)
        else:
            c.lib("new/libx.so", now_code, soname("libx.so"), *now_flags)
        shutil.rmtree(c.host("old"))
        c.start("mod.so")


XY = "int x(void){return 0;}int y(void){return 0;}"
HIDDEN_V1 = ('__asm__(".symver x1,x@V1");int x1(void){return 0;}')
BOTH_V = ('__asm__(".symver x1,x@V1");__asm__(".symver x2,x@@V2");int x1(void){return 0;}int x2(void){return 0;}')
THREE_V = ('__asm__(".symver x1,x@V1");__asm__(".symver x2,x@V2");__asm__(".symver x3,x@@V3");'
           "int x1(void){return 0;}int x2(void){return 0;}int x3(void){return 0;}")
TWO_MAP = "V1{};V2{}V1;"
THREE_MAP = "V1{};V2{}V1;V3{}V2;"
USES_LATER = "int x(void);int main(int n,char**v){return n>9?x():0;}"

version_case("there", V1, V1)
version_case("missing", V12, V1, now_code=XY, was_code=XY)
version_case("missing, bound lazily", V12, V1, USES_LATER, (LAZY,), XY, XY)
version_case("there, the symbol is not", V1, "V1{global:y;};", now_code="int y;")
version_case("there, the symbol is not, bound lazily", V1, "V1{global:y;};", USES_LATER, (LAZY,), X0, "int y;")
version_case("there, the symbol is of another one", V1, V12, now_code=XY)
version_case("library lost its versions", V1, None)
version_case("library lost its versions, bound lazily", V1, None, USES_LATER, (LAZY,))
version_case("library lost its versions and needs no libc", V1, None, now_flags=["-nostdlib"])
version_case("library lost its versions and needs no libc, bound lazily", V1, None, USES_LATER, (LAZY,),
             now_flags=["-nostdlib"])
version_case("library lost its versions and has the old symbol table", V1, None,
             now_flags=["-nostdlib", "-Wl,--hash-style=sysv"])
version_case("library lost its versions and the symbol", V1, None, now_code="int y;", now_flags=["-nostdlib"])
version_case("library got versions", None, V1)
version_case("library got two versions", None, TWO_MAP, now_code=BOTH_V)
version_case("library got three versions", None, THREE_MAP, now_code=THREE_V)
version_case("library got a version that is no default", None, TWO_MAP, now_code=HIDDEN_V1)
version_case("library got a later version alone", None, V12, now_code=XY)
version_case("wanted version is no default any more", V1, TWO_MAP, now_code=BOTH_V)
version_case("wanted version alone, no default", V1, TWO_MAP, now_code=HIDDEN_V1)
version_case("data, version missing", V12, V1, "extern int x;int main(void){return x;}", ("-fPIC",),
             "int x,y;", "int x,y;")
version_case("data, copied, version missing", V12, V1, "extern int x;int main(void){return x;}", ("-no-pie",),
             "int x,y;", "int x,y;", GLIBC)


@rule("version: needed by a library of a library")
def _(c):
    versioned(c, "old/libx.so", XY, V12)
    c.lib("lib/liba.so", "int x(void);int a(void){return x();}", soname("liba.so"), runpath("/app/new"),
          "old/libx.so")
    c.prog("main", "int a(void);int main(void){return a();}", runpath("/app/lib"), "lib/liba.so", LOOSE)
    versioned(c, "new/libx.so", XY, V1)
    c.start("main")


def weak_version(name, flag_value):
    @rule("version: need made weak, " + name)
    def _(c):
        versioned(c, "old/libx.so", XY, V12)
        c.prog("main", USES_LATER, runpath("/app/new"), LAZY, "old/libx.so")
        versioned(c, "new/libx.so", XY, V1)
        c.set_version_flags("main", "V2", flag_value)
        c.start("main")


weak_version("weak", 2)
weak_version("not weak", 0)


@rule("version: of a library that is needed no more")
def _(c):
    # DT_NEEDED of libx.so becomes DT_DEBUG-like nonsense; its version needs stay.
    versioned(c, "old/libx.so", X0, V1)
    c.prog("main", USES_LATER, runpath("/app/old"), LAZY, "old/libx.so")
    c.forget_needed("main", "libx.so")
    c.start("main")


@rule("version: of a library under another name", GLIBC)
def _(c):
    # The program asks for /app/new/libx.so by path, its version needs name libx.so.
    versioned(c, "old/libx.so", X0, V1)
    c.lib("tmp/libx.so", "int other;", soname("/app/new/libx.so"))
    c.prog("main", CALLS_X, "-Wl,--no-as-needed", "tmp/libx.so", "old/libx.so", NOW)
    versioned(c, "new/libx.so", X0, V1)
    shutil.rmtree(c.host("old"))
    c.start("main")


@rule("version: glibc newer than any", GLIBC)
def _(c):
    c.prog("main", "int puts(const char*);int main(void){return puts(\"\")<0;}")
    c.replace("main", "GLIBC_2.2.5", "GLIBC_2.9.9")
    c.start("main")


def libc_case(name, code, flags=(), flavours=GLIBC, lib=False):
    @rule("libc: " + name, flavours)
    def _(c):
        if lib:
            c.lib("mod.so", code, LOOSE, *flags)
            c.start("mod.so")
        else:
            c.prog("main", code, *flags)
            c.start("main")


def calls(function):
    return f"int {function}();int m(void){{return {function}();}}"


for function in ("open64", "stat64", "fcntl64", "readdir64_r", "lstat64", "__xstat64", "fopen64", "mmap64",
                 "posix_fallocate64", "posix_spawn", "aio_suspend64", "getrlimit64", "statvfs64", "creat64",
                 "pread64", "glob64", "scandir64", "versionsort64", "tmpfile64", "prlimit64", "ftw64",
                 "nosuch64", "gnu_get_libc_version", "__memcpy_chk", "backtrace", "secure_getenv",
                 "pthread_getname_np", "posix_spawn_file_actions_addchdir_np", "qsort_r", "gettid", "strlcpy",
                 "arc4random", "getrandom", "memfd_create", "statx", "copy_file_range", "preadv2", "reallocarray",
                 "__res_init", "__register_atfork", "malloc_trim", "mallinfo", "__libc_start_main",
                 "__isoc99_sscanf", "__isoc23_strtol", "__errno_location", "__cxa_thread_atexit_impl",
                 "_dl_find_object", "dl_iterate_phdr", "pthread_cond_clockwait", "close_range", "closefrom",
                 "execveat", "fts_open", "obstack_free", "argp_parse", "getcontext", "memcpy", "strlen"):
    libc_case(f"{function} from an opened library", calls(function), lib=True, flavours=BOTH)


@rule("libc: a library that has __libc_start_main and stdin", MUSL)
def _(c):
    c.lib("lib/libx.so", "int x(void){return 0;}int __libc_start_main(void){return 0;}void*stdin;",
          soname("libx.so"), "-nostdlib")
    c.prog("main", NOTHING, runpath("/app/lib"), "-Wl,--no-as-needed", "-lc", "lib/libx.so")
    c.start("main")


@rule("libc: such a library, and a symbol of it is wanted", MUSL)
def _(c):
    c.lib("lib/libx.so", "int x(void){return 0;}int __libc_start_main(void){return 0;}void*stdin;",
          soname("libx.so"), "-nostdlib")
    c.prog("main", CALLS_X, runpath("/app/lib"), "-Wl,--no-as-needed", "-lc", "lib/libx.so")
    c.start("main")


@rule("libc: program that does not ask for libc but uses it")
def _(c):
    loader = "/lib64/ld-linux-x86-64.so.2" if c.flavour == "glibc" else "/lib/ld-musl-x86_64.so.1"
    c.lacking("main", c.prog, "int getppid(void);void _start(void){getppid();"
              "__asm__(\"mov $60,%eax;xor %edi,%edi;syscall\");}", "int getppid(void){return 0;}", "-nostdlib",
              NOW, "-Wl,-dynamic-linker," + loader)
    c.start("main")


@rule("libc: glibc program with musl's loader", GLIBC)
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/lib/ld-musl-x86_64.so.1")
    c.start("main")


@rule("libc: glibc program with musl's loader and a large file", GLIBC)
def _(c):
    c.prog("main", "int open64();int main(int n,char**v){return n>9?open64():0;}",
           "-Wl,-dynamic-linker,/lib/ld-musl-x86_64.so.1")
    c.start("main")


@rule("libc: musl program with glibc's loader", MUSL)
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/lib64/ld-linux-x86-64.so.2")
    c.start("main")


@rule("libc: unversioned reference to a function of many versions", GLIBC)
def _(c):
    c.lib("stub/libc.so.6", "int memcpy(){return 0;}int realpath(){return 0;}int pthread_cond_wait(){return 0;}",
          soname("libc.so.6"), "-nostdlib")
    c.lib("mod.so", "int memcpy();int realpath();int pthread_cond_wait();int m(void){return memcpy(0)+"
          "realpath(0)+pthread_cond_wait(0);}", "-nostdlib", "-fno-builtin", "stub/libc.so.6")
    shutil.rmtree(c.host("stub"))
    c.start("mod.so")
