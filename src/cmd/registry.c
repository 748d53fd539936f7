/* socle digest and tags: what a registry says of an image, without pulling it. */
#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/registry_report.h"

static bool remote_name(const struct workplace *w, struct session *s, struct str text,
                        struct registry_name *name, struct err *e)
{
	struct reference ref;
	if (!workplace_remote(w, s, text, &ref, e))
		return false;
	*name = registry_name_of(&ref, s->arena);
	return true;
}

static bool ask_digest(struct workplace *w, struct session *s, struct str text,
                       struct digest_row *row, struct err *e)
{
	struct registry_name name;
	*row = (struct digest_row){.image = text};
	if (!remote_name(w, s, text, &name, e))
		return false;
	row->reference = registry_name_str(&name, s->arena);
	return registry_digest(w->network.registry, &name, &row->manifest, s->arena, e) ||
	       err_wrap(e, "%.*s", STR_ARG(text));
}

int cmd_digest(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	if (s->args.n < 1)
		return session_usage(s, "digest wants at least one image");
	if (!workplace_open(&w, s, &e))
		return session_fail(&e);
	struct digest_row *rows = arena_array(s->arena, s->args.n, sizeof *rows);
	for (size_t i = 0; i < s->args.n; i++)
		if (!ask_digest(&w, s, s->args.p[i], &rows[i], &e))
			return session_fail(&e);
	struct digest_result result = {rows, s->args.n};
	if (!session_render(s, digest_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}

int cmd_tags(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct registry_name name;
	struct str_vec tags = {0};
	if (s->args.n != 1)
		return session_usage(s, "tags wants one repository");
	if (!workplace_open(&w, s, &e) || !remote_name(&w, s, s->args.p[0], &name, &e))
		return session_fail(&e);
	if (!registry_tags(w.network.registry, &name, &tags, s->arena, &e)) {
		err_wrap(&e, "%.*s", STR_ARG(s->args.p[0]));
		return session_fail(&e);
	}
	struct tags_result result = {
		arena_printf(s->arena, "%.*s/%.*s", STR_ARG(name.host), STR_ARG(name.repository)), &tags};
	if (!session_render(s, tags_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
