/* Any bytes as a file whose gist is made: it comes to an end, and lines are whole. */
#include <stdlib.h>

#include "core/limits.h"
#include "image/gist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The first byte chooses what the file is called. */
	static const char *const names[] = {"a.jar", "node", "libpython3.12.so.1.0", "redis-server",
	                                    "mariadbd", "copyright"};
	CLEANUP_BUF struct buf text = BUF_INIT(LIMIT_GIST_BYTES);
	struct err e = ERR_INIT;
	size_t name = size ? data[0] % (sizeof names / sizeof *names) : 0;
	struct str bytes = {(const char *)data, size};
	enum gist_kind kind = name == 0   ? GIST_ARCHIVE
	                      : name == 5 ? GIST_COPYRIGHT
	                                  : GIST_PROGRAM;
	if (!gist_make(kind, str_of(names[name]), name ? str_skip(bytes, 1) : bytes, &text, &e))
		abort();
	if (name == 0 && !str_starts(buf_str(&text), STR("jar\t\n")))
		abort();
	if (text.n && text.p[text.n - 1] != '\n')
		abort();
	return 0;
}
