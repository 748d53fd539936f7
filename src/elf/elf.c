/* The order in which an object is read, and small questions about one. */
#include "elf/elf.h"

#include <stdlib.h>

#include "core/limits.h"
#include "elf/parse.h"

bool elf_is(struct str bytes)
{
	return str_starts(bytes, STR("\177ELF"));
}

/* Loaders and C libraries name what they open by rules of their own, which the prediction
 * knows; an unpacked program's strings say nothing about a packed one. */
static bool strings_tell(const struct elf_object *o)
{
	return !o->is_glibc_loader && !o->is_musl && !o->libc_banner.n && !o->packer.n;
}

static bool parse(struct parser *p, struct err *e)
{
	if (!parse_header(p, e))
		return false;
	if (p->o->type != ELF_EXEC && p->o->type != ELF_DYN)
		return true; /* nothing a loader or the kernel would start */
	if (!parse_segments(p, e) || !parse_dynamic(p, e) || !parse_relocations(p, e) ||
	    !parse_versions(p, e) || !parse_symbols(p, e))
		return false;
	parse_notes(p);
	find_marks(p);
	find_libc_marks(p);
	if (strings_tell(p->o)) {
		find_names(p);
		find_paths(p);
	}
	return true;
}

bool elf_parse(struct elf_object *o, struct str bytes, struct arena *a, struct err *e)
{
	if (!elf_is(bytes))
		return err_set(e, ERR_INPUT, "no ELF file: it does not begin with \\x7fELF");
	if (bytes.n > LIMIT_ELF_BYTES)
		return err_set(e, ERR_LIMIT, "an ELF file of more than %llu bytes",
		               (unsigned long long)LIMIT_ELF_BYTES);
	*o = (struct elf_object){0};
	struct parser p = {.b = bytes_of(bytes.p, bytes.n), .o = o, .arena = a};
	bool done = parse(&p, e);
	arena_release(&p.scratch);
	return done;
}

const struct elf_export *elf_exports_find(const struct elf_object *o, struct str name,
                                          size_t *count)
{
	size_t low = 0, high = o->exports.n;
	while (low < high) { /* the first that is not before `name` */
		size_t middle = low + (high - low) / 2;
		if (str_cmp(o->exports.p[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	size_t end = low;
	while (end < o->exports.n && str_eq(o->exports.p[end].name, name))
		end++;
	*count = end - low;
	return *count ? &o->exports.p[low] : NULL;
}

bool elf_defines_version(const struct elf_object *o, struct str version)
{
	for (size_t i = 0; i < o->version_defs.n; i++)
		if (str_eq(o->version_defs.p[i], version))
			return true;
	return false;
}

/* Linkers give DT_DEBUG to what is started and DF_1_PIE to a PIE (ld since 2.26, lld); a
 * library that can be started as well (libc.so.6, libQt5Core.so.5) has neither. */
bool elf_is_program(const struct elf_object *o)
{
	const uint64_t df_1_pie = 0x08000000;
	if (o->type == ELF_EXEC)
		return true;
	if (o->type != ELF_DYN)
		return false;
	if ((o->dt_flags_1 & df_1_pie) || o->has_dt_debug)
		return true;
	return o->has_interp && !o->soname.p;
}

const char *elf_architecture(const struct elf_object *o)
{
	static const struct {
		uint16_t machine;
		uint8_t class_bits;
		bool big_endian;
		const char *name;
	} architectures[] = {
		{ELF_X86_64, 64, false, "amd64"},  {ELF_AARCH64, 64, false, "arm64"},
		{ELF_ARM, 32, false, "arm"},       {ELF_386, 32, false, "386"},
		{ELF_RISCV, 64, false, "riscv64"}, {ELF_PPC64, 64, false, "ppc64le"},
		{ELF_S390, 64, true, "s390x"},     {ELF_LOONGARCH, 64, false, "loong64"},
	};
	for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++)
		if (architectures[i].machine == o->machine &&
		    architectures[i].class_bits == o->class_bits &&
		    architectures[i].big_endian == o->big_endian)
			return architectures[i].name;
	return "unknown";
}
