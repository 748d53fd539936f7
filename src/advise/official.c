#include "advise/official.h"

#include <stdio.h>

#include "core/limits.h"

#define MOST_IMAGES 4096u
#define MOST_TAGS 100u
#define LONGEST_TAG_BYTES 128u /* OCI distribution-spec: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127} */

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- reading */

/* A stanza while it is read. Fields of other names are not kept. */
struct stanza {
	struct str_vec tags, shared_tags, architectures;
	bool any; /* something stood in it */
};

struct reader {
	struct str rest;
	unsigned line;
	struct stanza defaults, now;
	bool first_done; /* the first stanza has ended */
	struct str_vec *field; /* that a continuation line adds to; NULL: one not kept */
};

static bool is_tag_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

/* "3.20.3, 3.20, 3": the items, without the blanks around them. */
static bool add_items(struct reader *r, struct str value, struct arena *a, struct err *e)
{
	struct str item;
	while (str_next(&value, ',', &item)) {
		item = str_trim(item);
		if (item.n == 0)
			continue;
		for (size_t i = 0; i < item.n; i++)
			if (!is_tag_character(item.p[i]))
				return err_set(e, ERR_INPUT, "line %u: byte 0x%02x in \"%.*s\"", r->line,
					       (unsigned char)item.p[i], STR_ARG(item));
		if (item.n > LONGEST_TAG_BYTES)
			return err_set(e, ERR_INPUT, "line %u: %zu bytes in one item, more than %u", r->line,
				       item.n, LONGEST_TAG_BYTES);
		if (r->field->n >= MOST_TAGS)
			return err_set(e, ERR_LIMIT, "line %u: more than %u items", r->line, MOST_TAGS);
		*vec_push(r->field, a) = item;
	}
	return true;
}

static struct str_vec *field_named(struct reader *r, struct str name)
{
	if (str_eq(name, STR("Tags")))
		return &r->now.tags;
	if (str_eq(name, STR("SharedTags")))
		return &r->now.shared_tags;
	if (str_eq(name, STR("Architectures")))
		return &r->now.architectures;
	return NULL;
}

static bool read_line(struct reader *r, struct str line, struct arena *a, struct err *e)
{
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return !r->field || add_items(r, line, a, e);
	size_t colon = str_index(line, ':');
	if (colon == 0 || colon == line.n)
		return err_set(e, ERR_INPUT, "line %u: no \"Field: value\"", r->line);
	r->now.any = true;
	r->field = field_named(r, str_slice(line, 0, colon));
	return !r->field || add_items(r, str_skip(line, colon + 1), a, e);
}

static bool end_stanza(struct official_file *file, struct reader *r, struct arena *a,
		       struct err *e)
{
	struct stanza now = r->now;
	r->now = (struct stanza){0};
	r->field = NULL;
	if (!now.any)
		return true;
	if (!r->first_done && now.tags.n == 0) {
		r->defaults = now;
		r->first_done = true;
		return true;
	}
	r->first_done = true;
	if (now.tags.n == 0)
		return err_set(e, ERR_INPUT, "line %u: a stanza without Tags ends here", r->line);
	if (file->images.n >= MOST_IMAGES)
		return err_set(e, ERR_LIMIT, "line %u: more than %u images", r->line, MOST_IMAGES);
	struct official_image *image = vec_push(&file->images, a);
	image->tags = now.tags;
	for (size_t i = 0; i < now.shared_tags.n; i++)
		*vec_push(&image->tags, a) = now.shared_tags.p[i];
	image->architectures = now.architectures.n ? now.architectures : r->defaults.architectures;
	if (image->architectures.n == 0)
		*vec_push(&image->architectures, a) = STR("amd64");
	return true;
}

bool official_parse(struct official_file *file, struct str text, struct arena *a, struct err *e)
{
	if (text.n > LIMIT_TEXT_FILE_BYTES)
		return err_set(e, ERR_LIMIT, "%zu bytes, more than %u", text.n,
			       LIMIT_TEXT_FILE_BYTES);
	struct reader r = {.rest = text};
	struct str line;
	while (str_next(&r.rest, '\n', &line)) {
		r.line++;
		if (line.n && line.p[0] == '#')
			continue;
		bool blank = str_trim(line).n == 0;
		if (blank ? !end_stanza(file, &r, a, e) : !read_line(&r, line, a, e))
			return false;
	}
	return end_stanza(file, &r, a, e);
}

