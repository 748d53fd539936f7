/* Any bytes: every place lies in the text and holds what it is said to hold, and a longer name in
 * its place leaves the file readable, with as many images. */
#include <stdlib.h>

#include "yaml/images.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool true_here)
{
	if (!true_here)
		abort();
}

static void check_image(const struct yaml_images *y, const struct yaml_image *x, struct str text,
                        struct arena *a)
{
	/* A simple key may have 1024 code points (YAML 1.1, 7.4.2): a file that is near has no room. */
	enum { SHORT_BYTES = 900 };
	struct err e = ERR_INIT;
	struct str longer = arena_printf(a, "%.*s@sha256:0", STR_ARG(x->value)), changed;
	struct text_edit edit = {x->at, longer};
	struct yaml_images after;
	must(x->at.n && x->at.off <= text.n && x->at.n <= text.n - x->at.off);
	must(x->comment_first + x->comment_count <= y->comments.n);
	if (x->state != YAML_IMAGE_NAMED)
		return;
	must(str_eq(span_text(text, x->at), x->value));
	must(text_apply(text, &edit, 1, a, &changed, &e));
	if (text.n < SHORT_BYTES) {
		must(yaml_images_find(&after, changed, STR("f"), a, &e));
		must(after.images.n == y->images.n && after.comments.n == y->comments.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct yaml_images y;
	struct str text = arena_str(&a, (struct str){(const char *)data, size});
	if (!yaml_images_find(&y, text, STR("f"), &a, &e)) {
		must(e.code != ERR_NONE);
	} else {
		size_t off = 0;
		for (size_t i = 0; i < y.images.n && i < 50; i++)
			check_image(&y, &y.images.p[i], text, &a);
		for (size_t i = 0; i < y.comments.n; i++) {
			must(y.comments.p[i].at.off >= off && span_end(y.comments.p[i].at) <= text.n);
			off = span_end(y.comments.p[i].at);
		}
	}
	yaml_is_manifest(text);
	arena_release(&a);
	return 0;
}
