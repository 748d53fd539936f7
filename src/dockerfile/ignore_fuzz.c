/* A .dockerignore, and behind a NUL a path that is held against it. */
#include "dockerfile/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct ignore ig;
	struct err e = ERR_INIT;
	struct str text = {(const char *)data, size};
	size_t end = str_index(text, '\0');
	struct str path = str_slice(str_skip(text, end + 1), 0, 300);
	if (!ignore_parse(&ig, str_slice(text, 0, end), &a, &e))
		return e.code == ERR_NONE;
	bool taken = ignore_takes(&ig, path);
	if (taken && ig.rules.n == 0)
		__builtin_trap();
	return 0;
}
