/* Any two versions: every order comes to an end, and says of them the other way round the opposite. */
#include <stdlib.h>

#include "package/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const orders[])(struct str, struct str) = {version_deb_cmp, version_apk_cmp,
	                                                         version_rpm_cmp};
	struct str all = {(const char *)data, size};
	struct str left = str_slice(all, 0, str_index(all, '\n')), right = str_skip(all, left.n + 1);
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		int c = orders[i](left, right), back = orders[i](right, left);
		if ((c > 0) - (c < 0) != (back < 0) - (back > 0) || orders[i](left, left) != 0)
			abort();
	}
	return 0;
}
