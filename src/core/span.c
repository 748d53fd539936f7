#include "core/span.h"

#include <stdlib.h>

static int by_place(const void *a, const void *b)
{
	const struct text_edit *x = a, *y = b;
	if (x->at.off != y->at.off)
		return x->at.off < y->at.off ? -1 : 1;
	return (x->at.n > y->at.n) - (x->at.n < y->at.n);
}

bool text_apply(struct str text, const struct text_edit *edits, size_t count, struct arena *a,
                struct str *result, struct err *e)
{
	struct text_edit *sorted = arena_array(a, count + 1, sizeof *sorted);
	size_t size = text.n, done = 0, n = 0;
	for (size_t i = 0; i < count; i++)
		sorted[i] = edits[i];
	qsort(sorted, count, sizeof *sorted, by_place);
	for (size_t i = 0; i < count; i++) {
		if (sorted[i].at.off < done || sorted[i].at.off > text.n ||
		    sorted[i].at.n > text.n - sorted[i].at.off)
			return err_set(e, ERR_USAGE, "two changes at byte %zu, or one outside the text",
			               sorted[i].at.off);
		done = span_end(sorted[i].at);
		size += sorted[i].with.n;
	}
	char *p = arena_alloc(a, size + 1);
	done = 0;
	for (size_t i = 0; i <= count; i++) {
		size_t until = i < count ? sorted[i].at.off : text.n;
		if (until > done)
			memcpy(p + n, text.p + done, until - done);
		n += until - done;
		if (i == count)
			break;
		if (sorted[i].with.n)
			memcpy(p + n, sorted[i].with.p, sorted[i].with.n);
		n += sorted[i].with.n;
		done = span_end(sorted[i].at);
	}
	*result = (struct str){p, n};
	return true;
}
