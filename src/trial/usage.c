#include "trial/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/str.h"
#include "os/file.h"

static struct str read_proc(const char *pid, const char *what, char *to, size_t n)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.20s/%s", pid, what);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, to, n) : -1;
	return (struct str){to, got > 0 ? (size_t)got : 0};
}

/* proc_pid_stat(5): after the name in parentheses (it may hold any byte) come state (3) …
 * num_threads (20) … rss in pages (24). */
static bool add_stat(const char *pid, struct usage *u)
{
	char raw[1024];
	struct str rest = read_proc(pid, "stat", raw, sizeof raw), word;
	rest = str_skip(rest, str_rindex(rest, ')') + 1);
	uint64_t value, threads = 0;
	for (int field = 3; field <= 24 && str_word(&rest, &word); field++) {
		if (field == 20 && str_to_u64(word, &value))
			threads = value;
		if (field == 24 && str_to_u64(word, &value)) {
			u->memory_bytes += value * (uint64_t)sysconf(_SC_PAGESIZE);
			u->tasks += (uint32_t)threads;
			return true;
		}
	}
	return false;
}

/* "Pss:   123 kB" of smaps_rollup. */
static void add_proportional(const char *pid, struct usage *u)
{
	char raw[2048];
	struct str rest = read_proc(pid, "smaps_rollup", raw, sizeof raw), line, word;
	uint64_t kb;
	while (str_next(&rest, '\n', &line))
		if (str_starts(line, STR("Pss:"))) {
			line = str_skip(line, 4);
			if (str_word(&line, &word) && str_to_u64(word, &kb))
				u->memory_bytes += kb * 1024;
			return;
		}
}

static void folder_close(DIR **d)
{
	if (*d)
		closedir(*d);
}

static void each_process(pid_t except, bool proportional, struct usage *u)
{
	__attribute__((cleanup(folder_close))) DIR *proc = opendir("/proc");
	if (!proc)
		return;
	for (struct dirent *entry; (entry = readdir(proc));) {
		uint64_t pid;
		if (!str_to_u64(str_of(entry->d_name), &pid) || pid == 1 || pid == (uint64_t)except)
			continue;
		if (proportional)
			add_proportional(entry->d_name, u);
		else
			add_stat(entry->d_name, u);
	}
}

struct usage usage_measure(pid_t except, uint64_t limit_bytes)
{
	struct usage u = {0}, exact = {0};
	each_process(except, false, &u);
	if (u.memory_bytes <= limit_bytes)
		return u;
	each_process(except, true, &exact);
	/* Nothing where smaps_rollup is not readable: then the sum stands. */
	if (exact.memory_bytes > 0)
		u.memory_bytes = exact.memory_bytes;
	return u;
}
