/* Composer's order: a version is first brought into composer/semver's normal form (four numbers, a
 * stability word, "dev"), of which the parts are then compared as PHP's version_compare() does.
 * Branches ("dev-main") have no order that Composer knows; here they are older than all versions.
 */
#include "package/version.h"
#include "package/version_parts.h"

enum { MOST_PARTS = 32 };

struct parts {
	struct str part[MOST_PARTS];
	size_t n;
};

static void add(struct parts *v, struct str part)
{
	if (v->n < MOST_PARTS)
		v->part[v->n++] = part;
}

/* What version_compare() does by itself: runs of digits and of letters, all else divides. */
static void add_runs(struct parts *v, struct str rest)
{
	while (rest.n) {
		struct str digits = take_while(&rest, is_digit),
			   letters = take_while(&rest, is_letter);
		if (digits.n)
			add(v, digits);
		if (letters.n)
			add(v, letters);
		if (!digits.n && !letters.n)
			rest = str_skip(rest, 1);
	}
}

/* ---- The normal form ---- */

static bool is_mark(char c)
{
	return c == '.' || c == '-' || c == '_';
}

static bool is_point_or_dash(char c)
{
	return c == '.' || c == '-';
}

/* "[.-]?dev" at the end. */
static bool ends_as_dev(struct str rest)
{
	if (rest.n && is_point_or_dash(rest.p[0]))
		rest = str_skip(rest, 1);
	return take_small(&rest, STR("dev")) && !rest.n;
}

struct stability {
	struct str word, means;
};

static const struct stability *take_stability(struct str *rest)
{
	static const struct stability words[] = {
		{STR_INIT("stable"), STR_INIT("")},     {STR_INIT("beta"), STR_INIT("beta")},
		{STR_INIT("b"), STR_INIT("beta")},      {STR_INIT("rc"), STR_INIT("RC")},
		{STR_INIT("alpha"), STR_INIT("alpha")}, {STR_INIT("a"), STR_INIT("alpha")},
		{STR_INIT("patch"), STR_INIT("patch")}, {STR_INIT("pl"), STR_INIT("patch")},
		{STR_INIT("p"), STR_INIT("patch")},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (take_small(rest, words[i].word))
			return &words[i];
	return NULL;
}

/* The numbers behind a stability word: each with at most one "." or "-" before it. */
static struct str take_stability_numbers(struct str *rest)
{
	size_t n = 0;
	for (;;) {
		size_t at = n < rest->n && is_point_or_dash(rest->p[n]) ? n + 1 : n;
		if (at >= rest->n || !is_digit(rest->p[at]))
			break;
		for (n = at; n < rest->n && is_digit(rest->p[n]);)
			n++;
	}
	struct str numbers = str_slice(*rest, 0, n);
	*rest = str_skip(*rest, n);
	return numbers;
}

/* All behind the numbers: "[._-]?(word numbers?)?([.-]?dev)?". */
static bool add_modifier(struct parts *v, struct str rest)
{
	struct str whole = rest;
	if (rest.n && is_mark(rest.p[0]))
		rest = str_skip(rest, 1);
	const struct stability *s = take_stability(&rest);
	struct str numbers = s ? take_stability_numbers(&rest) : STR("");
	bool dev = ends_as_dev(rest) || (!s && ends_as_dev(whole));
	if (rest.n && !dev)
		return false;
	if (s && !s->means.n)
		return true; /* "stable", whatever follows */
	if (s) {
		add(v, s->means);
		add_runs(v, numbers);
	}
	if (dev)
		add(v, STR("dev"));
	return true;
}

/* "1.2", filled up to four numbers. */
static bool add_classic(struct parts *v, struct str rest)
{
	for (size_t i = 0; i < 4; i++) {
		bool more = i == 0 || (rest.n > 1 && rest.p[0] == '.' && is_digit(rest.p[1]));
		if (i && more)
			rest = str_skip(rest, 1);
		struct str number = more ? take_while(&rest, is_digit) : STR("0");
		if (i == 0 && (!number.n || number.n > 5))
			return false;
		add(v, number);
	}
	return add_modifier(v, rest);
}

/* "20240131", "2024-01-31": what begins with a year. */
static bool add_date(struct parts *v, struct str rest)
{
	size_t n = 0;
	while (n < rest.n && (is_digit(rest.p[n]) || (strchr(".:-", rest.p[n]) && n + 1 < rest.n &&
						      is_digit(rest.p[n + 1]))))
		n++;
	struct str date = str_slice(rest, 0, n), year = date;
	if (take_while(&year, is_digit).n < 4 || date.n < 6)
		return false;
	add_runs(v, date);
	return add_modifier(v, str_skip(rest, n));
}

/* "2.x-dev": a branch that is newer than all releases of its number. */
static bool add_numeric_branch(struct parts *v, struct str rest)
{
	for (size_t i = 0; i < 4; i++) {
		bool more = i == 0 || str_starts(rest, STR("."));
		rest = str_skip(rest, i && more);
		struct str number = more ? take_while(&rest, is_digit) : STR("");
		if (more && !number.n) {
			if (i == 0 || !rest.n || !strchr("xX*", rest.p[0]))
				return false;
			rest = str_skip(rest, 1);
		}
		add(v, number.n ? number : STR("9999999"));
	}
	add(v, STR("dev"));
	return rest.n && ends_as_dev(rest);
}

/* Without what says nothing: "@stability" at the end, "+build", " as alias", "v". */
static struct str bare(struct str version)
{
	version = str_trim(version);
	version = str_slice(version, 0, str_index(version, ' '));
	version = str_slice(version, 0, str_index(version, '@'));
	version = str_slice(version, 0, str_index(version, '+'));
	take_small(&version, STR("v"));
	return version;
}

static void composer_parse(struct parts *v, struct str version)
{
	static bool (*const forms[])(struct parts * v, struct str rest) = {add_classic, add_date,
									   add_numeric_branch};
	version = bare(version);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		v->n = 0;
		if (forms[i](v, version))
			return;
	}
	v->n = 0;
	add_runs(v, version);
}

