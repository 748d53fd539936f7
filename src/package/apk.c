/* apk's installed database (apk-tools, doc/apk-v2.5.scd): a block a package, a letter and a value
 * a line; the files stand in it as F:FOLDER before the R:FILEs that lie there. */
#include "package/formats.h"

static const struct str databases[] = {STR_INIT("/lib/apk/db/installed"),
                                       STR_INIT("/usr/lib/apk/db/installed")};
enum { DATABASES = sizeof databases / sizeof *databases };

/* The database's node; NULL where it is not there, or is the one before by another name: on a
 * merged /usr both are the same file. */
static const struct node *database(const struct tree *t, size_t i)
{
	const struct node *n = tree_find(t, databases[i]);
	return n && node_type(n) == ENTRY_FILE && (i == 0 || n != tree_find(t, databases[i - 1]))
	               ? n
	               : NULL;
}

/* Lines of "P:musl"; anything else has letter 0. */
static char letter_of(struct str line)
{
	return line.n >= 2 && line.p[1] == ':' ? line.p[0] : 0;
}

static void set_field(struct package *p, char letter, struct str value)
{
	switch (letter) {
	case 'P': p->name = value; break;
	case 'V': p->version = value; break;
	case 'A': p->architecture = value; break;
	case 'L': p->license = value; break;
	case 'o': p->source = value; break;
	}
}

static void finish(struct packages *out, const struct node *n, struct str path, struct package *p,
                   struct arena *a)
{
	if (p->name.n) {
		struct package *to = packages_add(out, PACKAGE_APK, n, path, a);
		p->type = PACKAGE_APK;
		p->path = to->path;
		p->layer = to->layer;
		if (!p->source.n)
			p->source = p->name;
		*to = *p;
	}
	*p = (struct package){0};
}

static void read_database(struct packages *out, const struct node *n, struct str path,
                          struct arena *a)
{
	struct str content, line;
	struct package p = {0};
	if (!node_kept(n, &content)) {
		*vec_push(&out->unread, a) = path;
		return;
	}
	while (str_next(&content, '\n', &line)) {
		if (line.n)
			set_field(&p, letter_of(line), str_trim(str_skip(line, 2)));
		else
			finish(out, n, path, &p, a);
	}
	finish(out, n, path, &p, a);
}

void apk_read(struct packages *out, const struct tree *t, struct arena *a)
{
	for (size_t i = 0; i < DATABASES; i++) {
		const struct node *n = database(t, i);
		if (n && node_size_bytes(n))
			read_database(out, n, databases[i], a);
	}
}

static bool database_files(struct str content, const struct map *names, package_visitor *visit,
                           void *context)
{
	struct str line;
	struct package_file f = {.type = PACKAGE_APK};
	bool wanted = false;
	while (str_next(&content, '\n', &line)) {
		struct str value = str_skip(line, 2);
		char letter = letter_of(line);
		if (letter == 'P') {
			f.package = value;
			f.folder = STR("");
			wanted = !names || map_find(names, value);
		} else if (letter == 'F') {
			f.folder = value;
		} else if (letter == 'R' && wanted && value.n) {
			f.name = value;
			if (!visit(&f, context))
				return false;
		}
	}
	return true;
}

bool apk_files(const struct tree *t, const struct map *names, package_visitor *visit,
               void *context)
{
	for (size_t i = 0; i < DATABASES; i++) {
		const struct node *n = database(t, i);
		struct str content;
		if (n && node_kept(n, &content) && !database_files(content, names, visit, context))
			return false;
	}
	return true;
}
