/* For the tests of trial: roots and a program to put on them, made when a test asks for them.
 * The machine's compiler and libc.a are the only things taken for granted. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/err.h"
#include "os/file.h"
#include "trial/trial.h"

struct stage {
	char folder[128];
	char base[160];   /* /bin/actor, /etc/passwd, /etc/group, /tmp: a small root file system */
	char app[160];    /* actor, dynamic (wants the machine's loader), script, text */
	char alpine[160]; /* a real Alpine root; empty where none is at hand */
};

__attribute__((format(printf, 1, 2))) static bool shell(const char *fmt, ...)
{
	char line[4096];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	int status = system(line);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool write_text(const char *folder, const char *name, const char *text, unsigned mode)
{
	char path[512];
	struct err e;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return file_replace(path, str_of(text), mode, &e);
}

/* Real bases lie beside a checkout, or where $SOCLE_BASES says. */
static void unpack_alpine(struct stage *s)
{
	const char *bases = getenv("SOCLE_BASES");
	snprintf(s->alpine, sizeof s->alpine, "%s/alpine", s->folder);
	if (!shell("f=%s/alpine-minirootfs-3.20.3-x86_64.tar.gz; test \"$(uname -m)\" = x86_64 && "
		   "test -r $f && mkdir %s && tar -C %s -xpf $f",
		   bases ? bases : "../shared/bases", s->alpine, s->alpine))
		s->alpine[0] = '\0';
}

static bool stage_make(struct stage *s)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(s->folder, sizeof s->folder, "%.80s/socle-trial-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(s->folder) || chmod(s->folder, 0755) < 0)
		return false;
	snprintf(s->base, sizeof s->base, "%s/base", s->folder);
	snprintf(s->app, sizeof s->app, "%s/app", s->folder);
	unpack_alpine(s);
	return shell("mkdir -p %s/bin %s/etc %s/tmp %s && chmod 1777 %s/tmp", s->base, s->base,
		     s->base, s->app, s->base) &&
	       shell("cc -O1 -static -w -o %s/actor tests/fixtures/trial/actor.c", s->app) &&
	       shell("cc -O1 -w -o %s/dynamic tests/fixtures/trial/actor.c", s->app) &&
	       shell("cp %s/actor %s/bin/actor", s->app, s->base) &&
	       write_text(s->base, "etc/passwd",
			  "root:x:0:0:root:/root:/bin/sh\nweb:x:1234:1235:Web:/srv:/bin/sh\n",
			  0644) &&
	       write_text(s->base, "etc/group", "root:x:0:\nweb:x:1235:\nextra:x:77:web\n", 0644) &&
	       write_text(s->app, "script", "#!/opt/lost/interpreter -x\n", 0755) &&
	       write_text(s->app, "text", "no program\n", 0755) &&
	       write_text(s->app, "plain", "no execute bit\n", 0644);
}

static void stage_remove(struct stage *s)
{
	if (strstr(s->folder, "socle-trial-"))
		shell("rm -rf %s", s->folder);
}

/* Every path, mode, size, owner, time and byte below a folder, as one line. */
static inline char *stage_digest(const char *folder)
{
	static char digest[2][128];
	static int turn;
	char *out = digest[turn ^= 1], line[1024];
	snprintf(line, sizeof line,
		 "cd %s && { find . -printf '%%p %%m %%s %%U %%G %%T@ %%C@ %%l\\n' | sort; "
		 "find . -type f -print0 | sort -z | xargs -0 sha256sum; } | sha256sum",
		 folder);
	FILE *f = popen(line, "r");
	if (!f || !fgets(out, sizeof digest[0], f))
		out[0] = '\0';
	if (f)
		pclose(f);
	return out;
}

/* Why no container runs on this machine; NULL: they do. */
static const char *stage_unable(const struct stage *s)
{
	static char why[1200];
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct trial_setup setup = {.base_dir = str_of(s->base)};
	struct trial_test test = {0};
	struct trial_result r = {0};
	*vec_push(&test.argv, &a) = STR("/bin/actor");
	*vec_push(&test.argv, &a) = STR("exit");
	*vec_push(&test.argv, &a) = STR("0");
	if (trial_run(&setup, &test, 1, &r, &a, &e) && r.exit == 0)
		return NULL;
	snprintf(why, sizeof why, "%s%.*s", e.message, STR_ARG(r.why));
	/* Where it must run, a machine that cannot is a failure. */
	return why;
}
