/* What an engine tells while it builds or loads: whole and in pieces, with the same result. */
#include "image/engine/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct engine_lines whole = {.arena = &a}, pieces = {.arena = &a};
	struct err e = ERR_INIT, f = ERR_INIT;
	size_t step = size ? data[0] % 16 + 1 : 1;
	struct str text = str_skip((struct str){(const char *)data, size}, 1);
	bool ok = engine_lines_take(&whole, text, &e) && engine_lines_end(&whole, &e), same = true;
	for (struct str rest = text; rest.n && same; rest = str_skip(rest, step))
		same = engine_lines_take(&pieces, str_slice(rest, 0, step), &f);
	same = same && engine_lines_end(&pieces, &f);
	if (ok != same || !str_eq(whole.id, pieces.id) || !str_eq(whole.error, pieces.error))
		__builtin_trap();
	engine_lines_release(&whole);
	engine_lines_release(&pieces);
	return 0;
}
