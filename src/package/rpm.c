/* What RPM installed. Its database has three formats, and one of three places; tools and hosts of
 * another age leave a second beside it, mostly empty. In one folder the first that holds packages
 * counts, the newest format first. */
#include "core/limits.h"
#include "package/rpm_parts.h"

static const struct str folders[] = {
	STR_INIT("/usr/lib/sysimage/rpm"), /* Fedora from 36, SUSE */
	STR_INIT("/var/lib/rpm"),
	STR_INIT("/usr/share/rpm"), /* ostree */
};

static bool read_sqlite(struct rpm_reading *r, const struct tree *t, const struct node *n,
                        struct str database);
static bool read_ndb(struct rpm_reading *r, const struct tree *t, const struct node *n,
                     struct str database);
static bool read_bdb(struct rpm_reading *r, const struct tree *t, const struct node *n,
                     struct str database);

static const struct format {
	struct str name;
	bool (*read)(struct rpm_reading *r, const struct tree *t, const struct node *n,
	             struct str database);
} formats[] = {
	{STR_INIT("rpmdb.sqlite"), read_sqlite},
	{STR_INIT("Packages.db"), read_ndb},
	{STR_INIT("Packages"), read_bdb},
};
enum { FOLDERS = sizeof folders / sizeof *folders, FORMATS = sizeof formats / sizeof *formats };

/* ---- Formats ---- */

/* The file that stands beside `n` and has its name with `ending`; NULL where it is not there or
 * empty. */
static const struct node *beside(const struct tree *t, const struct node *n, const char *ending,
                                 struct arena *a)
{
	struct str name = arena_printf(a, "%.*s%s", STR_ARG(n->name), ending);
	const struct node *other = tree_child(t, n->parent, name);
	return other && node_type(other) == ENTRY_FILE && node_size_bytes(other) ? other : NULL;
}

/* A rollback journal is there only while somebody writes, or after he was killed: what lies in the
 * database is half of something. */
static bool read_sqlite(struct rpm_reading *r, const struct tree *t, const struct node *n,
                        struct str database)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str log = STR("");
	const struct node *wal = beside(t, n, "-wal", &scratch);
	if ((wal && !node_kept(wal, &log)) || beside(t, n, "-journal", &scratch))
		r->damaged = true;
	return rpm_sqlite_read(r, database, log);
}

static bool read_ndb(struct rpm_reading *r, const struct tree *t, const struct node *n,
                     struct str database)
{
	(void)t, (void)n;
	return rpm_ndb_read(r, database);
}

static bool read_bdb(struct rpm_reading *r, const struct tree *t, const struct node *n,
                     struct str database)
{
	(void)t, (void)n;
	return rpm_bdb_read(r, database);
}

/* ---- Databases ---- */

struct walk {
	const struct tree *tree;
	bool (*visit)(struct walk *w, const struct rpm_header *h, struct str name);
	struct rpm_reading *reading;

	/* For packages. */
	struct packages *out;
	struct arena *arena;
	const struct node *database;
	struct str path; /* of the database */

	/* For files. */
	const struct map *names;
	package_visitor *tell;
	void *context;

	size_t headers;
	const struct node *seen[FOLDERS * FORMATS]; /* folders are often links to one another */
	size_t seen_count;
};

/* Keys of repositories that rpm was told to trust stand among the packages, and are none. */
static bool is_key(struct str name)
{
	return str_eq(name, STR("gpg-pubkey"));
}

static bool visit_header(struct str blob, void *context)
{
	struct walk *w = context;
	struct rpm_header h;
	struct str name;
	if (!rpm_header_open(&h, blob) || !rpm_header_string(&h, RPM_NAME, &name) || !name.n) {
		w->reading->damaged = true;
		return true;
	}
	w->headers++;
	return is_key(name) || w->visit(w, &h, name);
}

/* False where a visitor ended it. */
static bool read_database(struct walk *w, const struct format *format, const struct node *n)
{
	struct rpm_reading reading = {
		.visit = visit_header, .context = w, .blob = BUF_INIT(LIMIT_KEPT_DATABASE_BYTES)};
	struct str content;
	bool all = true;
	w->reading = &reading;
	w->database = n;
	w->path = w->out ? tree_path(n, w->arena) : STR("");
	if (node_kept(n, &content))
		all = format->read(&reading, w->tree, n, content);
	else
		reading.damaged = true;
	buf_release(&reading.blob);
	if (reading.damaged && w->out)
		*vec_push(&w->out->unread, w->arena) = w->path;
	return all;
}

static bool was_seen(struct walk *w, const struct node *n)
{
	for (size_t i = 0; i < w->seen_count; i++)
		if (w->seen[i] == n)
			return true;
	w->seen[w->seen_count++] = n;
	return false;
}

static bool read_folder(struct walk *w, const struct node *folder)
{
	w->headers = 0;
	for (size_t i = 0; i < FORMATS && !w->headers; i++) {
		struct node *n;
		if (tree_lookup(w->tree, folder, formats[i].name, true, &n) != TREE_FOUND ||
		    node_type(n) != ENTRY_FILE || !node_size_bytes(n) || was_seen(w, n->same))
			continue;
		if (!read_database(w, &formats[i], n))
			return false;
	}
	return true;
}

