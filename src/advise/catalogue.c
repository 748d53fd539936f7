#include "advise/catalogue.h"

#include <cyaml/cyaml.h>
#include <stdio.h>

#include "advise/embedded.h"
#include "core/limits.h"
#include "os/file.h"

#define MOST_BASES 4096u
#define MOST_LIST_ITEMS 256u
#define LONGEST_VALUE_BYTES 2048u

/* The document as libcyaml lays it out: heap strings, freed as soon as they are copied. */
struct raw_base {
	char *name, *repository, *publisher, *family, *libc, *shell, *package_manager;
	char *support_end, *deprecated, *user, *assemble, *notes, *size_bytes;
	char **tags, **aliases, **interpreters, **architectures, **env;
	uint32_t tags_count, aliases_count, interpreters_count, architectures_count, env_count;
};

struct raw_document {
	struct raw_base *bases;
	uint32_t bases_count;
};

static const cyaml_schema_value_t string_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, LONGEST_VALUE_BYTES),
};

#define STRING_FIELD(key) \
	CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_base, \
			       key, 1, LONGEST_VALUE_BYTES)
#define LIST_FIELD(key) \
	CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_base, key, \
			     &string_schema, 0, MOST_LIST_ITEMS)

static const cyaml_schema_field_t base_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct raw_base, name, 1,
			       LIMIT_NAME_BYTES),
	STRING_FIELD(repository),
	STRING_FIELD(publisher),
	STRING_FIELD(family),
	STRING_FIELD(libc),
	STRING_FIELD(shell),
	STRING_FIELD(package_manager),
	STRING_FIELD(support_end),
	STRING_FIELD(deprecated),
	STRING_FIELD(user),
	STRING_FIELD(assemble),
	STRING_FIELD(notes),
	LIST_FIELD(tags),
	LIST_FIELD(aliases),
	LIST_FIELD(interpreters),
	LIST_FIELD(architectures),
	LIST_FIELD(env),
	STRING_FIELD(size_bytes), /* libcyaml would take -1 for a number without sign */
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t base_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_base, base_fields),
};

static const cyaml_schema_field_t document_fields[] = {
	CYAML_FIELD_SEQUENCE("bases", CYAML_FLAG_POINTER, struct raw_document, bases, &base_schema,
			     0, MOST_BASES),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t document_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_document, document_fields),
};

/* --- libcyaml's words */

/* What libcyaml says of a failure: first what, then from the inside out where ("in mapping
 * (line: 7, column: 3)"). The innermost place is the one that helps. */
struct complaint {
	char what[256];
	uint64_t line; /* 0: not said */
};

static uint64_t line_number(struct str text)
{
	uint64_t line = 0;
	struct str number = str_skip(text, str_find(text, STR("(line: ")) + 7);
	return str_to_u64(str_slice(number, 0, str_index(number, ',')), &line) ? line : 0;
}

static void __attribute__((format(printf, 3, 0)))
note_complaint(cyaml_log_t level, void *context, const char *fmt, va_list args)
{
	struct complaint *complaint = context;
	char text[sizeof complaint->what];
	if (level < CYAML_LOG_ERROR || vsnprintf(text, sizeof text, fmt, args) < 0)
		return;
	struct str said = str_trim(str_of(text));
	if (str_starts(said, STR("Load: ")))
		said = str_skip(said, 6);
	if (complaint->line == 0)
		complaint->line = line_number(said);
	if (complaint->what[0] == '\0' && said.n &&
	    !str_eq(said, STR("Backtrace:")) && !str_starts(said, STR("in "))) {
		memcpy(complaint->what, said.p, said.n);
		complaint->what[said.n] = '\0';
	}
}

static void free_document(struct raw_document **document)
{
	const cyaml_config_t config = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
	if (*document)
		cyaml_free(&config, &document_schema, *document, 0);
}

