/* Any bytes as a database of each format, as the log of one, and as a header. */
#include <stdlib.h>

#include "package/rpm_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_header(struct str blob, void *context)
{
	static const enum rpm_tag tags[] = {RPM_NAME, RPM_VERSION, RPM_LICENSE, RPM_MODULARITY_LABEL};
	struct rpm_header h;
	struct bytes strings;
	struct str value;
	uint32_t number;
	bool has;
	*(size_t *)context += blob.n;
	if (!rpm_header_open(&h, blob))
		return true;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (rpm_header_string(&h, tags[i], &value) && value.n > blob.n)
			abort();
	if (rpm_header_number(&h, RPM_EPOCH, &number, &has) && !has && number)
		abort();
	struct rpm_entry names = rpm_header_entry(&h, RPM_BASE_NAMES);
	if (rpm_header_strings(&h, names, &strings))
		for (uint32_t i = 0; i < names.count && rpm_next_string(&strings, &value); i++)
			;
	return true;
}

/* No reader may make more of the bytes than they are. */
static void read_with(bool (*read)(struct rpm_reading *, struct str), struct str database)
{
	size_t bytes = 0;
	struct rpm_reading r = {
		.visit = read_header, .context = &bytes, .blob = BUF_INIT(64u << 20)};
	read(&r, database);
	buf_release(&r.blob);
	if (bytes > database.n * 2)
		abort();
}

static bool read_sqlite(struct rpm_reading *r, struct str database)
{
	return rpm_sqlite_read(r, database, STR(""));
}

/* The log behind the database. */
static bool read_both(struct rpm_reading *r, struct str whole)
{
	size_t log = str_find(whole, STR("\x37\x7f\x06"));
	return rpm_sqlite_read(r, str_slice(whole, 0, log), str_skip(whole, log));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = {(const char *)data, size};
	size_t bytes = 0;
	read_with(read_sqlite, whole);
	read_with(read_both, whole);
	read_with(rpm_ndb_read, whole);
	read_with(rpm_bdb_read, whole);
	read_header(whole, &bytes);
	return 0;
}
