/* The two outputs of a container, in pieces: the first byte says how large these are. */
#include "image/engine/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { KEPT = 4096 };
	struct frames whole, pieces;
	struct err e = ERR_INIT, f = ERR_INIT;
	size_t step = size ? data[0] + 1 : 1;
	struct str text = str_skip((struct str){(const char *)data, size}, 1);
	frames_init(&whole, KEPT);
	frames_init(&pieces, KEPT);
	bool ok = frames_take(&whole, text, &e), same = true;
	for (struct str rest = text; rest.n && same; rest = str_skip(rest, step))
		same = frames_take(&pieces, str_slice(rest, 0, step), &f);
	if (ok != same || whole.out.n > KEPT || whole.err.n > KEPT ||
	    !str_eq(buf_str(&whole.out), buf_str(&pieces.out)) ||
	    !str_eq(buf_str(&whole.err), buf_str(&pieces.err)) || whole.out_cut != pieces.out_cut)
		__builtin_trap();
	frames_release(&whole);
	frames_release(&pieces);
	return 0;
}