/* --- what the words of a tag mean */

struct distribution {
	struct str word; /* a part between dashes */
	struct str family, libc, shell, package_manager;
};

/* The C library's version is said where the release has fixed it. */
static const struct distribution distributions[] = {
	{STR_INIT("alpine"), STR_INIT("alpine"), STR_INIT("musl"), STR_INIT("busybox"), STR_INIT("apk")},
	{STR_INIT("trixie"), STR_INIT("debian"), STR_INIT("glibc 2.41"), STR_INIT("dash"), STR_INIT("apt")},
	{STR_INIT("bookworm"), STR_INIT("debian"), STR_INIT("glibc 2.36"), STR_INIT("dash"), STR_INIT("apt")},
	{STR_INIT("bullseye"), STR_INIT("debian"), STR_INIT("glibc 2.31"), STR_INIT("dash"), STR_INIT("apt")},
	{STR_INIT("resolute"), STR_INIT("ubuntu"), STR_INIT("glibc"), STR_INIT("dash"), STR_INIT("apt")},
	{STR_INIT("noble"), STR_INIT("ubuntu"), STR_INIT("glibc 2.39"), STR_INIT("dash"), STR_INIT("apt")},
	{STR_INIT("jammy"), STR_INIT("ubuntu"), STR_INIT("glibc 2.35"), STR_INIT("dash"), STR_INIT("apt")},
	{STR_INIT("ubi9"), STR_INIT("ubi"), STR_INIT("glibc 2.34"), STR_INIT("bash"), STR_INIT("microdnf")},
	{STR_INIT("ubi10"), STR_INIT("ubi"), STR_INIT("glibc 2.39"), STR_INIT("bash"), STR_INIT("microdnf")},
};

/* Libraries whose images need more than their tags to be understood. */
struct library {
	struct str name;
	struct str interpreter;   /* that its images bring */
	struct str distribution;  /* where no tag says one */
	unsigned name_components; /* of the version in the name that socle uses */
};

static const struct library libraries[] = {
	{STR_INIT("alpine"), STR_INIT(""), STR_INIT("alpine"), 2},
	{STR_INIT("debian"), STR_INIT(""), STR_INIT(""), 0},
	{STR_INIT("ubuntu"), STR_INIT(""), STR_INIT(""), 2},
	{STR_INIT("python"), STR_INIT("python"), STR_INIT(""), 2},
	{STR_INIT("node"), STR_INIT("node"), STR_INIT(""), 1},
	{STR_INIT("ruby"), STR_INIT("ruby"), STR_INIT(""), 2},
	{STR_INIT("php"), STR_INIT("php"), STR_INIT(""), 2},
	{STR_INIT("perl"), STR_INIT("perl"), STR_INIT(""), 2},
	{STR_INIT("eclipse-temurin"), STR_INIT("java"), STR_INIT(""), 1},
};

/* Words of versions that are not finished, and of names whose meaning moves. */
static const struct str unfit_words[] = {
	STR_INIT("rc"),       STR_INIT("beta"),      STR_INIT("alpha"),        STR_INIT("tip"),
	STR_INIT("devel"),    STR_INIT("edge"),      STR_INIT("stable"),       STR_INIT("oldstable"),
	STR_INIT("testing"),  STR_INIT("unstable"),  STR_INIT("oldoldstable"), STR_INIT("sid"),
	STR_INIT("rc-buggy"), STR_INIT("backports"), STR_INIT("experimental"), STR_INIT("forky"),
	STR_INIT("nightly"),  STR_INIT("preview"),
};

/* "alpine" is a word of "3.14-alpine3.24", whatever number stands behind it. */
static bool tag_has_word(struct str tag, struct str word)
{
	struct str part;
	while (str_next(&tag, '-', &part)) {
		if (!str_starts(part, word))
			continue;
		char next = part.n > word.n ? part.p[word.n] : '0';
		bool word_ends_in_digit = word.p[word.n - 1] >= '0' && word.p[word.n - 1] <= '9';
		if (part.n == word.n || (next >= '0' && next <= '9' && !word_ends_in_digit))
			return true;
	}
	return false;
}

