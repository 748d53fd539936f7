/* Notes: build ID, x86 ISA level, what may be opened by name.
 *
 * gABI chapter 5, "Note Section"; the Linux ABI extensions for GNU properties;
 * the UAPI group's "ELF dlopen metadata". A damaged note ends the reading of
 * its segment and nothing else: no loader refuses an object for it. */
#include "core/limits.h"
#include "elf/parse.h"

enum {
	NT_GNU_BUILD_ID = 3,
	NT_GNU_PROPERTY_TYPE_0 = 5,
	NT_FDO_DLOPEN = 0x407c0c0a,
	GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002
};

struct note {
	uint32_t type;
	struct str owner, payload;
};

static uint64_t align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) / align * align;
}

static void take_properties(struct parser *p, struct str payload)
{
	struct bytes b = {
		.p = (const uint8_t *)payload.p, .n = payload.n, .big_endian = p->b.big_endian};
	uint64_t at = 0;
	while (bytes_has(&b, at, 8)) {
		uint32_t type = bytes_u32(&b, at), size = bytes_u32(&b, at + 4);
		if (type == GNU_PROPERTY_X86_ISA_1_NEEDED && size == 4)
			p->o->x86_isa_needed |= bytes_u32(&b, at + 8);
		at += 8 + align_up(size, p->word);
	}
}

static void take_note(struct parser *p, const struct note *n)
{
	if (str_eq(n->owner, STR("GNU")) && n->type == NT_GNU_BUILD_ID)
		p->o->build_id = n->payload;
	else if (str_eq(n->owner, STR("GNU")) && n->type == NT_GNU_PROPERTY_TYPE_0)
		take_properties(p, n->payload);
	else if (str_eq(n->owner, STR("FDO")) && n->type == NT_FDO_DLOPEN &&
	         p->o->dlopen.n < LIMIT_ELF_ENTRIES)
		*vec_push(&p->o->dlopen, p->arena) =
			str_slice(n->payload, 0, str_index(n->payload, '\0'));
}

/* Name and payload are padded to the segment's alignment, 8 or else 4. The owner's size
 * counts its NUL. */
static bool next_note(struct bytes *b, uint64_t *at, uint64_t align, struct note *n)
{
	if (!bytes_has(b, *at, 12))
		return false;
	uint32_t owner_bytes = bytes_u32(b, *at), payload_bytes = bytes_u32(b, *at + 4);
	n->type = bytes_u32(b, *at + 8);
	n->owner = bytes_slice(b, *at + 12, owner_bytes);
	uint64_t payload = *at + align_up(12 + (uint64_t)owner_bytes, align);
	n->payload = bytes_slice(b, payload, payload_bytes);
	*at = payload + align_up(payload_bytes, align);
	n->owner = str_slice(n->owner, 0, str_index(n->owner, '\0'));
	return !b->bad;
}

void parse_notes(struct parser *p)
{
	for (size_t i = 0; i < p->segment_count; i++) {
		const struct segment *s = &p->segments[i];
		if (s->type != SEGMENT_NOTE && s->type != SEGMENT_GNU_PROPERTY)
			continue;
		struct str bytes = segment_bytes(p, s);
		struct bytes b = {
			.p = (const uint8_t *)bytes.p, .n = bytes.n, .big_endian = p->b.big_endian};
		uint64_t at = 0;
		struct note n;
		for (size_t count = 0; count < LIMIT_ELF_ENTRIES; count++) {
			if (!next_note(&b, &at, s->align == 8 ? 8 : 4, &n))
				break;
			take_note(p, &n);
		}
	}
}