/* ---- PHP's version_compare() ---- */

/* A number, "#", stands between the words of pre-releases and those of patches; PHP knows the words
 * by how they begin. */
enum { RANK_OTHER = -1, RANK_NUMBER = 4 };

static int rank(struct str part)
{
	static const struct {
		struct str word;
		int rank;
	} ranks[] = {{STR_INIT("dev"), 0},  {STR_INIT("alpha"), 1}, {STR_INIT("a"), 1},
		     {STR_INIT("beta"), 2}, {STR_INIT("b"), 2},     {STR_INIT("RC"), 3},
		     {STR_INIT("rc"), 3},   {STR_INIT("pl"), 5},    {STR_INIT("p"), 5}};
	if (is_digit(part.p[0]))
		return RANK_NUMBER;
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		if (str_starts(part, ranks[i].word))
			return ranks[i].rank;
	return RANK_OTHER;
}

static int parts_cmp(const struct parts *x, const struct parts *y)
{
	size_t i = 0;
	for (; i < x->n && i < y->n; i++) {
		struct str a = x->part[i], b = y->part[i];
		bool numbers = is_digit(a.p[0]) && is_digit(b.p[0]);
		int c = numbers ? number_cmp(a, b) : rank(a) - rank(b);
		if (c)
			return c;
	}
	if (i < x->n)
		return is_digit(x->part[i].p[0]) ? 1 : rank(x->part[i]) - RANK_NUMBER;
	if (i < y->n)
		return is_digit(y->part[i].p[0]) ? -1 : RANK_NUMBER - rank(y->part[i]);
	return 0;
}

static bool is_branch(struct str version)
{
	return take_small(&version, STR("dev-")) || str_eq(version, STR("master")) ||
	       str_eq(version, STR("trunk")) || str_eq(version, STR("default"));
}

int version_composer_cmp(struct str left, struct str right)
{
	bool branch = is_branch(left);
	if (branch != is_branch(right))
		return branch ? -1 : 1;
	if (branch)
		return str_cmp(left, right);
	struct parts x, y;
	composer_parse(&x, left);
	composer_parse(&y, right);
	return parts_cmp(&x, &y);
}
