/* socle pin FILE…: the digests of images, written into the files that name them. */
#include <stdlib.h>
#include <sys/stat.h>

#include "cmd/commands.h"
#include "cmd/files.h"
#include "cmd/network.h"
#include "core/limits.h"
#include "os/file.h"
#include "report/pin_report.h"
#include "yaml/images.h"

struct pinning {
	struct session *session;
	struct network network;
	bool filter;            /* "-": standard input to standard output */
	bool in_place, check;
	struct pin_file *files; /* those that could be read */
	size_t count;
	bool trouble;
};

static void complain(struct pinning *p, const struct err *e)
{
	session_fail(e);
	p->trouble = true;
}

/* ---- Options ---- */

static bool wrong(struct err *e, const char *what)
{
	return err_set(e, ERR_USAGE, "%s", what);
}

/* What goes to standard output, unless -o claims it: a diff with -n, for "-" the text itself. */
static void choose_output(struct pinning *p)
{
	struct session *s = p->session;
	bool dry_run = session_flag(s, "dry-run"), claimed = false;
	if (!session_values(s, "output")->n)
		s->outputs.n = dry_run || (p->filter && !p->check) ? 0 : s->outputs.n;
	for (size_t i = 0; i < s->outputs.n; i++)
		claimed |= !s->outputs.p[i].path.n;
	p->filter = p->filter && !claimed && !dry_run && !p->check;
	if (dry_run && !claimed)
		*vec_push(&s->outputs, s->arena) = (struct output){STR("diff"), STR("")};
}

static bool read_options(struct pinning *p, struct err *e)
{
	struct session *s = p->session;
	bool dry_run = session_flag(s, "dry-run");
	p->in_place = session_flag(s, "in-place");
	p->check = session_flag(s, "check");
	for (size_t i = 0; i < s->args.n; i++)
		p->filter |= str_eq(s->args.p[i], STR("-"));
	if (p->in_place && (dry_run || p->check))
		return wrong(e, "-i writes, -n and --check do not: one or the other");
	if (p->filter && s->args.n > 1)
		return wrong(e, "- stands alone: standard input goes to standard output");
	if (p->filter && p->in_place)
		return wrong(e, "standard input cannot be replaced: without -i it goes to standard output");
	if (session_flag(s, "offline") && !p->check)
		return wrong(e, "digests are asked of registries: with --offline only --check is possible");
	choose_output(p);
	return true;
}

/* ---- Reading ---- */

static bool is_workflow(struct str path)
{
	struct str folder = str_dirname(path);
	return str_ends(folder, STR(".github/workflows")) || str_ends(folder, STR(".gitea/workflows")) ||
	       str_ends(folder, STR(".forgejo/workflows"));
}

static bool is_manifest(const char *path)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct err ignored = ERR_INIT;
	struct str text;
	return file_read(path, LIMIT_YAML_BYTES, &scratch, &text, &ignored) && yaml_is_manifest(text);
}

/* In folders: Dockerfiles, and YAML that is known by its name or place, or as a manifest of
 * Kubernetes by its content. */
static bool is_wanted(const char *path, struct str name)
{
	if (!str_ends(name, STR(".yml")) && !str_ends(name, STR(".yaml")))
		return files_is_dockerfile(name);
	return str_starts(name, STR("compose")) || str_starts(name, STR("docker-compose")) ||
	       str_ends(name, STR(".gitlab-ci.yml")) || str_eq(name, STR("action.yml")) ||
	       str_eq(name, STR("action.yaml")) || is_workflow(str_of(path)) || is_manifest(path);
}

/* One file may be given twice, by two paths. Hard links are files of their own here: who replaces
 * one leaves the other as it was. A symbolic link stands for itself: it is refused later. */
static bool is_known(struct session *s, struct map *seen, struct str name)
{
	const char *path = arena_cstr(s->arena, name);
	struct stat st;
	bool added = true;
	if (str_eq(name, STR("-")) || lstat(path, &st) < 0)
		return false;
	struct str key = arena_printf(s->arena, "%llu %llu", (unsigned long long)st.st_dev,
	                              (unsigned long long)st.st_ino);
	char *real = st.st_nlink > 1 && !S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
	map_put(seen, s->arena, real ? arena_str(s->arena, str_of(real)) : key, &added);
	free(real);
	return !added;
}

/* The templates of Helm and the like are no YAML before they are filled in. Who names one hears
 * where it goes wrong; in a folder it is passed over. */
static bool is_passed_over(const struct pinning *p, const struct pin_file *f)
{
	const struct str_vec *given = &p->session->args;
	for (size_t i = 0; i < given->n; i++)
		if (str_eq(given->p[i], f->name))
			return false;
	return pin_kind_of(f->name, f->text) == PIN_YAML && str_contains(f->text, STR("{{"));
}

static bool read_file(const struct pinning *p, struct pin_file *f, struct err *e)
{
	struct arena *a = p->session->arena;
	return (!p->in_place || file_editable(arena_cstr(a, f->name), e)) &&
	       files_read(f->name, LIMIT_DOCKERFILE_BYTES, &f->text, a, e) && pin_read(f, a, e);
}

