/* socle lint FILE…: advice on Dockerfiles. 1 where any is a warning or worse. */
#include <errno.h>
#include <fts.h>
#include <sys/stat.h>

#include "cmd/commands.h"
#include "cmd/open.h"
#include "core/limits.h"
#include "os/file.h"
#include "report/lint_report.h"

/* ---- Which files ---- */

/* Dockerfile, Dockerfile.dev, api.Dockerfile, api.dockerfile, Containerfile … */
static bool is_dockerfile(struct str name)
{
	return str_eq(name, STR("Dockerfile")) || str_eq(name, STR("Containerfile")) ||
	       str_starts(name, STR("Dockerfile.")) || str_starts(name, STR("Containerfile.")) ||
	       str_ends(name, STR(".Dockerfile")) || str_ends(name, STR(".dockerfile")) ||
	       str_ends(name, STR(".Containerfile")) || str_ends(name, STR(".containerfile"));
}

static bool is_left_out(struct str folder)
{
	return str_eq(folder, STR(".git")) || str_eq(folder, STR("node_modules"));
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool list_folder(char *folder, struct str_vec *files, struct arena *a, struct err *e)
{
	char *roots[] = {folder, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	bool ok = walk || err_errno(e, "%s", folder);
	for (FTSENT *x; ok && (x = fts_read(walk));) {
		struct str name = {x->fts_name, x->fts_namelen};
		if (x->fts_info == FTS_D && x->fts_level > 0 && is_left_out(name)) {
			fts_set(walk, x, FTS_SKIP);
		} else if (x->fts_info == FTS_F && is_dockerfile(name)) {
			*vec_push(files, a) = arena_str(a, str_of(x->fts_path));
		} else if (x->fts_info == FTS_DNR || x->fts_info == FTS_ERR) {
			errno = x->fts_errno;
			ok = err_errno(e, "%s", x->fts_path);
		}
	}
	if (walk)
		fts_close(walk);
	return ok;
}

static bool list_files(struct session *s, struct str_vec *files, struct err *e)
{
	for (size_t i = 0; i < s->args.n; i++) {
		char *path = arena_cstr(s->arena, s->args.p[i]);
		struct stat st;
		if (!strcmp(path, "-") || stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
			*vec_push(files, s->arena) = s->args.p[i];
		else if (!list_folder(path, files, s->arena, e))
			return false;
	}
	return true;
}

/* ---- One file ---- */

static bool read_text(struct str name, struct str *text, struct arena *a, struct err *e)
{
	bool stdin_wanted = str_eq(name, STR("-"));
	return file_read(stdin_wanted ? "/dev/stdin" : arena_cstr(a, name), LIMIT_DOCKERFILE_BYTES, a,
	                 text, e);
}

static bool lint_one(struct session *s, struct lint_bases *bases, struct str today,
                     struct lint_file *f, struct err *e)
{
	struct dockerfile *d = ARENA_NEW(s->arena, struct dockerfile);
	struct str text;
	if (!read_text(f->name, &text, s->arena, e) || !dockerfile_parse(d, text, f->name, s->arena, e))
		return false;
	lint(&f->result, d, bases, today, s->arena);
	return true;
}

int cmd_lint(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct str_vec names = {0};
	if (!s->args.n)
		return session_usage(s, "lint wants Dockerfiles, folders or - for standard input");
	if (!list_files(s, &names, &e) || !workplace_open(&w, s, &e))
		return session_fail(&e);
	if (!names.n) {
		session_complain("there is no Dockerfile here");
		return EXIT_NOTHING;
	}
	struct lint_file *files = arena_array(s->arena, names.n, sizeof *files);
	struct lint_report report = {.files = files, .verbose = s->verbose};
	w.bases.pull = false; /* advice wants no network */
	struct lint_bases bases = {.context = &w.bases};
	struct str day = session_today(s);
	enum lint_severity worst = LINT_INFO;
	bool trouble = false;
	for (size_t i = 0; i < names.n; i++) {
		struct lint_file *f = &files[report.count];
		*f = (struct lint_file){.name = names.p[i]};
		e = (struct err)ERR_INIT;
		if (!lint_one(s, &bases, day, f, &e)) {
			trouble = true;
			session_fail(&e);
			continue;
		}
		report.count++;
		worst = f->result.worst > worst ? f->result.worst : worst;
	}
	if (report.count && !session_render(s, lint_render, &report, &e))
		return session_fail(&e);
	return trouble ? EXIT_TROUBLE : worst >= LINT_WARNING ? EXIT_NO : EXIT_YES;
}
