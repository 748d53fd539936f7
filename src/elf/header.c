/* The file header and the program headers: gABI chapters 4 and 5, and what
 * fs/binfmt_elf.c of the kernel takes and refuses. */
#include "core/limits.h"
#include "elf/parse.h"

enum { IDENT_CLASS = 4, IDENT_DATA = 5, IDENT_OSABI = 7, IDENT_ABI_VERSION = 8 };

/* fs/binfmt_elf.c, load_elf_phdrs(): not more than 64 KiB of program headers. */
enum { PROGRAM_HEADERS_MAX_BYTES = 65536 };

static bool parse_ident(struct parser *p, struct err *e)
{
	uint8_t class = bytes_u8(&p->b, IDENT_CLASS), data = bytes_u8(&p->b, IDENT_DATA);
	if (class != 1 && class != 2)
		return err_set(e, ERR_INPUT, "ELF class %u at offset 4: neither 32 nor 64 bit",
		               class);
	if (data != 1 && data != 2)
		return err_set(e, ERR_INPUT,
		               "ELF byte order %u at offset 5: neither little nor big", data);
	p->word = class == 2 ? 8 : 4;
	p->b.big_endian = data == 2;
	p->o->class_bits = class == 2 ? 64 : 32;
	p->o->big_endian = p->b.big_endian;
	p->o->osabi = bytes_u8(&p->b, IDENT_OSABI);
	p->o->abi_version = bytes_u8(&p->b, IDENT_ABI_VERSION);
	return true;
}

bool parse_header(struct parser *p, struct err *e)
{
	if (!parse_ident(p, e))
		return false;
	struct bytes *b = &p->b;
	p->o->type = bytes_u16(b, 16);
	p->o->machine = bytes_u16(b, 18);

	/* Behind e_entry, e_phoff and e_shoff, which are words, both classes are alike. */
	uint64_t words = 24, rest = words + 3 * p->word;
	p->program_headers.at = bytes_uint(b, words + p->word, p->word);
	p->section_headers.at = bytes_uint(b, words + 2 * p->word, p->word);
	p->o->flags = bytes_u32(b, rest);
	p->program_header_bytes = bytes_u16(b, rest + 6);
	p->program_header_count = bytes_u16(b, rest + 8);
	p->section_header_bytes = bytes_u16(b, rest + 10);
	p->section_header_count = bytes_u16(b, rest + 12);
	p->section_names = bytes_u16(b, rest + 14);
	if (b->bad)
		return err_set(e, ERR_INPUT, "the file ends at offset 0x%zx, inside the ELF header",
		               b->n);
	return true;
}

static struct segment read_segment(struct parser *p, uint64_t at)
{
	struct bytes *b = &p->b;
	unsigned w = p->word;
	/* Elf64_Phdr has p_flags second, Elf32_Phdr last but one. */
	uint64_t words = at + (w == 8 ? 8 : 4);
	return (struct segment){
		.type = bytes_u32(b, at),
		.flags = bytes_u32(b, w == 8 ? at + 4 : at + 24),
		.off.at = bytes_uint(b, words, w),
		.vaddr.at = bytes_uint(b, words + w, w),
		.file_bytes = bytes_uint(b, words + 3 * w, w),
		.memory_bytes = bytes_uint(b, words + 4 * w, w),
		.align = bytes_uint(b, w == 8 ? at + 48 : at + 28, w),
	};
}

static bool read_segments(struct parser *p, struct err *e)
{
	unsigned size = p->word == 8 ? 56 : 32;
	size_t count = p->program_header_count;
	if (count == 0)
		return true;
	if (p->program_header_bytes != size)
		return err_set(e, ERR_INPUT, "program headers of %u bytes each, not %u",
		               p->program_header_bytes, size);
	if (count * size > PROGRAM_HEADERS_MAX_BYTES)
		return err_set(e, ERR_INPUT, "%zu program headers; the kernel takes %u", count,
		               PROGRAM_HEADERS_MAX_BYTES / size);
	if (!bytes_has(&p->b, p->program_headers.at, count * size))
		return err_set(e, ERR_INPUT, "program headers at offset 0x%llx end behind the file",
		               (unsigned long long)p->program_headers.at);
	p->segments = arena_array(&p->scratch, count, sizeof *p->segments);
	p->segment_count = count;
	for (size_t i = 0; i < count; i++)
		p->segments[i] = read_segment(p, p->program_headers.at + i * size);
	return true;
}

