/* Semantic Versioning and what descends from it: three numbers (NuGet: four), then a pre-release in
 * identifiers divided by points, which is older than the release; build metadata behind a "+" says
 * nothing. */
#include "package/version.h"
#include "package/version_parts.h"

struct semver {
	struct str numbers, pre; /* `pre` empty: a release */
};

/* Section 11.4: numbers as such and before words, words by byte; where all else is alike, the
 * shorter row is older. */
static int identifiers_cmp(struct str left, struct str right,
			   int (*identifier_cmp)(struct str left, struct str right))
{
	int c = 0;
	struct str x, y;
	while (c == 0 && left.n && right.n) {
		str_next(&left, '.', &x);
		str_next(&right, '.', &y);
		c = identifier_cmp(x, y);
	}
	return c ? c : (left.n > 0) - (right.n > 0);
}

static int pre_cmp(struct str left, struct str right,
		   int (*identifier_cmp)(struct str left, struct str right))
{
	if (!left.n || !right.n)
		return (left.n == 0) - (right.n == 0);
	return identifiers_cmp(left, right, identifier_cmp);
}

/* What begins with no number is no version, and older than all. */
static int semver_cmp(struct str left, struct str right, struct semver (*parse)(struct str version),
		      int (*identifier_cmp)(struct str left, struct str right))
{
	struct semver x = parse(left), y = parse(right);
	if (!x.numbers.n || !y.numbers.n)
		return x.numbers.n || y.numbers.n ? (x.numbers.n > 0) - (y.numbers.n > 0)
						  : str_cmp(left, right);
	int c = numbers_cmp(x.numbers, y.numbers);
	return c ? c : pre_cmp(x.pre, y.pre, identifier_cmp);
}

/* ---- npm, crates.io ---- */

static int semver_identifier_cmp(struct str left, struct str right)
{
	bool number = all_digits(left);
	if (number != all_digits(right))
		return number ? -1 : 1;
	return number ? number_cmp(left, right) : str_cmp(left, right);
}

static bool is_marker(char c)
{
	return c == 'v' || c == '=' || is_blank(c);
}

static struct semver semver_parse(struct str version)
{
	struct semver v;
	take_while(&version, is_marker);
	version = str_slice(version, 0, str_index(version, '+'));
	v.numbers = take_numbers(&version);
	v.pre = str_trim(str_skip(version, str_starts(version, STR("-"))));
	return v;
}

int version_semver_cmp(struct str left, struct str right)
{
	return semver_cmp(left, right, semver_parse, semver_identifier_cmp);
}

/* ---- NuGet ---- */

/* A number that no Int32 holds is a word, as NuGet reads it. */
static bool is_nuget_number(struct str s)
{
	return all_digits(s) && number_cmp(s, STR("2147483647")) <= 0;
}

static int nuget_identifier_cmp(struct str left, struct str right)
{
	bool number = is_nuget_number(left);
	if (number != is_nuget_number(right))
		return number ? -1 : 1;
	return number ? number_cmp(left, right) : small_cmp(left, right);
}

int version_nuget_cmp(struct str left, struct str right)
{
	return semver_cmp(left, right, semver_parse, nuget_identifier_cmp);
}
