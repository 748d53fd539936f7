/* dpkg's records: /var/lib/dpkg/status and info/NAME.list, and what Distroless images have in
 * their place: status.d/NAME, a paragraph a file, and status.d/NAME.md5sums. */
#include "package/formats.h"

static const struct str status = STR_INIT("/var/lib/dpkg/status");
static const struct str lists = STR_INIT("/var/lib/dpkg/info");
static const struct str status_folder = STR_INIT("/var/lib/dpkg/status.d");
static const struct str list = STR_INIT(".list");
static const struct str md5sums = STR_INIT(".md5sums");

/* ---- Paragraphs (deb822(5)) ---- */

/* The third word of "install ok installed" (dpkg(1)). A package whose configuration alone is
 * left is not there; one that was cut short is, as far as its files go. */
static bool has_files(struct str value)
{
	struct str word = str_skip(value, str_rindex(value, ' ') + 1);
	return !str_eq(word, STR("config-files")) && !str_eq(word, STR("not-installed"));
}

/* "glibc" or "glibc (2.36-9)": the version where it is not the package's own. */
static void read_source(struct package *p, struct str value)
{
	size_t open = str_index(value, '(');
	struct str version = str_skip(value, open + 1);
	p->source = str_trim(str_slice(value, 0, open));
	p->source_version = str_trim(str_slice(version, 0, str_index(version, ')')));
}

/* Takes one paragraph off the front of *text; false where nothing is left. */
static bool next_paragraph(struct str *text, struct package *p, bool *installed)
{
	struct str line, value;
	bool any = false;
	*p = (struct package){.type = PACKAGE_DEB};
	*installed = true;
	while (str_next(text, '\n', &line)) {
		if (!str_trim(line).n && any)
			return true;
		any = any || str_trim(line).n > 0;
		if (record_field(line, "Package", &value))
			p->name = value;
		else if (record_field(line, "Version", &value))
			p->version = value;
		else if (record_field(line, "Architecture", &value))
			p->architecture = value;
		else if (record_field(line, "Source", &value))
			read_source(p, value);
		else if (record_field(line, "Status", &value))
			*installed = has_files(value);
	}
	return any;
}

static void read_paragraphs(struct packages *out, const struct node *n, struct str path,
                            struct arena *a)
{
	struct str content;
	struct package p;
	bool installed;
	if (!node_kept(n, &content)) {
		*vec_push(&out->unread, a) = path;
		return;
	}
	while (next_paragraph(&content, &p, &installed)) {
		if (!p.name.n || !installed)
			continue;
		struct package *to = packages_add(out, PACKAGE_DEB, n, path, a);
		p.path = to->path;
		p.layer = to->layer;
		if (!p.source.n)
			p.source = p.name;
		*to = p;
	}
}

/* Debian Policy, 12.5: /usr/share/doc/PACKAGE/copyright, or the folder is a link to another's. */
static void read_licenses(struct packages *out, size_t from, const struct tree *t, struct arena *a)
{
	for (size_t i = from; i < out->list.n; i++) {
		struct package *p = &out->list.p[i];
		struct str path = arena_printf(a, "/usr/share/doc/%.*s/copyright", STR_ARG(p->name)), gist;
		const struct node *n = tree_find(t, path);
		if (n && node_gist(n, &gist))
			p->license = license_of_debian(gist, a);
	}
}

void dpkg_read(struct packages *out, const struct tree *t, struct arena *a)
{
	size_t from = out->list.n;
	const struct node *n = tree_find(t, status);
	if (n && node_type(n) == ENTRY_FILE && node_size_bytes(n))
		read_paragraphs(out, n, status, a);
	const struct node *d = tree_find(t, status_folder);
	for (n = d ? d->child : NULL; n; n = n->next)
		if (node_type(n) == ENTRY_FILE && !str_ends(n->name, md5sums))
			read_paragraphs(out, n, tree_path(n, a), a);
	read_licenses(out, from, t, a);
}

/* ---- Files ---- */

static bool tell(struct str package, struct str path, package_visitor *visit, void *context)
{
	path = str_starts(path, STR("/")) ? str_skip(path, 1) : path;
	struct package_file f = {.type = PACKAGE_DEB,
	                         .package = package,
	                         .folder = str_dirname(path),
	                         .name = str_basename(path)};
	return !f.name.n || visit(&f, context);
}

/* info/NAME[:ARCHITECTURE].list: a path a line. */
static bool list_files(struct str package, struct str content, package_visitor *visit,
                       void *context)
{
	struct str line;
	while (str_next(&content, '\n', &line))
		if (!tell(package, line, visit, context))
			return false;
	return true;
}

/* NAME.md5sums: "<digest>  usr/lib/…", md5sum(1)'s form. */
static bool md5sums_files(struct str package, struct str content, package_visitor *visit,
                          void *context)
{
	struct str line;
	while (str_next(&content, '\n', &line))
		if (!tell(package, str_skip(line, str_find(line, STR("  ")) + 2), visit, context))
			return false;
	return true;
}

/* The files of a folder that end in `ending`, each named for its package. */
static bool folder_files(const struct tree *t, struct str folder, struct str ending,
                         const struct map *names,
                         bool (*read)(struct str, struct str, package_visitor *, void *),
                         package_visitor *visit, void *context)
{
	const struct node *d = tree_find(t, folder);
	for (const struct node *n = d ? d->child : NULL; n; n = n->next) {
		struct str content;
		if (!str_ends(n->name, ending))
			continue;
		struct str package = str_slice(n->name, 0, n->name.n - ending.n);
		package = str_slice(package, 0, str_index(package, ':'));
		if ((names && !map_find(names, package)) || !node_kept(n, &content))
			continue;
		if (!read(package, content, visit, context))
			return false;
	}
	return true;
}

bool dpkg_files(const struct tree *t, const struct map *names, package_visitor *visit,
                void *context)
{
	return folder_files(t, lists, list, names, list_files, visit, context) &&
	       folder_files(t, status_folder, md5sums, names, md5sums_files, visit, context);
}
