#include "advise/base.h"

/* The table is made by tools/embed-facts from data/facts/INDEX, at build time. */
extern const struct shipped_facts shipped_table[];
extern const size_t shipped_count;

const struct shipped_facts *shipped_list(size_t *count)
{
	*count = shipped_count;
	return shipped_table;
}

const struct shipped_facts *shipped_find(struct str name, struct str architecture)
{
	for (size_t i = 0; i < shipped_count; i++)
		if (str_eq(shipped_table[i].name, name) &&
		    str_eq(shipped_table[i].architecture, architecture))
			return &shipped_table[i];
	return NULL;
}
