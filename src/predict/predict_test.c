/* Rules of the kernel and the loaders, each on a small image written as text (world_test.h).
 * What the real ones do is asked in tests/oracle; here it is written down, with which library
 * was found and by which rule. */
#include "predict/world_test.h"

#include <stdio.h>

struct rule {
	const char *what, *world, *entry;
	const char *env; /* "A=1 B=2"; NULL: none */
	const char *told;
};

/* "runs", or the verdict and what blocks or cannot be known; then a line for each library:
 * "libx.so /app/lib/libx.so RUNPATH of /app/main". musl's and glibc's own are left out. */
static struct str told_of(const struct prediction *p, struct arena *a)
{
	struct str told = arena_printf(a, "%s", verdict_name(p->verdict));
	for (size_t i = 0; i < p->findings.n; i++) {
		const struct finding *f = &p->findings.p[i];
		if (f->severity == SEVERITY_BLOCKS || f->undecided)
			told = arena_printf(a, "%.*s; %s %.*s", STR_ARG(told), finding_kind_name(f->kind),
			                    STR_ARG(f->name));
	}
	for (size_t i = 0; i < p->loaded.n; i++) {
		const struct loaded *l = &p->loaded.p[i];
		if (l->path.n && !str_starts(l->path, STR("/lib")))
			told = arena_printf(a, "%.*s\n%.*s %.*s", STR_ARG(told), STR_ARG(l->path),
			                    STR_ARG(l->rule));
	}
	return told;
}

static void check(const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena a = ARENA_INIT;
		struct world w = world_of(rules[i].world, &a);
		struct predict_target target = {.tree = &w.tree, .architecture = w.architecture, .x86_level = 3};
		struct str env = str_of(rules[i].env ? rules[i].env : ""), word;
		while (str_word(&env, &word))
			*vec_push(&target.env, &a) = word;
		const struct node *entry = tree_find(&w.tree, str_of(rules[i].entry));
		assert_non_null(entry);
		struct prediction p;
		predict(&target, &entry, 1, &p, &a);
		struct str told = told_of(&p, &a);
		if (!str_eq(told, str_of(rules[i].told)))
			fail_msg("%s: %.*s\nnot: %s", rules[i].what, STR_ARG(told), rules[i].told);
		arena_release(&a);
	}
}

#define CHECK(rules) check((rules), sizeof(rules) / sizeof *(rules))

/* ---- The kernel ---- */

static void test_kernel(void **state)
{
	static const struct rule rules[] = {
		{"static", "elf /app/main fixed\n", "/app/main", NULL, "runs"},
		{"static, whatever it needs", "elf /app/main fixed needed=libx.so\n", "/app/main", NULL, "runs"},
		{"no interpreter", "elf /app/main program=glibc\n", "/app/main", NULL,
		 "fails; interpreter /lib64/ld-linux-x86-64.so.2"},
		{"another machine", "elf /app/main program=glibc arm\n", "/app/main", NULL,
		 "fails; machine arm64"},
		{"no program at all", "text /app/main nothing\n", "/app/main", NULL, "fails; script #!"},
		{"no permission", "plain /app/main\n", "/app/main", NULL,
		 "fails; executable execute permission"},
		{"a folder", "dir /app/main\n", "/app/main", NULL, "fails; executable regular file"},
		{"interpreter of neither libc", "elf /lib/ld.so\nelf /app/main program=/lib/ld.so\n",
		 "/app/main", NULL, "unknown; interpreter /lib/ld.so"},
		{"library, no loader", "elf /app/m.so\n", "/app/m.so", NULL, "fails; interpreter dynamic loader"},
	};
	(void)state;
	CHECK(rules);
}

