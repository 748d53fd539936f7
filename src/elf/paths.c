/* Well-known paths in the data: what a program reads or starts by a fixed name.
 *
 * A static program has no symbols and no needed libraries; that it opens the CA
 * bundle or the time zones shows in such strings alone. Go and Rust put their
 * strings one behind the other without NULs, so a path is looked for, not a
 * string. */
#include "elf/block.h"
#include "elf/parse.h"

/* The longer ones first: of two that begin alike the longer is told. */
static const struct known_path {
	struct str path;
	bool whole; /* short: only where no other word is around it */
} known_paths[] = {
	{STR_INIT("/etc/ssl/certs/ca-certificates.crt"), false},
	{STR_INIT("/etc/ssl/certs"), false},
	{STR_INIT("/etc/ssl/cert.pem"), false},
	{STR_INIT("/etc/pki/tls/certs"), false},
	{STR_INIT("/etc/nsswitch.conf"), false},
	{STR_INIT("/etc/localtime"), false},
	{STR_INIT("/etc/mime.types"), false},
	{STR_INIT("/etc/services"), false},
	{STR_INIT("/etc/passwd"), false},
	{STR_INIT("/etc/group"), false},
	{STR_INIT("/usr/share/zoneinfo"), false},
	{STR_INIT("/bin/bash"), true},
	{STR_INIT("/bin/sh"), true},
};

enum {
	KNOWN_PATHS = sizeof known_paths / sizeof known_paths[0],
	SEEN_ALL = (1 << KNOWN_PATHS) - 1
};

/* Where "/et", "/us" or "/bi" begins: with these do all of the paths begin. */
static block begins(const char *p)
{
	block one = block_load(p + 1), two = block_load(p + 2);
	block known = (block_is(one, 'e') & block_is(two, 't')) |
	              (block_is(one, 'u') & block_is(two, 's')) |
	              (block_is(one, 'b') & block_is(two, 'i'));
	return block_is(block_load(p), '/') & known;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c == '/';
}

static bool stands_alone(struct str bytes, size_t at, size_t n)
{
	return (at == 0 || !is_word(bytes.p[at - 1])) &&
	       (at + n == bytes.n || !is_word(bytes.p[at + n]));
}

static unsigned path_at(struct str bytes, size_t at)
{
	struct str rest = str_skip(bytes, at);
	for (unsigned i = 0; i < KNOWN_PATHS; i++) {
		const struct known_path *k = &known_paths[i];
		if (str_starts(rest, k->path) && (!k->whole || stands_alone(bytes, at, k->path.n)))
			return 1u << i;
	}
	return 0;
}

static unsigned paths_in(struct str bytes, unsigned seen)
{
	const size_t step = sizeof(block);
	size_t at = 0;
	for (; at + step + 2 <= bytes.n && seen != SEEN_ALL; at += step) {
		if (!block_any(begins(bytes.p + at)))
			continue;
		for (size_t i = at; i < at + step; i++)
			if (bytes.p[i] == '/')
				seen |= path_at(bytes, i);
	}
	for (; at < bytes.n; at++)
		if (bytes.p[at] == '/')
			seen |= path_at(bytes, at);
	return seen;
}

void find_paths(struct parser *p)
{
	struct str bytes;
	unsigned seen = 0;
	for (struct data_walk w = {0}; next_data(p, &w, &bytes);)
		seen = paths_in(bytes, seen);
	for (unsigned i = 0; i < KNOWN_PATHS; i++)
		if (seen >> i & 1)
			*vec_push(&p->o->path_strings, p->arena) = known_paths[i].path;
}