static void read_files(struct pinning *p, const struct str_vec *names)
{
	struct arena *a = p->session->arena;
	struct map seen = {0};
	p->files = arena_array(a, names->n, sizeof *p->files);
	for (size_t i = 0; i < names->n; i++) {
		struct pin_file *f = &p->files[p->count];
		struct err e = ERR_INIT;
		if (is_known(p->session, &seen, names->p[i]))
			continue;
		*f = (struct pin_file){.name = names->p[i]};
		if (read_file(p, f, &e))
			p->count++;
		else if (is_passed_over(p, f))
			session_say(p->session, "%.*s is a template, no YAML yet: left out", STR_ARG(f->name));
		else
			complain(p, &e);
	}
}

/* A report over a file that was read for it would be the end of that file. */
static bool outputs_are_no_inputs(struct session *s, const struct str_vec *names, struct err *e)
{
	for (size_t i = 0; i < s->outputs.n; i++) {
		struct stat to, from;
		struct str path = s->outputs.p[i].path;
		if (!path.n || stat(arena_cstr(s->arena, path), &to) < 0 || !S_ISREG(to.st_mode))
			continue;
		for (size_t k = 0; k < names->n; k++)
			if (stat(arena_cstr(s->arena, names->p[k]), &from) == 0 && from.st_dev == to.st_dev &&
			    from.st_ino == to.st_ino)
				return err_set(e, ERR_USAGE, "-o %.*s=%.*s would overwrite %.*s, which is read: "
				               "give the report another file", STR_ARG(s->outputs.p[i].format),
				               STR_ARG(path), STR_ARG(names->p[k]));
	}
	return true;
}

/* ---- What came of it ---- */

static void tell_failures(struct pinning *p)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->files[i].references.n; k++) {
			const struct pin_reference *r = &p->files[i].references.p[k];
			struct err e = ERR_INIT;
			if (!r->failed)
				continue;
			err_set(&e, ERR_IO, "%.*s:%u:%u: %.*s: %.*s", STR_ARG(p->files[i].name), r->line,
			        r->column, STR_ARG(r->image), STR_ARG(r->reason));
			complain(p, &e);
		}
}

static void write_files(struct pinning *p)
{
	struct arena *a = p->session->arena;
	struct file_change *changes = arena_array(a, p->count + 1, sizeof *changes);
	struct pin_file **changed = arena_array(a, p->count + 1, sizeof *changed);
	size_t n = 0;
	for (size_t i = 0; i < p->count; i++) {
		struct pin_file *f = &p->files[i];
		if (str_eq(f->text, f->result))
			continue;
		changes[n] = (struct file_change){arena_cstr(a, f->name), f->text, f->result, false, ERR_INIT};
		changed[n++] = f;
	}
	file_edit_many(changes, n);
	for (size_t i = 0; i < n; i++) {
		if (changes[i].done)
			continue;
		pin_leave(changed[i], STR("the file could not be written"));
		complain(p, &changes[i].err);
	}
}

static bool print_text(const struct pinning *p, struct err *e)
{
	session_stdout();
	if (p->trouble || !p->count)
		return true;
	struct str text = p->files[0].result;
	return (fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0) ||
	       err_errno(e, "standard output");
}

/* Where standard output holds the text, what was left alone is said on the side. */
static void tell_unresolved(const struct pinning *p)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->files[i].references.n; k++) {
			const struct pin_reference *r = &p->files[i].references.p[k];
			if (r->status == PIN_UNRESOLVED && !r->failed)
				session_say(p->session, "%.*s:%u:%u: %.*s is not pinned: %.*s",
				            STR_ARG(p->files[i].name), r->line, r->column, STR_ARG(r->image),
				            STR_ARG(r->reason));
		}
}

static int verdict(const struct pinning *p)
{
	if (p->trouble)
		return EXIT_TROUBLE;
	for (size_t i = 0; p->check && i < p->count; i++)
		for (size_t k = 0; k < p->files[i].references.n; k++)
			if (pin_is_missing(&p->files[i].references.p[k]))
				return EXIT_NO;
	return EXIT_YES;
}

int cmd_pin(struct session *s)
{
	struct err e = ERR_INIT;
	struct pinning p = {.session = s};
	struct str_vec names = {0};
	if (!s->args.n)
		return session_usage(s, "pin wants files, folders or - for standard input");
	if (!read_options(&p, &e) || !files_list(s, is_wanted, &names, &e) ||
	    !outputs_are_no_inputs(s, &names, &e) || !network_open(&p.network, s, &e))
		return session_fail(&e);
	if (!names.n) {
		session_complain("nothing here names images");
		return EXIT_NOTHING;
	}
	struct pin_options options = {.update = session_flag(s, "update"),
	                              .tighten = session_flag(s, "tighten")};
	options.registry = session_flag(s, "offline") ? NULL : p.network.registry;
	read_files(&p, &names);
	pin(p.files, p.count, &options, s->arena);
	tell_failures(&p);
	if (p.in_place)
		write_files(&p);
	struct pin_report report = {p.files, p.count, p.in_place};
	if (p.filter || session_flag(s, "dry-run"))
		tell_unresolved(&p);
	if ((p.filter && !print_text(&p, &e)) ||
	    (p.count && !session_render(s, pin_render, &report, &e)))
		return session_fail(&e);
	return verdict(&p);
}