static void test_scripts(void **state)
{
	static const struct rule rules[] = {
		{"script", "elf /bin/sh fixed\ntext /app/run #!/bin/sh|\n", "/app/run", NULL, "runs"},
		{"blanks", "elf /bin/sh fixed\ntext /app/run #! \t/bin/sh -e|\n", "/app/run", NULL, "runs"},
		{"not there", "text /app/run #!/bin/sh|\n", "/app/run", NULL, "fails; script /bin/sh"},
		{"CR LF", "elf /bin/sh fixed\ntext /app/run #!/bin/sh\r|\n", "/app/run", NULL,
		 "fails; script /bin/sh\r"},
		{"five in a row",
		 "elf /e fixed\ntext /5 #!/e|\ntext /4 #!/5|\ntext /3 #!/4|\ntext /2 #!/3|\ntext /1 #!/2|\n",
		 "/1", NULL, "runs"},
		{"six in a row",
		 "elf /e fixed\ntext /6 #!/e|\ntext /5 #!/6|\ntext /4 #!/5|\ntext /3 #!/4|\ntext /2 #!/3|\n"
		 "text /1 #!/2|\n", "/1", NULL, "fails; script /e"},
		{"itself", "text /1 #!/1|\n", "/1", NULL, "fails; script /1"},
		{"env", "elf /usr/bin/env fixed\nelf /bin/x fixed\ntext /r #!/usr/bin/env x|\n", "/r", NULL,
		 "runs"},
		{"env, not there", "elf /usr/bin/env fixed\ntext /r #!/usr/bin/env x|\n", "/r", NULL,
		 "fails; executable x"},
		{"env, PATH", "elf /usr/bin/env fixed\nelf /t/x fixed\ntext /r #!/usr/bin/env x|\n", "/r",
		 "PATH=/bin:/t", "runs"},
		{"env, one argument", "elf /usr/bin/env fixed\nelf /bin/x fixed\ntext /r #!/usr/bin/env x -u|\n",
		 "/r", NULL, "fails; executable x -u"},
		{"env -S", "elf /usr/bin/env fixed\nelf /bin/x fixed\ntext /r #!/usr/bin/env -S A=1 x -u|\n",
		 "/r", NULL, "runs"},
		{"env -S, BusyBox",
		 "elf /bin/busybox fixed\nlink /usr/bin/env /bin/busybox\nelf /bin/x fixed\n"
		 "text /r #!/usr/bin/env -S x|\n", "/r", NULL, "fails; script env -S"},
		{"env starts what asks for env", "elf /usr/bin/env fixed\ntext /bin/x #!/usr/bin/env x|\n", "/bin/x",
		 NULL, "fails; script /usr/bin/env"},
	};
	(void)state;
	CHECK(rules);
}

/* ---- glibc ---- */

#define MAIN "glibc 36\nelf /app/main program=glibc needed=libx.so "
#define X(path) "elf " path "/libx.so soname=libx.so\n"

