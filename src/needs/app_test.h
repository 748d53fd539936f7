/* app: application trees for tests of the needs floor, from files in memory.
 * For tests alone. */
#pragma once

#include "elf/compiled_test.h"
#include "needs/needs.h"

struct app_file {
	const char *path; /* "app/bin/server"; a link where `link` is set */
	const char *link;
	const char *text;   /* a script or other text; NULL: `object` */
	const char *object; /* name of what compile() made */
	unsigned mode;      /* 0: 0755 */
};

static inline void app_add(struct facts_builder *b, const struct app_file *f, struct arena *a)
{
	struct err e = ERR_INIT;
	struct elf_object elf;
	struct str content = f->object ? compiled_bytes(a, f->object) : str_of(f->text);
	struct entry entry = {.path = str_of(f->path),
	                      .type = f->link ? ENTRY_SYMLINK : ENTRY_FILE};
	bool is_elf = f->object && elf_parse(&elf, content, a, &e);
	entry.link = f->link ? str_of(f->link) : STR_NONE;
	entry.mode = (uint16_t)(f->mode ? f->mode : 0755);
	entry.size_bytes = content.n;
	if (str_starts(content, STR("#!")))
		entry.shebang = str_trim(str_slice(content, 2, str_index(content, '\n')));
	bool kept = facts_keeps(entry.path, content.n) ||
	            (entry.shebang.n && facts_keeps_script(entry.shebang, content.n));
	if (!facts_builder_add(b, &entry, is_elf ? &elf : NULL, kept ? &content : NULL, &e))
		fail_msg("%s: %s", f->path, e.message);
}

/* A tree of these files, the list ended by one without a path. */
static inline struct tree app_of(const struct app_file *files, struct arena *a)
{
	struct err e = ERR_INIT;
	struct buf record = BUF_INIT(64 << 20);
	struct facts *facts = ARENA_NEW(a, struct facts);
	struct facts_builder *b = facts_builder_new(a);
	struct tree t;
	for (const struct app_file *f = files; f->path; f++)
		app_add(b, f, a);
	if (!facts_builder_encode(b, STR(""), 0, &record, &e))
		fail_msg("%s", e.message);
	facts_builder_release(b);
	struct str kept = arena_str(a, buf_str(&record));
	buf_release(&record);
	tree_init(&t, a);
	if (!facts_open(facts, kept, a, &e) || !tree_add(&t, facts, STR(""), &e))
		fail_msg("%s", e.message);
	return t;
}

/* What an application of these files, started at `entry` (NULL: none), needs. */
static inline struct needs needs_of(const struct app_file *files, const char *entry,
                                    struct arena *a)
{
	struct needs needs;
	struct tree *t = ARENA_NEW(a, struct tree);
	*t = app_of(files, a);
	const struct node *n = entry ? tree_find(t, str_of(entry)) : NULL;
	if (entry && !n)
		fail_msg("no %s", entry);
	needs_collect(&needs, t, &(struct needs_entries){.p = &n, .n = n ? 1 : 0}, a);
	return needs;
}

static inline const struct need *need_called(const struct needs *needs, enum need_kind kind,
                                             const char *name)
{
	for (size_t i = 0; i < needs->list.n; i++)
		if (needs->list.p[i].kind == kind && str_eq(needs->list.p[i].name, str_of(name)))
			return &needs->list.p[i];
	return NULL;
}

/* "certain library libpq.so.5\n…", every need a line. */
static inline struct str needs_text(const struct needs *needs, struct arena *a)
{
	struct str text = STR("");
	for (size_t i = 0; i < needs->list.n; i++) {
		const struct need *n = &needs->list.p[i];
		assert_true(n->because.n > 0);
		text = arena_printf(a, "%.*s%s %s %.*s\n", STR_ARG(text),
		                    certainty_name(n->certainty), need_kind_name(n->kind),
		                    STR_ARG(n->name));
	}
	return text;
}
