/* Go's order: golang.org/x/mod/semver, which is Semantic Versioning with a "v", less strict in that
 * "v1" and "v1.2" are complete. Advisories write no "v", and of the standard library the form that
 * golang.org/x/vuln makes of Go's releases: "go1.22rc1" is "1.22.0-rc.1". */
#include "package/version.h"
#include "package/version_parts.h"

struct go_version {
	bool valid;
	struct str number[3];
	struct str pre; /* identifiers divided by points; empty: a release */
	bool own_form;  /* `pre` is a word and a number in one: "rc1" */
};

static bool is_identifier_char(char c)
{
	return is_digit(c) || is_letter(c) || c == '-';
}

/* Section 9: no empty ones, and none that is a number beginning with 0. */
static bool identifiers_valid(struct str all, bool zeros)
{
	struct str one, rest = all;
	while (str_next(&rest, '.', &one)) {
		bool number = all_digits(one);
		if (number && one.n > 1 && one.p[0] == '0' && !zeros)
			return false;
		if (!take_while(&one, is_identifier_char).n || one.n)
			return false;
	}
	return all.n && all.p[all.n - 1] != '.';
}

static bool take_go_number(struct str *rest, struct str *number)
{
	*number = take_while(rest, is_digit);
	return number->n == 1 || (number->n > 1 && number->p[0] != '0');
}

/* "rc1", "beta2", "-pre1" behind a release of Go. */
static bool own_pre(struct str rest, struct str *pre)
{
	static const struct str words[] = {STR_INIT("beta"), STR_INIT("rc"), STR_INIT("-pre")};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!str_starts(rest, words[i]) || !all_digits(str_skip(rest, words[i].n)))
			continue;
		*pre = str_skip(rest, rest.p[0] == '-');
		return true;
	}
	return false;
}

static bool behind_numbers(struct str rest, size_t numbers, struct go_version *v)
{
	if (numbers >= 2 && v->own_form && own_pre(rest, &v->pre))
		return true;
	v->own_form = false;
	if (numbers < 3)
		return !rest.n;
	struct str build = str_skip(rest, str_index(rest, '+'));
	rest = str_slice(rest, 0, rest.n - build.n);
	if (build.n && !identifiers_valid(str_skip(build, 1), true))
		return false;
	if (!rest.n)
		return true;
	v->pre = str_skip(rest, 1);
	return rest.p[0] == '-' && identifiers_valid(v->pre, false);
}

/* `own` is Go's form of its releases, where "-pre1" means "-pre.1". */
static struct go_version go_parse(struct str text)
{
	struct go_version v = {.number = {STR(""), STR(""), STR("")}, .pre = STR("")};
	struct str version = STR("");
	str_word(&text, &version); /* "go1.22.3 X:boringcrypto" */
	bool tag = str_starts(version, STR("go"));
	version = str_skip(version, tag ? 2 : str_starts(version, STR("v")));
	size_t numbers = 0;
	while (numbers < 3 && (numbers == 0 || str_starts(version, STR(".")))) {
		version = str_skip(version, numbers > 0);
		if (!take_go_number(&version, &v.number[numbers++]))
			return v;
	}
	v.own_form = tag || !str_starts(version, STR("-"));
	v.valid = behind_numbers(version, numbers, &v);
	return v;
}

/* ---- Comparing ---- */

static struct str take_identifier(struct str *pre, bool own_form)
{
	struct str one = STR("");
	if (own_form && !is_digit(pre->p[0]))
		return take_while(pre, is_letter);
	str_next(pre, '.', &one);
	return one;
}

static int identifier_cmp(struct str left, struct str right)
{
	bool number = all_digits(left);
	if (number != all_digits(right))
		return number ? -1 : 1;
	return number ? number_cmp(left, right) : str_cmp(left, right);
}

static int pre_cmp(struct go_version *x, struct go_version *y)
{
	if (!x->pre.n || !y->pre.n)
		return (x->pre.n == 0) - (y->pre.n == 0);
	int c = 0;
	while (c == 0 && x->pre.n && y->pre.n) {
		struct str left = take_identifier(&x->pre, x->own_form);
		struct str right = take_identifier(&y->pre, y->own_form);
		c = identifier_cmp(left, right);
	}
	return c ? c : (x->pre.n > 0) - (y->pre.n > 0);
}

int version_go_cmp(struct str left, struct str right)
{
	struct go_version x = go_parse(left), y = go_parse(right);
	if (!x.valid || !y.valid)
		return (int)x.valid - (int)y.valid;
	int c = 0;
	for (size_t i = 0; i < 3 && c == 0; i++)
		c = number_cmp(x.number[i], y.number[i]);
	return c ? c : pre_cmp(&x, &y);
}