static void test_glibc_search(void **state)
{
	static const struct rule rules[] = {
		{"nowhere", MAIN "\n", "/app/main", NULL, "fails; library libx.so"},
		{"built in", MAIN "\n" X("/usr/lib"), "/app/main", NULL, "runs\n/usr/lib/libx.so built-in folder"},
		{"nodefaultlib", MAIN "nodeflib\n" X("/usr/lib"), "/app/main", NULL, "fails; library libx.so"},
		{"RPATH", MAIN "rpath=/app/lib\n" X("/app/lib"), "/app/main", NULL,
		 "runs\n/app/lib/libx.so RPATH of /app/main"},
		{"RUNPATH over RPATH", MAIN "rpath=/r runpath=/u\n" X("/r"), "/app/main", NULL,
		 "fails; library libx.so"},
		{"RPATH before LD_LIBRARY_PATH", MAIN "rpath=/r\n" X("/r") X("/e"), "/app/main",
		 "LD_LIBRARY_PATH=/e", "runs\n/r/libx.so RPATH of /app/main"},
		{"LD_LIBRARY_PATH before RUNPATH", MAIN "runpath=/r\n" X("/r") X("/e"), "/app/main",
		 "LD_LIBRARY_PATH=/n;/e", "runs\n/e/libx.so LD_LIBRARY_PATH"},
		{"$ORIGIN", MAIN "runpath=$ORIGIN/../l\n" X("/l"), "/app/main", NULL,
		 "runs\n/app/../l/libx.so RUNPATH of /app/main"},
		{"${ORIGIN}, slashes", MAIN "runpath=${ORIGIN}///\n" X("/app"), "/app/main", NULL,
		 "runs\n/app/libx.so RUNPATH of /app/main"},
		{"$LIB", MAIN "runpath=/app/$LIB\n" X("/app/lib/x86_64-linux-gnu"), "/app/main", NULL,
		 "runs\n/app/lib/x86_64-linux-gnu/libx.so RUNPATH of /app/main"},
		{"no token", MAIN "runpath=/$ORIGINAL\n" X("/$ORIGINAL"), "/app/main", NULL,
		 "runs\n/$ORIGINAL/libx.so RUNPATH of /app/main"},
		{"empty element", MAIN "runpath=/n:\n" X(""), "/app/main", NULL,
		 "runs\nlibx.so RUNPATH of /app/main"},
		{"hwcaps, the best", MAIN "runpath=/l\n" X("/l") X("/l/glibc-hwcaps/x86-64-v2")
		 X("/l/glibc-hwcaps/x86-64-v3") X("/l/glibc-hwcaps/x86-64-v4"), "/app/main", NULL,
		 "runs\n/l/glibc-hwcaps/x86-64-v3/libx.so RUNPATH of /app/main"},
		{"old hwcaps", MAIN "runpath=/l\n" X("/l/tls"), "/app/main", NULL,
		 "runs\n/l/tls/libx.so RUNPATH of /app/main"},
		{"old hwcaps, arm64", "glibc 36 arm\nelf /m.so arm needed=libx.so runpath=/l\n"
		 "elf /l/tls/aarch64/libx.so arm\n", "/m.so", NULL, "runs\n/l/tls/aarch64/libx.so RUNPATH of /m.so"},
		{"another machine is passed over", MAIN "runpath=/a:/b\nelf /a/libx.so arm\n" X("/b"), "/app/main",
		 NULL, "runs\n/b/libx.so RUNPATH of /app/main"},
		{"a text ends it", MAIN "runpath=/a:/b\ntext /a/libx.so nothing\n" X("/b"), "/app/main", NULL,
		 "fails; library libx.so"},
		{"a loop of links ends the list", MAIN "runpath=/a:/b\nlink /a/libx.so libx.so\n" X("/b"),
		 "/app/main", NULL, "fails; library libx.so"},
		{"a path", "glibc 36\nelf /app/main program=glibc needed=$ORIGIN/l/x.so\nelf /app/l/x.so\n",
		 "/app/main", NULL, "runs\n/app/l/x.so path as written"},
		{"asked for by soname", "glibc 36\nelf /app/main program=glibc needed=/l/a.so needed=b.so\n"
		 "elf /l/a.so soname=b.so\n", "/app/main", NULL, "runs\n/l/a.so path as written"},
		{"one file, two names", "glibc 36\nelf /app/main program=glibc needed=a.so needed=b.so runpath=/l\n"
		 "elf /l/a.so\nlink /l/b.so a.so\n", "/app/main", NULL, "runs\n/l/a.so RUNPATH of /app/main"},
		{"preload", "glibc 36\nelf /app/main program=glibc eager=x\nelf /p.so has=x\n"
		 "text /etc/ld.so.preload # a|/none:/p.so|\n", "/app/main", NULL,
		 "runs\n/p.so path as written"},
		{"filter", MAIN "runpath=/l\nelf /l/libx.so filter=libf.so runpath=/l\n", "/app/main", NULL,
		 "fails; library libf.so\n/l/libx.so RUNPATH of /app/main"},
		{"auxiliary", MAIN "runpath=/l\nelf /l/libx.so aux=libf.so runpath=/l\n", "/app/main", NULL,
		 "runs\n/l/libx.so RUNPATH of /app/main"},
	};
	(void)state;
	CHECK(rules);
}

static void test_glibc_inheritance(void **state)
{
	static const struct rule rules[] = {
		{"RPATH goes down", "glibc 36\nelf /app/main program=glibc needed=a.so rpath=/l\n"
		 "elf /l/a.so needed=b.so\nelf /l/b.so\n", "/app/main", NULL,
		 "runs\n/l/a.so RPATH of /app/main\n/l/b.so RPATH of /app/main"},
		{"RUNPATH does not", "glibc 36\nelf /app/main program=glibc needed=a.so runpath=/l\n"
		 "elf /l/a.so needed=b.so\nelf /l/b.so\n", "/app/main", NULL,
		 "fails; library b.so\n/l/a.so RUNPATH of /app/main"},
		{"nor past RUNPATH", "glibc 36\nelf /app/main program=glibc needed=a.so rpath=/l\n"
		 "elf /l/a.so needed=b.so runpath=/n\nelf /l/b.so\n", "/app/main", NULL,
		 "fails; library b.so\n/l/a.so RPATH of /app/main"},
		{"$ORIGIN is each one's own", "glibc 36\nelf /app/main program=glibc needed=a.so runpath=/l\n"
		 "link /l/a.so ../real/a.so\nelf /real/a.so needed=b.so runpath=$ORIGIN\nelf /l/b.so\n",
		 "/app/main", NULL, "runs\n/l/a.so RUNPATH of /app/main\n/l/b.so RUNPATH of /l/a.so"},
	};
	(void)state;
	CHECK(rules);
}

#define BOUND(words, lib) "glibc 36\nelf /m program=glibc needed=x.so runpath=/l " words "\n" \
	"elf /l/x.so " lib "\n"
#define FOUND "\n/l/x.so RUNPATH of /m"

