/* Any test file is read or refused with a word. */
#include "trial/testfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct test_file f;
	struct err e = ERR_INIT;
	if (!test_file_parse((struct str){(const char *)data, n}, "f", &f, &a, &e) &&
	    (e.code == ERR_NONE || e.message[0] == '\0'))
		__builtin_trap();
	return 0;
}
