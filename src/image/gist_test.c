/* Gists: what is made of Java archives, whole, damaged and hostile. */
#include <zlib.h>

#include "image/gist.h"
#include "image/testing.h"
#include "image/zip.h"

/* ---- Zips, byte by byte ---- */

struct made_entry {
	const char *name;
	struct str content;
	bool deflated;
};

static void put_number(struct buf *b, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++) {
		uint8_t byte = i < sizeof v ? (uint8_t)(v >> (8 * i)) : 0;
		test_append(b, &byte, 1);
	}
}

static struct str deflated(struct str content, struct arena *a)
{
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
	uLong room = deflateBound(&z, content.n);
	Bytef *p = arena_alloc(a, room);
	z.next_in = (Bytef *)(uintptr_t)content.p;
	z.avail_in = (uInt)content.n;
	z.next_out = p;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return (struct str){(const char *)p, room - z.avail_out};
}

/* The fields that local and central headers share. */
static void put_common(struct buf *b, const struct made_entry *e, struct str packed)
{
	put_number(b, 20, 2);
	put_number(b, 0, 2);
	put_number(b, e->deflated ? 8 : 0, 2);
	put_number(b, 0, 8); /* time, CRC: nobody asks */
	put_number(b, packed.n, 4);
	put_number(b, e->content.n, 4);
	put_number(b, strlen(e->name), 2);
	put_number(b, 0, 2);
}

/* Entries end with one without a name. */
static struct str zip_of(const struct made_entry *entries, struct arena *a)
{
	CLEANUP_BUF struct buf b = TEST_BUF, directory = TEST_BUF;
	size_t n = 0;
	for (const struct made_entry *e = entries; e->name; e++, n++) {
		struct str packed = e->deflated ? deflated(e->content, a) : e->content;
		size_t at = b.n;
		put_number(&b, 0x04034b50, 4);
		put_common(&b, e, packed);
		test_append(&b, e->name, strlen(e->name));
		test_append(&b, packed.p, packed.n);
		put_number(&directory, 0x02014b50, 4);
		put_number(&directory, 20, 2);
		put_common(&directory, e, packed);
		put_number(&directory, 0, 10);
		put_number(&directory, at, 4);
		test_append(&directory, e->name, strlen(e->name));
	}
	size_t at = b.n;
	test_append(&b, directory.p, directory.n);
	put_number(&b, 0x06054b50, 4);
	put_number(&b, 0, 4);
	put_number(&b, n, 2);
	put_number(&b, n, 2);
	put_number(&b, directory.n, 4);
	put_number(&b, at, 4);
	put_number(&b, 0, 2);
	buf_release(&directory);
	return arena_str(a, buf_str(&b));
}

static struct str gist_of(struct str bytes, struct arena *a)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LIMIT_GIST_BYTES);
	struct err e = ERR_INIT;
	if (!gist_make(GIST_ARCHIVE, STR("a.jar"), bytes, &text, &e))
		fail_msg("%s", e.message);
	return arena_str(a, buf_str(&text));
}

static void assert_gist(struct str bytes, const char *wanted, struct arena *a)
{
	assert_string_equal(arena_cstr(a, gist_of(bytes, a)), wanted);
}

/* ---- What is told ---- */

#define POM "META-INF/maven/org.a/b/pom.properties"
#define CLASS_21 "\xca\xfe\xba\xbe\0\0\0\x41 and so on"

static struct str library(struct arena *a)
{
	const struct made_entry entries[] = {
		{"META-INF/MANIFEST.MF",
		 STR("Manifest-Version: 1.0\r\nImplementation-Title: A\r\nBundle-SymbolicName: org.a.b;sin\r\n"
		     " gleton:=true\r\nimplementation-version: 1.0\r\n\r\nName: x\r\nImplementation-Title: no\r\n"),
		 true},
		{POM, STR("#Created\nversion=1.0\ngroupId = org.a\n artifactId: b\n"), true},
		{"org/a/B.class", STR(CLASS_21), true},
		{"org/a/C.class", STR("\xca\xfe\xba\xbe\0\0\0\x34"), false},
		{"META-INF/versions/99/org/a/B.class", STR("\xca\xfe\xba\xbe\0\0\0\x63"), false},
		{"README", STR("groupId=no"), true},
		{0}};
	return zip_of(entries, a);
}

#define LIBRARY_LINES                                                                              \
	"field\tImplementation-Title\tA\nfield\tBundle-SymbolicName\torg.a.b;singleton:=true\n"    \
	"field\timplementation-version\t1.0\npom\torg.a\tb\t1.0\nclass\t65\n"

static void archives_say_what_they_are(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str jar = library(&a);
	assert_gist(jar, "jar\t\n" LIBRARY_LINES, &a);

	/* Behind a script, as executable jars stand. */
	struct str prefixed = arena_printf(&a, "#!/bin/sh\nexec java -jar \"$0\"\n%*s", (int)jar.n, "");
	char *p = arena_cstr(&a, prefixed);
	memcpy(p + prefixed.n - jar.n, jar.p, jar.n);
	assert_gist((struct str){p, prefixed.n}, "jar\t\n" LIBRARY_LINES, &a);
	assert_int_equal(gist_wanted(STR("app/a.JAR"), prefixed.n, prefixed), GIST_ARCHIVE);
	assert_int_equal(gist_wanted(STR("app/a.jar"), 4, STR("text")), GIST_NONE);
	assert_int_equal(gist_wanted(STR("app/a.zip"), jar.n, jar), GIST_NONE);
}