static bool image_has_word(const struct official_image *image, struct str word)
{
	for (size_t i = 0; i < image->tags.n; i++)
		if (tag_has_word(image->tags.p[i], word))
			return true;
	return false;
}

/* A word that every tag has marks the image; one tag of several (stable-slim beside
 * 1.37-slim) is only a further name. */
static bool image_is_unfit(const struct official_image *image)
{
	for (size_t w = 0; w < COUNT(unfit_words); w++) {
		size_t with = 0;
		for (size_t i = 0; i < image->tags.n; i++)
			with += str_contains(unfit_words[w], STR("-"))
					? str_starts(image->tags.p[i], unfit_words[w])
					: tag_has_word(image->tags.p[i], unfit_words[w]);
		/* edge and devel stand beside a date or a version that moves as well */
		bool mover = str_eq(unfit_words[w], STR("edge")) ||
			     str_eq(unfit_words[w], STR("devel"));
		if (with && (mover || with == image->tags.n))
			return true;
	}
	/* "3.15.0rc1-…": an unfinished version's own name */
	struct str part = str_slice(image->tags.p[0], 0, str_index(image->tags.p[0], '-'));
	return str_contains(part, STR("rc")) || str_contains(part, STR("RC")) ||
	       str_contains(part, STR("beta")) || str_contains(part, STR("alpha"));
}

static const struct library *library_named(struct str name)
{
	for (size_t i = 0; i < COUNT(libraries); i++)
		if (str_eq(libraries[i].name, name))
			return &libraries[i];
	return NULL;
}

static const struct distribution *distribution_of(const struct official_image *image,
						  const struct library *library)
{
	for (size_t i = 0; i < COUNT(distributions); i++)
		if (image_has_word(image, distributions[i].word) ||
		    (library && str_eq(library->distribution, distributions[i].word)))
			return &distributions[i];
	return NULL;
}

/* "3.14.7-slim" is 3 components, "8u502-b07" one, "slim" none. */
static struct str leading_version(struct str tag, unsigned most)
{
	size_t n = 0;
	for (unsigned components = 0; components < most; components++) {
		size_t at = n + (n > 0); /* behind the dot */
		size_t start = at;
		while (at < tag.n && tag.p[at] >= '0' && tag.p[at] <= '9')
			at++;
		if (at == start || (n > 0 && tag.p[n] != '.'))
			break;
		n = at;
	}
	return str_slice(tag, 0, n);
}

static unsigned components_of(struct str version)
{
	unsigned n = version.n > 0;
	for (size_t i = 0; i < version.n; i++)
		n += version.p[i] == '.';
	return n;
}

/* The tag that names the image in the catalogue: with as many components of the version as
 * the library's people use, with its distribution, as short as that allows. */
static struct str best_tag(const struct official_image *image, const struct library *library,
			   const struct distribution *distribution)
{
	unsigned wanted = library ? library->name_components : 2;
	size_t best = 0, best_cost = SIZE_MAX;
	for (size_t i = 0; i < image->tags.n; i++) {
		struct str tag = image->tags.p[i];
		unsigned has = components_of(leading_version(tag, 9));
		unsigned off = has > wanted ? has - wanted : 2 * (wanted - has);
		bool tells = distribution && tag_has_word(tag, distribution->word);
		/* "-alpine" alone moves with Alpine's releases, "-alpine3.24" does not */
		bool fixed = tells && !str_ends(tag, STR("alpine"));
		size_t cost = off * 4096u + !tells * 2048u + !fixed * 1024u + tag.n;
		if (cost < best_cost) {
			best = i;
			best_cost = cost;
		}
	}
	return image->tags.p[best];
}