/* Aliases are refused: a few lines of them can ask for gigabytes. */
static bool read_document(struct str yaml, const char *origin, struct raw_document **document,
			  struct err *e)
{
	struct complaint complaint = {0};
	const cyaml_config_t config = {
		.mem_fn = cyaml_mem,
		.log_fn = note_complaint,
		.log_ctx = &complaint,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	if (yaml.n > LIMIT_TEXT_FILE_BYTES)
		return err_set(e, ERR_LIMIT, "%s: %zu bytes, more than %u", origin, yaml.n,
			       LIMIT_TEXT_FILE_BYTES);
	cyaml_err_t result = cyaml_load_data((const uint8_t *)yaml.p, yaml.n, &config,
					     &document_schema, (cyaml_data_t **)document, NULL);
	if (result == CYAML_OK && *document)
		return true;
	const char *what = complaint.what;
	if (what[0] == '\0')
		what = result == CYAML_OK ? "no list of bases in it" : cyaml_strerror(result);
	if (complaint.line)
		return err_set(e, ERR_INPUT, "%s: line %llu: %s", origin,
			       (unsigned long long)complaint.line, what);
	return err_set(e, ERR_INPUT, "%s: not a catalogue: %s", origin, what);
}

/* --- values */

static struct str copy(struct arena *a, const char *s)
{
	return s ? arena_str(a, str_of(s)) : STR_NONE;
}

static struct str_vec copy_list(struct arena *a, char *const *items, uint32_t n)
{
	struct str_vec list = {0};
	for (uint32_t i = 0; i < n; i++)
		*vec_push(&list, a) = copy(a, items[i]);
	return list;
}

/* "glibc 2.36": a name, and what stands behind the first blank. */
static void split_version(struct str text, struct str *name, struct str *version)
{
	size_t blank = str_index(text, ' ');
	*name = str_slice(text, 0, blank);
	*version = str_trim(str_skip(text, blank));
}

static bool take_libc(struct catalogue_base *base, struct str text, struct err *e)
{
	static const struct {
		struct str name;
		enum catalogue_libc libc;
	} known[] = {
		{STR_INIT("none"), CATALOGUE_LIBC_NONE},
		{STR_INIT("glibc"), CATALOGUE_LIBC_GLIBC},
		{STR_INIT("musl"), CATALOGUE_LIBC_MUSL},
		{STR_INIT("uclibc"), CATALOGUE_LIBC_UCLIBC},
	};
	struct str name;
	split_version(text, &name, &base->libc_version);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(name, known[i].name)) {
			base->libc = known[i].libc;
			return true;
		}
	return err_set(e, ERR_INPUT, "libc \"%.*s\" is none of none, glibc, musl, uclibc",
		       STR_ARG(name));
}

/* YYYY-MM or YYYY-MM-DD, so that byte order is time's order. */
static bool date_is_valid(struct str date)
{
	static const char shape[] = "dddd-dd-dd";
	if (date.n != 7 && date.n != 10)
		return false;
	for (size_t i = 0; i < date.n; i++)
		if (shape[i] == 'd' ? date.p[i] < '0' || date.p[i] > '9' : date.p[i] != '-')
			return false;
	return true;
}

/* A tag is behind a colon of the last component: "localhost:5000/x" has none. */
static void split_tag(struct str reference, struct str *repository, struct str *tag)
{
	size_t slash = str_rindex(reference, '/');
	size_t start = slash < reference.n ? slash + 1 : 0;
	size_t colon = start + str_index(str_skip(reference, start), ':');
	*repository = str_slice(reference, 0, colon);
	*tag = str_skip(reference, colon + 1);
}

/* Names and tags reach engines and file names: only the characters of image references
 * (distribution/reference), colons and slashes where those have them. */
static bool is_clean(struct str s, const char *further)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || (c && strchr(further, c));
		if (!fine)
			return false;
	}
	return s.n > 0;
}

static bool tag_is_clean(struct str tag)
{
	return is_clean(tag, "._-");
}

