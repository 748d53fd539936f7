/* Python's order (PEP 440, "Summary of permitted suffixes and relative ordering"; the spellings of
 * its appendix B):
 *
 *     [v][epoch!]1.2.3[{a|b|rc}1][.post1][.dev1][+local.1]
 *
 * Of one release: dev, then a, b and rc, then the release, then post; in each of these dev comes
 * first. What is no such version has the order that setuptools had before the PEP, and is older
 * than all that are. */
#include "core/limits.h"
#include "package/version.h"
#include "package/version_parts.h"

/* Where a pre-release stands; without one it is a release, or comes before all pre-releases where
 * it is a dev-release alone. */
enum pre { PRE_DEV, PRE_A, PRE_B, PRE_RC, PRE_RELEASE };

struct pep440 {
	struct str epoch, release;
	enum pre pre;
	struct str pre_number;
	bool has_post, has_dev;
	struct str post, dev; /* numbers; empty is 0 */
	struct str local;     /* empty: none */
};

/* ---- Reading ---- */

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

static void take_separator(struct str *rest)
{
	if (rest->n && is_separator(rest->p[0]))
		*rest = str_skip(*rest, 1);
}

struct word {
	struct str word;
	enum pre pre;
};

/* "[-_.]?word[-_.]?number?", by the first of `words` that fits; NULL, and nothing taken, where none
 * does. */
static const struct word *take_suffix(struct str *rest, const struct word *words, size_t n,
				      struct str *number)
{
	struct str at = *rest;
	take_separator(&at);
	for (size_t i = 0; i < n; i++) {
		if (!take_small(&at, words[i].word))
			continue;
		take_separator(&at);
		*number = take_while(&at, is_digit);
		*rest = at;
		return &words[i];
	}
	return NULL;
}

static void take_pre(struct str *rest, struct pep440 *v)
{
	static const struct word words[] = {
		{STR_INIT("alpha"), PRE_A},    {STR_INIT("a"), PRE_A},
		{STR_INIT("beta"), PRE_B},     {STR_INIT("b"), PRE_B},
		{STR_INIT("preview"), PRE_RC}, {STR_INIT("pre"), PRE_RC},
		{STR_INIT("c"), PRE_RC},       {STR_INIT("rc"), PRE_RC},
	};
	const struct word *w =
		take_suffix(rest, words, sizeof words / sizeof *words, &v->pre_number);
	v->pre = w ? w->pre : PRE_RELEASE;
}

/* A number behind "-" is a post-release too. */
static void take_post(struct str *rest, struct pep440 *v)
{
	static const struct word words[] = {
		{STR_INIT("post"), 0}, {STR_INIT("rev"), 0}, {STR_INIT("r"), 0}};
	if (rest->n > 1 && rest->p[0] == '-' && is_digit(rest->p[1])) {
		*rest = str_skip(*rest, 1);
		v->post = take_while(rest, is_digit);
		v->has_post = true;
		return;
	}
	v->has_post = take_suffix(rest, words, sizeof words / sizeof *words, &v->post) != NULL;
}

static void take_dev(struct str *rest, struct pep440 *v)
{
	static const struct word words[] = {{STR_INIT("dev"), 0}};
	v->has_dev = take_suffix(rest, words, 1, &v->dev) != NULL;
}

static bool is_alphanumeric(char c)
{
	return is_digit(c) || is_letter(c);
}

/* "+letters-or-digits", in parts that one separator divides. */
static bool take_local(struct str *rest, struct pep440 *v)
{
	if (!str_starts(*rest, STR("+")))
		return true;
	*rest = v->local = str_skip(*rest, 1);
	while (take_while(rest, is_alphanumeric).n) {
		if (!rest->n)
			return true;
		if (!is_separator(rest->p[0]))
			return false;
		take_separator(rest);
	}
	return false;
}

