/* The gist of a well-known program or library that may lie somewhere without any package's record:
 * a line "program", its name and its version between tabs, by what its bytes say of themselves.
 *
 * Only ELF files with one of the names below are searched, for the marker that such a file of any
 * distributor holds: a user agent, the text of --version, a copyright. The version is what stands
 * right behind the marker, and must have the shape that is told. */
#include "image/gist.h"

/* What a version looks like: numbers between dots, then perhaps more. */
enum shape {
	TWO = 2,   /* "16.1" */
	THREE = 3, /* "3.0.13" */
};

static const struct known {
	const char *file;   /* of the file's name; '*' at its end: whatever follows */
	const char *name;   /* of the package */
	const char *marker; /* what stands before the version */
	const char *behind; /* what the rest of the text begins with; "": anything */
	enum shape shape;   /* fewest numbers */
	bool numbers_alone; /* what follows them is the distributor's */
} known[] = {
	{"node", "node", "node.js/v", "", THREE, false},
	{"node", "node", "https://nodejs.org/download/release/v", "", THREE, false},
	{"busybox*", "busybox", "BusyBox v", " ", THREE, false},
	{"libcrypto.so*", "openssl", "OpenSSL ", " ", THREE, false},
	{"openssl", "openssl", "OpenSSL ", " ", THREE, false},
	{"nginx*", "nginx", "nginx/", "", THREE, false},
	{"httpd", "httpd", "Apache/", "", THREE, false},
	{"apache2", "httpd", "Apache/", "", THREE, false},
	{"postgres", "postgresql", "postgres (PostgreSQL) ", "", TWO, false},
	{"mysqld", "mysql", "/mysql-", "", THREE, false},
	{"php*", "php", "X-Powered-By: PHP/", "", THREE, false},
	{"libphp*.so*", "php", "X-Powered-By: PHP/", "", THREE, false},
	{"ruby*", "ruby", "ruby ", " (", THREE, true},
	{"libruby*", "ruby", "ruby ", " (", THREE, true},
	{"perl*", "perl", "/perl5/", "/", THREE, false},
	{"perl*", "perl", "/perl/", "", THREE, false},
	{"libperl.so*", "perl", "/perl5/", "/", THREE, false},
	{"libperl.so*", "perl", "/perl/", "", THREE, false},
	{"haproxy", "haproxy", " version ", ", released ", THREE, true},
	{"memcached", "memcached", "memcached ", "", THREE, false},
	{"curl", "curl", "curl ", " (", THREE, false},
	{"libcurl.so*", "curl", "libcurl/", "", THREE, false},
	{"libcurl-gnutls.so*", "curl", "libcurl/", "", THREE, false},
	{"git", "git", "git/", "", THREE, false},
	{"bash", "bash", "@(#)Bash version ", "", THREE, false},
	{"libz.so*", "zlib", "deflate ", " Copyright", TWO, false},
	{"deno", "deno", "Deno/", "", THREE, false},
	{"bun", "bun", "Bun/", "", THREE, false},
};
enum { KNOWN = sizeof known / sizeof *known };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool has_name(const struct known *k, struct str name)
{
	struct str file = str_of(k->file);
	size_t star = str_index(file, '*');
	if (star == file.n)
		return str_eq(file, name);
	struct str rest = str_skip(file, star + 1);
	return str_starts(name, str_slice(file, 0, star)) &&
	       (!rest.n || str_contains(str_skip(name, star), str_slice(rest, 0, str_index(rest, '*'))));
}

/* The version at the start of `text`: digits and dots, then letters, digits and "-._+~" without a
 * dot at the end. Empty where there are fewer numbers than `shape` wants. */
static struct str version_at(struct str text, enum shape shape)
{
	enum { MAX = 40 };
	size_t n = 0, numbers = 0;
	bool leading = true;
	for (; n < text.n && n < MAX; n++) {
		char c = text.p[n];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
		              c == '+' || c == '~';
		if (leading && is_digit(c) && (n == 0 || text.p[n - 1] == '.'))
			numbers++;
		leading = leading && (is_digit(c) || c == '.');
		if (!is_digit(c) && c != '.' && (n == 0 || !letter))
			break;
	}
	while (n && (text.p[n - 1] == '.' || text.p[n - 1] == '-'))
		n--;
	return numbers >= (size_t)shape ? str_slice(text, 0, n) : STR("");
}

/* "3.1.2" of "3.1.2p20". */
static struct str numbers_of(struct str version)
{
	size_t n = 0;
	while (n < version.n && (is_digit(version.p[n]) || version.p[n] == '.'))
		n++;
	return str_slice(version, 0, n);
}

/* ---- Versions that stand alone ---- */

/* Redis, src/release.c: the version right before host, time and commit of the build. Versions of its
 * commands stand around as well. */
enum { BUILD_BYTES = 17 /* a time and "00000000" */, BUILDS_MAX = 16 };

static bool is_build(struct str text)
{
	size_t n = 0;
	while (n < text.n && n < BUILD_BYTES && text.p[n] != '.' && text.p[n] > ' ' && text.p[n] < 0x7f)
		n++;
	return n == BUILD_BYTES;
}

