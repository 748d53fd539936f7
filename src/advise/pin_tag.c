#include "advise/pin_tag.h"

/* ---- Parts ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many numbers "v1.2.3" has; 0 where the part is no version. */
static unsigned numbers(struct str part)
{
	unsigned count = 0;
	struct str number;
	if (part.n > 1 && part.p[0] == 'v' && is_digit(part.p[1]))
		part = str_skip(part, 1);
	if (!part.n || part.p[part.n - 1] == '.')
		return 0;
	while (str_next(&part, '.', &number)) {
		for (size_t i = 0; i < number.n; i++)
			if (!is_digit(number.p[i]))
				return 0;
		if (!number.n)
			return 0;
		count++;
	}
	return count;
}

/* 20241016, 20240911.1 */
static bool is_day(struct str part)
{
	enum { DAY_DIGITS = 8 };
	return numbers(part) && str_index(part, '.') >= DAY_DIGITS;
}

/* A commit: seven or more hexadecimal digits, letters and figures among them. */
static bool is_commit(struct str part)
{
	bool letter = false, figure = false;
	for (size_t i = 0; i < part.n; i++) {
		bool hex_letter = part.p[i] >= 'a' && part.p[i] <= 'f';
		if (!hex_letter && !is_digit(part.p[i]))
			return false;
		letter |= hex_letter;
		figure |= is_digit(part.p[i]);
	}
	return part.n >= 7 && letter && figure;
}

static bool is_latest(struct str tag)
{
	return !tag.n || str_eq(tag, STR("latest"));
}

bool pin_tag_moves(struct str tag)
{
	struct str part;
	while (str_next(&tag, '-', &part))
		if (numbers(part) >= 3 || is_day(part) || is_commit(part))
			return false;
	return true;
}

/* ---- Refining ---- */

/* "3.12.7" for "3.12" and "3". */
static bool extends(struct str longer, struct str part)
{
	return numbers(part) && numbers(longer) > numbers(part) && str_starts(longer, part) &&
	       longer.p[part.n] == '.';
}

bool pin_tag_refines(struct str candidate, struct str tag)
{
	struct str have, want;
	bool refined = false, more = true;
	if (is_latest(tag))
		tag = STR("");
	more = str_next(&tag, '-', &want);
	while (str_next(&candidate, '-', &have)) {
		bool same = more && str_eq(have, want);
		bool longer = !same && !refined && more && extends(have, want);
		bool between = !same && !longer && !refined && (numbers(have) >= 2 || is_day(have));
		if (!same && !longer && !between)
			return false;
		refined |= longer || between;
		if (!between)
			more = str_next(&tag, '-', &want);
	}
	return refined && !more;
}

/* ---- Order ---- */

/* The part that says the version: the one with the most numbers. */
static struct str version(struct str tag)
{
	struct str part, best = STR("");
	while (str_next(&tag, '-', &part))
		if (numbers(part) > numbers(best))
			best = part;
	return best;
}

static int compare_numbers(struct str a, struct str b)
{
	while (a.n > 1 && a.p[0] == '0')
		a = str_skip(a, 1);
	while (b.n > 1 && b.p[0] == '0')
		b = str_skip(b, 1);
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : str_cmp(a, b);
}

int pin_tag_order(struct str a, struct str b)
{
	struct str x = version(a), y = version(b), m, n;
	int order = (int)numbers(y) - (int)numbers(x);
	x = str_starts(x, STR("v")) ? str_skip(x, 1) : x;
	y = str_starts(y, STR("v")) ? str_skip(y, 1) : y;
	while (order == 0 && str_next(&x, '.', &m) && str_next(&y, '.', &n))
		order = compare_numbers(n, m);
	return order ? order : str_cmp(a, b);
}
