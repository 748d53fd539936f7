/* Licences of Debian's packages, by the gist of their copyright files (src/image/gist_copyright.c):
 * the short names of copyright-format 1.0, section 7.2, become SPDX's identifiers; names that have
 * none stay as they are. Files under different licences make "A AND B". */
#include <strings.h>

#include "package/formats.h"

static const struct {
	const char *debian, *spdx;
} names[] = {
	{"GPL", "GPL-1.0-or-later"},
	{"GPL-1", "GPL-1.0-only"},
	{"GPL-1+", "GPL-1.0-or-later"},
	{"GPL-2", "GPL-2.0-only"},
	{"GPL-2+", "GPL-2.0-or-later"},
	{"GPL-3", "GPL-3.0-only"},
	{"GPL-3+", "GPL-3.0-or-later"},
	{"LGPL", "LGPL-2.0-or-later"},
	{"LGPL-2", "LGPL-2.0-only"},
	{"LGPL-2+", "LGPL-2.0-or-later"},
	{"LGPL-2.1", "LGPL-2.1-only"},
	{"LGPL-2.1+", "LGPL-2.1-or-later"},
	{"LGPL-3", "LGPL-3.0-only"},
	{"LGPL-3+", "LGPL-3.0-or-later"},
	{"AGPL-3", "AGPL-3.0-only"},
	{"AGPL-3+", "AGPL-3.0-or-later"},
	{"GFDL-1.1", "GFDL-1.1-only"},
	{"GFDL-1.1+", "GFDL-1.1-or-later"},
	{"GFDL-1.2", "GFDL-1.2-only"},
	{"GFDL-1.2+", "GFDL-1.2-or-later"},
	{"GFDL-1.3", "GFDL-1.3-only"},
	{"GFDL-1.3+", "GFDL-1.3-or-later"},
	{"GFDL-NIV-1.2", "GFDL-1.2-no-invariants-only"},
	{"GFDL-NIV-1.2+", "GFDL-1.2-no-invariants-or-later"},
	{"GFDL-NIV-1.3", "GFDL-1.3-no-invariants-only"},
	{"GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"},
	{"Apache-2", "Apache-2.0"},
	{"ASL-2.0", "Apache-2.0"},
	{"Artistic", "Artistic-1.0-Perl"}, /* the text in common-licenses */
	{"Artistic-1", "Artistic-1.0-Perl"},
	{"Artistic-2", "Artistic-2.0"},
	{"Perl", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
	{"Expat", "MIT"},
	{"MIT/X11", "MIT"},
	{"BSD-2-clause", "BSD-2-Clause"},
	{"BSD-3-clause", "BSD-3-Clause"},
	{"BSD-4-clause", "BSD-4-Clause"},
	{"BSD-4-clause-UC", "BSD-4-Clause-UC"},
	{"CC0", "CC0-1.0"},
	{"zlib", "Zlib"},
	{"PSF-2", "PSF-2.0"},
	{"MPL-2", "MPL-2.0"},
	{"BSL-1", "BSL-1.0"},
	{"Boost-1.0", "BSL-1.0"},
};

static const struct {
	const char *debian, *spdx;
} exceptions[] = {
	{"Autoconf", "Autoconf-exception-2.0"}, {"Libtool", "Libtool-exception"},
	{"Bison", "Bison-exception-2.2"},       {"GCC", "GCC-exception-3.1"},
	{"Classpath", "Classpath-exception-2.0"}, {"Font", "Font-exception-2.0"},
};

static bool is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

struct str license_spdx(struct str name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (is_word(name, names[i].debian))
			return str_of(names[i].spdx);
	return name;
}

/* "with Autoconf exception", of which "with" has been taken: " WITH …" behind the licence. What SPDX
 * has no name for becomes a part of the licence's: "GPL-2+-with-OpenSSL-exception". */
static struct str with_exception(struct str licence, struct str *rest, struct arena *a)
{
	struct str name = STR(""), word;
	if (!str_word(rest, &name))
		return licence;
	struct str behind = *rest;
	if (!str_word(rest, &word) || !(is_word(word, "exception") || is_word(word, "exception,")))
		*rest = behind;
	for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
		if (is_word(name, exceptions[i].debian) ||
		    (str_starts(name, str_of(exceptions[i].debian)) && str_contains(name, STR("-exception"))))
			return arena_printf(a, "%.*s WITH %s", STR_ARG(license_spdx(licence)),
			                    exceptions[i].spdx);
	return arena_printf(a, "%.*s-with-%.*s-exception", STR_ARG(licence), STR_ARG(name));
}

struct expression {
	struct str whole;   /* parts that commas have ended */
	struct str joint;   /* "AND", "OR": between it and the part */
	struct str part;    /* since the last comma, up to its last operator */
	struct str licence; /* behind that */
	bool mixed;         /* the part holds an "or" */
	bool any_or;
};

static struct str parenthesised(struct str s, bool wanted, struct arena *a)
{
	return wanted ? arena_printf(a, "(%.*s)", STR_ARG(s)) : s;
}

static void end_part(struct expression *x, struct arena *a)
{
	struct str part = arena_printf(a, "%.*s%.*s", STR_ARG(x->part), STR_ARG(license_spdx(x->licence)));
	x->mixed = x->mixed || str_contains(part, STR(" OR "));
	x->any_or = x->any_or || x->mixed;
	if (part.n && x->whole.n)
		x->whole = arena_printf(a, "%.*s %.*s %.*s", STR_ARG(x->whole), STR_ARG(x->joint),
		                        STR_ARG(parenthesised(part, x->mixed, a)));
	else if (part.n)
		x->whole = part;
	x->part = x->licence = STR("");
}

static void take_operator(struct expression *x, struct str operator, struct arena *a)
{
	if (x->licence.n)
		x->part = arena_printf(a, "%.*s%.*s %.*s ", STR_ARG(x->part),
		                       STR_ARG(license_spdx(x->licence)), STR_ARG(operator));
	else if (!x->part.n)
		x->joint = operator;
	x->mixed = x->mixed || (x->part.n && str_eq(operator, STR("OR")));
	x->any_or = x->any_or || str_eq(operator, STR("OR"));
	x->licence = STR("");
}

/* "GPL-2+ or Artistic-2.0, and BSD-3-clause": a comma binds weaker than "or", which binds weaker
 * than "and". */
static struct str expression_of(struct str declared, bool *mixed, struct arena *a)
{
	struct expression x = {STR(""), STR("AND"), STR(""), STR(""), false, false};
	struct str word;
	while (str_word(&declared, &word)) {
		bool comma = word.n > 1 && word.p[word.n - 1] == ',';
		word = comma ? str_slice(word, 0, word.n - 1) : word;
		if (is_word(word, "with"))
			x.licence = with_exception(x.licence, &declared, a);
		else if (is_word(word, "and"))
			take_operator(&x, STR("AND"), a);
		else if (is_word(word, "or"))
			take_operator(&x, STR("OR"), a);
		else
			x.licence =
				x.licence.n ? arena_printf(a, "%.*s-%.*s", STR_ARG(x.licence), STR_ARG(word)) : word;
		if (!comma || !declared.n)
			continue;
		bool inner = x.mixed;
		end_part(&x, a);
		x.whole = parenthesised(x.whole, inner, a);
		x.mixed = false;
		x.joint = STR("AND");
	}
	end_part(&x, a);
	*mixed = x.any_or;
	return x.whole;
}

/* The name of a file in /usr/share/common-licenses. "GPL" there is a link to the newest. */
static struct str common_of(struct str name)
{
	if (str_eq(name, STR("BSD")))
		return STR("BSD-3-Clause");
	if (str_eq(name, STR("GPL")) || str_eq(name, STR("GPL+")))
		return STR("GPL-1.0-or-later");
	if (str_eq(name, STR("LGPL")) || str_eq(name, STR("LGPL+")))
		return STR("LGPL-2.0-or-later");
	return license_spdx(name);
}

/* An expression of one field; what is too long for one stays as it is written. */
static struct str field_of(struct str line, bool *mixed, struct arena *a)
{
	enum { FIELD_MAX = 1024 };
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	*mixed = false;
	return line.n > FIELD_MAX ? line : arena_str(a, expression_of(line, mixed, &scratch));
}

static struct str joined(const struct str_vec *parts, struct arena *a)
{
	static const struct str between = STR_INIT(" AND ");
	size_t n = 0;
	for (size_t i = 0; i < parts->n; i++)
		n += parts->p[i].n + between.n;
	char *p = arena_alloc(a, n + 1), *to = p;
	for (size_t i = 0; i < parts->n; i++) {
		struct str part = parts->p[i];
		to = i ? (char *)memcpy(to, between.p, between.n) + between.n : to;
		to = part.n ? (char *)memcpy(to, part.p, part.n) + part.n : to;
	}
	return (struct str){p, (size_t)(to - p)};
}

struct str license_of_debian(struct str gist, struct arena *a)
{
	struct str line, kind, only = STR("");
	struct map told = {0};
	struct str_vec parts = {0};
	while (str_next(&gist, '\n', &line) && str_next(&line, '\t', &kind)) {
		bool added, mixed = false, common = str_eq(kind, STR("common"));
		if (!common && !str_eq(kind, STR("license")))
			continue;
		struct str one = common ? common_of(line) : field_of(line, &mixed, a);
		map_put(&told, a, one, &added);
		if (!added || !one.n)
			continue;
		only = one;
		*vec_push(&parts, a) = mixed ? arena_printf(a, "(%.*s)", STR_ARG(one)) : one;
	}
	return parts.n == 1 ? only : joined(&parts, a);
}