static void test_glibc_binding(void **state)
{
	static const struct rule rules[] = {
		{"data", BOUND("eager=d", ""), "/m", NULL, "fails; symbol d" FOUND},
		{"lazy", BOUND("lazy=f", ""), "/m", NULL, "runs" FOUND},
		{"lazy, now", BOUND("lazy=f now", ""), "/m", NULL, "fails; symbol f" FOUND},
		{"lazy, LD_BIND_NOW", BOUND("lazy=f", ""), "/m", "LD_BIND_NOW=1", "fails; symbol f" FOUND},
		{"weak", BOUND("weak=d", ""), "/m", NULL, "runs" FOUND},
		{"copied, not from itself", BOUND("copy=d has=d", ""), "/m", NULL, "fails; symbol d" FOUND},
		{"version missing", BOUND("needs=x.so:V2", "defs=V1"), "/m", NULL, "fails; version V2" FOUND},
		{"of a library without versions", BOUND("needs=x.so:V2", ""), "/m", NULL, "runs" FOUND},
		{"of a library that is not needed", BOUND("needs=y.so:V2", ""), "/m", NULL,
		 "fails; library y.so" FOUND},
		{"versions lost, 2.36", BOUND("needs=x.so:V1 eager=f@V1:x.so", "has=f"), "/m", NULL,
		 "fails; version V1" FOUND},
		{"versions lost, but needs some", BOUND("needs=x.so:V1 eager=f@V1:x.so", "has=f verneed"), "/m",
		 NULL, "runs" FOUND},
		{"no version asked for, the oldest is there", BOUND("eager=f", "defs=V1 defs=V2 has=f@V1"), "/m",
		 NULL, "runs" FOUND},
		{"RELR without its version", "glibc 36\nelf /m program=glibc needed=libc.so.6 relr verneed\n", "/m",
		 NULL, "fails; version GLIBC_ABI_DT_RELR"},
		{"RELR before 2.36", "glibc 31\nelf /m program=glibc needed=libc.so.6 relr\n", "/m", NULL,
		 "fails; runtime DT_RELR"},
		{"beyond the processor", BOUND("", "isa=8"), "/m", NULL, "fails; isa x86-64-v4" FOUND},
		{"first what is needed, then who needs it",
		 "glibc 36\nelf /m program=glibc needed=a.so needed=b.so runpath=/l eager=gm\n"
		 "elf /l/a.so eager=ga needed=b.so runpath=/l\nelf /l/b.so eager=gb\n", "/m", NULL,
		 "fails; symbol gb; symbol ga; symbol gm\n/l/a.so RUNPATH of /m\n/l/b.so RUNPATH of /m"},
	};
	(void)state;
	CHECK(rules);
}

static void test_glibc_modules(void **state)
{
	static const struct rule rules[] = {
		{"everything now", "glibc 36\nelf /m.so lazy=f\n", "/m.so", NULL, "fails; symbol f"},
		{"of the host", "glibc 36\nelf /m.so lazy=PyErr_Clear lazy=napi_throw\n", "/m.so", NULL, "runs"},
		{"of the host, by what it exports", "glibc 36\nelf /m.so lazy=add_next has=get_module\n", "/m.so",
		 NULL, "runs"},
		{"anybody's", "glibc 36\nelf /m.so lazy=add_next\n", "/m.so", NULL, "fails; symbol add_next"},
		{"not to be opened", "glibc 36\nelf /m.so noopen\n", "/m.so", NULL, "fails; library /m.so"},
		{"stack, 2.36", "glibc 36\nelf /m.so execstack\n", "/m.so", NULL, "runs"},
		{"stack, 2.41", "glibc 41\nelf /m.so execstack\n", "/m.so", NULL, "fails; execstack executable stack"},
		{"TLS", "glibc 36\nelf /m.so tls=1664\n", "/m.so", NULL, "runs"},
		{"too much TLS", "glibc 36\nelf /m.so tls=1728\n", "/m.so", NULL, "fails; tls static TLS"},
		{"TLS where rseq counts", "glibc 41\nelf /m.so tls=1680\n", "/m.so", NULL, "unknown; tls static TLS"},
		{"TLS together", "glibc 36\nelf /m.so tls=1000 needed=x.so runpath=/l\nelf /l/x.so tls=1000\n",
		 "/m.so", NULL, "fails; tls static TLS\n/l/x.so RUNPATH of /m.so"},
		{"TLS, arm64", "glibc 36 arm\nelf /m.so arm tls=1680\n", "/m.so", NULL, "runs"},
		{"too much TLS, arm64", "glibc 36 arm\nelf /m.so arm tls=1688\n", "/m.so", NULL,
		 "fails; tls static TLS"},
		{"TLS aligned to 64, arm64", "glibc 36 arm\nelf /m.so arm tls=64 tlsalign=64\n", "/m.so", NULL,
		 "fails; tls static TLS"},
		{"TLS together, arm64", "glibc 36 arm\nelf /m.so arm tls=1032 tlsalign=32 needed=x.so runpath=/l\n"
		 "elf /l/x.so arm tls=648\n", "/m.so", NULL, "fails; tls static TLS\n/l/x.so RUNPATH of /m.so"},
		{"TLS where rseq counts, arm64", "glibc 41 arm\nelf /m.so arm tls=1672\n", "/m.so", NULL,
		 "fails; tls static TLS"},
	};
	(void)state;
	CHECK(rules);
}

