/* Debian's order (deb-version(7), Debian Policy 5.6.12): epochs as numbers, then the upstream
 * version, then the revision, both in turns of what is no digit and what is one. */
#include "package/version.h"
#include "package/version_parts.h"

/* "~" before everything, the end included; then letters, then all else; by byte in each. */
static int weight(struct str s, size_t i)
{
	if (i >= s.n || is_digit(s.p[i]))
		return 0;
	if (s.p[i] == '~')
		return -1;
	return is_letter(s.p[i]) ? s.p[i] : 256 + (unsigned char)s.p[i];
}

static bool is_other(char c)
{
	return !is_digit(c);
}

static int other_cmp(struct str left, struct str right)
{
	for (size_t i = 0; i < left.n || i < right.n; i++)
		if (weight(left, i) != weight(right, i))
			return weight(left, i) - weight(right, i);
	return 0;
}

static int part_cmp(struct str left, struct str right)
{
	int c = 0;
	while (c == 0 && (left.n || right.n)) {
		c = other_cmp(take_while(&left, is_other), take_while(&right, is_other));
		struct str x = take_while(&left, is_digit), y = take_while(&right, is_digit);
		c = c ? c : number_cmp(x, y);
	}
	return c;
}

int version_deb_cmp(struct str left, struct str right)
{
	return parted_cmp(left, right, part_cmp);
}