static struct str stripped(struct str s)
{
	take_while(&s, is_blank);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* False where it is no version by PEP 440. */
static bool pep440_parse(struct str rest, struct pep440 *v)
{
	*v = (struct pep440){.epoch = STR("")};
	rest = stripped(rest);
	take_small(&rest, STR("v"));
	struct str at = rest;
	v->epoch = take_while(&at, is_digit);
	if (v->epoch.n && str_starts(at, STR("!")))
		rest = str_skip(at, 1);
	else
		v->epoch = STR("");
	v->release = take_numbers(&rest);
	take_pre(&rest, v);
	take_post(&rest, v);
	take_dev(&rest, v);
	if (v->pre == PRE_RELEASE && v->has_dev && !v->has_post)
		v->pre = PRE_DEV;
	return v->release.n && take_local(&rest, v) && !rest.n;
}

/* ---- Comparing ---- */

static struct str take_local_part(struct str *rest)
{
	struct str part = take_while(rest, is_alphanumeric);
	take_separator(rest);
	return part;
}

/* Numbers are newer than words; no local version is older than any. */
static int local_cmp(struct str left, struct str right)
{
	int c = 0;
	while (c == 0 && left.n && right.n) {
		struct str x = take_local_part(&left), y = take_local_part(&right);
		bool number = all_digits(x);
		if (number != all_digits(y))
			return number ? 1 : -1;
		c = number ? number_cmp(x, y) : small_cmp(x, y);
	}
	return c ? c : (left.n > 0) - (right.n > 0);
}

static int pep440_cmp(const struct pep440 *x, const struct pep440 *y)
{
	int c = number_cmp(x->epoch, y->epoch);
	c = c ? c : numbers_cmp(x->release, y->release);
	c = c ? c : (int)x->pre - (int)y->pre;
	c = c ? c : number_cmp(x->pre_number, y->pre_number);
	c = c ? c : (int)x->has_post - (int)y->has_post;
	c = c ? c : number_cmp(x->post, y->post);
	c = c ? c : (int)y->has_dev - (int)x->has_dev;
	c = c ? c : number_cmp(x->dev, y->dev);
	return c ? c : local_cmp(x->local, y->local);
}

/* ---- What is no version by PEP 440 ---- */

/* Runs of digits, runs of letters, single "-", and whatever stands between these. Points only
 * divide. */
struct legacy {
	struct str part[LIMIT_VERSION_PARTS];
	size_t n;
};

static const struct str final = STR_INIT("final"), final_dash = STR_INIT("final-");

static bool is_other(char c)
{
	return !is_digit(c) && !is_letter(c) && c != '.' && c != '-';
}

static struct str take_legacy_part(struct str *rest)
{
	static const struct {
		struct str word, means;
	} words[] = {{STR_INIT("pre"), STR_INIT("c")},
		     {STR_INIT("preview"), STR_INIT("c")},
		     {STR_INIT("rc"), STR_INIT("c")},
		     {STR_INIT("dev"), STR_INIT("@")},
		     {STR_INIT("-"), STR_INIT("final-")}};
	char c = rest->p[0];
	struct str part = is_digit(c)    ? take_while(rest, is_digit)
			  : is_letter(c) ? take_while(rest, is_letter)
			  : is_other(c)  ? take_while(rest, is_other)
					 : str_slice(*rest, 0, 1);
	if (c == '.' || c == '-')
		*rest = str_skip(*rest, 1);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (small_cmp(part, words[i].word) == 0)
			return words[i].means;
	return part;
}

/* Zeros before a word are dropped, and so is a "-" before one that comes before "final". */
static void add_legacy(struct legacy *v, struct str part)
{
	if (!is_digit(part.p[0])) {
		if (small_cmp(part, final) < 0)
			while (v->n && str_eq(v->part[v->n - 1], final_dash))
				v->n--;
		while (v->n && all_digits(v->part[v->n - 1]) && v->part[v->n - 1].n <= 8 &&
		       number_cmp(v->part[v->n - 1], STR("")) == 0)
			v->n--;
	}
	v->part[v->n++] = part;
}

static void legacy_parse(struct str rest, struct legacy *v)
{
	v->n = 0;
	while (rest.n && v->n + 1 < LIMIT_VERSION_PARTS) {
		struct str part = take_legacy_part(&rest);
		if (!str_eq(part, STR(".")))
			add_legacy(v, part);
	}
	add_legacy(v, final);
}

/* A number as the byte string that it was compared as: with zeros in front up to eight digits. */
static int padded_cmp(struct str left, struct str right)
{
	if (left.n <= 8 && right.n <= 8)
		return number_cmp(left, right);
	for (size_t i = 0; i < left.n || i < right.n; i++) {
		size_t x = left.n < 8 ? 8 - left.n : 0, y = right.n < 8 ? 8 - right.n : 0;
		if (i >= left.n + x || i >= right.n + y)
			return (left.n + x > right.n + y) - (left.n + x < right.n + y);
		char a = i < x ? '0' : left.p[i - x], b = i < y ? '0' : right.p[i - y];
		if (a != b)
			return a - b;
	}
	return 0;
}

static int legacy_cmp(struct str left, struct str right)
{
	struct legacy x, y;
	legacy_parse(left, &x);
	legacy_parse(right, &y);
	for (size_t i = 0; i < x.n && i < y.n; i++) {
		bool number = is_digit(x.part[i].p[0]);
		if (number != is_digit(y.part[i].p[0]))
			return number ? 1 : -1;
		int c = number ? padded_cmp(x.part[i], y.part[i]) : small_cmp(x.part[i], y.part[i]);
		if (c)
			return c;
	}
	return (x.n > y.n) - (x.n < y.n);
}

int version_pep440_cmp(struct str left, struct str right)
{
	struct pep440 x, y;
	bool sound = pep440_parse(left, &x);
	if (sound != pep440_parse(right, &y))
		return sound ? 1 : -1;
	return sound ? pep440_cmp(&x, &y) : legacy_cmp(left, right);
}
