/* Any bytes: elf_decode() answers or refuses, and what it answers encodes again. */
#include <stdint.h>
#include <stdlib.h>

#include "elf/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object object, again;
	struct buf encoded = BUF_INIT(256u << 20);
	if (elf_decode(&object, (struct str){(const char *)data, size}, &a, &e))
		if (!elf_encode(&object, &encoded, &e) ||
		    !elf_decode(&again, buf_str(&encoded), &a, &e))
			abort();
	buf_release(&encoded);
	arena_release(&a);
	return 0;
}
