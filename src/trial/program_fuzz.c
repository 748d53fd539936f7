/* Whatever a file holds, looking at it ends. */
#include "core/limits.h"
#include "trial/program.h"

static struct str read_view(void *context, uint64_t off, size_t n, struct arena *a)
{
	(void)a;
	const struct str *file = context;
	return off > file->n ? STR_NONE : str_slice(str_skip(*file, (size_t)off), 0, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str file = {(const char *)data, n}, interpreter;
	struct program_source source = {read_view, &file};
	enum program_kind kind = program_look(&source, &a, &interpreter);
	if (interpreter.n > LIMIT_PATH_BYTES || (interpreter.n > 0 && kind > PROGRAM_SCRIPT))
		__builtin_trap();
	return 0;
}
