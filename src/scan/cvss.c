#include "scan/cvss.h"

static bool optional(const struct cvss_metric *m)
{
	return str_starts(m->values, STR("X")) || str_starts(m->values, STR("ND"));
}

static bool value_of(const struct cvss_metric *m, struct str wanted, uint8_t *value)
{
	struct str rest = m->values, word;
	for (uint8_t i = 0; str_word(&rest, &word); i++) {
		if (!str_eq(word, wanted))
			continue;
		*value = i;
		return true;
	}
	return false;
}

enum { UNSET = UINT8_MAX };

static bool read_one(struct str field, const struct cvss_metric *metrics, size_t count,
		     uint8_t *value)
{
	size_t colon = str_index(field, ':');
	struct str name = str_slice(field, 0, colon), said = str_skip(field, colon + 1);
	for (size_t i = 0; i < count; i++)
		if (str_eq(metrics[i].name, name))
			return value[i] == UNSET && value_of(&metrics[i], said, &value[i]);
	return false;
}

bool cvss_read(struct str vector, const struct cvss_metric *metrics, size_t count, uint8_t *value)
{
	struct str field;
	memset(value, UNSET, count);
	while (str_next(&vector, '/', &field))
		if (!read_one(field, metrics, count, value))
			return false;
	for (size_t i = 0; i < count; i++) {
		if (value[i] != UNSET)
			continue;
		if (!optional(&metrics[i]))
			return false;
		value[i] = 0;
	}
	return true;
}

bool cvss_any(const uint8_t *value, size_t from, size_t to)
{
	while (from < to && value[from] == 0)
		from++;
	return from < to;
}
