#include "cmd/files.h"

#include <errno.h>
#include <fts.h>
#include <sys/stat.h>

#include "os/file.h"

bool files_is_dockerfile(struct str name)
{
	/* Dockerfile.dockerignore is the ignore file of a Dockerfile (docker buildx build). */
	if (str_ends(name, STR(".dockerignore")) || str_ends(name, STR(".md")))
		return false;
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

static bool list_folder(char *folder, files_wanted *wanted, struct str_vec *files,
                        struct arena *a, struct err *e)
{
	char *roots[] = {folder, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	bool ok = walk || err_errno(e, "%s", folder);
	for (FTSENT *x; ok && (x = fts_read(walk));) {
		struct str name = {x->fts_name, x->fts_namelen};
		if (x->fts_info == FTS_D && x->fts_level > 0 && is_left_out(name)) {
			fts_set(walk, x, FTS_SKIP);
		} else if (x->fts_info == FTS_F && wanted(x->fts_path, name)) {
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

bool files_list(struct session *s, files_wanted *wanted, struct str_vec *files, struct err *e)
{
	for (size_t i = 0; i < s->args.n; i++) {
		char *path = arena_cstr(s->arena, s->args.p[i]);
		struct stat st;
		if (!strcmp(path, "-") || stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
			*vec_push(files, s->arena) = s->args.p[i];
		else if (!list_folder(path, wanted, files, s->arena, e))
			return false;
	}
	return true;
}

bool files_read(struct str name, size_t max_bytes, struct str *text, struct arena *a,
                struct err *e)
{
	bool stdin_wanted = str_eq(name, STR("-"));
	return file_read(stdin_wanted ? "/dev/stdin" : arena_cstr(a, name), max_bytes, a, text, e);
}
