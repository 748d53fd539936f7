/* Any bytes, as each kind of record, as a gist, as a Go program's build information and as a Rust program's
 * list: all readers come to an end, and what they tell makes sound package URLs. */
#include <stdlib.h>

#include "package/purl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count(const struct package_file *f, void *context)
{
	if (!f->name.n)
		abort();
	++*(size_t *)context;
	return true;
}

static bool lay_out(struct facts *facts, struct str content, struct arena *a, struct err *e)
{
	static const char *const paths[] = {"etc/os-release", "var/lib/dpkg/status",
	                                    "var/lib/dpkg/info/one.list", "var/lib/dpkg/status.d/one",
	                                    "var/lib/dpkg/status.d/one.md5sums",
	                                    "lib/apk/db/installed", "opt/a.dist-info/METADATA",
	                                    "opt/a.dist-info/RECORD", "opt/b.egg-info", "opt/go",
	                                    "usr/share/doc/one/copyright",
	                                    "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages.db",
	                                    "var/lib/rpm/Packages",
	                                    "var/lib/rpmmanifest/container-manifest-2", "node_modules/a/package.json",
	                                    "package.json", "specifications/a-1.gemspec",
	                                    "composer/installed.json", "a.deps.json",
	                                    "conda-meta/a.json"};
	struct facts_builder *b = facts_builder_new(a);
	CLEANUP_BUF struct buf record = BUF_INIT(64u << 20);
	/* The first byte chooses whose gist it is. */
	static const char *const kinds[] = {"jar\t\n", "license\t", "program\tnode\t"};
	size_t kind = content.n ? (unsigned char)content.p[0] % (sizeof kinds / sizeof *kinds) : 0;
	struct str gist = arena_printf(a, "%s%.*s", kinds[kind], STR_ARG(content));
	struct elf_object elf = {.go_build_info = content, .cargo_audit = content};
	bool ok = true;
	for (size_t i = 0; ok && i < sizeof paths / sizeof *paths; i++) {
		struct entry entry = {.path = str_of(paths[i]),
		                      .type = ENTRY_FILE,
		                      .mode = 0644,
		                      .size_bytes = content.n};
		ok = facts_builder_add_gist(b, &entry, &elf, &content, &gist, e);
	}
	ok = ok && facts_builder_encode(b, STR(""), 0, &record, e);
	facts_builder_release(b);
	return ok && facts_open(facts, arena_str(a, buf_str(&record)), a, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct facts facts;
	struct tree t;
	struct packages p;
	size_t files = 0;
	if (!lay_out(&facts, (struct str){(const char *)data, size}, &a, &e))
		return 0;
	tree_init(&t, &a);
	if (!tree_add(&t, &facts, STR(""), &e))
		return 0;
	packages_read(&p, &t, &a);
	for (size_t i = 0; i < p.list.n; i++)
		if (!p.list.p[i].name.n || !str_starts(purl_of_package(&p.list.p[i], &p, &a), STR("pkg:")))
			abort();
	package_files(&t, NULL, count, &files);
	struct unowned u = packages_unowned(&t, &p);
	if (u.files > u.all_files || u.bytes > u.all_bytes)
		abort();
	return 0;
}
