/* The gist of a Java archive and of those inside it: what they say of themselves, a line each,
 * fields between tabs.
 *
 *     jar	PATH                          a new archive: "", or "BOOT-INF/lib/a.jar!/lib/b.jar"
 *     pom	GROUP	ARTIFACT	VERSION       of a pom.properties (Maven's archiver writes them)
 *     field	NAME	VALUE                 of the manifest's main section
 *     class	NUMBER                        the highest class file version seen: 61 is Java 17
 *     broken	WHY                           it could not be read to its end
 *
 * An archive's own lines stand before those inside it. Everything is bounded: levels, entries, and
 * the bytes that are unpacked, in all of it together. Nested archives that were deflated are
 * unpacked into memory while they are small, else into a file without a name. */
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "core/limits.h"
#include "image/gist.h"
#include "image/zip.h"
#include "os/file.h"
#include "os/temp.h"

struct walk {
	struct buf *text;
	struct zip_unpacker *unpacker;
	uint64_t bytes_left; /* that may still be unpacked */
	size_t entries_left, classes_left;
};

bool gist_is_archive_name(struct str path)
{
	static const struct str endings[] = {
		STR_INIT(".jar"), STR_INIT(".war"), STR_INIT(".ear"), STR_INIT(".jpi"), STR_INIT(".hpi"),
		STR_INIT(".sar"), STR_INIT(".par"), STR_INIT(".rar"), STR_INIT(".nar"), STR_INIT(".kar"),
	};
	struct str ending = str_skip(path, path.n < 4 ? path.n : path.n - 4);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (ending.n == 4 && strncasecmp(ending.p, endings[i].p, 4) == 0)
			return true;
	return false;
}

static bool put(struct walk *w, const char *kind, struct str one, struct str two, struct err *e)
{
	const struct str fields[] = {str_of(kind), one, two};
	return gist_line(w->text, fields, two.n ? 3 : 2, e);
}

/* The end of an archive that cannot be read; of the machine's failures nobody tells here. */
static bool broken(struct walk *w, const struct err *why, struct err *e)
{
	return put(w, "broken", str_of(why->message), STR(""), e);
}

/* ---- Small files in an archive ---- */

static bool into_buffer(struct str piece, void *context, struct err *e)
{
	return buf_append(context, piece.p, piece.n, e);
}

/* The first bytes of an entry; false where it is damaged, which says so in the text. */
static bool head_of(struct walk *w, const struct zip *z, const struct zip_entry *entry,
                    uint64_t max_bytes, struct buf *head, struct err *e)
{
	bool whole;
	if (max_bytes > w->bytes_left)
		return err_set(e, ERR_LIMIT, "it unpacks to more than socle looks into");
	if (!zip_unpack(w->unpacker, z, entry, max_bytes, &whole, into_buffer, head, e))
		return false;
	w->bytes_left -= head->n;
	return true;
}

/* java.util.Properties, as far as Maven's coordinates need it: "KEY=VALUE", "KEY: VALUE". */
static struct str property(struct str text, struct str key)
{
	struct str line;
	while (str_next(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_starts(line, key))
			continue;
		struct str rest = str_trim(str_skip(line, key.n));
		if (rest.n && (rest.p[0] == '=' || rest.p[0] == ':'))
			return str_trim(str_skip(rest, 1));
	}
	return STR("");
}

static bool put_pom(struct walk *w, struct str text, struct err *e)
{
	const struct str fields[] = {STR("pom"), property(text, STR("groupId")),
	                             property(text, STR("artifactId")), property(text, STR("version"))};
	return !fields[2].n || gist_line(w->text, fields, 4, e);
}

static bool is_told(struct str name)
{
	static const char *const names[] = {
		"Implementation-Title", "Implementation-Version", "Implementation-Vendor-Id",
		"Specification-Title",  "Specification-Version",  "Bundle-SymbolicName",
		"Bundle-Version",       "Automatic-Module-Name",  "Extension-Name",
		"Short-Name",           "Group-Id",               "Plugin-Version",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0)
			return true;
	return false;
}

/* The JAR file specification: "Name: value", a line that begins with a blank goes on; the main
 * section ends with the first empty line. */
