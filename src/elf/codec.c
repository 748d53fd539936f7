/* An object's facts as bytes.
 *
 *     string count, the strings' lengths, their bytes one behind the other
 *     numbers, strings, lists in the order of elf/fields.h
 *     version needs, imports, exports, each behind its count
 *
 * Numbers are varints (7 bits a byte, low ones first). A string is named by a
 * number: 0 the next one of the table, 1 an absent one, n + 2 the nth again.
 * Since the table holds strings in the order of their first use, most names
 * are a zero byte; and nothing is searched when decoding. */
#include "elf/codec.h"

#include "core/bytes.h"
#include "core/limits.h"
#include "core/map.h"
#include "elf/fields.h"

enum string_ref { REF_NEXT = 0, REF_ABSENT = 1, REF_FIRST = 2 };
enum { EXPORT_HIDDEN = 0x10, EXPORT_WEAK = 0x20, IMPORT_WEAK = 0x10, IMPORT_SELF_MISSED = 0x20 };

/* ---- Writing ---- */

struct writer {
	struct buf body;
	struct str_vec strings;
	struct map seen; /* string to its index */
	struct arena scratch;
	struct err *e;
	bool failed; /* sticky */
};

static void put_bytes(struct writer *w, struct buf *to, const void *p, size_t n)
{
	if (!w->failed && !buf_append(to, p, n, w->e))
		w->failed = true;
}

static void put_varint(struct writer *w, struct buf *to, uint64_t v)
{
	uint8_t bytes[10];
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (uint8_t)(v | 0x80);
	bytes[n++] = (uint8_t)v;
	put_bytes(w, to, bytes, n);
}

static void put_number(struct writer *w, uint64_t v)
{
	put_varint(w, &w->body, v);
}

static void put_string(struct writer *w, struct str s)
{
	if (!s.p) {
		put_number(w, REF_ABSENT);
		return;
	}
	bool added;
	uintptr_t *index = map_put(&w->seen, &w->scratch, s, &added);
	if (!added) {
		put_number(w, *index + REF_FIRST);
		return;
	}
	*index = w->strings.n;
	*vec_push(&w->strings, &w->scratch) = s;
	put_number(w, REF_NEXT);
}

static void put_list(struct writer *w, const struct str_vec *list)
{
	put_number(w, list->n);
	for (size_t i = 0; i < list->n; i++)
		put_string(w, list->p[i]);
}

static void put_records(struct writer *w, const struct elf_object *o)
{
	put_number(w, o->version_needs.n);
	for (size_t i = 0; i < o->version_needs.n; i++) {
		put_string(w, o->version_needs.p[i].file);
		put_string(w, o->version_needs.p[i].name);
		put_number(w, o->version_needs.p[i].weak);
	}
	put_number(w, o->imports.n);
	for (size_t i = 0; i < o->imports.n; i++) {
		const struct elf_import *import = &o->imports.p[i];
		put_string(w, import->name);
		put_string(w, import->version);
		put_string(w, import->file);
		put_number(w, import->type | (import->weak ? IMPORT_WEAK : 0) |
		                      (import->self_missed ? IMPORT_SELF_MISSED : 0));
		put_number(w, import->use);
	}
	put_number(w, o->exports.n);
	for (size_t i = 0; i < o->exports.n; i++) {
		const struct elf_export *export = &o->exports.p[i];
		put_string(w, export->name);
		put_string(w, export->version);
		put_number(w, export->type | (export->hidden ? EXPORT_HIDDEN : 0) |
		                      (export->weak ? EXPORT_WEAK : 0));
	}
}

static void put_table(struct writer *w, struct buf *out)
{
	put_varint(w, out, w->strings.n);
	for (size_t i = 0; i < w->strings.n; i++)
		put_varint(w, out, w->strings.p[i].n);
	for (size_t i = 0; i < w->strings.n; i++)
		put_bytes(w, out, w->strings.p[i].p, w->strings.p[i].n);
}

bool elf_encode(const struct elf_object *o, struct buf *out, struct err *e)
{
	struct writer w = {.body = BUF_INIT(out->max_bytes), .e = e};
	size_t start = out->n;
#define PUT_NUMBER(field) put_number(&w, o->field);
#define PUT_STRING(field) put_string(&w, o->field);
#define PUT_LIST(field) put_list(&w, &o->field);
	ELF_NUMBER_FIELDS(PUT_NUMBER)
	ELF_STRING_FIELDS(PUT_STRING)
	ELF_LIST_FIELDS(PUT_LIST)
#undef PUT_NUMBER
#undef PUT_STRING
#undef PUT_LIST
	put_records(&w, o);
	put_table(&w, out);
	put_bytes(&w, out, w.body.p, w.body.n);
	if (w.failed)
		out->n = start;
	buf_release(&w.body);
	arena_release(&w.scratch);
	return !w.failed;
}

