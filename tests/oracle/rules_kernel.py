"""What the kernel takes and refuses: interpreters, formats, permissions, #! lines."""
import os
import struct

from rules_common import GLIBC, NOTHING, collector

CASES, rule = collector()
SHELL = "#!/bin/sh\nexit 0\n"


@rule("program that needs nothing but libc")
def _(c):
    c.prog("main", NOTHING)
    c.start("main")


@rule("interpreter that is not there")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/lib/ld-nowhere.so.1")
    c.start("main")


@rule("interpreter by a relative name")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,app/ld.so")
    c.link("ld.so", "/lib64/ld-linux-x86-64.so.2" if c.flavour == "glibc" else "/lib/ld-musl-x86_64.so.1")
    c.start("main")


@rule("interpreter that is a folder")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app")
    c.start("main")


@rule("interpreter without execute permission")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app/ld.so")
    c.text("ld.so", "nothing", 0o644)
    c.start("main")


@rule("interpreter that is a text")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app/ld.so")
    c.text("ld.so", "nothing that could be an ELF file, and more than sixty-four bytes long for sure")
    c.start("main")


@rule("interpreter by a link")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app/ld.so")
    c.link("ld.so", "/lib64/ld-linux-x86-64.so.2" if c.flavour == "glibc" else "/lib/ld-musl-x86_64.so.1")
    c.start("main")


@rule("interpreter by a link to itself")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app/ld.so")
    c.link("ld.so", "ld.so")
    c.start("main")


@rule("interpreter that is a program")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app/ld.so")
    c.prog("ld.so", NOTHING)
    c.start("main")


@rule("interpreter of another machine")
def _(c):
    c.prog("main", NOTHING, "-Wl,-dynamic-linker,/app/ld.so")
    c.prog("ld.so", NOTHING, "-static")
    c.patch("ld.so", 18, struct.pack("<H", 183))
    c.start("main")


@rule("static program")
def _(c):
    c.prog("main", NOTHING, "-static")
    c.start("main")


@rule("static-pie program", GLIBC)
def _(c):
    c.prog("main", NOTHING, "-static-pie", "-fPIE")
    c.start("main")


@rule("program at a fixed address")
def _(c):
    c.prog("main", NOTHING, "-no-pie")
    c.start("main")


def linked(name, *flags):
    @rule("program linked with " + name)
    def _(c):
        c.prog("main", "int v=1;" + NOTHING, *flags)
        c.start("main")


linked("pages of 2 MB", "-Wl,-z,max-page-size=0x200000")
linked("no separate code", "-Wl,-z,noseparate-code")
linked("no relro", "-Wl,-z,norelro")


@rule("program with relocations in its code")
def _(c):
    c.prog("main", 'int main(void);void*p(void){void*q;__asm__("movabs $main,%0":"=r"(q));return q;}'
           "int main(void){return !p();}", "-pie", "-fPIE", "-Wl,-z,notext")
    c.start("main")


@rule("program without an interpreter that needs a library that is not there")
def _(c):
    c.lib("libgone.so", "int gone;")
    c.prog("main", "extern int gone;void _start(void){__asm__(\"mov $60,%eax;xor %edi,%edi;syscall\");}",
           "-nostdlib", "-no-pie", "-fno-pie", "-Wl,--no-as-needed", "-Wl,--no-dynamic-linker", "libgone.so")
    os.unlink(c.host("libgone.so"))
    c.start("main")


@rule("no execute permission")
def _(c):
    c.prog("main", NOTHING)
    os.chmod(c.host("main"), 0o644)
    c.start("main")


@rule("execute permission for others alone")
def _(c):
    c.prog("main", NOTHING)
    os.chmod(c.host("main"), 0o601)
    c.start("main")


@rule("program of another machine", GLIBC)
def _(c):
    c.prog("main", NOTHING)
    c.patch("main", 18, struct.pack("<H", 183))
    c.start("main")


@rule("object file with execute permission", GLIBC)
def _(c):
    c.prog("main", NOTHING, "-c")
    os.chmod(c.host("main"), 0o755)
    c.start("main")


@rule("program of which half is missing")
def _(c):
    c.prog("main", NOTHING)
    c.cut("main", 0x1000)
    c.start("main")


@rule("program without its section headers")
def _(c):
    c.prog("main", NOTHING)
    with open(c.host("main"), "rb") as f:
        at, = struct.unpack_from("<Q", f.read(64), 40)
    c.cut("main", at)
    c.start("main")


@rule("text file with execute permission", GLIBC)
def _(c):
    c.text("main", "nothing\n")
    c.start("main")


@rule("empty file with execute permission", GLIBC)
def _(c):
    c.text("main", "")
    c.start("main")


# ---- Scripts ----

def script(name, content, mode=0o755):
    @rule("script: " + name, GLIBC)
    def _(c):
        c.text("main", content, mode)
        c.start("main")


