#include "trial/program.h"

#include "core/bytes.h"
#include "core/limits.h"

#define PT_INTERP 3u
#define PROGRAM_HEADERS_BYTES 65536u /* fs/binfmt_elf.c, load_elf_phdrs() */

enum { MACHINE_386 = 3, MACHINE_ARM = 40, MACHINE_X86_64 = 62, MACHINE_AARCH64 = 183 };

struct str script_interpreter(struct str head)
{
	if (!str_starts(head, STR("#!")))
		return STR_NONE;
	struct str line = str_slice(head, 2, LIMIT_SHEBANG_BYTES), word;
	line = str_slice(line, 0, str_index(line, '\n'));
	/* Blanks and tabs alone divide; a CR belongs to the name, and is then not found. */
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	size_t end = 0;
	while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t' && line.p[end] != '\0')
		end++;
	word = str_slice(line, 0, end);
	return word;
}

/* What this machine runs: its own kind, and the 32-bit kind that goes with it. */
static bool machine_fits(uint16_t machine)
{
#if defined(__x86_64__)
	return machine == MACHINE_X86_64 || machine == MACHINE_386;
#elif defined(__aarch64__)
	return machine == MACHINE_AARCH64 || machine == MACHINE_ARM;
#else
	(void)machine;
	return true; /* the kernel is the judge; nothing is claimed */
#endif
}

/* PT_INTERP's path; empty where there is none or the headers lie. */
static struct str elf_interpreter(const struct program_source *s, struct bytes *b, struct arena *a)
{
	bool wide = bytes_u8(b, 4) == 2;
	uint64_t table_off = wide ? bytes_u64(b, 32) : bytes_u32(b, 28);
	uint16_t entry_bytes = bytes_u16(b, wide ? 54 : 42), count = bytes_u16(b, wide ? 56 : 44);
	if (b->bad || entry_bytes != (wide ? 56 : 32) ||
	    (uint32_t)count * entry_bytes > PROGRAM_HEADERS_BYTES)
		return STR_NONE;
	struct str raw = s->read(s->context, table_off, (size_t)count * entry_bytes, a);
	struct bytes table = bytes_of(raw.p, raw.n);
	table.big_endian = b->big_endian;
	for (uint16_t i = 0; i < count; i++) {
		uint64_t at = (uint64_t)i * entry_bytes;
		if (bytes_u32(&table, at) != PT_INTERP || table.bad)
			continue;
		uint64_t off = wide ? bytes_u64(&table, at + 8) : bytes_u32(&table, at + 4);
		uint64_t n = wide ? bytes_u64(&table, at + 32) : bytes_u32(&table, at + 16);
		if (table.bad || n < 2 || n > LIMIT_PATH_BYTES)
			return STR_NONE;
		struct str path = s->read(s->context, off, (size_t)n, a);
		return str_slice(path, 0, str_index(path, '\0'));
	}
	return STR_NONE;
}

enum program_kind program_look(const struct program_source *s, struct arena *a,
			       struct str *interpreter)
{
	struct str head = s->read(s->context, 0, LIMIT_SHEBANG_BYTES, a);
	*interpreter = script_interpreter(head);
	if (str_starts(head, STR("#!")))
		return interpreter->n > 0 ? PROGRAM_SCRIPT : PROGRAM_NONE;
	if (!str_starts(head, STR("\177ELF")) || head.n < 52)
		return PROGRAM_NONE;
	struct bytes b = bytes_of(head.p, head.n);
	b.big_endian = bytes_u8(&b, 5) == 2;
	if (!machine_fits(bytes_u16(&b, 18)))
		return PROGRAM_FOREIGN;
	*interpreter = elf_interpreter(s, &b, a);
	return PROGRAM_NATIVE;
}