/* ---- musl ---- */

#define MUSL "musl 1.2.5\nelf /app/main program=musl needed=libx.so "

static void test_musl(void **state)
{
	static const struct rule rules[] = {
		{"nowhere", MUSL "\n", "/app/main", NULL, "fails; library libx.so"},
		{"default path", MUSL "\n" X("/usr/local/lib"), "/app/main", NULL,
		 "runs\n/usr/local/lib/libx.so default path"},
		{"path file", MUSL "\n" X("/usr/lib") "text /etc/ld-musl-x86_64.path /o|\n", "/app/main", NULL,
		 "fails; library libx.so"},
		{"LD_LIBRARY_PATH first", MUSL "rpath=/r\n" X("/r") X("/e"), "/app/main", "LD_LIBRARY_PATH=/e",
		 "runs\n/e/libx.so LD_LIBRARY_PATH"},
		{"RUNPATH goes down", "musl 1.2.5\nelf /app/main program=musl needed=a.so runpath=/l\n"
		 "elf /l/a.so needed=b.so\nelf /l/b.so\n", "/app/main", NULL,
		 "runs\n/l/a.so RUNPATH of /app/main\n/l/b.so RUNPATH of /app/main"},
		{"$LIB spoils the path", MUSL "runpath=/app/$LIB:/l\n" X("/l"), "/app/main", NULL,
		 "fails; library libx.so"},
		{"itself, by glibc's name", "musl 1.2.5\nelf /m program=musl needed=libm.so.6 eager=puts\n", "/m",
		 NULL, "runs"},
		{"not itself", "musl 1.2.5\nelf /m program=musl needed=libresolv.so.2\n", "/m", NULL,
		 "fails; library libresolv.so.2"},
		{"versions do not count", "musl 1.2.5\nelf /m program=musl needed=libc.so.6 needs=libc.so.6:G "
		 "eager=puts@G:libc.so.6\n", "/m", NULL, "runs"},
		{"nobody asked for libc", "musl 1.2.5\nelf /m program=musl eager=puts\n", "/m", NULL,
		 "fails; symbol puts"},
		{"nothing is lazy", "musl 1.2.5\nelf /m program=musl needed=libc.so lazy=f\n", "/m", NULL,
		 "fails; symbol f"},
		{"functions first", "musl 1.2.5\nelf /m program=musl needed=libc.so eager=d lazy=f\n", "/m", NULL,
		 "fails; symbol f; symbol d"},
		{"large files", "musl 1.2.5\nelf /m program=musl needed=libc.so lazy=open64\n", "/m", NULL, "runs"},
		{"large files, 1.2.3", "musl 1.2.3\nelf /m program=musl needed=libc.so lazy=open64\n", "/m", NULL,
		 "fails; symbol open64"},
		{"RELR, 1.2.2", "musl 1.2.2\nelf /m program=musl needed=libc.so relr\n", "/m", NULL,
		 "fails; runtime DT_RELR"},
		{"some libc", "musl 1.2.5\nelf /m program=musl needed=/l/x.so eager=x\n"
		 "elf /l/x.so has=x has=stdin has=__libc_start_main\n", "/m", NULL, "fails; symbol x"},
		{"preload that is not there", "musl 1.2.5\nelf /m program=musl needed=libc.so\n", "/m",
		 "LD_PRELOAD=/none.so", "runs"},
		{"TLS of a module", "musl 1.2.5\nelf /m.so tls=8\n", "/m.so", NULL, "fails; tls initial-exec TLS"},
	};
	(void)state;
	CHECK(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_glibc_search),
		cmocka_unit_test(test_glibc_inheritance),
		cmocka_unit_test(test_glibc_binding),
		cmocka_unit_test(test_glibc_modules),
		cmocka_unit_test(test_musl),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
