/* How misses are told from searches.
 *
 * Every miss is kept under its path and under its name's stem. A later hit
 * explains misses in three ways:
 *
 *   1. The same path, or something below it, is there now: the process (or a
 *      child of it) made it. "Is there a cache folder? No: make one."
 *   2. A program or a library with that name is found in another folder: PATH
 *      and the loader's search folders end at the first hit (execvp(3),
 *      ld.so(8)).
 *   3. A file whose name differs in its endings at most is found by the same
 *      task soon after: module paths ("x.abi3.so", "x.so", "x.py"; "x.pmc",
 *      "x.pm"), configuration in /etc or at home. Soon, because "index.js" or
 *      "__init__.py" turn up again and again and would explain everything.
 *
 * What remains less the well-known noise is what the application misses; what
 * was looked for under one name in many folders is one thing. */
#include "trial/missing.h"

/* Rule 3: how many questions later a hit still belongs to the same search. Node asks some 40 for
 * one require() in a deep folder; CPython fewer. */
#define SEARCH_WINDOW 64u

/* How far back a hit looks among misses with its stem: more are no search any more, and a
 * process cannot make us slow. */
#define CHAIN_MAX 256u

/* From so many folders on, what was not found under one name is shown as one thing. */
#define FOLDERS_OF_A_SEARCH 3u

void miss_log_init(struct miss_log *log, struct arena *a, struct str search_path)
{
	*log = (struct miss_log){.arena = a, .search_path = arena_str(a, search_path)};
}