/* Docker's words for architectures in those of the OCI image index; empty: not Linux. */
static struct str architecture(struct str word)
{
	static const struct str known[][2] = {
		{STR_INIT("amd64"), STR_INIT("amd64")},     {STR_INIT("arm64v8"), STR_INIT("arm64")},
		{STR_INIT("arm32v5"), STR_INIT("arm/v5")},  {STR_INIT("arm32v6"), STR_INIT("arm/v6")},
		{STR_INIT("arm32v7"), STR_INIT("arm/v7")},  {STR_INIT("i386"), STR_INIT("386")},
		{STR_INIT("ppc64le"), STR_INIT("ppc64le")}, {STR_INIT("riscv64"), STR_INIT("riscv64")},
		{STR_INIT("s390x"), STR_INIT("s390x")},     {STR_INIT("loong64"), STR_INIT("loong64")},
		{STR_INIT("mips64le"), STR_INIT("mips64le")},
	};
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(known[i][0], word))
			return known[i][1];
	return STR_NONE;
}

/* --- writing */

static bool print_field(struct buf *yaml, const char *key, struct str value, struct arena *a,
			struct err *e)
{
	if (value.n == 0)
		return true;
	struct str line = arena_printf(a, "  %s: \"%.*s\"\n", key, STR_ARG(value));
	return buf_append(yaml, line.p, line.n, e);
}

static bool print_list(struct buf *yaml, const char *key, const struct str_vec *list,
		       struct arena *a, struct err *e)
{
	struct str text = arena_printf(a, "  %s: [", key);
	if (list->n == 0)
		return true;
	if (!buf_append(yaml, text.p, text.n, e))
		return false;
	for (size_t i = 0; i < list->n; i++) {
		text = arena_printf(a, "%s\"%.*s\"", i ? ", " : "", STR_ARG(list->p[i]));
		if (!buf_append(yaml, text.p, text.n, e))
			return false;
	}
	return buf_append(yaml, "]\n", 2, e);
}

/* "latest" is never chosen, but it has to be found: it stays among the tags. */
static struct str_vec other_tags(const struct official_image *image, struct str name,
				 struct arena *a)
{
	struct str_vec tags = {0};
	for (size_t i = 0; i < image->tags.n; i++)
		if (!str_eq(image->tags.p[i], name))
			*vec_push(&tags, a) = image->tags.p[i];
	return tags;
}

static bool print_image(const struct official_image *image, struct str library_name,
			const struct str_vec *architectures, struct buf *yaml, struct arena *a,
			struct err *e)
{
	const struct library *library = library_named(library_name);
	const struct distribution *distribution = distribution_of(image, library);
	struct str tag = best_tag(image, library, distribution);
	struct str name = arena_printf(a, "- name: \"%.*s:%.*s\"\n", STR_ARG(library_name),
				       STR_ARG(tag));
	struct str repository = arena_printf(a, "docker.io/library/%.*s", STR_ARG(library_name));
	struct str_vec tags = other_tags(image, tag, a);
	struct str_vec interpreters = {0};
	if (library && library->interpreter.n)
		*vec_push(&interpreters, a) = arena_printf(
			a, "%.*s %.*s", STR_ARG(library->interpreter),
			STR_ARG(leading_version(image->tags.p[0], library->name_components)));
	struct distribution none = {0};
	const struct distribution *d = distribution ? distribution : &none;
	return buf_append(yaml, name.p, name.n, e) &&
	       print_field(yaml, "repository", repository, a, e) &&
	       print_list(yaml, "tags", &tags, a, e) &&
	       print_field(yaml, "publisher", STR("Docker official images"), a, e) &&
	       print_field(yaml, "family", d->family, a, e) &&
	       print_field(yaml, "libc", d->libc, a, e) &&
	       print_field(yaml, "shell", d->shell, a, e) &&
	       print_field(yaml, "package_manager", d->package_manager, a, e) &&
	       print_list(yaml, "interpreters", &interpreters, a, e) &&
	       print_list(yaml, "architectures", architectures, a, e);
}

bool official_print(const struct official_file *file, struct str library, struct buf *yaml,
		    struct arena *a, struct err *e)
{
	for (size_t i = 0; i < file->images.n; i++) {
		const struct official_image *image = &file->images.p[i];
		struct str_vec architectures = {0};
		for (size_t j = 0; j < image->architectures.n; j++) {
			struct str oci = architecture(image->architectures.p[j]);
			if (oci.n)
				*vec_push(&architectures, a) = oci;
		}
		if (architectures.n == 0 || image_is_unfit(image))
			continue;
		if (!print_image(image, library, &architectures, yaml, a, e))
			return false;
	}
	return true;
}