static bool repository_is_clean(struct str s)
{
	struct str repository, tag;
	split_tag(s, &repository, &tag);
	return repository.n == s.n && is_clean(s, "._-/:") && !str_ends(s, STR("/"));
}

static bool name_is_clean(struct str name)
{
	struct str repository, tag;
	split_tag(name, &repository, &tag);
	return repository_is_clean(repository) &&
	       (repository.n == name.n || tag_is_clean(tag));
}

static bool check_base(const struct catalogue_base *base, struct err *e)
{
	if (!name_is_clean(base->name))
		return err_set(e, ERR_INPUT, "the name is no image reference");
	if (base->repository.n && !repository_is_clean(base->repository))
		return err_set(e, ERR_INPUT, "the repository is not one");
	for (size_t i = 0; i < base->aliases.n; i++)
		if (!repository_is_clean(base->aliases.p[i]))
			return err_set(e, ERR_INPUT, "an alias is no repository");
	for (size_t i = 0; i < base->tags.n; i++)
		if (!tag_is_clean(base->tags.p[i]))
			return err_set(e, ERR_INPUT, "\"%.*s\" is no tag", STR_ARG(base->tags.p[i]));
	for (size_t i = 0; i < base->env.n; i++)
		if (str_index(base->env.p[i], '=') == base->env.p[i].n)
			return err_set(e, ERR_INPUT, "env: \"%.*s\" has no =", STR_ARG(base->env.p[i]));
	if (base->support_end.n && !date_is_valid(base->support_end))
		return err_set(e, ERR_INPUT, "support_end \"%.*s\" is not YYYY-MM-DD or YYYY-MM",
			       STR_ARG(base->support_end));
	return true;
}

/* The name's own tag goes first; `latest` where the name has none. */
static struct str_vec all_tags(struct str name, const struct raw_base *raw, struct arena *a)
{
	struct str_vec tags = {0};
	struct str repository, own;
	split_tag(name, &repository, &own);
	if (own.n == 0)
		own = STR("latest");
	*vec_push(&tags, a) = own;
	for (uint32_t i = 0; i < raw->tags_count; i++)
		if (!str_eq(str_of(raw->tags[i]), own))
			*vec_push(&tags, a) = copy(a, raw->tags[i]);
	return tags;
}

static bool take_base(struct catalogue_base *base, const struct raw_base *raw, struct arena *a,
		      struct err *e)
{
	*base = (struct catalogue_base){
		.name = copy(a, raw->name),
		.repository = copy(a, raw->repository),
		.aliases = copy_list(a, raw->aliases, raw->aliases_count),
		.publisher = copy(a, raw->publisher),
		.family = copy(a, raw->family),
		.shell = copy(a, raw->shell),
		.package_manager = copy(a, raw->package_manager),
		.architectures = copy_list(a, raw->architectures, raw->architectures_count),
		.support_end = copy(a, raw->support_end),
		.deprecated = copy(a, raw->deprecated),
		.user = copy(a, raw->user),
		.env = copy_list(a, raw->env, raw->env_count),
		.assemble = copy(a, raw->assemble),
		.notes = copy(a, raw->notes),
	};
	base->tags = all_tags(base->name, raw, a);
	for (uint32_t i = 0; i < raw->interpreters_count; i++) {
		struct catalogue_interpreter *interpreter = vec_push(&base->interpreters, a);
		split_version(copy(a, raw->interpreters[i]), &interpreter->name,
			      &interpreter->version);
	}
	if (raw->libc && !take_libc(base, copy(a, raw->libc), e))
		return err_wrap(e, "%s", raw->name);
	if (raw->size_bytes && !str_to_u64(str_of(raw->size_bytes), &base->size_bytes))
		return err_set(e, ERR_INPUT, "%s: size_bytes \"%s\" is no number", raw->name,
			       raw->size_bytes);
	return check_base(base, e) || err_wrap(e, "%s", raw->name);
}

/* --- references */

