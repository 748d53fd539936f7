/* What is installed in whatever a command is given: an image's tree, or an SBOM. */
#include "cmd/open.h"
#include "core/limits.h"
#include "os/file.h"
#include "package/sbom.h"

/* What was there and is not in the list: said, for silence would pass for completeness. */
static void tell_missing(struct contents *c, struct arena *a)
{
	enum { SHOWN = 3 };
	const struct packages *p = &c->packages;
	for (size_t i = 0; i < p->unread.n; i++)
		*vec_push(&c->missing, a) = arena_printf(
			a, "%.*s cannot be read: what it records is missing from the list",
			STR_ARG(p->unread.p[i]));
	if (!p->unplaced.n)
		return;
	struct str names = STR("");
	for (size_t i = 0; i < p->unplaced.n && i < SHOWN; i++)
		names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), i ? ", " : "",
				     STR_ARG(p->unplaced.p[i]));
	*vec_push(&c->missing, a) = arena_printf(
		a, "%zu package%s of the SBOM without a package URL that tells what %s: %.*s%s",
		p->unplaced.n, p->unplaced.n == 1 ? "" : "s",
		p->unplaced.n == 1 ? "it is" : "they are", STR_ARG(names),
		p->unplaced.n > SHOWN ? ", …" : "");
}

static bool read_sbom(struct contents *c, struct session *s, struct str text, struct str path,
		      struct err *e)
{
	struct sbom_subject of;
	struct str content;
	if (!file_read(arena_cstr(s->arena, path), LIMIT_JSON_BYTES, s->arena, &content, e) ||
	    !sbom_read(&c->packages, &of, content, s->arena, e))
		return err_wrap(e, "%.*s", STR_ARG(text));
	c->base.name = of.name.n ? of.name : text;
	c->base.image.digest = of.digest;
	return true;
}

bool workplace_contents(struct workplace *w, struct session *s, struct str text, struct contents *c,
			struct err *e)
{
	static const struct str sbom = STR_INIT("sbom:");
	*c = (struct contents){.at = NULL};
	if (str_starts(text, sbom)) {
		if (!read_sbom(c, s, text, str_skip(text, sbom.n), e))
			return false;
	} else {
		if (!workplace_tree(w, s, text, &c->base, &c->tree, e))
			return false;
		c->at = &c->tree;
		packages_read(&c->packages, c->at, s->arena);
	}
	tell_missing(c, s->arena);
	return true;
}
