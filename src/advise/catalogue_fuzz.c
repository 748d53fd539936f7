/* A catalogue document of any bytes: parsed or refused, and found by its own names. */
#include <stdlib.h>

#include "advise/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a CLEANUP_ARENA = ARENA_INIT;
	struct catalogue c = {0};
	struct err e = ERR_INIT;
	if (!catalogue_parse(&c, (struct str){(const char *)data, size}, "fuzz", &a, &e))
		return 0;
	for (size_t i = 0; i < c.n; i++)
		if (!catalogue_find(&c, c.bases[i].name, &a))
			abort();
	return 0;
}
