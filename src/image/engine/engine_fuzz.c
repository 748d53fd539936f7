/* What an engine says of an image. */
#include "image/engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct engine_image image;
	struct err e = ERR_INIT;
	bool ok = engine_image_parse((struct str){(const char *)data, size}, &image, &a, &e);
	if (!ok && e.code == ERR_NONE)
		__builtin_trap();
	if (ok && image.config.n == 0)
		__builtin_trap();
	return 0;
}
