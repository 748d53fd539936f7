#include "cmd/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct settings settings;
	struct err e = ERR_INIT;
	if (settings_parse(&settings, "fuzz", (struct str){(const char *)data, size}, &a, &e))
		for (size_t i = 0; i < settings.n; i++)
			if (!settings.p[i].key.p)
				__builtin_trap();
	return 0;
}
