#include "image/reference.h"

#include "image/reference_name.h"

/* What stands before the first colon. */
static const struct prefix {
	struct str text;
	enum reference_kind kind;
} prefixes[] = {
	/* Longer ones first: "docker://" is no name for the engine. */
	{STR_INIT("docker://"), REFERENCE_REGISTRY},
	{STR_INIT("registry:"), REFERENCE_REGISTRY},
	{STR_INIT("docker:"), REFERENCE_DOCKER},
	{STR_INIT("docker-daemon:"), REFERENCE_DOCKER},
	{STR_INIT("docker-archive:"), REFERENCE_DOCKER_ARCHIVE},
	{STR_INIT("podman:"), REFERENCE_PODMAN},
	{STR_INIT("containers-storage:"), REFERENCE_PODMAN},
	{STR_INIT("oci-archive:"), REFERENCE_OCI_ARCHIVE},
	{STR_INIT("oci-dir:"), REFERENCE_OCI_DIR},
	{STR_INIT("oci:"), REFERENCE_OCI_DIR},
	{STR_INIT("dir:"), REFERENCE_DIR},
	{STR_INIT("file:"), REFERENCE_FILE},
};

static const struct prefix *prefix_of(struct str text)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (str_starts(text, prefixes[i].text))
			return &prefixes[i];
	return NULL;
}

static bool set_path(struct reference *r, struct str path, struct arena *a, struct err *e)
{
	if (path.n == 0)
		return err_set(e, ERR_USAGE, "%.*s: no path behind the colon", STR_ARG(r->text));
	r->path = arena_str(a, path);
	return true;
}

static bool exists_as(struct str path, bool (*exists)(const char *path), struct arena *a)
{
	return path.n > 0 && exists(arena_cstr(a, path));
}

/* Where PATH ends in PATH[:TAG] and PATH[@DIGEST]. Paths may hold either sign, so the
 * longest part that is there wins; where nothing is there, the first sign ends it. */
static size_t path_end(struct str rest, bool (*exists)(const char *path), struct arena *a)
{
	if (exists_as(rest, exists, a))
		return rest.n;
	size_t first = rest.n;
	for (size_t i = rest.n; i-- > 0;) {
		if (rest.p[i] != ':' && rest.p[i] != '@')
			continue;
		if (exists_as(str_slice(rest, 0, i), exists, a))
			return i;
		first = i;
	}
	return first;
}

static bool split_archive(struct reference *r, struct str rest, bool (*exists)(const char *path),
                          struct arena *a, struct err *e)
{
	size_t end = path_end(rest, exists, a);
	struct str what = str_skip(rest, end + 1);
	if (!set_path(r, str_slice(rest, 0, end), a, e))
		return false;
	if (end == rest.n)
		return true;
	if (rest.p[end] == '@')
		return reference_digest(r, what, e);
	if (r->kind == REFERENCE_DOCKER_ARCHIVE)
		return reference_name(r, what, e);
	return reference_layout_tag(r, what, e);
}

/* Text that can only be meant as a path, even where nothing is there. */
static bool looks_like_path(struct str text)
{
	return str_starts(text, STR("/")) || str_starts(text, STR("./")) ||
	       str_starts(text, STR("../")) || str_ends(text, STR("/")) || str_eq(text, STR(".")) ||
	       str_eq(text, STR(".."));
}

static bool parse_bare(struct reference *r, bool (*exists)(const char *path), struct arena *a,
                       struct err *e)
{
	if (looks_like_path(r->text) || exists_as(r->text, exists, a)) {
		r->kind = REFERENCE_PATH;
		return set_path(r, r->text, a, e);
	}
	r->kind = REFERENCE_NAME;
	return reference_name(r, r->text, e);
}

static bool parse_prefixed(struct reference *r, struct str rest, bool (*exists)(const char *path),
                           struct arena *a, struct err *e)
{
	switch (r->kind) {
	case REFERENCE_DIR:
	case REFERENCE_FILE:
		return set_path(r, rest, a, e);
	case REFERENCE_OCI_DIR:
	case REFERENCE_OCI_ARCHIVE:
	case REFERENCE_DOCKER_ARCHIVE:
		return split_archive(r, rest, exists, a, e);
	default:
		return reference_name(r, rest, e);
	}
}

bool reference_parse(struct reference *r, struct str text, bool (*exists)(const char *path),
                     struct arena *a, struct err *e)
{
	*r = (struct reference){.text = arena_str(a, text)};
	if (text.n == 0)
		return err_set(e, ERR_USAGE, "an empty image name");
	if (str_index(text, '\0') < text.n)
		return err_set(e, ERR_USAGE, "an image name with a NUL byte in it");
	if (str_eq(text, STR("scratch"))) {
		r->kind = REFERENCE_SCRATCH;
		return true;
	}
	const struct prefix *prefix = prefix_of(r->text);
	if (!prefix)
		return parse_bare(r, exists, a, e);
	r->kind = prefix->kind;
	return parse_prefixed(r, str_skip(r->text, prefix->text.n), exists, a, e);
}