/* docker.io/library/alpine, docker.io/alpine, library/alpine: all the same as alpine. */
static struct str short_repository(struct str repository)
{
	static const struct str prefixes[] = {
		STR_INIT("index.docker.io/"), STR_INIT("docker.io/"), STR_INIT("library/")};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (str_starts(repository, prefixes[i]))
			repository = str_skip(repository, prefixes[i].n);
	return repository;
}

static bool index_one(struct catalogue *c, struct str repository, struct str tag, size_t number,
		      struct arena *a, struct err *e)
{
	bool added;
	struct str key = arena_printf(a, "%.*s:%.*s", STR_ARG(short_repository(repository)),
				      STR_ARG(tag));
	uintptr_t *place = map_put(&c->by_reference, a, key, &added);
	if (!added && *place != number + 1)
		return err_set(e, ERR_INPUT, "%.*s names both %.*s and %.*s", STR_ARG(key),
			       STR_ARG(c->bases[*place - 1].name), STR_ARG(c->bases[number].name));
	*place = number + 1;
	return true;
}

static bool index_base(struct catalogue *c, size_t number, struct arena *a, struct err *e)
{
	const struct catalogue_base *base = &c->bases[number];
	struct str own, tag;
	split_tag(base->name, &own, &tag);
	for (size_t i = 0; i < base->tags.n; i++) {
		if (!index_one(c, own, base->tags.p[i], number, a, e))
			return false;
		if (base->repository.n && !index_one(c, base->repository, base->tags.p[i], number, a, e))
			return false;
		for (size_t j = 0; j < base->aliases.n; j++)
			if (!index_one(c, base->aliases.p[j], base->tags.p[i], number, a, e))
				return false;
	}
	return true;
}

const struct catalogue_base *catalogue_find(const struct catalogue *c, struct str reference,
					    struct arena *a)
{
	struct str repository, tag;
	split_tag(reference, &repository, &tag);
	struct str key = arena_printf(a, "%.*s:%.*s", STR_ARG(short_repository(repository)),
				      STR_ARG(tag.n ? tag : STR("latest")));
	const uintptr_t *place = map_find(&c->by_reference, key);
	return place ? &c->bases[*place - 1] : NULL;
}

struct str catalogue_reference(const struct catalogue_base *base, struct arena *a)
{
	if (base->repository.n == 0)
		return STR_NONE;
	return arena_printf(a, "%.*s:%.*s", STR_ARG(base->repository), STR_ARG(base->tags.p[0]));
}

/* "2027-04" is over when a day of May comes: compared over its own length. */
bool catalogue_is_over(const struct catalogue_base *base, struct str today)
{
	return base->support_end.n &&
	       str_cmp(base->support_end, str_slice(today, 0, base->support_end.n)) < 0;
}

/* --- a base that two documents describe */

static void fill(struct str *mine, struct str theirs)
{
	if (mine->n == 0)
		*mine = theirs;
}

static void fill_list(struct str_vec *mine, struct str_vec theirs)
{
	if (mine->n == 0)
		*mine = theirs;
}

/* What `mine` says stays; what it leaves open is taken over; tags add up. */
static void merge_base(struct catalogue_base *mine, const struct catalogue_base *theirs,
		       struct arena *a)
{
	fill(&mine->repository, theirs->repository);
	fill(&mine->publisher, theirs->publisher);
	fill(&mine->family, theirs->family);
	fill(&mine->shell, theirs->shell);
	fill(&mine->package_manager, theirs->package_manager);
	fill(&mine->support_end, theirs->support_end);
	fill(&mine->deprecated, theirs->deprecated);
	fill(&mine->user, theirs->user);
	fill(&mine->assemble, theirs->assemble);
	fill(&mine->notes, theirs->notes);
	fill_list(&mine->aliases, theirs->aliases);
	fill_list(&mine->architectures, theirs->architectures);
	fill_list(&mine->env, theirs->env);
	if (mine->libc == CATALOGUE_LIBC_UNSAID) {
		mine->libc = theirs->libc;
		mine->libc_version = theirs->libc_version;
	}
	if (mine->interpreters.n == 0) {
		mine->interpreters.p = theirs->interpreters.p;
		mine->interpreters.n = mine->interpreters.cap = theirs->interpreters.n;
	}
	if (mine->size_bytes == 0)
		mine->size_bytes = theirs->size_bytes;
	for (size_t i = 0; i < theirs->tags.n; i++) {
		bool there = false;
		for (size_t j = 0; j < mine->tags.n; j++)
			there = there || str_eq(mine->tags.p[j], theirs->tags.p[i]);
		if (!there)
			*vec_push(&mine->tags, a) = theirs->tags.p[i];
	}
}

