/* What build tools leave in a program: Go's build info, cargo's audit data, and
 * the header that UPX puts before what it packed. */
#include "core/limits.h"
#include "elf/parse.h"

/* ---- Go (src/debug/buildinfo of its standard library) ----
 *
 * At an address that is a multiple of 16 (the segment may begin between two)
 * stand in the data segment the magic, the size of a pointer and flags. With
 * flag 2 (Go 1.18) two strings follow at +32, each behind its
 * length as a varint: the Go version and the module information. Without it
 * two pointers to Go string headers follow at +16. */

#define GO_MAGIC "\xff Go buildinf:"
enum { GO_INLINE_FLAG = 2, GO_BIG_ENDIAN_FLAG = 1, GO_HEADER_BYTES = 32 };
enum { GO_STRING_MAX_BYTES = 4 << 20 };

static bool go_magic_in(const struct parser *p, const struct segment *s, struct file_off *off)
{
	struct str bytes = segment_bytes(p, s);
	for (size_t at = -s->vaddr.at & 15; at + GO_HEADER_BYTES <= bytes.n; at += 16)
		if (bytes.p[at] == '\xff' &&
		    memcmp(bytes.p + at, GO_MAGIC, sizeof GO_MAGIC - 1) == 0) {
			off->at = s->off.at + at;
			return true;
		}
	return false;
}

static uint64_t read_varint(struct bytes *b, uint64_t *at)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 63; shift += 7) {
		uint8_t byte = bytes_u8(b, (*at)++);
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	b->bad = true;
	return 0;
}

static struct str go_inline(struct parser *p, struct file_off off)
{
	struct bytes b = {.p = p->b.p, .n = p->b.n};
	uint64_t at = off.at + GO_HEADER_BYTES;
	for (int i = 0; i < 2; i++) {
		uint64_t n = read_varint(&b, &at);
		if (n > GO_STRING_MAX_BYTES)
			return STR_NONE;
		bytes_slice(&b, at, n);
		at += n;
	}
	return b.bad ? STR_NONE : bytes_slice(&b, off.at, at - off.at);
}

/* A pointer to a string header, pointer and length. */
static bool go_string(struct parser *p, struct bytes *b, uint64_t pointer_at, unsigned size,
                      struct str *s)
{
	struct file_off header, text;
	struct vaddr at = {bytes_uint(b, pointer_at, size)};
	*s = STR_NONE;
	if (at.at == 0)
		return true; /* built without modules */
	if (b->bad || mapped_bytes(p, at, &header) < 2 * size)
		return false;
	struct vaddr start = {bytes_uint(b, header.at, size)};
	uint64_t n = bytes_uint(b, header.at + size, size);
	if (n > GO_STRING_MAX_BYTES || mapped_bytes(p, start, &text) < n)
		return false;
	*s = bytes_slice(b, text.at, n);
	return !b->bad;
}

static size_t put_varint(uint8_t *to, uint64_t v)
{
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		to[n++] = (uint8_t)(v | 0x80);
	to[n++] = (uint8_t)v;
	return n;
}

static struct str go_by_pointers(struct parser *p, struct file_off off)
{
	struct bytes b = {.p = p->b.p, .n = p->b.n};
	unsigned size = bytes_u8(&b, off.at + 14);
	b.big_endian = bytes_u8(&b, off.at + 15) & GO_BIG_ENDIAN_FLAG;
	struct str strings[2];
	if (size != 4 && size != 8)
		return STR_NONE;
	for (unsigned i = 0; i < 2; i++)
		if (!go_string(p, &b, off.at + 16 + i * size, size, &strings[i]))
			return STR_NONE;

	uint8_t *to = arena_alloc(p->arena, GO_HEADER_BYTES + 20 + strings[0].n + strings[1].n);
	memcpy(to, p->b.p + off.at, 15);
	to[15] = GO_INLINE_FLAG;
	size_t n = GO_HEADER_BYTES;
	for (unsigned i = 0; i < 2; i++) {
		n += put_varint(to + n, strings[i].n);
		if (strings[i].n)
			memcpy(to + n, strings[i].p, strings[i].n);
		n += strings[i].n;
	}
	return (struct str){(const char *)to, n};
}

static void find_go(struct parser *p)
{
	struct file_off off;
	for (size_t i = 0; i < p->segment_count; i++) {
		const struct segment *s = &p->segments[i];
		if (s->type != SEGMENT_LOAD || !(s->flags & SEGMENT_W) || (s->flags & SEGMENT_X))
			continue;
		if (!go_magic_in(p, s, &off))
			continue;
		bool inline_strings = p->b.p[off.at + 15] & GO_INLINE_FLAG;
		p->o->go_build_info = inline_strings ? go_inline(p, off) : go_by_pointers(p, off);
		return;
	}
}

/* ---- cargo-auditable: section .dep-v0, zlib inside. A note for people: found through the
 * section headers where those are sound. ---- */

struct section {
	uint32_t name_off;
	uint64_t off, size_bytes;
};

static struct section read_section(struct parser *p, struct bytes *b, uint16_t index)
{
	uint64_t at = p->section_headers.at + (uint64_t)index * p->section_header_bytes;
	unsigned w = p->word;
	return (struct section){.name_off = bytes_u32(b, at),
	                        .off = bytes_uint(b, at + 8 + 2 * w, w),
	                        .size_bytes = bytes_uint(b, at + 8 + 3 * w, w)};
}

static void find_cargo_audit(struct parser *p)
{
	struct bytes b = p->b;
	if (p->section_headers.at == 0 || p->section_header_bytes != (p->word == 8 ? 64 : 40) ||
	    p->section_names >= p->section_header_count)
		return;
	struct section names = read_section(p, &b, p->section_names);
	struct str text = bytes_slice(&b, names.off, names.size_bytes);
	for (uint16_t i = 1; i < p->section_header_count && !b.bad; i++) {
		struct section s = read_section(p, &b, i);
		struct str name =
			str_slice(text, s.name_off, (size_t)s.name_off + sizeof ".dep-v0");
		if (!str_eq(name, (struct str){".dep-v0", sizeof ".dep-v0"}))
			continue;
		struct str data = bytes_slice(&b, s.off, s.size_bytes);
		if (!b.bad && data.n <= LIMIT_KEPT_FILE_BYTES)
			p->o->cargo_audit = data;
		return;
	}
}

/* ---- UPX (src/stub/src/include/header.S, p_lx_elf.cpp): struct l_info lies behind the
 * program headers: checksum, "UPX!", size, version, format. An ordinary program has its
 * interpreter's name or a note there. ---- */

static void find_upx(struct parser *p)
{
	uint64_t end =
		p->program_headers.at + (uint64_t)p->program_header_count * p->program_header_bytes;
	struct bytes b = p->b;
	/* Some versions align l_info, or leave room for a program header more. */
	for (uint64_t at = end + 4; at < end + 64; at += 4)
		if (str_eq(bytes_slice(&b, at, 4), STR("UPX!")))
			p->o->packer = STR("UPX");
}

void find_marks(struct parser *p)
{
	find_go(p);
	find_cargo_audit(p);
	find_upx(p);
}
