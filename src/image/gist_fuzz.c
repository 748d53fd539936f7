/* Any bytes as a file whose gist is made: it comes to an end, and lines are whole. */
#include <stdlib.h>

#include "core/limits.h"
#include "image/gist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LIMIT_GIST_BYTES);
	struct err e = ERR_INIT;
	if (!gist_make(GIST_ARCHIVE, STR("a.jar"), (struct str){(const char *)data, size}, &text, &e))
		abort();
	if (!str_starts(buf_str(&text), STR("jar\t\n")) || text.p[text.n - 1] != '\n')
		abort();
	return 0;
}
