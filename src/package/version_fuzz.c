/* Any two versions: every order comes to an end, and says of them the other way round the opposite. */
#include <stdlib.h>

#include "package/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = {(const char *)data, size};
	struct str left = str_slice(all, 0, str_index(all, '\n')), right = str_skip(all, left.n + 1);
	for (int order = VERSION_DEB; order <= VERSION_COMPOSER; order++) {
		int c = version_cmp(order, left, right), back = version_cmp(order, right, left);
		if ((c > 0) - (c < 0) != (back < 0) - (back > 0) ||
		    version_cmp(order, left, left) != 0)
			abort();
	}
	return 0;
}
