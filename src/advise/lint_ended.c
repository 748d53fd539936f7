/* Releases that ended before the catalogue begins: it lists what people should choose among,
 * and Dockerfiles in the field name what they should not. Dates are those of the publishers
 * (support for everybody, long-term support where it is free). */
#include "advise/lint_parts.h"
#include "image/reference_name.h"

static const struct {
	const char *repository, *versions; /* of Docker's library; versions and code names */
	const char *end;
} ended[] = {
	{"debian", "11 bullseye", "2026-08-31"}, {"debian", "10 buster", "2024-06-30"},
	{"debian", "9 stretch", "2022-06-30"},   {"debian", "8 jessie", "2020-06-30"},
	{"debian", "7 wheezy", "2018-05-31"},
	{"ubuntu", "25.04 plucky", "2026-01-15"}, {"ubuntu", "24.10 oracular", "2025-07-10"},
	{"ubuntu", "23.10 mantic", "2024-07-11"}, {"ubuntu", "23.04 lunar", "2024-01-25"},
	{"ubuntu", "22.10 kinetic", "2023-07-20"}, {"ubuntu", "20.04 focal", "2025-05-31"},
	{"ubuntu", "18.04 bionic", "2023-05-31"}, {"ubuntu", "16.04 xenial", "2021-04-30"},
	{"ubuntu", "14.04 trusty", "2019-04-25"},
	{"alpine", "3.20", "2026-04-01"}, {"alpine", "3.19", "2025-11-01"},
	{"alpine", "3.18", "2025-05-09"}, {"alpine", "3.17", "2024-11-22"},
	{"alpine", "3.16", "2024-05-23"}, {"alpine", "3.15", "2023-11-01"},
	{"alpine", "3.14", "2023-05-01"}, {"alpine", "3.13", "2022-11-01"},
	{"alpine", "3.12", "2022-05-01"}, {"alpine", "3.11", "2021-11-01"},
	{"alpine", "3.10 3.9 3.8 3.7 3.6 3.5 3.4 3.3 2.7", "2021-05-01"},
	{"centos", "8 centos8", "2021-12-31"}, {"centos", "7 centos7 latest", "2024-06-30"},
	{"centos", "6 centos6 5", "2020-11-30"},
	{"python", "3.10", "2026-10-31"}, {"python", "3.9", "2025-10-31"},
	{"python", "3.8", "2024-10-07"},
	{"python", "3.7", "2023-06-27"}, {"python", "3.6", "2021-12-23"},
	{"python", "3.5 3.4", "2020-09-30"}, {"python", "2", "2020-01-01"},
	{"node", "25", "2026-06-01"}, {"node", "23", "2025-06-01"}, {"node", "21", "2024-06-01"},
	{"node", "20 iron", "2026-04-30"}, {"node", "19", "2023-06-01"},
	{"node", "18 hydrogen", "2025-04-30"}, {"node", "17", "2022-06-01"},
	{"node", "16 gallium", "2023-09-11"}, {"node", "14 fermium", "2023-04-30"},
	{"node", "15 13", "2021-06-01"}, {"node", "12 erbium", "2022-04-30"},
	{"node", "11 10 9 8 7 6 5 4 dubnium carbon boron argon", "2021-04-30"},
	{"php", "8.1", "2025-12-31"}, {"php", "8.0", "2023-11-26"}, {"php", "7 5", "2022-11-28"},
	{"ruby", "3.2", "2026-03-31"}, {"ruby", "3.1", "2025-03-26"}, {"ruby", "3.0", "2024-04-23"},
	{"ruby", "2", "2023-03-31"}};

/* "14" is the version of "14.21.3-alpine3.17", not of "140" or "1.4". */
static bool is_version_of(struct str version, struct str tag)
{
	return str_starts(tag, version) &&
	       (tag.n == version.n || memchr(".-", tag.p[version.n], 2));
}

struct str lint_ended(struct str value, struct str today)
{
	struct reference r = {0};
	struct err ignored = ERR_INIT;
	if (!reference_name(&r, value, &ignored) || (r.registry.n && !str_eq(r.registry, STR("docker.io"))))
		return STR("");
	if (str_starts(r.repository, STR("library/")))
		r.repository = str_skip(r.repository, 8);
	struct str tag = r.tag.n ? r.tag : STR("latest");
	for (size_t k = 0; k < sizeof ended / sizeof *ended; k++) {
		struct str rest = str_of(ended[k].versions), version, end = str_of(ended[k].end);
		if (!str_eq(r.repository, str_of(ended[k].repository)) || str_cmp(end, today) >= 0)
			continue;
		while (str_word(&rest, &version))
			if (is_version_of(version, tag))
				return end;
	}
	return STR("");
}
