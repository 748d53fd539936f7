/* Any bytes: what was read as an expression is one, and the same when it is read again. */
#include <stdlib.h>

#include "package/license.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str once = license_expression((struct str){(const char *)data, size}, &a);
	if (!str_eq(license_expression(once, &a), once))
		abort();
	return 0;
}
