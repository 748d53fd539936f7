/* Any Dockerfile: findings lie in its text, and are in order. */
#include <stdlib.h>

#include "advise/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once: what is asked does not change with the input. */
static struct lint_bases *bases(void)
{
	static struct arena arena;
	static struct catalogue catalogue;
	static struct image_options options;
	static struct base_context context = {.catalogue = &catalogue, .image_options = &options,
	                                      .arena = &arena};
	static struct lint_bases made = {.context = &context};
	struct err e = ERR_INIT;
	if (!catalogue.n && !catalogue_load(&catalogue, &arena, &e))
		abort();
	options.platform = STR("linux/amd64");
	return &made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct dockerfile d;
	struct lint_result r;
	struct str text = arena_str(&a, (struct str){(const char *)data, size});
	if (dockerfile_parse(&d, text, STR("f"), &a, &e)) {
		lint(&r, &d, bases(), STR("2026-11-24"), &a);
		for (size_t k = 0; k < r.findings.n; k++) {
			const struct lint_finding *f = &r.findings.p[k];
			if (f->at.off > text.n || f->at.n > text.n - f->at.off ||
			    (k && f[-1].at.off > f->at.off))
				abort();
		}
	}
	arena_release(&a);
	return 0;
}