/* ---- Reading ---- */

struct reader {
	struct bytes b; /* `bad` says that something did not fit */
	size_t at;
	struct str *strings;
	size_t string_count, next;
	struct arena *arena;
};

static uint64_t get_number(struct reader *r)
{
	if (r->at < r->b.n && r->b.p[r->at] < 0x80) /* nearly always */
		return r->b.p[r->at++];
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = bytes_u8(&r->b, r->at++);
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	r->b.bad = true;
	return 0;
}

/* A count of things that take at least a byte each: so a lie costs no memory. */
static size_t get_count(struct reader *r)
{
	uint64_t n = get_number(r);
	if (r->at > r->b.n || n > r->b.n - r->at || n > LIMIT_ELF_SYMBOLS) {
		r->b.bad = true;
		return 0;
	}
	return (size_t)n;
}

static struct str get_string(struct reader *r)
{
	uint64_t ref = get_number(r);
	if (ref == REF_ABSENT)
		return STR_NONE;
	uint64_t index = ref == REF_NEXT ? r->next++ : ref - REF_FIRST;
	if (index >= r->string_count) {
		r->b.bad = true;
		return STR_NONE;
	}
	return r->strings[index];
}

static void get_table(struct reader *r)
{
	r->string_count = get_count(r);
	r->strings = arena_array(r->arena, r->string_count, sizeof *r->strings);
	for (size_t i = 0; i < r->string_count; i++)
		r->strings[i].n = get_number(r);
	for (size_t i = 0; i < r->string_count; i++) {
		r->strings[i] = bytes_slice(&r->b, r->at, r->strings[i].n);
		r->at += r->strings[i].n;
	}
}

static struct str_vec get_list(struct reader *r)
{
	size_t n = get_count(r);
	struct str_vec list = {arena_array(r->arena, n, sizeof *list.p), n, n};
	for (size_t i = 0; i < n; i++)
		list.p[i] = get_string(r);
	return list;
}

static void get_needs(struct reader *r, struct elf_object *o)
{
	size_t n = get_count(r);
	o->version_needs.p = arena_array(r->arena, n, sizeof *o->version_needs.p);
	o->version_needs.n = o->version_needs.cap = n;
	for (size_t i = 0; i < n; i++) {
		o->version_needs.p[i].file = get_string(r);
		o->version_needs.p[i].name = get_string(r);
		o->version_needs.p[i].weak = get_number(r) & 1;
	}
}

static void get_imports(struct reader *r, struct elf_object *o)
{
	size_t n = get_count(r);
	o->imports.p = arena_array(r->arena, n, sizeof *o->imports.p);
	o->imports.n = o->imports.cap = n;
	for (size_t i = 0; i < n; i++) {
		struct elf_import *import = &o->imports.p[i];
		import->name = get_string(r);
		import->version = get_string(r);
		import->file = get_string(r);
		uint64_t kind = get_number(r);
		import->type = kind & 0xf;
		import->weak = kind & IMPORT_WEAK;
		import->self_missed = kind & IMPORT_SELF_MISSED;
		import->use = (uint8_t)get_number(r);
	}
}

static void get_exports(struct reader *r, struct elf_object *o)
{
	size_t n = get_count(r);
	o->exports.p = arena_array(r->arena, n, sizeof *o->exports.p);
	o->exports.n = o->exports.cap = n;
	for (size_t i = 0; i < n; i++) {
		struct elf_export *export = &o->exports.p[i];
		export->name = get_string(r);
		export->version = get_string(r);
		uint64_t kind = get_number(r);
		export->type = kind & 0xf;
		export->hidden = kind & EXPORT_HIDDEN;
		export->weak = kind & EXPORT_WEAK;
	}
}

bool elf_decode(struct elf_object *o, struct str bytes, struct arena *a, struct err *e)
{
	struct reader r = {.b = bytes_of(bytes.p, bytes.n), .arena = a};
	*o = (struct elf_object){0};
	get_table(&r);
	uint64_t number;
#define GET_NUMBER(field)                                                                          \
	number = get_number(&r);                                                                   \
	o->field = (__typeof__(o->field))number;                                                   \
	r.b.bad |= o->field != number;
#define GET_STRING(field) o->field = get_string(&r);
#define GET_LIST(field) o->field = get_list(&r);
	ELF_NUMBER_FIELDS(GET_NUMBER)
	ELF_STRING_FIELDS(GET_STRING)
	ELF_LIST_FIELDS(GET_LIST)
#undef GET_NUMBER
#undef GET_STRING
#undef GET_LIST
	get_needs(&r, o);
	get_imports(&r, o);
	get_exports(&r, o);
	if (r.b.bad || r.at != r.b.n)
		return err_set(e, ERR_INPUT, "ELF facts are damaged at byte %zu of %zu", r.at,
		               r.b.n);
	return true;
}