static void archives_in_archives_are_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str jar = library(&a);
	const struct made_entry inner[] = {{"BOOT-INF/lib/b-1.0.jar", jar, false}, {0}};
	const struct made_entry outer[] = {{"WEB-INF/lib/../x\n.jar", zip_of(inner, &a), true},
	                                   {"empty.jar", STR(""), false},
	                                   {"picture.rar", STR("Rar!"), false},
	                                   {"text.jar", STR("no zip"), false},
	                                   {0}};
	assert_gist(zip_of(outer, &a),
	            "jar\t\njar\tWEB-INF/lib/../x?.jar\n"
	            "jar\tWEB-INF/lib/../x?.jar!/BOOT-INF/lib/b-1.0.jar\n" LIBRARY_LINES
	            "jar\ttext.jar\nbroken\tno zip archive, or one that is cut off\n",
	            &a);
}

/* A large one, deflated, goes through a file. */
static void large_archives_in_archives_are_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	size_t n = 6u << 20;
	char *noise = arena_alloc(&a, n);
	uint32_t x = 1;
	for (size_t i = 0; i < n; i++)
		noise[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
	const struct made_entry inner[] = {{"noise", {noise, n}, false}, {"b.jar", library(&a), true}, {0}};
	const struct made_entry outer[] = {{"in.war", zip_of(inner, &a), true}, {0}};
	assert_gist(zip_of(outer, &a), "jar\t\njar\tin.war\njar\tin.war!/b.jar\n" LIBRARY_LINES, &a);
}

/* ---- What is hostile ---- */

static void levels_have_an_end(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str jar = library(&a);
	for (int i = 0; i < 5; i++) {
		const struct made_entry outer[] = {{"j.jar", jar, i % 2 == 0}, {0}};
		jar = zip_of(outer, &a);
	}
	assert_gist(jar,
	            "jar\t\njar\tj.jar\njar\tj.jar!/j.jar\njar\tj.jar!/j.jar!/j.jar\n"
	            "jar\tj.jar!/j.jar!/j.jar!/j.jar\nbroken\tarchives in one another, more than 4\n",
	            &a);
}

static void bombs_are_not_unpacked(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	size_t n = (size_t)LIMIT_ARCHIVE_UNPACKED_BYTES + (32u << 20);
	char *zeros = arena_alloc(&a, n);
	memset(zeros, 0, n);
	const struct made_entry outer[] = {{"bomb.jar", {zeros, n}, true}, {"b.jar", library(&a), true}, {0}};
	assert_gist(zip_of(outer, &a),
	            "jar\t\njar\tbomb.jar\nbroken\tit unpacks to more than socle looks into\n"
	            "jar\tb.jar\n" LIBRARY_LINES,
	            &a);

	/* It says that it is small. */
	struct str lying = zip_of(outer, &a);
	char *p = arena_cstr(&a, lying);
	size_t at = lying.n - 22 - (46 + 5) - (46 + 8);
	assert_memory_equal(p + at, "PK\1\2", 4);
	memset(p + at + 24, 0, 4);
	p[at + 24] = 9;
	assert_true(str_contains(gist_of((struct str){p, lying.n}, &a), STR("broken\t")));
}

/* All cuts, and each byte of the directory changed: an end, and no layer fails for it. */
static void damage_is_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const struct made_entry outer[] = {{"lib/b.jar", library(&a), true}, {POM, STR("artifactId=x\n"), true}, {0}};
	struct str whole = zip_of(outer, &a);
	for (size_t n = 1; n < whole.n; n++) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct str gist = gist_of(str_slice(whole, 0, n), &scratch);
		assert_true(str_contains(gist, STR("broken\t")));
	}
	char *changed = arena_cstr(&a, whole);
	for (size_t i = 0; i < whole.n; i++) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		changed[i] ^= 0x55;
		assert_true(gist_of((struct str){changed, whole.n}, &scratch).n > 0);
		changed[i] ^= 0x55;
	}
}

/* More lines than a gist holds: those that fit are kept, and it says so. */
static void gists_have_an_end(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	enum { MANY = 70000 };
	struct made_entry *entries = arena_array(&a, MANY + 1, sizeof *entries);
	struct str jar = zip_of((const struct made_entry[]){{0}}, &a);
	for (int i = 0; i < MANY; i++)
		entries[i] = (struct made_entry){"a/folder/with/some/length/so/that/there/is/much/to/tell.jar", jar, false};
	struct str gist = gist_of(zip_of(entries, &a), &a);
	assert_true(gist.n <= LIMIT_GIST_BYTES && gist.n > LIMIT_GIST_BYTES - 256);
	assert_true(str_ends(gist, STR("tell.jar\nbroken\tit says too much of itself\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives_say_what_they_are),
		cmocka_unit_test(archives_in_archives_are_told),
		cmocka_unit_test(large_archives_in_archives_are_told),
		cmocka_unit_test(levels_have_an_end),
		cmocka_unit_test(bombs_are_not_unpacked),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(gists_have_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
