/* What images of Azure Linux without a package manager have in the database's place (CBL-Mariner,
 * toolkit/docs/how_it_works/5_misc.md): /var/lib/rpmmanifest/container-manifest-2, a package a line,
 * ten fields with tabs between them:
 *
 *     NAME VERSION-RELEASE INSTALLTIME BUILDTIME VENDOR EPOCH SIZE ARCH EPOCHNUM SOURCERPM
 *
 * EPOCH is "(none)" where there is none, and with some tools always; EPOCHNUM is 0 then. */
#include "package/rpm_parts.h"

static const struct str manifest = STR_INIT("/var/lib/rpmmanifest/container-manifest-2");

enum field { NAME, VERSION, EPOCH = 5, ARCH = 7, EPOCH_NUMBER, SOURCE_RPM, FIELDS };

void rpm_read_source(struct package *p, struct str file, struct str version,
                     struct arena *a)
{
	static const struct str endings[] = {STR_INIT(".src.rpm"), STR_INIT(".nosrc.rpm")};
	p->source = p->name;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (!str_ends(file, endings[i]))
			continue;
		struct str whole = str_slice(file, 0, file.n - endings[i].n);
		size_t release = str_rindex(whole, '-');
		size_t name = str_rindex(str_slice(whole, 0, release), '-');
		if (release == whole.n || name == release || name == 0)
			continue;
		p->source = arena_str(a, str_slice(whole, 0, name));
		if (!str_eq(str_skip(whole, name + 1), version))
			p->source_version = arena_str(a, str_skip(whole, name + 1));
	}
}

static bool split(struct str line, struct str fields[FIELDS])
{
	unsigned n = 0;
	struct str field;
	while (str_next(&line, '\t', &field) && n < FIELDS)
		fields[n++] = field;
	return n == FIELDS && !line.n && fields[NAME].n && fields[VERSION].n;
}

static struct str version_of(const struct str fields[FIELDS], struct arena *a)
{
	uint64_t epoch = 0;
	bool has = str_to_u64(fields[EPOCH], &epoch) ||
	           (str_to_u64(fields[EPOCH_NUMBER], &epoch) && epoch > 0);
	return has ? arena_printf(a, "%llu:%.*s", (unsigned long long)epoch,
	                          STR_ARG(fields[VERSION]))
	           : fields[VERSION];
}

void rpm_manifest_read(struct packages *out, const struct tree *t, struct arena *a)
{
	const struct node *n = tree_find(t, manifest);
	struct str content, line, fields[FIELDS];
	if (!n || node_type(n) != ENTRY_FILE || !node_size_bytes(n))
		return;
	bool damaged = !node_kept(n, &content);
	while (str_next(&content, '\n', &line)) {
		if (!split(line, fields)) {
			damaged = damaged || str_trim(line).n;
			continue;
		}
		if (str_eq(fields[NAME], STR("gpg-pubkey")))
			continue;
		struct package *p = packages_add(out, PACKAGE_RPM, n, manifest, a);
		p->name = fields[NAME];
		p->version = version_of(fields, a);
		p->architecture = fields[ARCH];
		rpm_read_source(p, fields[SOURCE_RPM], fields[VERSION], a);
	}
	if (damaged)
		*vec_push(&out->unread, a) = manifest;
}
