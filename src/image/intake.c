#include "image/intake.h"

#include <unistd.h>

#include "core/limits.h"
#include "image/gist.h"
#include "os/file.h"
#include "os/temp.h"

/* Objects above this go to a file: with it, reading a layer stays below 100 MB. */
enum { MEMORY_MAX = 32 << 20 };

void intake_open(struct intake *in, struct facts_builder *builder)
{
	*in = (struct intake){builder, BUF_INIT(MEMORY_MAX), BUF_INIT(LIMIT_GIST_BYTES), -1};
}

void intake_close(struct intake *in)
{
	buf_release(&in->memory);
	buf_release(&in->gist);
	fd_close(&in->temp_fd);
	in->temp_fd = -1;
}

/* fs/binfmt_script.c: reads no further than its first buffer, and takes blanks and tabs off
 * both ends; a CR stays, and then belongs to the interpreter's name. */
struct str intake_shebang(struct str head)
{
	if (!str_starts(head, STR("#!")))
		return STR_NONE;
	struct str line = str_slice(head, 2, LIMIT_SHEBANG_BYTES);
	line = str_slice(line, 0, str_index(line, '\n'));
	line = str_slice(line, 0, str_index(line, '\0'));
	while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return line;
}

/* ---- Collecting ---- */

static bool to_memory(struct intake *in, struct entry *entry, struct content content,
                      struct str piece, uint64_t off, struct err *e)
{
	size_t size = (size_t)entry->size_bytes;
	bool more = true;
	in->memory.n = 0;
	if (!buf_reserve(&in->memory, size, e))
		return false;
	while (more) {
		if (off < in->memory.n || off > size || piece.n > size - off)
			return err_set(e, ERR_INPUT, "content outside the file at offset %llu",
			               (unsigned long long)off);
		if (off > in->memory.n)
			memset(in->memory.p + in->memory.n, 0, off - in->memory.n);
		if (piece.n)
			memcpy(in->memory.p + off, piece.p, piece.n);
		in->memory.n = off + piece.n;
		if (!content.next(content.context, &piece, &off, &more, e))
			return false;
	}
	if (size > in->memory.n)
		memset(in->memory.p + in->memory.n, 0, size - in->memory.n);
	in->memory.n = size;
	return true;
}

static bool to_file(struct intake *in, struct entry *entry, struct content content,
                    struct str piece, uint64_t off, struct err *e)
{
	bool more = true;
	if (in->temp_fd < 0 && (in->temp_fd = temp_file(e)) < 0)
		return false;
	if (ftruncate(in->temp_fd, 0) < 0 || ftruncate(in->temp_fd, (off_t)entry->size_bytes) < 0)
		return err_errno(e, "a temporary file of %llu bytes",
		                 (unsigned long long)entry->size_bytes);
	while (more) {
		if (lseek(in->temp_fd, (off_t)off, SEEK_SET) < 0)
			return err_errno(e, "a temporary file");
		if (!fd_write_all(in->temp_fd, piece.p, piece.n, e))
			return err_wrap(e, "a temporary file");
		if (!content.next(content.context, &piece, &off, &more, e))
			return false;
	}
	return true;
}

/* The whole content as one view, in memory or mapped. */
static bool collect(struct intake *in, struct entry *entry, struct content content,
                    struct str piece, uint64_t off, struct mapping *mapping, struct str *whole,
                    struct err *e)
{
	if (entry->size_bytes <= MEMORY_MAX) {
		if (!to_memory(in, entry, content, piece, off, e))
			return false;
		*whole = buf_str(&in->memory);
		return true;
	}
	if (!to_file(in, entry, content, piece, off, e) ||
	    !mapping_open(mapping, in->temp_fd, (size_t)entry->size_bytes, e))
		return false;
	*whole = mapping_str(mapping);
	return true;
}

/* ---- One file ---- */

/* What is wanted of a file besides its entry. */
struct wanted {
	bool elf, kept;
	enum gist_kind gist;
};

static struct wanted wanted_of(const struct entry *entry, struct str head)
{
	return (struct wanted){
		.elf = elf_is(head) && entry->size_bytes <= LIMIT_ELF_BYTES,
		.kept = facts_keeps(entry->path, entry->size_bytes) ||
	                facts_keeps_script(entry->shebang, entry->size_bytes),
		.gist = gist_wanted(entry->path, entry->size_bytes, head),
	};
}

static bool add_whole(struct intake *in, struct entry *entry, const struct wanted *w,
                      struct str whole, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct elf_object object;
	struct err why = ERR_INIT;
	in->gist.n = 0;
	if (!gist_make(w->gist, entry->path, whole, &in->gist, e))
		return false;
	struct str gist = buf_str(&in->gist);
	bool parsed = w->elf && elf_parse(&object, whole, &scratch, &why);
	if (w->elf && !parsed)
		entry->elf_error = str_of(why.message);
	return facts_builder_add_gist(in->builder, entry, parsed ? &object : NULL,
	                              w->kept && !w->elf ? &whole : NULL, gist.n ? &gist : NULL, e);
}

bool intake_file(struct intake *in, struct entry *entry, struct content content, struct err *e)
{
	struct str piece = STR_NONE, whole;
	uint64_t off = 0;
	bool more = entry->size_bytes > 0;
	if (more && !content.next(content.context, &piece, &off, &more, e))
		return false;
	struct str head = more && off == 0 ? piece : STR_NONE;
	char line[LIMIT_SHEBANG_BYTES];
	entry->shebang = intake_shebang(head);
	if (entry->shebang.n) {
		memcpy(line, entry->shebang.p, entry->shebang.n);
		entry->shebang.p = line; /* the piece goes with the next one */
	}

	struct wanted wanted = wanted_of(entry, head);
	if (!wanted.elf && !wanted.kept && wanted.gist == GIST_NONE)
		return (!more || content_drain(content, e)) &&
		       facts_builder_add(in->builder, entry, NULL, NULL, e);

	CLEANUP_MAPPING struct mapping mapping = {NULL, 0};
	if (!collect(in, entry, content, piece, off, &mapping, &whole, e))
		return false;
	CLEANUP_TRIMMER struct trimmer *trimmer = mapping.p ? trimmer_start(&mapping) : NULL;
	return add_whole(in, entry, &wanted, whole, e);
}
