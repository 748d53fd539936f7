#include "trial/start.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/bytes.h"
#include "core/limits.h"
#include "trial/inside.h"

#define PT_INTERP 3u
#define PROGRAM_HEADERS_BYTES 65536u /* fs/binfmt_elf.c, ELF_MIN_ALIGN check of e_phnum */

enum { MACHINE_386 = 3, MACHINE_ARM = 40, MACHINE_X86_64 = 62, MACHINE_AARCH64 = 183 };

static struct str read_at(int fd, uint64_t off, size_t n, struct arena *a)
{
	char *p = arena_alloc(a, n + 1);
	ssize_t got;
	do
		got = pread(fd, p, n, (off_t)off);
	while (got < 0 && errno == EINTR);
	return (struct str){p, got > 0 ? (size_t)got : 0};
}

struct str script_interpreter(struct str head)
{
	if (!str_starts(head, STR("#!")))
		return STR_NONE;
	struct str line = str_slice(head, 2, LIMIT_SHEBANG_BYTES), word;
	line = str_slice(line, 0, str_index(line, '\n'));
	/* Blanks and tabs alone divide; a CR belongs to the name, and is then not found. */
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	size_t end = 0;
	while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t' && line.p[end] != '\0')
		end++;
	word = str_slice(line, 0, end);
	return word;
}

/* What this machine runs: its own kind, and the 32-bit kind that goes with it. */
static bool machine_fits(uint16_t machine)
{
#if defined(__x86_64__)
	return machine == MACHINE_X86_64 || machine == MACHINE_386;
#elif defined(__aarch64__)
	return machine == MACHINE_AARCH64 || machine == MACHINE_ARM;
#else
	(void)machine;
	return true; /* the kernel is the judge; nothing is claimed */
#endif
}

/* PT_INTERP's path; empty where there is none or the headers lie. */
static struct str elf_interpreter(int fd, struct bytes *b, struct arena *a)
{
	bool wide = bytes_u8(b, 4) == 2;
	uint64_t table_off = wide ? bytes_u64(b, 32) : bytes_u32(b, 28);
	uint16_t entry_bytes = bytes_u16(b, wide ? 54 : 42), count = bytes_u16(b, wide ? 56 : 44);
	if (b->bad || entry_bytes != (wide ? 56 : 32) ||
	    (uint32_t)count * entry_bytes > PROGRAM_HEADERS_BYTES)
		return STR_NONE;
	struct str raw = read_at(fd, table_off, (size_t)count * entry_bytes, a);
	struct bytes table = bytes_of(raw.p, raw.n);
	table.big_endian = b->big_endian;
	for (uint16_t i = 0; i < count; i++) {
		uint64_t at = (uint64_t)i * entry_bytes;
		if (bytes_u32(&table, at) != PT_INTERP || table.bad)
			continue;
		uint64_t off = wide ? bytes_u64(&table, at + 8) : bytes_u32(&table, at + 4);
		uint64_t n = wide ? bytes_u64(&table, at + 32) : bytes_u32(&table, at + 16);
		if (table.bad || n < 2 || n > LIMIT_PATH_BYTES)
			return STR_NONE;
		struct str path = read_at(fd, off, (size_t)n, a);
		return str_slice(path, 0, str_index(path, '\0'));
	}
	return STR_NONE;
}

/* One file; *next is the interpreter that must be looked at then, or empty. */
static enum start_verdict check_file(int root, struct str path, struct arena *a, struct str *next)
{
	*next = STR_NONE;
	CLEANUP_FD int fd = inside_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? START_ABSENT : START_NOT_EXECUTABLE;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0)
		return START_NOT_EXECUTABLE;
	struct str head = read_at(fd, 0, LIMIT_SHEBANG_BYTES, a);
	if (str_starts(head, STR("#!"))) {
		*next = script_interpreter(head);
		return next->n > 0 ? START_OK : START_NO_PROGRAM;
	}
	struct bytes b = bytes_of(head.p, head.n);
	if (!str_starts(head, STR("\177ELF")) || head.n < 52)
		return START_NO_PROGRAM;
	b.big_endian = bytes_u8(&b, 5) == 2;
	if (!machine_fits(bytes_u16(&b, 18)))
		return START_WRONG_MACHINE;
	*next = elf_interpreter(fd, &b, a);
	return START_OK;
}

struct start_check start_check_path(int root, struct str path, struct arena *a)
{
	struct start_check c = {.path = path};
	struct str at = path, next;
	for (unsigned depth = 0; depth <= LIMIT_SCRIPT_DEPTH; depth++, at = next) {
		enum start_verdict v = check_file(root, at, a, &next);
		if (v == START_ABSENT && depth > 0) {
			c.verdict = START_NO_INTERPRETER;
			c.interpreter = at;
			return c;
		}
		c.verdict = v;
		c.by = at;
		if (v != START_OK || next.n == 0)
			return c;
	}
	return c;
}

static struct str search(int root, struct str name, struct str search_path, struct arena *a)
{
	struct str folder, refused = STR_NONE;
	while (str_next(&search_path, ':', &folder)) {
		if (folder.n == 0 || folder.p[0] != '/')
			continue;
		struct str path =
			arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
		struct str next;
		enum start_verdict v = check_file(root, path, a, &next);
		if (v != START_ABSENT && v != START_NOT_EXECUTABLE)
			return path;
		if (v == START_NOT_EXECUTABLE && refused.n == 0)
			refused = path; /* execvp(3): EACCES is told when nothing better came */
	}
	return refused;
}

struct start_check start_check(int root, struct str argv0, struct str folder,
                               struct str search_path, struct arena *a)
{
	struct str path = argv0;
	if (str_index(argv0, '/') == argv0.n)
		path = search(root, argv0, search_path, a);
	else if (argv0.p[0] != '/')
		path = arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(argv0));
	if (path.n == 0)
		return (struct start_check){.verdict = START_ABSENT, .path = argv0};
	return start_check_path(root, path, a);
}

struct str start_why(const struct start_check *c, struct arena *a)
{
	bool searched = str_index(c->path, '/') == c->path.n;
	switch (c->verdict) {
	case START_OK:
		return STR_NONE;
	case START_ABSENT:
		return arena_printf(a, searched ? "%.*s is in no folder of PATH" : "%.*s is not there",
		                    STR_ARG(c->path));
	case START_NO_INTERPRETER:
		return arena_printf(a, "%.*s is there, but its interpreter %.*s is not",
		                    STR_ARG(c->by), STR_ARG(c->interpreter));
	case START_NOT_EXECUTABLE:
		return arena_printf(a, "%.*s is no file with an execute bit", STR_ARG(c->path));
	case START_WRONG_MACHINE:
		return arena_printf(a, "%.*s is for another processor", STR_ARG(c->by.n ? c->by : c->path));
	case START_NO_PROGRAM:
		return arena_printf(a, "%.*s is neither an ELF program nor a script with a #! line",
		                    STR_ARG(c->by.n ? c->by : c->path));
	}
	return STR_NONE;
}
