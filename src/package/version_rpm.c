/* RPM's order (rpm-version(7)): epochs as numbers, then version, then release, each in segments of
 * digits or of letters. Whatever else stands between segments only divides them, but for "~", which
 * comes before the end, and "^", which comes after the end and before all else. */
#include "package/version.h"
#include "package/version_parts.h"

static bool divides(char c)
{
	return !is_digit(c) && !is_letter(c) && c != '~' && c != '^';
}

static char front(struct str s)
{
	return s.n ? s.p[0] : 0;
}

/* A segment of letters is older than one of digits. */
static int segment_cmp(struct str *left, struct str *right)
{
	bool digits = is_digit(front(*left));
	if (digits != is_digit(front(*right)))
		return digits ? 1 : -1;
	struct str x = take_while(left, digits ? is_digit : is_letter);
	struct str y = take_while(right, digits ? is_digit : is_letter);
	return digits ? number_cmp(x, y) : str_cmp(x, y);
}

static int part_cmp(struct str left, struct str right)
{
	for (;;) {
		take_while(&left, divides);
		take_while(&right, divides);
		char x = front(left), y = front(right);
		if (x == '~' || y == '~') {
			if (x != y)
				return x == '~' ? -1 : 1;
		} else if (x == '^' || y == '^') {
			if (x != y)
				return x == '^' ? (y ? -1 : 1) : (x ? 1 : -1);
		} else if (!x || !y) {
			return (x != 0) - (y != 0);
		} else {
			int c = segment_cmp(&left, &right);
			if (c)
				return c;
			continue;
		}
		left = str_skip(left, 1);
		right = str_skip(right, 1);
	}
}

int version_rpm_cmp(struct str left, struct str right)
{
	return parted_cmp(left, right, part_cmp);
}
