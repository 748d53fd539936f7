/* BuildKit's messages: their base64. */
#include "image/engine/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct str text, void *context)
{
	*(size_t *)context += text.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = 0;
	trace_read((struct str){(const char *)data, size}, add, &n);
	if (n > size)
		__builtin_trap();
	return 0;
}
