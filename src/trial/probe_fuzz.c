/* Whatever a server answers. */
#include "trial/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int status = probe_status((struct str){(const char *)data, n});
	if (status < -1 || status > 999 || (status > 0 && status < 200))
		__builtin_trap();
	return 0;
}
