#include "core/buf.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

bool buf_reserve(struct buf *b, size_t n, struct err *e)
{
	if (n > b->max_bytes || b->n > b->max_bytes - n)
		return err_set(e, ERR_LIMIT, "more than %zu bytes", b->max_bytes);
	size_t want = b->n + n;
	if (want <= b->cap)
		return true;
	size_t cap = b->cap ? b->cap : 256;
	while (cap < want)
		cap = cap > b->max_bytes / 2 ? b->max_bytes : cap * 2;
	uint8_t *p = realloc(b->p, cap);
	if (!p)
		out_of_memory();
	b->p = p;
	b->cap = cap;
	return true;
}

bool buf_append(struct buf *b, const void *data, size_t n, struct err *e)
{
	if (n == 0)
		return true;
	if (!buf_reserve(b, n, e))
		return false;
	memcpy(b->p + b->n, data, n);
	b->n += n;
	return true;
}

void buf_release(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}
