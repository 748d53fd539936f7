#include "trial/bundle.h"

#include <stdlib.h>

/* Docker's and Podman's default set less CAP_MKNOD: a trial has no device cgroup behind it that
 * would keep root of the container from the machine's disks. */
static const char *const capability[] = {
	"CAP_AUDIT_WRITE", "CAP_CHOWN",  "CAP_DAC_OVERRIDE",     "CAP_FOWNER",
	"CAP_FSETID",      "CAP_KILL",   "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",
	"CAP_SETFCAP",     "CAP_SETGID", "CAP_SETPCAP",          "CAP_SETUID",
	"CAP_SYS_CHROOT",
};

/* As engines have them: what in /proc and /sys leaks or tunes the machine. */
static const char *const masked[] = {
	"/proc/acpi",        "/proc/asound",  "/proc/interrupts",
	"/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
	"/proc/sched_debug", "/proc/scsi",    "/proc/timer_list",
	"/proc/timer_stats", "/sys/firmware", "/sys/devices/virtual/powercap",
};
static const char *const read_only[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static json_t *strings(const char *const *s, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(s[i]));
	return list;
}

/* json_stringn() refuses what is not UTF-8; runtimes end a string at NUL without a word. */
static bool append_views(json_t *list, const struct str_vec *v, const char *what, struct err *e)
{
	for (size_t i = 0; i < v->n; i++) {
		struct str s = v->p[i];
		if (s.n > 0 && memchr(s.p, 0, s.n))
			return err_set(e, ERR_INPUT, "%s %zu holds a NUL", what, i);
		json_t *value = json_stringn(s.p ? s.p : "", s.n);
		if (!value)
			return err_set(
				e, ERR_INPUT,
				"%s %zu is not UTF-8, which an OCI configuration cannot carry",
				what, i);
		json_array_append_new(list, value);
	}
	return true;
}

static json_t *capabilities(const struct bundle *b)
{
	size_t n = sizeof capability / sizeof *capability;
	/* Another user than root gets none, but may get them back through nothing: as engines do.
	 */
	size_t held = b->account->uid == 0 ? n : 0;
	return json_pack("{s:o, s:o, s:o}", "bounding", strings(capability, n), "effective",
			 strings(capability, held), "permitted", strings(capability, held));
}

static void append_limit(json_t *limits, const char *name, uint64_t soft, uint64_t hard)
{
	json_array_append_new(limits, json_pack("{s:s, s:I, s:I}", "type", name, "soft",
						(json_int_t)(soft < hard ? soft : hard), "hard",
						(json_int_t)hard));
}

static json_t *limits(const struct bundle *b)
{
	json_t *list = json_array();
	append_limit(list, "RLIMIT_NOFILE", 1024, b->max_files < 524288 ? b->max_files : 524288);
	/* core(5): with 1 not even a pipe of core_pattern, which runs on the machine, gets one. */
	append_limit(list, "RLIMIT_CORE", 1, b->max_core < 1 ? b->max_core : 1);
	return list;
}

static json_t *process(const struct bundle *b, struct err *e)
{
	json_t *argv = json_array(), *env = json_array(), *groups = json_array();
	json_t *folder = json_stringn(b->working_dir.p, b->working_dir.n);
	if (!append_views(argv, b->argv, "argument", e) ||
	    !append_views(env, b->env, "variable", e) || !folder) {
		if (!folder)
			err_set(e, ERR_INPUT, "the working folder's name is not UTF-8");
		json_decref(argv);
		json_decref(env);
		json_decref(groups);
		json_decref(folder);
		return NULL;
	}
	for (size_t i = 0; i < b->account->groups && b->may_set_groups; i++)
		json_array_append_new(groups, json_integer(b->account->group[i]));
	int score = b->oom_score_adj > 500 ? b->oom_score_adj : 500;
	return json_pack("{s:b, s:o, s:o, s:o, s:b, s:{s:I, s:I, s:o}, s:o, s:o, s:i}", "terminal",
			 0, "args", argv, "env", env, "cwd", folder, "noNewPrivileges", 1, "user",
			 "uid", (json_int_t)b->account->uid, "gid", (json_int_t)b->account->gid,
			 "additionalGids", groups, "capabilities", capabilities(b), "rlimits",
			 limits(b), "oomScoreAdj", score);
}

static json_t *mount(const char *target, const char *type, const char *source, const char *options)
{
	json_t *list = json_array();
	struct str rest = str_of(options), one;
	while (str_next(&rest, ',', &one))
		json_array_append_new(list, json_stringn(one.p, one.n));
	return json_pack("{s:s, s:s, s:s, s:o}", "destination", target, "type", type, "source",
			 source, "options", list);
}

static json_t *mounts(const struct bundle *b)
{
	json_t *m = json_array();
	json_array_append_new(
		m, b->fresh_proc ? mount("/proc", "proc", "proc", "nosuid,noexec,nodev")
				 : mount("/proc", "bind", "/proc", "rbind,nosuid,noexec,nodev"));
	json_array_append_new(
		m, mount("/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"));
	json_array_append_new(m, mount("/dev/pts", "devpts", "devpts",
				       b->has_gid5 ? "nosuid,noexec,newinstance,ptmxmode=0666,"
						     "mode=0620,gid=5"
						   : "nosuid,noexec,newinstance,ptmxmode=0666,"
						     "mode=0620"));
	json_array_append_new(
		m, mount("/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k"));
	json_array_append_new(m, mount("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"));
	json_array_append_new(
		m, b->fresh_sys ? mount("/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro")
				: mount("/sys", "bind", "/sys", "rbind,nosuid,noexec,nodev,ro"));
	return m;
}

static json_t *namespaces(const struct bundle *b)
{
	/* The network namespace is the keeper's, so that its probe reaches the container. */
	json_t *n = json_pack("[{s:s}, {s:s}, {s:s}, {s:s}]", "type", "mount", "type", "pid",
			      "type", "ipc", "type", "uts");
	if (b->own_ids)
		json_array_append_new(n, json_pack("{s:s}", "type", "user"));
	return n;
}

static json_t *linux_part(const struct bundle *b)
{
	json_t *l = json_pack("{s:o, s:o, s:o}", "namespaces", namespaces(b), "maskedPaths",
			      strings(masked, sizeof masked / sizeof *masked), "readonlyPaths",
			      strings(read_only, sizeof read_only / sizeof *read_only));
	if (b->own_ids) {
		json_object_set_new(l, "uidMappings",
				    json_pack("[{s:I, s:i, s:i}]", "containerID",
					      (json_int_t)b->account->uid, "hostID", 0, "size", 1));
		json_object_set_new(l, "gidMappings",
				    json_pack("[{s:I, s:i, s:i}]", "containerID",
					      (json_int_t)b->account->gid, "hostID", 0, "size", 1));
	}
	json_t *profile = profile_make(b->profile, b->listener_path);
	if (profile)
		json_object_set_new(l, "seccomp", profile);
	return l;
}

bool bundle_config(const struct bundle *b, struct arena *a, struct str *json, struct err *e)
{
	json_t *p = process(b, e);
	if (!p)
		return false;
	json_t *config =
		json_pack("{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion", "1.0.2",
			  "process", p, "root", "path", b->rootfs, "readonly", 0, "hostname",
			  "socle", "mounts", mounts(b), "linux", linux_part(b));
	char *text = config ? json_dumps(config, JSON_COMPACT) : NULL;
	json_decref(config);
	if (!text)
		out_of_memory();
	*json = arena_str(a, str_of(text));
	free(text);
	return true;
}
