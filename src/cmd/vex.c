/* --vex: documents that say which vulnerabilities do not matter, for the commands that scan. */
#include "cmd/vex.h"

#include "core/limits.h"
#include "os/file.h"

static bool read_all(struct vex *v, struct session *s, struct err *e)
{
	const struct str_vec *files = session_values(s, "vex");
	for (size_t i = 0; i < files->n; i++) {
		struct str content;
		if (!file_read(arena_cstr(s->arena, files->p[i]), LIMIT_JSON_BYTES, s->arena,
			       &content, e))
			return false;
		if (!vex_read(v, content, s->arena, e))
			return err_wrap(e, "%.*s", STR_ARG(files->p[i]));
	}
	return true;
}

bool scan_apply_vex(struct session *s, struct scan *scan, const struct contents *c, struct err *e)
{
	struct vex v = {0};
	const struct reference *ref = &c->base.reference;
	struct vex_image image = {.repository = ref->repository,
				  .digest = c->base.image.digest,
				  .index_digest = c->base.image.index_digest};
	if (ref->registry.n)
		image.repository = arena_printf(s->arena, "%.*s/%.*s", STR_ARG(ref->registry),
						STR_ARG(ref->repository));
	if (!read_all(&v, s, e))
		return false;
	vex_apply(&v, scan, &c->packages, &image, s->arena);
	return true;
}
