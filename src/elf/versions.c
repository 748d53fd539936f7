/* Symbol versions: which names the version indices stand for.
 * LSB "Symbol Versioning", and glibc elf/dl-version.c. */
#include "core/limits.h"
#include "elf/parse.h"

enum { FLAG_BASE = 1, FLAG_WEAK = 2, INDEX_MASK = 0x7fff, INDEX_FIRST = 2 };

/* Reads a record's fields at offsets inside it, and walks to the next. Links only lead
 * forward, by an unsigned distance: what bounds the walk is the count and the file. */
struct walk {
	struct parser *p;
	const char *what;
	uint64_t at;
	size_t *budget; /* records that may still be read of the whole table */
};

static bool walk_check(const struct walk *w, struct err *e)
{
	if (*w->budget == 0)
		return err_set(e, ERR_LIMIT, "%s has more than %u records", w->what,
		               LIMIT_ELF_ENTRIES);
	--*w->budget;
	if (w->p->b.bad)
		return err_set(e, ERR_INPUT, "%s record at offset 0x%llx is not in the file",
		               w->what, (unsigned long long)w->at);
	return true;
}

static void name_index(struct parser *p, uint16_t index, struct str name, struct str file)
{
	index &= INDEX_MASK;
	if (index < INDEX_FIRST)
		return;
	if (index >= p->version_count) {
		size_t count =
			index + 1u > 2 * p->version_count ? index + 16u : 2 * p->version_count;
		struct version_name *grown = arena_array(&p->scratch, count, sizeof *grown);
		if (p->version_count)
			memcpy(grown, p->versions, p->version_count * sizeof *grown);
		p->versions = grown;
		p->version_count = count;
	}
	p->versions[index] = (struct version_name){name, file};
}

/* Vernaux: hash, flags, other (the index), name, next. */
static bool parse_needed_version(struct walk *w, struct str file, uint32_t *next, struct err *e)
{
	struct bytes *b = &w->p->b;
	uint16_t flags = bytes_u16(b, w->at + 4), index = bytes_u16(b, w->at + 6);
	uint32_t name_off = bytes_u32(b, w->at + 8);
	*next = bytes_u32(b, w->at + 12);
	struct str name;
	if (!walk_check(w, e) || !dynamic_string(w->p, name_off, &name, e))
		return false;
	*vec_push(&w->p->o->version_needs, w->p->arena) =
		(struct elf_version_need){.file = file, .name = name, .weak = flags & FLAG_WEAK};
	name_index(w->p, index, name, file);
	return true;
}

/* Verneed: version, count, file, aux, next. */
static bool parse_need(struct walk *w, uint32_t *next, struct err *e)
{
	struct bytes *b = &w->p->b;
	uint16_t version = bytes_u16(b, w->at), count = bytes_u16(b, w->at + 2);
	uint32_t file_off = bytes_u32(b, w->at + 4), aux = bytes_u32(b, w->at + 8);
	*next = bytes_u32(b, w->at + 12);
	struct str file;
	if (!walk_check(w, e))
		return false;
	if (version != 1)
		return err_set(e, ERR_INPUT, "version %u of the Verneed record at offset 0x%llx",
		               version, (unsigned long long)w->at);
	if (!dynamic_string(w->p, file_off, &file, e))
		return false;
	struct walk needed = *w;
	uint32_t step = aux;
	while (count-- > 0 && step) {
		needed.at += step;
		if (!parse_needed_version(&needed, file, &step, e))
			return false;
	}
	return true;
}

/* Verdef: version, flags, index, count, hash, aux, next. Its first Verdaux is its name; the
 * base definition repeats the soname and no symbol version is meant by it. */
static bool parse_definition(struct walk *w, uint32_t *next, struct err *e)
{
	struct bytes *b = &w->p->b;
	uint16_t version = bytes_u16(b, w->at), flags = bytes_u16(b, w->at + 2);
	uint16_t index = bytes_u16(b, w->at + 4), count = bytes_u16(b, w->at + 6);
	uint64_t aux = w->at + bytes_u32(b, w->at + 12);
	*next = bytes_u32(b, w->at + 16);
	uint32_t name_off = count ? bytes_u32(b, aux) : 0;
	struct str name;
	if (!walk_check(w, e))
		return false;
	if (version != 1)
		return err_set(e, ERR_INPUT, "version %u of the Verdef record at offset 0x%llx",
		               version, (unsigned long long)w->at);
	if ((flags & FLAG_BASE) || count == 0)
		return true;
	if (!dynamic_string(w->p, name_off, &name, e))
		return false;
	*vec_push(&w->p->o->version_defs, w->p->arena) = name;
	name_index(w->p, index, name, STR_NONE);
	return true;
}

static bool parse_table(struct parser *p, const char *what, const struct table *t,
                        bool (*parse_record)(struct walk *, uint32_t *, struct err *),
                        struct err *e)
{
	struct file_off off;
	if (!t->given)
		return true;
	if (!map_table(p, what, t->vaddr, 1, &off, e))
		return false;
	size_t budget = LIMIT_ELF_ENTRIES;
	struct walk w = {.p = p, .what = what, .at = off.at, .budget = &budget};
	uint32_t step = 0;
	do {
		w.at += step;
		if (!parse_record(&w, &step, e))
			return false;
	} while (step);
	return true;
}

bool parse_versions(struct parser *p, struct err *e)
{
	return parse_table(p, "DT_VERNEED", &p->dyn.verneed, parse_need, e) &&
	       parse_table(p, "DT_VERDEF", &p->dyn.verdef, parse_definition, e);
}
