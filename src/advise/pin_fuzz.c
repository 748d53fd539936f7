/* Any bytes: with a digest behind every reference the file reads as before, but for them, and a
 * second time nothing is left to do. */
#include <stdlib.h>

#include "advise/pin_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void must(bool true_here)
{
	if (!true_here)
		abort();
}

static bool give_digest(struct pin_reference *r, struct arena *a)
{
	if (r->settled || r->name.digest.n)
		return false;
	r->status = PIN_PINNED;
	r->digest = STR(DIGEST);
	r->result = arena_printf(a, "%.*s@" DIGEST, STR_ARG(r->image));
	return true;
}

static void check(struct pin_file *f, struct arena *a)
{
	struct pin_file again = {.name = f->name};
	struct err e = ERR_INIT;
	for (size_t i = 0; i < f->references.n; i++)
		give_digest(&f->references.p[i], a);
	pin_edit(f, a);
	again.text = f->result;
	must(pin_read(&again, a, &e));
	must(again.references.n == f->references.n);
	for (size_t i = 0; i < f->references.n; i++) {
		const struct pin_reference *x = &f->references.p[i], *y = &again.references.p[i];
		must(str_eq(x->result.n ? x->result : x->image, y->image));
		must(!x->result.n || str_eq(y->name.digest, x->digest));
	}
}

/* The first byte tells of which kind the file is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct pin_file f = {.name = size && data[0] % 2 ? STR("f.yaml") : STR("Dockerfile")};
	f.text = arena_str(&a, str_skip((struct str){(const char *)data, size}, 1));
	if (pin_read(&f, &a, &e))
		check(&f, &a);
	else
		must(e.code != ERR_NONE);
	arena_release(&a);
	return 0;
}
