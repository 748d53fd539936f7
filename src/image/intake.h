/* intake: what facts want of one file's content, whether it comes from an archive or a
 * folder: ELF facts, the `#!` line, its gist, or all of it where it is kept.
 *
 * An ELF object is collected in memory, a large one in a file without a name that is
 * mapped, so that memory stays bounded whatever a layer holds. */
#pragma once

#include "facts/facts.h"
#include "image/content.h"

struct intake {
	struct facts_builder *builder;
	struct buf memory; /* used again for each file */
	struct buf gist;   /* likewise */
	int temp_fd;       /* -1 until a large object comes */
};

void intake_open(struct intake *in, struct facts_builder *builder);
void intake_close(struct intake *in);

/* Looks at the content of `entry` (a file) as far as that is needed and adds the entry. */
MUST_USE bool intake_file(struct intake *in, struct entry *entry, struct content content,
                          struct err *e);

/* What the kernel would run for a file that begins so: the line behind "#!" within its
 * first LIMIT_SHEBANG_BYTES, trimmed; empty where it is no script. */
struct str intake_shebang(struct str head);
