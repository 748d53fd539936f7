/* version_parts: what the orders of versions share. For src/package alone. */
#pragma once

#include "core/str.h"

/* Digits and letters of ASCII, whatever the locale. */
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes the bytes that are of the kind off the front. */
static inline struct str take_while(struct str *rest, bool (*kind)(char c))
{
	size_t n = 0;
	while (n < rest->n && kind(rest->p[n]))
		n++;
	struct str taken = str_slice(*rest, 0, n);
	*rest = str_skip(*rest, n);
	return taken;
}

/* Digits as a number of any length: "" is 0. */
static inline int number_cmp(struct str left, struct str right)
{
	while (left.n && left.p[0] == '0')
		left = str_skip(left, 1);
	while (right.n && right.p[0] == '0')
		right = str_skip(right, 1);
	return left.n != right.n ? (left.n > right.n) - (left.n < right.n) : str_cmp(left, right);
}

static inline bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool all_digits(struct str s)
{
	return take_while(&s, is_digit).n && !s.n;
}

/* By byte, but letters in either case alike. */
static inline int small_cmp(struct str left, struct str right)
{
	for (size_t i = 0; i < left.n && i < right.n; i++) {
		unsigned char x = (unsigned char)small(left.p[i]), y = (unsigned char)small(right.p[i]);
		if (x != y)
			return x - y;
	}
	return (left.n > right.n) - (left.n < right.n);
}

/* Takes `word`, written in small letters, off the front, in either case. */
static inline bool take_small(struct str *rest, struct str word)
{
	if (rest->n < word.n || small_cmp(str_slice(*rest, 0, word.n), word) != 0)
		return false;
	*rest = str_skip(*rest, word.n);
	return true;
}

/* Takes "1.2.3" off the front; a point that no digit follows stays. */
static inline struct str take_numbers(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && (is_digit(rest->p[n]) || (rest->p[n] == '.' && n && n + 1 < rest->n &&
							 is_digit(rest->p[n + 1]))))
		n++;
	struct str numbers = str_slice(*rest, 0, n);
	*rest = str_skip(*rest, n);
	return numbers;
}

/* "1.2.3", number by number; missing ones are 0. */
static inline int numbers_cmp(struct str left, struct str right)
{
	int c = 0;
	while (c == 0 && (left.n || right.n)) {
		struct str x = STR(""), y = STR("");
		str_next(&left, '.', &x);
		str_next(&right, '.', &y);
		c = number_cmp(x, y);
	}
	return c;
}

/* Takes "epoch:" off the front; empty, which is 0, where there is none. */
static inline struct str take_epoch(struct str *version)
{
	size_t digits = 0;
	while (digits < version->n && is_digit(version->p[digits]))
		digits++;
	if (digits == version->n || version->p[digits] != ':')
		return STR("");
	struct str epoch = str_slice(*version, 0, digits);
	*version = str_skip(*version, digits + 1);
	return epoch;
}

/* Takes what stands behind the last "-" off the end; empty where there is none. */
static inline struct str take_revision(struct str *version)
{
	size_t dash = str_rindex(*version, '-');
	struct str revision = str_skip(*version, dash + 1);
	*version = str_slice(*version, 0, dash);
	return revision;
}

/* epoch:version-revision, the epochs as numbers, the others by the order's own rule. */
static inline int parted_cmp(struct str left, struct str right,
                             int (*part_cmp)(struct str left, struct str right))
{
	struct str x = take_epoch(&left), y = take_epoch(&right);
	int c = number_cmp(x, y);
	x = take_revision(&left);
	y = take_revision(&right);
	c = c ? c : part_cmp(left, right);
	return c ? c : part_cmp(x, y);
}