static bool put_manifest(struct walk *w, struct str text, struct err *e)
{
	CLEANUP_BUF struct buf value = BUF_INIT(LIMIT_ARCHIVE_TEXT_BYTES);
	struct str line, name = STR("");
	bool more = true;
	while (more) {
		more = str_next(&text, '\n', &line);
		line = more && line.n && line.p[line.n - 1] == '\r' ? str_slice(line, 0, line.n - 1) : line;
		bool goes_on = more && line.n && line.p[0] == ' ';
		if (goes_on && !buf_append(&value, line.p + 1, line.n - 1, e))
			return false;
		if (goes_on)
			continue;
		if (is_told(name) && !put(w, "field", name, str_trim(buf_str(&value)), e))
			return false;
		size_t colon = more ? str_index(line, ':') : line.n;
		name = str_slice(line, 0, colon);
		value.n = 0;
		more = more && colon < line.n;
		if (more && !buf_append(&value, line.p + colon + 1, line.n - colon - 1, e))
			return false;
	}
	return true;
}

/* JVM specification, 4.1: magic, then minor and major version, big-endian. */
static unsigned class_version(struct walk *w, const struct zip *z, const struct zip_entry *entry)
{
	enum { HEAD = 8, MAGIC = 0xcafebabe };
	CLEANUP_BUF struct buf head = BUF_INIT(HEAD);
	struct err ignored = ERR_INIT;
	w->classes_left--;
	if (!head_of(w, z, entry, HEAD, &head, &ignored) || head.n < HEAD)
		return 0;
	struct bytes b = bytes_of(head.p, head.n);
	b.big_endian = true;
	return bytes_u32(&b, 0) == (uint32_t)MAGIC ? bytes_u16(&b, 6) : 0;
}

/* Versions of a class for newer runtimes lie in META-INF/versions; older ones never load them, nor
 * a module's description. */
static bool is_class(struct str name)
{
	return str_ends(name, STR(".class")) && !str_starts(name, STR("META-INF/")) &&
	       !str_eq(str_basename(name), STR("module-info.class"));
}

static bool put_file(struct walk *w, const struct zip *z, const struct zip_entry *entry,
                     struct err *e)
{
	bool pom = str_starts(entry->name, STR("META-INF/maven/")) &&
	           str_eq(str_basename(entry->name), STR("pom.properties"));
	bool manifest = entry->name.n == sizeof "META-INF/MANIFEST.MF" - 1 &&
	                strncasecmp(entry->name.p, "META-INF/MANIFEST.MF", entry->name.n) == 0;
	if (!pom && !manifest)
		return true;
	CLEANUP_BUF struct buf head = BUF_INIT(LIMIT_ARCHIVE_TEXT_BYTES);
	struct err why = ERR_INIT;
	if (!head_of(w, z, entry, LIMIT_ARCHIVE_TEXT_BYTES, &head, &why))
		return broken(w, &why, e);
	return pom ? put_pom(w, buf_str(&head), e) : put_manifest(w, buf_str(&head), e);
}

/* ---- An archive ---- */

/* True where there is another entry, false at the end: the archive's, or that of what may be read. */
static bool next_entry(struct walk *w, const struct zip *z, uint64_t *at, struct zip_entry *entry,
                       struct err *why)
{
	if (w->entries_left == 0)
		return err_set(why, ERR_LIMIT, "it has more than %u entries", LIMIT_ARCHIVE_ENTRIES);
	bool more = zip_next(z, at, entry, why);
	w->entries_left -= more;
	return more;
}

static bool put_own(struct walk *w, const struct zip *z, struct err *e)
{
	struct zip_entry entry;
	struct err why = ERR_INIT;
	unsigned highest = 0;
	for (uint64_t at = z->directory; next_entry(w, z, &at, &entry, &why);) {
		if (!put_file(w, z, &entry, e))
			return false;
		if (w->classes_left && is_class(entry.name)) {
			unsigned version = class_version(w, z, &entry);
			highest = version > highest ? version : highest;
		}
	}
	char number[16];
	int n = snprintf(number, sizeof number, "%u", highest);
	if (highest && !put(w, "class", (struct str){number, (size_t)n}, STR(""), e))
		return false;
	return why.code == ERR_NONE || broken(w, &why, e);
}

static bool put_archive(struct walk *w, struct str bytes, struct str path, unsigned depth,
                        struct err *e);

static bool into_file(struct str piece, void *context, struct err *e)
{
	return fd_write_all(*(int *)context, piece.p, piece.n, e);
}

enum { MEMORY_MAX = 4 << 20 };

