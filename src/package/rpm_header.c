/* An RPM header as databases hold it (rpm, docs/manual/format_header.md): the number of index
 * entries and the bytes of data, 32 bits each; the entries, four numbers of 32 bits each (tag, type,
 * offset into the data, count); the data. All in network order. Entries behind the immutable region
 * replace those in it: the last of a tag counts. */
#include "package/rpm_parts.h"

enum { LENGTHS = 8, ENTRY = 16 };
enum { TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_STRING_ARRAY = 8, TYPE_I18N_STRING = 9 };
enum { STRING_MAX = 64 << 10 }; /* licences are the longest of what is read here */

bool rpm_header_open(struct rpm_header *h, struct str blob)
{
	struct bytes b = bytes_of(blob.p, blob.n);
	b.big_endian = true;
	uint64_t entries = bytes_u32(&b, 0), data = bytes_u32(&b, 4);
	if (b.bad || LENGTHS + entries * ENTRY + data != blob.n)
		return false;
	h->index = bytes_of(blob.p + LENGTHS, (size_t)entries * ENTRY);
	h->data = bytes_of(blob.p + LENGTHS + entries * ENTRY, (size_t)data);
	h->index.big_endian = h->data.big_endian = true;
	return true;
}

struct rpm_entry rpm_header_entry(const struct rpm_header *h, enum rpm_tag tag)
{
	struct bytes b = h->index;
	struct rpm_entry e = {0};
	for (size_t off = 0; off < b.n; off += ENTRY)
		if (bytes_u32(&b, off) == (uint32_t)tag)
			e = (struct rpm_entry){.type = bytes_u32(&b, off + 4),
			                       .offset = bytes_u32(&b, off + 8),
			                       .count = bytes_u32(&b, off + 12)};
	return e;
}

bool rpm_header_string(const struct rpm_header *h, enum rpm_tag tag, struct str *value)
{
	struct rpm_entry e = rpm_header_entry(h, tag);
	struct bytes data = h->data;
	*value = STR("");
	if (!e.type)
		return true;
	if (e.type != TYPE_STRING && e.type != TYPE_STRING_ARRAY && e.type != TYPE_I18N_STRING)
		return false;
	*value = bytes_cstr(&data, e.offset);
	return !data.bad && value->n <= STRING_MAX;
}

bool rpm_header_number(const struct rpm_header *h, enum rpm_tag tag, uint32_t *value, bool *has)
{
	struct rpm_entry e = rpm_header_entry(h, tag);
	struct bytes data = h->data;
	*has = e.type != 0;
	*value = *has ? bytes_u32(&data, e.offset) : 0;
	return !*has || (e.type == TYPE_INT32 && e.count > 0 && !data.bad);
}

bool rpm_header_strings(const struct rpm_header *h, struct rpm_entry e, struct bytes *strings)
{
	struct bytes data = h->data;
	*strings = bytes_of(NULL, 0);
	if (!e.type)
		return true;
	struct str rest = bytes_slice(&data, e.offset, data.n - (e.offset < data.n ? e.offset : data.n));
	*strings = bytes_of(rest.p, rest.n);
	return !data.bad && (e.type == TYPE_STRING || e.type == TYPE_STRING_ARRAY);
}

bool rpm_next_string(struct bytes *strings, struct str *value)
{
	*value = bytes_cstr(strings, 0);
	if (strings->bad)
		return false;
	strings->p += value->n + 1;
	strings->n -= value->n + 1;
	return true;
}
