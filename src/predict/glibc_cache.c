#include "predict/glibc_cache.h"

#include "core/bytes.h"
#include "core/limits.h"
#include "elf/elf.h"

enum {
	OLD_HEADER_BYTES = 16, /* "ld.so-1.7.0", padding, nlibs */
	OLD_ENTRY_BYTES = 12,
	NEW_HEADER_BYTES = 48, /* "glibc-ld.so.cache1.1", nlibs, len_strings, flags, extension */
	NEW_ENTRY_BYTES = 24,
	EXTENSION_MAGIC = (int)0xeaa42174, /* cache_extension_magic */
	EXTENSION_HWCAPS = 1,              /* cache_extension_tag_glibc_hwcaps */
};

#define HWCAP_EXTENSION (1ull << 62) /* DL_CACHE_HWCAP_EXTENSION */

/* The names of the glibc-hwcaps folders, which entries refer to by number. */
static struct str hwcap_name(struct bytes *b, uint64_t extension_off, uint32_t index)
{
	if (extension_off == 0 || (int)bytes_u32(b, extension_off) != EXTENSION_MAGIC)
		return STR_NONE;
	uint32_t sections = bytes_u32(b, extension_off + 4);
	for (uint32_t i = 0; i < sections && i < 16; i++) {
		uint64_t at = extension_off + 8 + 16 * (uint64_t)i;
		if (bytes_u32(b, at) != EXTENSION_HWCAPS)
			continue;
		uint64_t off = bytes_u32(b, at + 8), size = bytes_u32(b, at + 12);
		if ((uint64_t)index * 4 + 4 > size)
			return STR_NONE;
		return bytes_cstr(b, bytes_u32(b, off + 4 * (uint64_t)index));
	}
	return STR_NONE;
}

static void read_entry(struct bytes *b, uint64_t at, uint64_t extension_off,
                       struct libc_cache_entry *entry)
{
	uint64_t hwcap = bytes_u64(b, at + 16);
	*entry = (struct libc_cache_entry){
		.flags = bytes_u32(b, at),
		.name = bytes_cstr(b, bytes_u32(b, at + 4)),
		.path = bytes_cstr(b, bytes_u32(b, at + 8)),
	};
	/* Only the extension bit beside ISA levels and the index: a glibc-hwcaps entry. One whose
	 * folder has no name has no priority. */
	if ((hwcap >> 42) == (HWCAP_EXTENSION >> 42))
		entry->hwcap = hwcap_name(b, extension_off, (uint32_t)hwcap);
	entry->unusable = hwcap != 0 && !entry->hwcap.n;
}

bool libc_cache_parse(struct libc_cache *c, struct str bytes, struct arena *a, struct err *e)
{
	*c = (struct libc_cache){0};
	if (str_starts(bytes, STR("ld.so-1.7.0"))) {
		struct bytes old = bytes_of(bytes.p, bytes.n);
		uint64_t skip = OLD_HEADER_BYTES + (uint64_t)bytes_u32(&old, 12) * OLD_ENTRY_BYTES;
		skip = (skip + 7) & ~7ull; /* ALIGN_CACHE */
		if (old.bad || skip > bytes.n)
			return err_set(e, ERR_INPUT, "ld.so.cache: the old part ends behind the file");
		bytes = str_skip(bytes, (size_t)skip);
	}
	if (!str_starts(bytes, STR("glibc-ld.so.cache1.1")))
		return err_set(e, ERR_INPUT, "ld.so.cache: not in the format of glibc 2.2 or later");

	struct bytes b = bytes_of(bytes.p, bytes.n);
	b.big_endian = bytes.n > 28 && (bytes.p[28] & 3) == 3; /* cache_file_new_flags_endian_big */
	uint32_t count = bytes_u32(&b, 20);
	uint64_t extension_off = bytes_u32(&b, 32);
	if (count > LIMIT_ELF_SYMBOLS ||
	    !bytes_has(&b, NEW_HEADER_BYTES, (uint64_t)count * NEW_ENTRY_BYTES))
		return err_set(e, ERR_INPUT, "ld.so.cache: %u entries do not fit into the file", count);

	c->entry = arena_array(a, count ? count : 1, sizeof *c->entry);
	for (uint32_t i = 0; i < count; i++) {
		read_entry(&b, NEW_HEADER_BYTES + (uint64_t)i * NEW_ENTRY_BYTES, extension_off,
		           &c->entry[c->count]);
		/* ld.so passes over an entry whose strings lie outside (_dl_cache_verify_ptr). */
		if (!b.bad)
			c->count++;
		b.bad = false;
	}
	return true;
}

/* ---- Looking up ---- */

/* _dl_cache_check_flags(): library type (3: libc6) and the architecture's own bits. */
static bool flags_fit(uint16_t machine, uint32_t flags)
{
	switch (machine) {
	case ELF_X86_64: return flags == 0x0303;
	case ELF_AARCH64: return flags == 0x0a03;
	case ELF_ARM: return flags == 0x0903 || flags == 0x0003;
	case ELF_S390: return flags == 0x0403;
	case ELF_PPC64: return flags == 0x0503;
	case ELF_RISCV: return flags == 0x1003;
	case ELF_LOONGARCH: return flags == 0x1203;
	default: return flags == 0x0003;
	}
}

static bool is_digit(struct str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* _dl_cache_libcmp() == 0: numbers compare by value, "libz.so.01" is "libz.so.1". */
static bool same_name(struct str a, struct str b)
{
	size_t i = 0, k = 0;
	while (i < a.n && k < b.n) {
		if (!is_digit(a, i) || !is_digit(b, k)) {
			if (a.p[i++] != b.p[k++])
				return false;
			continue;
		}
		uint32_t x = 0, y = 0;
		while (is_digit(a, i))
			x = x * 10 + (uint32_t)(a.p[i++] - '0');
		while (is_digit(b, k))
			y = y * 10 + (uint32_t)(b.p[k++] - '0');
		if (x != y)
			return false;
	}
	return i == a.n && k == b.n;
}

/* The level of a glibc-hwcaps folder; 0 where this processor cannot use it. */
static unsigned hwcap_level(struct str hwcap, uint16_t machine, unsigned x86_level)
{
	uint64_t level = 0;
	bool known = machine == ELF_X86_64 && str_starts(hwcap, STR("x86-64-v")) &&
	             str_to_u64(str_skip(hwcap, 8), &level) && level <= x86_level;
	return known ? (unsigned)level : 0;
}

bool libc_cache_find(const struct libc_cache *c, struct str name, uint16_t machine,
                     unsigned x86_level, struct str *path)
{
	unsigned best = 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct libc_cache_entry *entry = &c->entry[i];
		if (entry->unusable || !flags_fit(machine, entry->flags) ||
		    !same_name(entry->name, name))
			continue;
		unsigned level = entry->hwcap.n ? hwcap_level(entry->hwcap, machine, x86_level) : 1;
		if (level > best) {
			best = level;
			*path = entry->path;
		}
	}
	return best > 0;
}
