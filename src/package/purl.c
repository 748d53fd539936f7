#include "package/purl.h"

#include "package/version_parts.h"

/* ---- Putting together ---- */

/* "Rules for each purl component": letters, digits, ".-_~" stay, and so does the colon. */
static bool stays(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(".-_~:", c));
}

static char *put_encoded(char *to, char c)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char byte = (unsigned char)c;
	if (stays(c)) {
		*to++ = c;
		return to;
	}
	*to++ = '%';
	*to++ = digits[byte >> 4];
	*to++ = digits[byte & 15];
	return to;
}

static struct str encoded(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n * 3 + 1), *to = p;
	for (size_t i = 0; i < s.n; i++)
		to = put_encoded(to, s.p[i]);
	return (struct str){p, (size_t)(to - p)};
}

/* Each segment encoded, with a slash behind it; those without anything left out. */
static struct str encoded_space(struct str space, struct arena *a)
{
	char *p = arena_alloc(a, space.n * 3 + 2), *to = p;
	struct str segment;
	while (str_next(&space, '/', &segment)) {
		for (size_t i = 0; i < segment.n; i++)
			to = put_encoded(to, segment.p[i]);
		if (segment.n)
			*to++ = '/';
	}
	return (struct str){p, (size_t)(to - p)};
}

struct str purl_str(const struct purl *p, struct arena *a)
{
	struct str text = arena_printf(a, "pkg:%s/%.*s%.*s", p->type,
	                               STR_ARG(encoded_space(p->space, a)),
	                               STR_ARG(encoded(p->name, a)));
	if (p->version.n)
		text = arena_printf(a, "%.*s@%.*s", STR_ARG(text), STR_ARG(encoded(p->version, a)));
	char before = '?';
	for (size_t i = 0; i < p->qualifier_count; i++) {
		const struct purl_qualifier *q = &p->qualifiers[i];
		if (!q->value.n)
			continue;
		text = arena_printf(a, "%.*s%c%s=%.*s", STR_ARG(text), before, q->key,
		                    STR_ARG(encoded(q->value, a)));
		before = '&';
	}
	return text;
}

/* ---- Packages ---- */

static struct str upstream(const struct package *p, struct arena *a)
{
	bool other = p->source_version.n && !str_eq(p->source_version, p->version);
	if (other)
		return arena_printf(a, "%.*s@%.*s", STR_ARG(p->source), STR_ARG(p->source_version));
	return str_eq(p->source, p->name) ? STR("") : p->source;
}

/* "debian-12"; a system without releases is named alone. */
static struct str distro(const struct packages *in, struct arena *a)
{
	if (!in->system.n || !in->system_version.n)
		return in->system;
	return arena_printf(a, "%.*s-%.*s", STR_ARG(in->system), STR_ARG(in->system_version));
}

struct str python_normalised(struct str name, struct arena *a)
{
	char *p = arena_alloc(a, name.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) {
		bool divides = name.p[i] == '-' || name.p[i] == '_' || name.p[i] == '.';
		if (!divides || n == 0 || p[n - 1] != '-')
			p[n++] = divides ? '-' : name.p[i];
	}
	return arena_lower(a, (struct str){p, n});
}

/* purl-types, one by one: which part of the name is the namespace, and whether case matters. */
static struct str language_purl(const struct package *p, struct arena *a)
{
	struct purl purl = {.type = package_type_name(p->type), .name = p->name, .version = p->version};
	size_t colon = str_rindex(p->name, ':');
	switch (p->type) {
	case PACKAGE_PYPI:
		purl.name = python_normalised(p->name, a);
		break;
	case PACKAGE_GOLANG:
	case PACKAGE_COMPOSER:
		purl.space = arena_lower(a, str_dirname(p->name));
		purl.name = arena_lower(a, str_basename(p->name));
		break;
	case PACKAGE_NPM:
		purl.space = str_dirname(p->name);
		purl.name = str_basename(p->name);
		break;
	case PACKAGE_MAVEN:
		purl.space = colon < p->name.n ? str_slice(p->name, 0, colon) : STR("");
		purl.name = colon < p->name.n ? str_skip(p->name, colon + 1) : p->name;
		break;
	default:
		break;
	}
	return purl_str(&purl, a);
}

/* Who made the package: os-release's ID, but where its publisher's packages are named otherwise. */
static struct str maker(const struct package *p, const struct packages *in)
{
	static const char *const usual[] = {"debian", "alpine", "redhat"};
	if (!in->system.n)
		return str_of(usual[p->type]);
	return str_eq(in->system, STR("rhel")) ? STR("redhat") : in->system;
}

static struct str system_purl(const struct package *p, const struct packages *in, struct arena *a)
{
	struct str version = p->version, epoch = p->type == PACKAGE_RPM ? take_epoch(&version) : STR("");
	const struct purl_qualifier qualifiers[] = {
		{"arch", p->architecture},
		{"distro", distro(in, a)},
		{"epoch", epoch},
		{"upstream", upstream(p, a)},
	};
	/* purl-types: name and namespace of deb and apk are written in lower case, of rpm the latter;
	 * rpm's epoch is a qualifier. */
	struct purl purl = {.type = package_type_name(p->type),
	                    .space = arena_lower(a, maker(p, in)),
	                    .name = p->type == PACKAGE_RPM ? p->name : arena_lower(a, p->name),
	                    .version = version,
	                    .qualifiers = qualifiers,
	                    .qualifier_count = sizeof qualifiers / sizeof *qualifiers};
	return purl_str(&purl, a);
}

struct str purl_of_package(const struct package *p, const struct packages *in, struct arena *a)
{
	bool of_system = p->type <= PACKAGE_RPM;
	return of_system ? system_purl(p, in, a) : language_purl(p, a);
}
