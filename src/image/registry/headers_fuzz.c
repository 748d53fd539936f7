/* Any text as one of the headers that are taken apart; the first byte says which. */
#include <stdlib.h>

#include "image/registry/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_one(uint8_t kind, struct str value, struct arena *a, struct err *e)
{
	struct challenge challenges[CHALLENGES_MAX];
	struct str target;
	size_t count;
	uint64_t first, total;
	if (kind % 3 == 0)
		return challenges_parse(value, challenges, &count, a, e);
	if (kind % 3 == 1)
		return link_next(value, &target, a, e) &&
		       (str_contains(value, target) || (abort(), false));
	return content_range_parse(value, &first, &total, e) && (first < total || (abort(), false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	if (size > 0 && !read_one(data[0], (struct str){(const char *)data + 1, size - 1}, &a, &e) &&
	    e.code != ERR_INPUT)
		abort();
	return 0;
}
