/* Any text: a reference or a refusal with its reason; what was taken apart is in the text. */
#include <stdlib.h>

#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Some paths are there, whatever they are. */
static bool exists(const char *path)
{
	return strlen(path) % 3 == 1;
}

static void must_be_in(struct str part, struct str text)
{
	if (!str_contains(text, part))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct reference r;
	struct str text = {(const char *)data, size};
	if (reference_parse(&r, text, exists, &a, &e)) {
		must_be_in(r.path, text);
		must_be_in(r.registry, text);
		must_be_in(r.repository, text);
		must_be_in(r.tag, text);
		must_be_in(r.digest, text);
	} else if (e.code != ERR_USAGE || e.message[0] == '\0') {
		abort();
	}
	arena_release(&a);
	return 0;
}
