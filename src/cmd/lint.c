/* socle lint FILE…: advice on Dockerfiles. 1 where any is a warning or worse. */
#include "cmd/commands.h"
#include "cmd/files.h"
#include "cmd/open.h"
#include "core/limits.h"
#include "report/lint_report.h"

static bool is_dockerfile(const char *path, struct str name)
{
	(void)path;
	return files_is_dockerfile(name);
}

static bool lint_one(struct session *s, struct lint_bases *bases, struct str today,
                     struct lint_file *f, struct err *e)
{
	struct dockerfile *d = ARENA_NEW(s->arena, struct dockerfile);
	struct str text;
	if (!files_read(f->name, LIMIT_DOCKERFILE_BYTES, &text, s->arena, e) ||
	     !dockerfile_parse(d, text, f->name, s->arena, e))
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
	if (!files_list(s, is_dockerfile, &names, &e) || !workplace_open(&w, s, &e))
		return session_fail(&e);
	if (!names.n) {
		session_complain("there is no Dockerfile here");
		return EXIT_NOTHING;
	}
	struct lint_file *files = arena_array(s->arena, names.n, sizeof *files);
	struct lint_report report = {.files = files, .verbose = s->verbose};
	w.bases.pull = session_flag(s, "pull"); /* advice wants no network */
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
