/* A frame from a keeper gone bad; and what is read can be written and read again. */
#include "core/limits.h"
#include "trial/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct report first, second;
	struct err e = ERR_INIT;
	if (!report_decode((struct str){(const char *)data, n}, &first, &a, &e))
		return 0;
	CLEANUP_BUF struct buf b = BUF_INIT(LIMIT_TRIAL_FRAME_BYTES);
	if (!report_encode(&first, &b, &e) ||
	    !report_decode(str_skip(buf_str(&b), 4), &second, &a, &e) ||
	    !str_eq(first.out, second.out) || first.missing.n != second.missing.n)
		__builtin_trap();
	return 0;
}