/* The page in which the file ends is filled with zeros; a page wholly behind it gives
 * SIGBUS when it is touched: such a program was cut off. A segment that does not lie in its
 * page as its address does cannot be mapped: the kernel kills the program (elf_map()), glibc
 * refuses the library, musl crashes. */
static bool parse_load(struct parser *p, const struct segment *s, struct err *e)
{
	const uint64_t page = 4096;
	uint64_t readable = (p->b.n + page - 1) / page * page;
	if (s->file_bytes && (s->off.at > readable || s->file_bytes > readable - s->off.at))
		return err_set(
			e, ERR_INPUT,
			"the segment at offset 0x%llx, 0x%llx bytes long, ends behind the file",
			(unsigned long long)s->off.at, (unsigned long long)s->file_bytes);
	if (s->file_bytes && (s->off.at - s->vaddr.at) % page)
		return err_set(
			e, ERR_INPUT,
			"the segment at offset 0x%llx cannot be mapped to address 0x%llx: they differ in "
			"their place within a page",
			(unsigned long long)s->off.at, (unsigned long long)s->vaddr.at);

	struct elf_object *o = p->o;
	uint32_t align = s->align > UINT32_MAX ? UINT32_MAX : (uint32_t)s->align;
	if (!o->has_load || align < o->min_load_align)
		o->min_load_align = align;
	if ((s->flags & SEGMENT_X) && (s->flags & SEGMENT_W))
		o->writable_code = true;
	o->has_load = true;
	return true;
}

/* The first one counts. The kernel wants 2 bytes to PATH_MAX, the last of them NUL, and
 * takes what stands before the first NUL. A file that holds debug data alone keeps the
 * header with nothing behind it: nobody starts that, and it is no reason to refuse it. */
static bool parse_interp(struct parser *p, const struct segment *s, struct err *e)
{
	if (p->o->has_interp || s->file_bytes == 0)
		return true;
	uint64_t n = s->file_bytes;
	struct str path = bytes_slice(&p->b, s->off.at, n);
	if (p->b.bad || n < 2 || n > LIMIT_PATH_BYTES || path.p[n - 1] != '\0')
		return err_set(
			e, ERR_INPUT,
			"the interpreter's name at offset 0x%llx, 0x%llx bytes long, is damaged",
			(unsigned long long)s->off.at, (unsigned long long)n);
	p->o->interp = str_slice(path, 0, str_index(path, '\0'));
	p->o->has_interp = true;
	return true;
}

bool parse_segments(struct parser *p, struct err *e)
{
	if (!read_segments(p, e))
		return false;
	for (size_t i = 0; i < p->segment_count; i++) {
		const struct segment *s = &p->segments[i];
		switch (s->type) {
		case SEGMENT_LOAD:
			if (!parse_load(p, s, e))
				return false;
			break;
		case SEGMENT_INTERP:
			if (!parse_interp(p, s, e))
				return false;
			break;
		case SEGMENT_TLS:
			p->o->tls_size_bytes = s->memory_bytes;
			p->o->tls_align_bytes = s->align;
			break;
		case SEGMENT_GNU_STACK:
			p->o->stack = s->flags & SEGMENT_X ? ELF_STACK_EXECUTABLE : ELF_STACK_PLAIN;
			break;
		}
	}
	return true;
}

/* Segments are mapped in order with MAP_FIXED: where two overlap, the later one is seen. */
uint64_t mapped_bytes(const struct parser *p, struct vaddr vaddr, struct file_off *off)
{
	for (size_t i = p->segment_count; i-- > 0;) {
		const struct segment *s = &p->segments[i];
		uint64_t into = vaddr.at - s->vaddr.at;
		struct str bytes = segment_bytes(p, s);
		if (s->type != SEGMENT_LOAD || vaddr.at < s->vaddr.at || into >= bytes.n)
			continue;
		off->at = s->off.at + into;
		return bytes.n - into;
	}
	return 0;
}

bool map_table(const struct parser *p, const char *what, struct vaddr vaddr, uint64_t size_bytes,
               struct file_off *off, struct err *e)
{
	off->at = 0;
	if (size_bytes == 0 || mapped_bytes(p, vaddr, off) >= size_bytes)
		return true;
	return err_set(e, ERR_INPUT, "%s at address 0x%llx, 0x%llx bytes long, is not in the file",
	               what, (unsigned long long)vaddr.at, (unsigned long long)size_bytes);
}
