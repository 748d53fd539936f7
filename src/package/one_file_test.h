/* one_file: a tree of one file with facts of the test's making. For tests alone. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "facts/tree.h"

/* `elf` and `gist` may be NULL. */
static inline struct tree tree_of_one(const char *path, const struct elf_object *elf,
                                      const char *gist, struct arena *a)
{
	struct err e = ERR_INIT;
	struct buf record = BUF_INIT(64u << 20);
	struct facts *facts = ARENA_NEW(a, struct facts);
	struct facts_builder *b = facts_builder_new(a);
	struct entry entry = {.path = str_of(path), .type = ENTRY_FILE, .mode = 0755, .size_bytes = 1};
	struct tree t;
	struct str text = str_of(gist);
	if (!facts_builder_add_gist(b, &entry, elf, NULL, gist ? &text : NULL, &e) ||
	    !facts_builder_encode(b, STR(""), 0, &record, &e))
		fail_msg("%s", e.message);
	facts_builder_release(b);
	struct str kept = arena_str(a, buf_str(&record));
	buf_release(&record);
	tree_init(&t, a);
	if (!facts_open(facts, kept, a, &e) || !tree_add(&t, facts, STR(""), &e))
		fail_msg("%s", e.message);
	return t;
}
