/* Any bytes as ld.so.cache: parsed or refused, and every name in it is looked up. */
#include "core/limits.h"
#include "elf/elf.h"
#include "predict/glibc_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t machines[] = {ELF_X86_64, ELF_AARCH64, ELF_ARM, ELF_386};
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct libc_cache cache;
	struct str path;
	if (libc_cache_parse(&cache, (struct str){(const char *)data, size}, &a, &e))
		for (size_t i = 0; i < cache.count && i < 64; i++)
			libc_cache_find(&cache, cache.entry[i].name, machines[i % 4], (unsigned)(i % 5), &path);
	arena_release(&a);
	return 0;
}