/* Unpacks a nested archive and puts it. A failure to unpack is told in the text. */
static bool put_unpacked(struct walk *w, const struct zip *z, const struct zip_entry *entry,
                         struct str path, unsigned depth, struct err *e)
{
	CLEANUP_BUF struct buf memory = BUF_INIT(MEMORY_MAX);
	CLEANUP_MAPPING struct mapping mapping = {NULL, 0};
	CLEANUP_FD int fd = -1;
	bool small = entry->size_bytes <= MEMORY_MAX, whole = false;
	struct err why = ERR_INIT;
	if (!small && (fd = temp_file(e)) < 0)
		return false;
	bool ok = zip_unpack(w->unpacker, z, entry, entry->size_bytes + 1, &whole,
	                     small ? into_buffer : into_file, small ? (void *)&memory : (void *)&fd,
	                     &why);
	if (why.code == ERR_IO) {
		*e = why;
		return false;
	}
	off_t size = small ? (off_t)memory.n : lseek(fd, 0, SEEK_END);
	if (ok && (uint64_t)size != entry->size_bytes)
		ok = err_set(&why, ERR_INPUT, "it unpacks to another size than its directory says");
	if (!ok)
		return put(w, "jar", path, STR(""), e) && broken(w, &why, e);
	if (!small && !mapping_open(&mapping, fd, (size_t)size, e))
		return false;
	CLEANUP_TRIMMER struct trimmer *trimmer = small ? NULL : trimmer_start(&mapping);
	return put_archive(w, small ? buf_str(&memory) : mapping_str(&mapping), path, depth, e);
}

/* A nested archive counts as unpacked also where it was only stored: archives may overlap. */
static bool put_nested(struct walk *w, const struct zip *z, const struct zip_entry *entry,
                       struct str path, unsigned depth, struct err *e)
{
	struct err why = ERR_INIT;
	struct str packed;
	if (depth > LIMIT_ARCHIVE_DEPTH)
		err_set(&why, ERR_LIMIT, "archives in one another, more than %u", LIMIT_ARCHIVE_DEPTH);
	else if (entry->size_bytes > w->bytes_left)
		err_set(&why, ERR_LIMIT, "it unpacks to more than socle looks into");
	else
		w->bytes_left -= entry->size_bytes;
	bool stored = entry->method == ZIP_STORED && !entry->encrypted;
	if (why.code == ERR_NONE && !stored)
		return put_unpacked(w, z, entry, path, depth, e);
	if (why.code != ERR_NONE || !zip_packed(z, entry, &packed, &why))
		return put(w, "jar", path, STR(""), e) && broken(w, &why, e);
	return put_archive(w, packed, path, depth, e);
}

static bool put_all_nested(struct walk *w, const struct zip *z, struct str path, unsigned depth,
                           struct err *e)
{
	struct zip_entry entry;
	struct err told = ERR_INIT; /* by put_own() */
	for (uint64_t at = z->directory; next_entry(w, z, &at, &entry, &told);) {
		if (!gist_is_archive_name(entry.name) || entry.size_bytes == 0)
			continue;
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str inner = entry.name;
		if (path.n)
			inner = arena_printf(&a, "%.*s!/%.*s", STR_ARG(path), STR_ARG(inner));
		if (!put_nested(w, z, &entry, inner, depth + 1, e))
			return false;
	}
	return true;
}

/* ".rar" is the ending of other archives as well, and the rarer ones may be anything. */
static bool is_something_else(struct str bytes, struct str path)
{
	static const struct str certain[] = {STR_INIT("jar"), STR_INIT("war"), STR_INIT("ear"),
	                                     STR_INIT("jpi"), STR_INIT("hpi")};
	struct str ending = str_skip(path, str_rindex(path, '.') + 1);
	for (size_t i = 0; i < sizeof certain / sizeof *certain; i++)
		if (ending.n == 3 && strncasecmp(ending.p, certain[i].p, 3) == 0)
			return false;
	return path.n && !zip_is(bytes);
}

static bool put_archive(struct walk *w, struct str bytes, struct str path, unsigned depth,
                        struct err *e)
{
	struct zip z;
	struct err why = ERR_INIT;
	if (is_something_else(bytes, path))
		return true;
	if (!put(w, "jar", path, STR(""), e))
		return false;
	if (!zip_open(&z, bytes, &why))
		return broken(w, &why, e);
	return put_own(w, &z, e) && put_all_nested(w, &z, path, depth, e);
}

bool gist_archive(struct str whole, struct buf *text, struct err *e)
{
	CLEANUP_UNPACKER struct zip_unpacker *unpacker = zip_unpacker_new();
	struct walk w = {.text = text,
	                 .unpacker = unpacker,
	                 .bytes_left = LIMIT_ARCHIVE_UNPACKED_BYTES + LIMIT_ARCHIVE_RATIO * whole.n,
	                 .entries_left = LIMIT_ARCHIVE_ENTRIES,
	                 .classes_left = LIMIT_ARCHIVE_CLASSES};
	return put_archive(&w, whole, STR(""), 1, e);
}
