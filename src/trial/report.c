#include "trial/report.h"

#include "core/bytes.h"
#include "core/limits.h"

static bool put(struct buf *b, uint64_t v, struct err *e)
{
	uint8_t raw[8];
	for (int i = 0; i < 8; i++)
		raw[i] = (uint8_t)(v >> (8 * i));
	return buf_append(b, raw, sizeof raw, e);
}

static bool put_str(struct buf *b, struct str s, struct err *e)
{
	return put(b, s.n, e) && buf_append(b, s.p, s.n, e);
}

/* The yes and no of a report as bits, one list for both directions. */
#define REPORT_FLAGS(X)                                                                            \
	X(0, started)                                                                              \
	X(1, timed_out)                                                                            \
	X(2, out_of_memory)                                                                        \
	X(3, too_many_tasks)                                                                       \
	X(4, observed)                                                                             \
	X(5, http_done)                                                                            \
	X(6, http_oddly)                                                                           \
	X(7, out_cut)                                                                              \
	X(8, err_cut)                                                                              \
	X(9, file.there)                                                                           \
	X(10, file.readable)                                                                       \
	X(11, file.cut)

static uint64_t flags_of(const struct report *r)
{
	uint64_t bits = 0;
#define X(bit, field) bits |= (uint64_t)r->field << bit;
	REPORT_FLAGS(X)
#undef X
	return bits;
}

static void set_flags(struct report *r, uint64_t bits)
{
#define X(bit, field) r->field = bits >> bit & 1;
	REPORT_FLAGS(X)
#undef X
}

static bool put_lists(const struct report *r, struct buf *b, struct err *e)
{
	if (!put(b, r->missing.n, e))
		return false;
	for (size_t i = 0; i < r->missing.n; i++)
		if (!put_str(b, r->missing.p[i].path, e) || !put_str(b, r->missing.p[i].call, e) ||
		    !put(b, r->missing.p[i].times, e))
			return false;
	if (!put(b, r->notes.n, e))
		return false;
	for (size_t i = 0; i < r->notes.n; i++)
		if (!put_str(b, r->notes.p[i], e))
			return false;
	return true;
}

bool report_encode(const struct report *r, struct buf *b, struct err *e)
{
	size_t start = b->n;
	uint8_t length[4] = {0};
	const struct report_file *f = &r->file;
	bool ok = buf_append(b, length, sizeof length, e) && put(b, r->kind, e) &&
		  put(b, r->error_code, e) && put(b, flags_of(r), e) &&
		  put(b, (uint64_t)(int64_t)r->exit, e) &&
		  put(b, (uint64_t)(int64_t)r->http_status, e) && put(b, r->duration_us, e) &&
		  put_str(b, r->out, e) && put_str(b, r->err, e) && put_str(b, r->why, e) &&
		  put(b, (uint8_t)f->type, e) && put(b, f->mode, e) && put(b, f->uid, e) &&
		  put(b, f->gid, e) && put_str(b, f->content, e) && put_lists(r, b, e);
	if (!ok)
		return false;
	uint32_t n = (uint32_t)(b->n - start - sizeof length);
	for (int i = 0; i < 4; i++)
		b->p[start + (size_t)i] = (uint8_t)(n >> (8 * i));
	return true;
}

struct reader {
	struct bytes b;
	uint64_t at;
	struct arena *arena;
};

static uint64_t get(struct reader *r)
{
	uint64_t v = bytes_u64(&r->b, r->at);
	r->at += r->b.bad ? 0 : 8;
	return v;
}

static struct str get_str(struct reader *r)
{
	uint64_t n = get(r);
	struct str s = bytes_slice(&r->b, r->at, n);
	r->at += s.n;
	return arena_str(r->arena, s);
}

/* A count costs at least its 8 bytes an element: a lie ends at the frame's end. */
static void get_lists(struct reader *in, struct report *r)
{
	uint64_t n = get(in);
	for (uint64_t i = 0; i < n && !in->b.bad; i++) {
		struct trial_missing m = {.path = get_str(in), .call = get_str(in)};
		m.times = (uint32_t)get(in);
		if (!in->b.bad)
			*vec_push(&r->missing, in->arena) = m;
	}
	n = get(in);
	for (uint64_t i = 0; i < n && !in->b.bad; i++) {
		struct str note = get_str(in);
		if (!in->b.bad)
			*vec_push(&r->notes, in->arena) = note;
	}
}

bool report_decode(struct str frame, struct report *r, struct arena *a, struct err *e)
{
	struct reader in = {.b = bytes_of(frame.p, frame.n), .arena = a};
	*r = (struct report){0};
	uint64_t kind = get(&in);
	r->error_code = (uint32_t)get(&in);
	set_flags(r, get(&in));
	r->exit = (int)(int64_t)get(&in);
	r->http_status = (int)(int64_t)get(&in);
	r->duration_us = get(&in);
	r->out = get_str(&in);
	r->err = get_str(&in);
	r->why = get_str(&in);
	r->file.type = (char)get(&in);
	r->file.mode = (uint32_t)get(&in);
	r->file.uid = (uint32_t)get(&in);
	r->file.gid = (uint32_t)get(&in);
	r->file.content = get_str(&in);
	get_lists(&in, r);
	if (in.b.bad || in.at != frame.n || kind > REPORT_ERROR)
		return err_set(e, ERR_INPUT, "a damaged report came from the trial's keeper");
	r->kind = (enum report_kind)kind;
	return true;
}

struct str report_step(const char *when, const struct str_vec *argv, struct str why, struct arena *a)
{
	struct str command = STR_NONE;
	for (size_t i = 0; i < argv->n; i++)
		command = arena_printf(a, "%.*s%s%.*s", STR_ARG(command), i ? " " : "",
				       STR_ARG(argv->p[i]));
	return arena_printf(a, "the command %s the test, %.*s: %.*s", when, STR_ARG(command),
			    STR_ARG(why));
}