struct str path_tidy(struct arena *a, struct str path)
{
	char *out = arena_alloc(a, path.n + 2);
	size_t n = 0;
	bool absolute = path.n > 0 && path.p[0] == '/';
	struct str rest = path, part;
	while (str_next(&rest, '/', &part)) {
		if (part.n == 0 || str_eq(part, STR(".")))
			continue;
		if (n > 0 || absolute)
			out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	if (n == 0 && path.n > 0)
		out[n++] = absolute ? '/' : '.';
	return (struct str){out, n};
}

/* "libm.so", "libm.so.6", "libm-2.31.so"; not "foo.sock". */
static bool is_library_name(struct str name)
{
	size_t at = str_find(name, STR(".so"));
	if (at == 0 || at == name.n)
		return false;
	for (struct str rest = str_skip(name, at + 3); rest.n > 0; rest = str_skip(rest, 1))
		if (rest.p[0] != '.' && (rest.p[0] < '0' || rest.p[0] > '9'))
			return false;
	return true;
}

/* Loaders open what they search for; who only looks (CPython, for its modules) tries endings. */
static bool is_library(const struct miss *m)
{
	return m->kind == SIGHT_OPEN && is_library_name(m->name);
}

/* ".npmrc" has no ending. */
static struct str stem_of(struct str name)
{
	size_t dot = name.n > 0 ? 1 + str_index(str_skip(name, 1), '.') : 0;
	return str_slice(name, 0, dot);
}

static bool is_in_search_path(struct str search_path, struct str path)
{
	struct str folder;
	while (str_next(&search_path, ':', &folder))
		if (folder.n > 0 && str_eq(folder, str_dirname(path)))
			return true;
	return false;
}

static struct miss *miss_at(const struct miss_log *log, size_t index_plus_one)
{
	return index_plus_one ? &log->miss.p[index_plus_one - 1] : NULL;
}

static size_t first_of(const struct map *m, struct str key)
{
	uintptr_t *found = map_find(m, key);
	return found ? (size_t)*found : 0;
}

/* Rule 1, for the path and every folder above it. */
static void explain_path(struct miss_log *log, struct str path)
{
	for (; path.n > 1; path = str_dirname(path))
		for (struct miss *m = miss_at(log, first_of(&log->by_path, path)); m;
		     m = miss_at(log, m->same_path))
			m->found = true;
}

static bool ends_search(const struct miss_log *log, const struct miss *m, const struct sight *hit,
			bool same_name)
{
	if (m->kind == SIGHT_EXEC || m->in_path)
		return same_name &&
		       (hit->kind == SIGHT_EXEC || is_in_search_path(log->search_path, hit->path));
	if (is_library(m))
		return same_name && hit->kind == SIGHT_OPEN;
	return m->task == hit->task && log->seq - m->seq <= SEARCH_WINDOW;
}

/* Rules 2 and 3. */
static void explain_name(struct miss_log *log, const struct sight *hit)
{
	struct str name = str_basename(hit->path);
	unsigned steps = 0;
	for (struct miss *m = miss_at(log, first_of(&log->by_stem, stem_of(name)));
	     m && steps < CHAIN_MAX; m = miss_at(log, m->same_stem), steps++)
		if (!m->found && ends_search(log, m, hit, str_eq(m->name, name)))
			m->found = true;
}

static void miss_add(struct miss_log *log, const struct sight *seen)
{
	uintptr_t *by_path = map_find(&log->by_path, seen->path);
	for (struct miss *m = by_path ? miss_at(log, *by_path) : NULL; m;
	     m = miss_at(log, m->same_path)) {
		if (strcmp(m->call, seen->call) != 0)
			continue;
		m->times++;
		m->seq = log->seq;
		m->task = seen->task;
		m->found = false; /* it was there, and is not any more */
		return;
	}
	if (log->miss.n >= LIMIT_TRIAL_MISSES ||
	    log->name_bytes + seen->path.n > LIMIT_TRIAL_NAMES) {
		log->dropped++;
		return;
	}
	struct str path = arena_str(log->arena, seen->path);
	log->name_bytes += path.n;
	struct miss *m = vec_push(&log->miss, log->arena);
	*m = (struct miss){.path = path,
			   .name = str_basename(path),
			   .call = seen->call,
			   .stem = stem_of(str_basename(path)),
			   .kind = seen->kind,
			   .task = seen->task,
			   .times = 1,
			   .seq = log->seq,
			   .in_path = is_in_search_path(log->search_path, path)};
	uintptr_t *slot = map_put(&log->by_path, log->arena, path, NULL);
	m->same_path = *slot;
	*slot = log->miss.n;
	slot = map_put(&log->by_stem, log->arena, m->stem, NULL);
	m->same_stem = *slot;
	*slot = log->miss.n;
}

void miss_log_add(struct miss_log *log, const struct sight *seen)
{
	log->seq++;
	if (!seen->found) {
		miss_add(log, seen);
	} else if (log->miss.n > 0) {
		explain_path(log, seen->path);
		explain_name(log, seen);
	}
}

static bool any(const struct str *list, size_t n, struct str s,
		bool (*fits)(struct str, struct str))
{
	for (size_t i = 0; i < n; i++)
		if (fits(s, list[i]))
			return true;
	return false;
}
#define ANY(list, s, fits) any(list, sizeof list / sizeof *list, s, fits)

/* Asked for by nearly every process, and by design not needed. */
static bool is_noise(const struct miss *m)
{
	static const struct str exact[] = {
		STR_INIT("/etc/ld.so.preload"), /* ld.so(8): optional */
		STR_INIT("/etc/ld.so.cache"),   /* without it ld.so goes through its folders */
		STR_INIT("/etc/suid-debug"),    /* glibc elf/dl-support.c */
		STR_INIT("/etc/nscd.conf"),
		STR_INIT("/var/run/nscd/socket"),
		STR_INIT("/run/nscd/socket"),               /* nscd is tried before the files */
		STR_INIT("/usr/lib/locale/locale-archive"), /* glibc tries it before the folders */
		STR_INIT("/etc/localtime"),                 /* tzset(3): then UTC */
		STR_INIT("/dev/tty"),                       /* there is no terminal */
		STR_INIT("/etc/selinux/config"),
		STR_INIT("/etc/gnutls/config"),
		STR_INIT("/run/host"),
	};
	static const struct str below[] = {
		STR_INIT("/proc/"),
		STR_INIT("/sys/fs/"),
		STR_INIT("/sys/kernel/"),
		STR_INIT("/sys/devices/"),      /* processor and memory counts, with fallbacks */
		STR_INIT("/usr/share/locale/"), /* translations */
		STR_INIT("/usr/share/locale-langpack/"),
		STR_INIT("/etc/ld-musl-"),
	};
	static const struct str inside[] = {
		STR_INIT("/glibc-hwcaps/"), STR_INIT("/tls/"),     STR_INIT("/haswell/"),
		STR_INIT("/gconv-modules"), STR_INIT("/userdb"), /* nss_systemd(8): beside passwd */
		STR_INIT("/site_perl"),     STR_INIT("/.config/"), STR_INIT("/.local/"),
		STR_INIT("/.cache/"),
		/* PEP 538: CPython tries these beside the locale that it was given */
		STR_INIT("/locale/C.UTF-8/"), STR_INIT("/locale/C.utf8/"), STR_INIT("/locale/C/"),
		STR_INIT("/locale/UTF-8/"),
	};
	static const struct str name[] = {
		/* CPython, Modules/getpath.py, Lib/site.py (and Debian's): each optional */
		STR_INIT("pyvenv.cfg"),
		STR_INIT("pybuilddir.txt"),
		STR_INIT("Setup.local"),
		STR_INIT("site-packages"),
		STR_INIT("dist-packages"),
		/* glibc before 2.37 looks for folders by processor below each search folder */
		STR_INIT("tls"),
		STR_INIT("x86_64"),
		STR_INIT("haswell"),
	};
	static const struct str ending[] = {
		STR_INIT("._pth"),
		STR_INIT(".pmc"), /* perlfunc(1) require: compiled before plain */
	};
	bool python_zip = str_starts(m->name, STR("python3")) && str_ends(m->name, STR(".zip"));
	bool rc = str_starts(m->name, STR(".")) && str_ends(m->name, STR("rc"));
	/* CPython's names for code that is in no file, looked for when it shows a traceback. */
	bool unfiled = str_starts(m->name, STR("<")) && str_ends(m->name, STR(">"));
	return python_zip || rc || unfiled || ANY(exact, m->path, str_eq) || ANY(below, m->path, str_starts) ||
	       ANY(inside, m->path, str_contains) || ANY(name, m->name, str_eq) ||
	       ANY(ending, m->name, str_ends);
}

/* A shell searches with stat() and starts only what it found: the same name looked for in two
 * folders of PATH is a program. One folder alone may be anything ("/usr/bin/settings.x"). */
static bool is_looked_for_as_program(const struct miss_log *log, const struct miss *m)
{
	if (m->kind == SIGHT_EXEC)
		return true;
	if (!m->in_path || m->kind != SIGHT_LOOK)
		return false;
	unsigned steps = 0;
	for (const struct miss *o = miss_at(log, first_of(&log->by_stem, m->stem));
	     o && steps < CHAIN_MAX; o = miss_at(log, o->same_stem), steps++)
		if (o->in_path && str_eq(o->name, m->name) && !str_eq(o->path, m->path))
			return true;
	return false;
}

enum { RANK_PROGRAM, RANK_LIBRARY, RANK_OPENED, RANK_LOOKED, RANKS };

static unsigned rank_of(const struct miss_log *log, const struct miss *m)
{
	if (is_looked_for_as_program(log, m))
		return RANK_PROGRAM;
	if (is_library(m))
		return RANK_LIBRARY;
	return m->kind == SIGHT_OPEN || m->kind == SIGHT_CONNECT ? RANK_OPENED : RANK_LOOKED;
}

/* Misses of one name and rank. */
struct finding {
	const struct miss *first;
	struct str common; /* what the paths end in alike, from a "/" on; the whole path of one */
	const struct miss *last;
	uint64_t times;
	unsigned rank, folders;
};

/* The common end of two paths, cut at a "/": "/a/JSON/XS.pm", "/b/JSON/XS.pm" → "JSON/XS.pm". */
static struct str common_end(struct str a, struct str b)
{
	size_t n = 0, whole = 0;
	while (n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n]) {
		if (a.p[a.n - 1 - n] == '/')
			whole = n;
		n++;
	}
	/* All of one of them is common, and the other goes on with a "/". */
	if ((n == a.n && n < b.n && b.p[b.n - 1 - n] == '/') ||
	    (n == b.n && n < a.n && a.p[a.n - 1 - n] == '/'))
		whole = n;
	return str_skip(a, a.n - whole);
}

