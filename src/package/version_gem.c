/* RubyGems' order (Gem::Version): segments of digits and of letters; a segment of letters makes a
 * pre-release and is older than any number, a missing one is 0. "-" stands for ".pre.". Zeros
 * before the first letters say nothing: "1.0.0.rc1" is "1.rc1". */
#include "package/version.h"
#include "package/version_parts.h"

/* What is left to read: numbers without the zeros at their end, then all from the first letters
 * on. */
struct gem {
	struct str numbers, rest;
};

static bool is_between(char c)
{
	return !is_digit(c) && !is_letter(c) && c != '-';
}

static bool is_no_word(char c)
{
	return !is_letter(c) && c != '-';
}

static struct gem gem_parse(struct str version)
{
	struct gem g = {.rest = version};
	struct str all = take_while(&g.rest, is_no_word), rest = all;
	size_t last = 0; /* behind the last number that is not 0 */
	while (rest.n) {
		take_while(&rest, is_between);
		struct str number = take_while(&rest, is_digit);
		if (number_cmp(number, STR("")) != 0)
			last = all.n - rest.n;
	}
	g.numbers = str_slice(all, 0, last);
	return g;
}

/* Empty, which is 0, behind the end. */
static struct str take_segment(struct gem *g)
{
	take_while(&g->numbers, is_between);
	if (g->numbers.n)
		return take_while(&g->numbers, is_digit);
	take_while(&g->rest, is_between);
	if (str_starts(g->rest, STR("-"))) {
		g->rest = str_skip(g->rest, 1);
		return STR("pre");
	}
	bool digits = g->rest.n && is_digit(g->rest.p[0]);
	return take_while(&g->rest, digits ? is_digit : is_letter);
}

int version_gem_cmp(struct str left, struct str right)
{
	struct gem x = gem_parse(left), y = gem_parse(right);
	int c = 0;
	while (c == 0 && (x.numbers.n || x.rest.n || y.numbers.n || y.rest.n)) {
		struct str a = take_segment(&x), b = take_segment(&y);
		bool word = a.n && is_letter(a.p[0]);
		if (word != (b.n && is_letter(b.p[0])))
			return word ? -1 : 1;
		c = word ? str_cmp(a, b) : number_cmp(a, b);
	}
	return c;
}
