/* Any two lines as tags: a more exact one is another one, and the order has two directions. */
#include <stdint.h>
#include <stdlib.h>

#include "advise/pin_tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size}, x = STR(""), y = STR("");
	if (str_next(&rest, '\n', &x))
		str_next(&rest, '\n', &y);
	if (pin_tag_refines(x, y) && (str_eq(x, y) || pin_tag_refines(y, x)))
		abort();
	if (sign(pin_tag_order(x, y)) != -sign(pin_tag_order(y, x)))
		abort();
	pin_tag_moves(x);
	return 0;
}