/* Texts that have a version with a build behind it; where the one ends and the other begins, a host's
 * name of digits does not tell. */
static size_t find_builds(struct str bytes, struct str builds[BUILDS_MAX])
{
	size_t found = 0;
	for (size_t at = 0; at < bytes.n && found < BUILDS_MAX; at++) {
		struct str text = str_slice(bytes, at, at + 64);
		size_t one = str_index(text, '.'), two = one + 1 + str_index(str_skip(text, one + 1), '.');
		if (is_digit(bytes.p[at]) && two < text.n && version_at(text, THREE).n &&
		    is_build(str_skip(text, two + 1)))
			builds[found++] = text;
		at += str_index(str_skip(bytes, at), '\0');
	}
	return found;
}

static bool is_built(struct str version, const struct str *builds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_starts(builds[i], version) && is_build(str_skip(builds[i], version.n)))
			return true;
	return false;
}

/* What prints "%s" with a text of its own: the whole text, between two NULs, is the version. */
struct alone {
	const char *package;
	struct str begins;  /* of the version; empty: any digit */
	const char *ending; /* of the text, behind the version's numbers */
	bool built;         /* a build confirms it */
};

static struct str version_alone(const struct alone *k, struct str bytes)
{
	struct str builds[BUILDS_MAX];
	size_t count = k->built ? find_builds(bytes, builds) : 0;
	for (size_t at = 1; at < bytes.n; at++) {
		if (k->begins.n)
			at += str_find(str_skip(bytes, at), k->begins);
		else
			at += str_index(str_skip(bytes, at - 1), '\0');
		if (at >= bytes.n || bytes.p[at - 1] != '\0' || !is_digit(bytes.p[at]))
			continue;
		struct str text = str_slice(bytes, at, at + 64), version = version_at(text, THREE);
		text = str_slice(text, 0, str_index(text, '\0'));
		if (k->ending[0])
			version = numbers_of(version);
		if (version.n && str_starts(str_skip(text, version.n), str_of(k->ending)) &&
		    (k->ending[0] || version.n == text.n) && (!k->built || is_built(version, builds, count)))
			return version;
	}
	return STR("");
}

/* "3.12" of "python3.12" and of "libpython3.12.so.1.0"; empty where there is none. */
static struct str python_series(struct str name)
{
	size_t at = str_starts(name, STR("libpython")) ? 9 : str_starts(name, STR("python")) ? 6 : name.n;
	size_t n = at;
	while (n < name.n && (is_digit(name.p[n]) || (name.p[n] == '.' && n + 1 < name.n && is_digit(name.p[n + 1]))))
		n++;
	return str_slice(name, at, n);
}

static bool is_named(struct str name, const char *begins)
{
	return str_starts(name, str_of(begins));
}

/* What has its version alone, told by the file's name; package NULL: not of these. */
static struct alone alone_of(struct str name, char room[16])
{
	struct alone k = {NULL, STR(""), "", false};
	struct str series = python_series(name);
	if (series.n > 2 && series.n < 12) {
		memcpy(room, series.p, series.n);
		room[series.n] = '.';
		k.package = "python";
		k.begins = (struct str){room, series.n + 1}; /* "3.12." */
	} else if (is_named(name, "libsqlite3.so") || is_named(name, "sqlite3")) {
		k.package = "sqlite";
		k.begins = STR("3.");
	} else if (is_named(name, "mariadbd") || is_named(name, "mysqld")) {
		k.package = "mariadb";
		k.ending = "-MariaDB";
	} else if (is_named(name, "redis-server") || is_named(name, "redis-check-")) {
		k.package = "redis";
		k.built = true;
	}
	return k;
}

/* ---- A file ---- */

bool gist_is_program_name(struct str path)
{
	char room[16];
	struct str name = str_basename(path);
	for (size_t i = 0; i < KNOWN; i++)
		if (has_name(&known[i], name))
			return true;
	return alone_of(name, room).package != NULL;
}

static struct str behind_marker(const struct known *k, struct str bytes)
{
	struct str marker = str_of(k->marker);
	for (size_t at = 0; at < bytes.n;) {
		at += str_find(str_skip(bytes, at), marker);
		struct str text = str_skip(bytes, at + marker.n), version = version_at(text, k->shape);
		if (version.n && str_starts(str_skip(text, version.n), str_of(k->behind)))
			return k->numbers_alone ? numbers_of(version) : version;
		at += marker.n;
	}
	return STR("");
}

static bool put(struct str name, struct str version, struct buf *text, struct err *e)
{
	const struct str fields[] = {STR("program"), name, version};
	return gist_line(text, fields, 3, e);
}

bool gist_program(struct str path, struct str whole, struct buf *text, struct err *e)
{
	struct str name = str_basename(path), version;
	char room[16];
	for (size_t i = 0; i < KNOWN; i++)
		if (has_name(&known[i], name) && (version = behind_marker(&known[i], whole)).n)
			return put(str_of(known[i].name), version, text, e);
	struct alone k = alone_of(name, room);
	if (!k.package || !(version = version_alone(&k, whole)).n)
		return true;
	return put(str_of(k.package), version, text, e);
}