script("of the shell", SHELL)
script("without execute permission", SHELL, 0o644)
script("blank after #!", "#! /bin/sh\nexit 0\n")
script("tab after #!", "#!\t/bin/sh\t-e\nexit 0\n")
script("blanks at the end", "#!/bin/sh   \nexit 0\n")
script("without a newline", "#!/bin/sh")
script("with an argument", "#!/bin/sh -e\nexit 0\n")
script("interpreter is not there", "#!/usr/bin/nowhere\n")
script("interpreter is not there, with an argument", "#!/usr/bin/nowhere -x\n")
script("CR LF", "#!/bin/sh\r\nexit 0\r\n")
script("no interpreter named", "#!\nexit 0\n")
script("no interpreter named but blanks", "#!   \nexit 0\n")
script("interpreter is a folder", "#!/etc\n")
script("interpreter without execute permission", "#!/etc/passwd\n")
script("bash", "#!/bin/bash\nexit 0\n")
script("bash by its long path", "#!/usr/bin/bash\nexit 0\n")
script("python", "#!/usr/bin/python3\n")
script("perl", "#!/usr/bin/perl\n")
script("line of 255 bytes", "#!/bin/sh -" + "e" * 243 + "\nexit 0\n")
script("line of 400 bytes", "#!/bin/sh " + "-" + "e" * 400 + "\nexit 0\n")
script("interpreter's name of 300 bytes", "#!/" + "a" * 300 + "\nexit 0\n")
script("env sh", "#!/usr/bin/env sh\nexit 0\n")
script("env of a program that is not there", "#!/usr/bin/env nowhere\n")
script("env with an argument", "#!/usr/bin/env sh -e\nexit 0\n")
script("env -S", "#!/usr/bin/env -S sh -e\nexit 0\n")
script("env -S without a blank", "#!/usr/bin/env -Ssh -e\nexit 0\n")
script("env -vS", "#!/usr/bin/env -vS sh -e\nexit 0\n")
script("env --split-string", "#!/usr/bin/env --split-string=sh -e\nexit 0\n")
script("env -S with an assignment", "#!/usr/bin/env -S A=1 sh -e\nexit 0\n")
script("env -S with an option", "#!/usr/bin/env -S -i /bin/sh -e\nexit 0\n")
script("env -S of a program that is not there", "#!/usr/bin/env -S nowhere -x\n")
script("env by another folder", "#!/bin/env sh\nexit 0\n")
script("env of a path", "#!/usr/bin/env /bin/sh\nexit 0\n")


@rule("script: relative interpreter", GLIBC)
def _(c):
    c.text("main", "#!app/run\n")
    c.text("run", SHELL)
    c.start("main")


@rule("script: relative interpreter from another folder", GLIBC)
def _(c):
    c.text("main", "#!run\n")
    c.text("run", SHELL)
    c.start("main")


@rule("script: interpreter is one of its own programs")
def _(c):
    c.text("main", "#!/app/run\n")
    c.prog("run", NOTHING)
    c.start("main")


@rule("script: interpreter lacks a library")
def _(c):
    c.lib("libgone.so")
    c.text("main", "#!/app/run\n")
    c.prog("run", "int x(void);int main(void){return x();}", "libgone.so")
    os.unlink(c.host("libgone.so"))
    c.start("main")


def chain(length):
    @rule(f"script: {length} scripts in a row")
    def _(c):
        c.prog("end", NOTHING)
        for i in range(length):
            c.text(f"s{i}", f"#!/app/{'end' if i == length - 1 else f's{i + 1}'}\n")
        c.start("s0")


for length in (2, 4, 5, 6):
    chain(length)


@rule("script: six in a row, the last without its interpreter", GLIBC)
def _(c):
    for i in range(6):
        c.text(f"s{i}", f"#!/app/{'nowhere' if i == 5 else f's{i + 1}'}\n")
    c.start("s0")


@rule("script: env of an application's program in PATH")
def _(c):
    c.prog("/usr/local/bin/mine", NOTHING)
    c.text("main", "#!/usr/bin/env mine\n")
    c.start("main")


@rule("script: env of a program without execute permission", GLIBC)
def _(c):
    c.text("/usr/local/bin/mine", SHELL, 0o644)
    c.text("main", "#!/usr/bin/env mine\n")
    c.start("main")


@rule("script: env passes over a file without execute permission", GLIBC)
def _(c):
    c.text("/usr/local/bin/sh", SHELL, 0o644)
    c.text("main", "#!/usr/bin/env sh\nexit 0\n")
    c.start("main")


@rule("script: PATH of the image", GLIBC)
def _(c):
    c.env = ["PATH=/app/tools:/usr/bin:/bin"]
    c.text("tools/mine", SHELL)
    c.text("main", "#!/usr/bin/env mine\n")
    c.start("main")


@rule("script: interpreter by a link")
def _(c):
    c.prog("real/run", NOTHING)
    c.link("run", "real/run")
    c.text("main", "#!/app/run\n")
    c.start("main")
