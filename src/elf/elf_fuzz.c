/* Any bytes: elf_parse() answers or refuses, and what it answers survives the codec. */
#include <stdint.h>
#include <stdlib.h>

#include "elf/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object object, copy, decoded;
	struct buf encoded = BUF_INIT(256u << 20);
	if (elf_parse(&object, (struct str){(const char *)data, size}, &a, &e)) {
		elf_copy(&copy, &object, &a);
		if (!elf_encode(&copy, &encoded, &e) ||
		    !elf_decode(&decoded, buf_str(&encoded), &a, &e) ||
		    decoded.exports.n != object.exports.n || decoded.imports.n != object.imports.n)
			abort();
	} else if (e.code == ERR_NONE) {
		abort();
	}
	buf_release(&encoded);
	arena_release(&a);
	return 0;
}
