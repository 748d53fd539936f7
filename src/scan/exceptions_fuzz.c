/* Any ignore file is read or refused with a word. */
#include "scan/exceptions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct exceptions rules;
	struct err e = ERR_INIT;
	if (!exceptions_read(&rules, (struct str){(const char *)data, n}, "f", &a, &e) &&
	    (e.code == ERR_NONE || e.message[0] == '\0'))
		__builtin_trap();
	return 0;
}