static bool read_databases(struct walk *w)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		const struct node *folder = tree_find(w->tree, folders[i]);
		if (folder && node_type(folder) == ENTRY_DIR && !read_folder(w, folder))
			return false;
	}
	return true;
}

/* ---- Packages ---- */

/* rpm-version(7): "[epoch:]version-release". */
static void read_version(struct package *p, const struct rpm_header *h, struct str version,
                         struct arena *a)
{
	uint32_t epoch;
	bool has_epoch;
	if (rpm_header_number(h, RPM_EPOCH, &epoch, &has_epoch) && has_epoch)
		version = arena_printf(a, "%u:%.*s", epoch, STR_ARG(version));
	p->version = version;
}

static bool add_package(struct walk *w, const struct rpm_header *h, struct str name)
{
	struct arena *a = w->arena;
	struct str version, release, architecture, license, module, source;
	if (!rpm_header_string(h, RPM_VERSION, &version) ||
	    !rpm_header_string(h, RPM_RELEASE, &release) ||
	    !rpm_header_string(h, RPM_ARCH, &architecture) ||
	    !rpm_header_string(h, RPM_LICENSE, &license) ||
	    !rpm_header_string(h, RPM_MODULARITY_LABEL, &module) ||
	    !rpm_header_string(h, RPM_SOURCE_RPM, &source) || !version.n) {
		w->reading->damaged = true;
		return true;
	}
	struct package *p = packages_add(w->out, PACKAGE_RPM, w->database, w->path, a);
	p->name = arena_str(a, name);
	p->architecture = arena_str(a, architecture);
	p->license = arena_str(a, license);
	p->module = arena_str(a, module);
	struct str whole = arena_printf(a, "%.*s%s%.*s", STR_ARG(version), release.n ? "-" : "",
	                                STR_ARG(release));
	read_version(p, h, whole, a);
	rpm_read_source(p, source, whole, a);
	return true;
}

void rpm_read(struct packages *out, const struct tree *t, struct arena *a)
{
	struct walk w = {.tree = t, .visit = add_package, .out = out, .arena = a};
	size_t before = out->list.n;
	read_databases(&w);
	if (out->list.n == before)
		rpm_manifest_read(out, t, a);
}

/* ---- Files ---- */

static struct str without_slashes(struct str folder)
{
	while (str_starts(folder, STR("/")))
		folder = str_skip(folder, 1);
	while (str_ends(folder, STR("/")))
		folder.n--;
	return folder;
}

/* "/usr/bin/env", a path a file. */
static bool tell_old_files(struct walk *w, const struct rpm_header *h, struct package_file *f)
{
	struct rpm_entry paths = rpm_header_entry(h, RPM_OLD_FILE_NAMES);
	struct bytes rest;
	struct str path;
	if (!rpm_header_strings(h, paths, &rest))
		return true;
	for (uint32_t i = 0; i < paths.count && rpm_next_string(&rest, &path); i++) {
		f->folder = without_slashes(str_dirname(path));
		f->name = str_basename(path);
		if (f->name.n && !w->tell(f, w->context))
			return false;
	}
	return true;
}

/* Each name has the number of its folder. */
static bool tell_files(struct walk *w, const struct rpm_header *h, struct package_file *f,
                       struct arena *scratch)
{
	struct rpm_entry names = rpm_header_entry(h, RPM_BASE_NAMES);
	struct rpm_entry dirs = rpm_header_entry(h, RPM_DIR_NAMES);
	struct rpm_entry numbers = rpm_header_entry(h, RPM_DIR_INDEXES);
	struct bytes rest, of_dirs, data = h->data;
	struct str_vec folders_of = {0};
	if (!rpm_header_strings(h, names, &rest) || !rpm_header_strings(h, dirs, &of_dirs))
		return true;
	struct str text;
	for (uint32_t i = 0; i < dirs.count && rpm_next_string(&of_dirs, &text); i++)
		*vec_push(&folders_of, scratch) = without_slashes(text);
	for (uint32_t i = 0; i < names.count && rpm_next_string(&rest, &f->name); i++) {
		uint32_t number = bytes_u32(&data, numbers.offset + (uint64_t)i * 4);
		if (data.bad || number >= folders_of.n)
			return true;
		f->folder = folders_of.p[number];
		if (f->name.n && !w->tell(f, w->context))
			return false;
	}
	return true;
}

static bool tell_package(struct walk *w, const struct rpm_header *h, struct str name)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct package_file f = {.type = PACKAGE_RPM, .package = name};
	if (w->names && !map_find(w->names, name))
		return true;
	return tell_files(w, h, &f, &scratch) && tell_old_files(w, h, &f);
}

bool rpm_files(const struct tree *t, const struct map *names, package_visitor *visit,
               void *context)
{
	struct walk w = {
		.tree = t, .visit = tell_package, .names = names, .tell = visit, .context = context};
	return read_databases(&w);
}
