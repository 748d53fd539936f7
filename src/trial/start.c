#include "trial/start.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "trial/inside.h"
#include "trial/program.h"

static struct str read_at(void *fd, uint64_t off, size_t n, struct arena *a)
{
	char *p = arena_alloc(a, n + 1);
	ssize_t got;
	do
		got = off > INT64_MAX ? 0 : pread(*(int *)fd, p, n, (off_t)off);
	while (got < 0 && errno == EINTR);
	return (struct str){p, got > 0 ? (size_t)got : 0};
}

/* One file; *next is the interpreter that must be looked at then, or empty. */
static enum start_verdict check_file(const struct start_files *files, struct str path, struct arena *a, struct str *next)
{
	*next = STR_NONE;
	CLEANUP_FD int fd = files->open(files->context, path);
	struct stat st;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? START_ABSENT : START_NOT_EXECUTABLE;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return START_NOT_EXECUTABLE;
	struct program_source source = {read_at, &fd};
	switch (program_look(&source, a, next)) {
	case PROGRAM_NATIVE:
	case PROGRAM_SCRIPT:
		return START_OK;
	case PROGRAM_FOREIGN:
		return START_WRONG_MACHINE;
	case PROGRAM_NONE:
		break;
	}
	return START_NO_PROGRAM;
}

static struct start_check check_path(const struct start_files *files, struct str path,
				     struct arena *a)
{
	struct start_check c = {.path = path};
	struct str at = path, next;
	for (unsigned depth = 0; depth <= LIMIT_SCRIPT_DEPTH; depth++, at = next) {
		enum start_verdict v = check_file(files, at, a, &next);
		if (v == START_ABSENT && depth > 0) {
			c.verdict = START_NO_INTERPRETER;
			c.interpreter = at;
			return c;
		}
		c.verdict = v;
		c.by = at;
		if (v != START_OK || next.n == 0)
			return c;
	}
	return c;
}

static struct str search(const struct start_files *files, struct str name, struct str search_path,
			 struct arena *a)
{
	struct str folder, refused = STR_NONE;
	while (str_next(&search_path, ':', &folder)) {
		if (folder.n == 0 || folder.p[0] != '/')
			continue;
		struct str path = arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
		struct str next;
		enum start_verdict v = check_file(files, path, a, &next);
		if (v != START_ABSENT && v != START_NOT_EXECUTABLE)
			return path;
		if (v == START_NOT_EXECUTABLE && refused.n == 0)
			refused = path; /* execvp(3): EACCES is told when nothing better came */
	}
	return refused;
}

struct start_check start_check_in(const struct start_files *files, struct str argv0,
				  struct str folder, struct str search_path, struct arena *a)
{
	struct str path = argv0;
	if (str_index(argv0, '/') == argv0.n)
		path = search(files, argv0, search_path, a);
	else if (argv0.p[0] != '/')
		path = arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(argv0));
	if (path.n == 0)
		return (struct start_check){.verdict = START_ABSENT, .path = argv0};
	return check_path(files, path, a);
}

/* ---- In a folder ---- */

static int open_inside(void *root, struct str path)
{
	return inside_open(*(int *)root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

struct start_check start_check_path(int root, struct str path, struct arena *a)
{
	return check_path(&(struct start_files){open_inside, &root}, path, a);
}

struct start_check start_check(int root, struct str argv0, struct str folder,
			       struct str search_path, struct arena *a)
{
	return start_check_in(&(struct start_files){open_inside, &root}, argv0, folder, search_path,
			      a);
}

struct str start_why(const struct start_check *c, struct arena *a)
{
	bool searched = str_index(c->path, '/') == c->path.n;
	switch (c->verdict) {
	case START_OK:
		return STR_NONE;
	case START_ABSENT:
		return arena_printf(a,
				    searched ? "%.*s is in no folder of PATH" : "%.*s is not there",
				    STR_ARG(c->path));
	case START_NO_INTERPRETER:
		return arena_printf(a, "%.*s is there, but its interpreter %.*s is not",
				    STR_ARG(c->by), STR_ARG(c->interpreter));
	case START_NOT_EXECUTABLE:
		return arena_printf(a, "%.*s is no file with an execute bit", STR_ARG(c->path));
	case START_WRONG_MACHINE:
		return arena_printf(a, "%.*s is for another processor",
				    STR_ARG(c->by.n ? c->by : c->path));
	case START_NO_PROGRAM:
		return arena_printf(a, "%.*s is neither an ELF program nor a script with a #! line",
				    STR_ARG(c->by.n ? c->by : c->path));
	}
	return STR_NONE;
}
