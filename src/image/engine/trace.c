#include "image/engine/trace.h"

#include <openssl/evp.h>

enum { LOGS = 3, LOG_BYTES = 4 };

/* protobuf.dev, "Encoding": a field's number and how it is laid out stand in one varint. */
enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static bool take_varint(struct str *s, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && s->n > 0; shift += 7) {
		unsigned char c = (unsigned char)s->p[0];
		*s = str_skip(*s, 1);
		*value |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

/* The next field; *bytes is empty where it is no bytes. False at the end, or where it is damaged. */
static bool take_field(struct str *s, uint64_t *number, struct str *bytes)
{
	uint64_t key, n;
	*bytes = STR_NONE;
	if (!take_varint(s, &key))
		return false;
	*number = key >> 3;
	switch (key & 7) {
	case WIRE_VARINT:
		return take_varint(s, &n);
	case WIRE_64:
		n = 8;
		break;
	case WIRE_32:
		n = 4;
		break;
	case WIRE_BYTES:
		if (!take_varint(s, &n) || n > s->n)
			return false;
		*bytes = str_slice(*s, 0, (size_t)n);
		break;
	default:
		return false;
	}
	if (n > s->n)
		return false;
	*s = str_skip(*s, (size_t)n);
	return true;
}

/* EVP_DecodeBlock() counts the padding as zeros. */
static struct str decode(struct str base64, struct arena *a)
{
	size_t padding = str_ends(base64, STR("==")) ? 2 : str_ends(base64, STR("=")) ? 1 : 0;
	if (base64.n == 0 || base64.n > INT32_MAX)
		return STR_NONE;
	unsigned char *bytes = arena_alloc(a, base64.n + 3);
	int n = EVP_DecodeBlock(bytes, (const unsigned char *)base64.p, (int)base64.n);
	return n < (int)padding ? STR_NONE : (struct str){(char *)bytes, (size_t)n - padding};
}

void trace_read(struct str base64, void (*log)(struct str text, void *context), void *context)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str message = decode(base64, &scratch), field, part;
	uint64_t number, inner;
	while (take_field(&message, &number, &field))
		while (number == LOGS && take_field(&field, &inner, &part))
			if (inner == LOG_BYTES && part.n)
				log(part, context);
}