static void add_finding(struct map *seen, struct finding *list, size_t *n, const struct miss *m,
			unsigned rank, bool by_name, struct arena *a)
{
	struct str key = arena_printf(a, "%u %s %.*s", rank, by_name ? "" : m->call,
				      STR_ARG(by_name ? m->name : m->path));
	bool added;
	uintptr_t *slot = map_put(seen, a, key, &added);
	if (added) {
		*slot = *n;
		list[(*n)++] = (struct finding){
			.first = m, .last = m, .common = m->path, .rank = rank, .folders = 1};
	}
	struct finding *f = &list[*slot];
	if (!str_eq(f->last->path, m->path)) {
		f->folders++;
		f->last = m;
		f->common = rank <= RANK_LIBRARY ? m->name : common_end(f->common, m->path);
	}
	f->times += m->times;
}

static bool counts(const struct miss *m, bool (*still_absent)(void *, struct str), void *context)
{
	return !m->found && !is_noise(m) && (!still_absent || still_absent(context, m->path));
}

/* In how many folders each name was looked for in vain, so that a search shows as one. */
static unsigned folders_of(const struct map *by_name, struct str name)
{
	uintptr_t *n = map_find(by_name, name);
	return n ? (unsigned)*n : 0;
}

static void count_folders(const struct miss_log *log, struct map *by_name, struct arena *a)
{
	for (size_t i = 0; i < log->miss.n; i++)
		if (!log->miss.p[i].found && log->miss.p[i].same_path == 0)
			++*map_put(by_name, a, log->miss.p[i].name, NULL);
}

size_t miss_log_report(const struct miss_log *log, bool (*still_absent)(void *, struct str),
		       void *context, struct arena *a, struct trial_missing **list)
{
	struct finding *found = arena_array(a, log->miss.n + 1, sizeof *found);
	struct map seen = {0}, by_name = {0};
	size_t n = 0, out = 0;
	count_folders(log, &by_name, a);
	for (size_t i = 0; i < log->miss.n; i++) {
		const struct miss *m = &log->miss.p[i];
		if (!counts(m, still_absent, context))
			continue;
		unsigned rank = rank_of(log, m);
		bool by_name_alone = rank <= RANK_LIBRARY ||
				     folders_of(&by_name, m->name) >= FOLDERS_OF_A_SEARCH;
		add_finding(&seen, found, &n, m, rank, by_name_alone, a);
	}
	*list = arena_array(a, n + 1, sizeof **list);
	for (unsigned rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < n; i++)
			if (found[i].rank == rank)
				(*list)[out++] = (struct trial_missing){
					.path = found[i].common,
					.call = str_of(found[i].first->call),
					.times = found[i].times > UINT32_MAX
							 ? UINT32_MAX
							 : (uint32_t)found[i].times};
	return out;
}
