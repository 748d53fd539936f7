/* Any pattern is translated or refused; what is translated is a pattern. */
#include "trial/judge.h"
#include "trial/re2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str posix;
	struct err e = ERR_INIT;
	if (n > 256 || !re2_to_posix((struct str){(const char *)data, n}, &a, &posix, &e))
		return 0;
	if (posix.n > 0 && memchr(posix.p, 0, posix.n))
		__builtin_trap();
	return 0;
}
