#include "image/gist.h"

#include "core/limits.h"
#include "elf/elf.h"
#include "image/zip.h"

bool gist_line(struct buf *text, const struct str *fields, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		const char end = i + 1 < count ? GIST_FIELD : GIST_LINE;
		size_t n = fields[i].n;
		if (!buf_reserve(text, n + 1, e))
			return false;
		for (size_t k = 0; k < n; k++) {
			unsigned char c = (unsigned char)fields[i].p[k];
			text->p[text->n++] = c < 0x20 || c == 0x7f ? '?' : c;
		}
		text->p[text->n++] = (uint8_t)end;
	}
	return true;
}

enum gist_kind gist_wanted(struct str path, uint64_t size_bytes, struct str head)
{
	/* A fully executable jar begins with a script. */
	if (size_bytes && gist_is_archive_name(path) && (zip_is(head) || str_starts(head, STR("#!"))))
		return GIST_ARCHIVE;
	if (elf_is(head))
		return gist_is_program_name(path) ? GIST_PROGRAM : GIST_NONE;
	if (size_bytes <= LIMIT_COPYRIGHT_BYTES && gist_is_copyright_name(path))
		return GIST_COPYRIGHT;
	return GIST_NONE;
}

/* A gist that would be too long ends with the lines that fit, and says so. */
static bool cut(struct buf *text, struct err *e)
{
	static const struct str end[] = {STR_INIT("broken"), STR_INIT("it says too much of itself")};
	*e = (struct err)ERR_INIT;
	size_t most = text->max_bytes - 64;
	struct str fits = str_slice(buf_str(text), 0, most);
	text->n = str_rindex(fits, GIST_LINE) + 1;
	return gist_line(text, end, 2, e);
}

bool gist_make(enum gist_kind kind, struct str path, struct str whole, struct buf *text,
               struct err *e)
{
	bool ok = true;
	switch (kind) {
	case GIST_ARCHIVE: ok = gist_archive(whole, text, e); break;
	case GIST_PROGRAM: ok = gist_program(path, whole, text, e); break;
	case GIST_COPYRIGHT: ok = gist_copyright(whole, text, e); break;
	case GIST_NONE: break;
	}
	return ok || (e->code == ERR_LIMIT && cut(text, e));
}