/* The number of the base with this very name; c->n where there is none. */
static size_t number_named(const struct catalogue *c, struct str name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->bases[i].name, name))
			return i;
	return c->n;
}

/* --- loading */

bool catalogue_parse(struct catalogue *c, struct str yaml, const char *origin, struct arena *a,
		     struct err *e)
{
	struct raw_document *document __attribute__((cleanup(free_document))) = NULL;
	if (!read_document(yaml, origin, &document, e))
		return false;
	struct catalogue_base *bases =
		arena_array(a, c->n + document->bases_count, sizeof *bases);
	if (c->n)
		memcpy(bases, c->bases, c->n * sizeof *bases);
	c->bases = bases;
	const size_t before = c->n;
	for (uint32_t i = 0; i < document->bases_count; i++) {
		struct catalogue_base base;
		if (!take_base(&base, &document->bases[i], a, e))
			return err_wrap(e, "%s", origin);
		size_t number = number_named(c, base.name);
		if (number == c->n)
			bases[c->n++] = base;
		else if (number < before)
			merge_base(&bases[number], &base, a);
		else
			return err_set(e, ERR_INPUT, "%s: %.*s stands there twice", origin,
				       STR_ARG(base.name));
		if (!index_base(c, number, a, e))
			return err_wrap(e, "%s", origin);
	}
	return true;
}

bool catalogue_load(struct catalogue *c, struct arena *a, struct err *e)
{
	*c = (struct catalogue){0};
	struct str own = {embedded_catalogue_yaml,
	                  (size_t)(embedded_catalogue_yaml_end - embedded_catalogue_yaml)};
	struct str official = {embedded_official_yaml,
	                       (size_t)(embedded_official_yaml_end - embedded_official_yaml)};
	return catalogue_parse(c, own, "the catalogue inside socle", a, e) &&
	       catalogue_parse(c, official, "the official images inside socle", a, e);
}

bool catalogue_load_file(struct catalogue *c, const char *path, struct arena *a, struct err *e)
{
	*c = (struct catalogue){0};
	struct str yaml;
	return file_read(path, LIMIT_TEXT_FILE_BYTES, a, &yaml, e) &&
	       catalogue_parse(c, yaml, path, a, e);
}

bool catalogue_is_variant(const struct catalogue *c, const struct catalogue_base *b)
{
	if (!str_eq(b->family, STR("distroless")))
		return false;
	for (const struct catalogue_base *other = c->bases; other < b; other++)
		if (str_eq(other->repository, b->repository))
			return true;
	return false;
}

bool catalogue_is_root(struct str user)
{
	return user.n == 0 || str_eq(user, STR("0")) || str_eq(user, STR("root"));
}

const struct catalogue_base *catalogue_unprivileged(const struct catalogue *c,
						    const struct catalogue_base *b)
{
	if (!catalogue_is_root(b->user) || b->repository.n == 0)
		return NULL;
	for (const struct catalogue_base *v = c->bases; v < c->bases + c->n; v++)
		if (!catalogue_is_root(v->user) && catalogue_is_variant(c, v) &&
		    str_eq(v->repository, b->repository) &&
		    str_eq(v->shell, b->shell))
			return v;
	return NULL;
}
