/* Any bytes as a library file: what is printed of it, the catalogue must read again, save
 * for names that two images share. */
#include <stdlib.h>

#include "advise/catalogue.h"
#include "advise/official.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a CLEANUP_ARENA = ARENA_INIT;
	struct buf yaml CLEANUP_BUF = BUF_INIT(4u << 20);
	struct official_file file = {0};
	struct err e = ERR_INIT;
	if (!official_parse(&file, (struct str){(const char *)data, size}, &a, &e) ||
	    !buf_append(&yaml, "bases:\n", 7, &e) ||
	    !official_print(&file, STR("python"), &yaml, &a, &e))
		return 0;
	struct catalogue c = {0};
	if (yaml.n > 7 && !catalogue_parse(&c, buf_str(&yaml), "printed", &a, &e) &&
	    !str_contains(str_of(e.message), STR(" names both ")) &&
	    !str_contains(str_of(e.message), STR(" stands there twice")))
		abort();
	return 0;
}
