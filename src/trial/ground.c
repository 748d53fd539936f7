#include "trial/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "trial/copy.h"
#include "trial/inside.h"
#include "trial/missing.h"

#define DEFAULT_MEMORY_BYTES (2ull << 30)
#define OVERFLOW_ID 65534u /* what an unmapped owner looks like: /proc/sys/kernel/overflowuid */

static void note(struct ground *g, struct str text)
{
	*vec_push(g->notes, g->arena) = text;
}

static int open_source(struct str path, struct arena *a, struct err *e)
{
	int fd = open(arena_cstr(a, path), O_PATH | O_CLOEXEC);
	if (fd < 0)
		err_errno(e, "%.*s", STR_ARG(path));
	return fd;
}

/* A folder that exists everywhere, holds no programs, and may be hidden from us. */
static const char *scratch_folder(const char *avoid)
{
	static const char *const candidate[] = {"/mnt", "/media", "/srv", "/var/tmp", "/tmp"};
	for (size_t i = 0; i < sizeof candidate / sizeof *candidate; i++) {
		struct stat st;
		char real[LIMIT_PATH_BYTES + 1];
		if (stat(candidate[i], &st) == 0 && S_ISDIR(st.st_mode) &&
		    realpath(candidate[i], real) &&
		    !(str_starts(str_of(avoid), str_of(real)) && avoid[strlen(real)] == '/'))
			return candidate[i];
	}
	return NULL;
}

/* A bound name is free of the ',', ':' and '\' that overlay options would cut at. Bound with
 * what is mounted below: without it the kernel refuses where that is locked (a user namespace). */
static bool bind_source(struct ground *g, int source, const char *name, struct err *e)
{
	char from[64], to[64];
	snprintf(from, sizeof from, "/proc/self/fd/%d", source);
	snprintf(to, sizeof to, "%s/%s", g->scratch, name);
	if (mkdir(to, 0755) < 0 && errno != EEXIST)
		return err_errno(e, "%s", to);
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0 || err_errno(e, "bind %s", name);
}

/* A base that another user unpacked: of files whose owner is not mapped, root of the container is
 * not root (user_namespaces(7)), and nothing could be written below them. Copies are ours. */
static void look_at_owners(struct ground *g)
{
	static const char *const folder[] = {"", "/etc", "/usr", "/opt", "/var"};
	if (!g->user_ns || g->copy)
		return;
	for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
		char path[64];
		struct stat st;
		snprintf(path, sizeof path, "%s/base%s", g->scratch, folder[i]);
		if (lstat(path, &st) == 0 && st.st_uid == OVERFLOW_ID && !g->copy) {
			note(g, STR("copied into memory, since the base's files belong to another "
				    "user"));
			g->copy = true;
		}
	}
}

static bool place_base(struct ground *g, int base, struct err *e)
{
	struct stat st;
	if (base >= 0) {
		if (fstat(base, &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(e, ERR_USAGE, "%.*s: a base is a folder here",
				       STR_ARG(g->setup->base_dir));
		return bind_source(g, base, "base", e);
	}
	char empty[64];
	snprintf(empty, sizeof empty, "%s/base", g->scratch);
	return mkdir(empty, 0755) == 0 || err_errno(e, "%s", empty);
}

/* What the base has at the application's target shows through, as with COPY. */
static bool place_below(struct ground *g, struct str target, struct err *e)
{
	char name[64];
	snprintf(name, sizeof name, "%s/base", g->scratch);
	CLEANUP_FD int base = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return err_errno(e, "%s", name);
	CLEANUP_FD int below = inside_open(base, target, O_PATH, 0);
	if (below < 0)
		return errno == ENOENT || err_errno(e, "%.*s", STR_ARG(target));
	struct stat st;
	if (fstat(below, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(e, ERR_INPUT, "%.*s is no folder in the base", STR_ARG(target));
	g->has_below = true;
	return bind_source(g, below, "below", e);
}

static bool place_app(struct ground *g, int app, struct err *e)
{
	if (app < 0)
		return true;
	struct stat st;
	if (fstat(app, &st) < 0)
		return err_errno(e, "%.*s", STR_ARG(g->setup->app.source));
	if (S_ISREG(st.st_mode)) {
		char name[64];
		snprintf(name, sizeof name, "/proc/self/fd/%d", app);
		/* O_NOATIME is for the owner alone; the source stays as it is, times included. */
		g->app_file = open(name, O_RDONLY | O_CLOEXEC | O_NOATIME);
		if (g->app_file < 0)
			g->app_file = open(name, O_RDONLY | O_CLOEXEC);
		g->app_file_mode = st.st_mode & 0777;
		return g->app_file >= 0 || err_errno(e, "%.*s", STR_ARG(g->setup->app.source));
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_USAGE, "%.*s: an application is a file or a folder",
			       STR_ARG(g->setup->app.source));
	struct str target = path_tidy(g->arena, g->setup->app.target);
	g->has_app = true;
	g->app_is_root = str_eq(target, STR("/"));
	return bind_source(g, app, "app", e) && (g->app_is_root || place_below(g, target, e));
}

/* crun and runc look for their cgroup set-up under /sys/fs/cgroup whatever they are told. A
 * cgroup2 of our own cgroup namespace, read-only, satisfies both: there is nothing they can
 * leave behind. Where it is refused, an empty tmpfs does for crun. */
static void hide_cgroups(struct ground *g)
{
	const char *at = "/sys/fs/cgroup";
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (mount("cgroup2", at, "cgroup2", flags, NULL) == 0 ||
	    mount("tmpfs", at, "tmpfs", flags, NULL) == 0 || errno == ENOENT)
		return;
	note(g, arena_printf(g->arena, "%s could not be covered: %s", at, strerror(errno)));
}

/* Nested containers have parts of /proc and /sys covered, and the kernel then gives no fresh ones
 * (fs/namespace.c, mount_too_revealing()). */
static void mount_proc(struct ground *g)
{
	g->fresh_proc = mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
	if (!g->fresh_proc)
		note(g, arena_printf(g->arena,
				     "the machine's own /proc was used, since a fresh one was "
				     "refused (%s)",
				     strerror(errno)));
}

static bool try_sys(const char *scratch)
{
	char at[64];
	snprintf(at, sizeof at, "%s/test", scratch);
	if (mount("sysfs", at, "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) < 0)
		return false;
	umount2(at, MNT_DETACH);
	return true;
}

/* Inside a chroot(2) into a plain folder "/" is no mount point: what is mounted below belongs to
 * the mount that the folder lies in, and may travel back through it. There a copy of the whole
 * tree becomes the root. It is made detached, where nobody sees it, and attached to /proc, which
 * is a mount point and private by then (open_tree(2), mount_setattr(2), move_mount(2)). */
static bool copy_root(void)
{
	struct mount_attr private = {.propagation = MS_PRIVATE};
	if (mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) < 0)
		return false;
	CLEANUP_FD int copy = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | AT_RECURSIVE | OPEN_TREE_CLOEXEC);
	return copy >= 0 &&
	       mount_setattr(copy, "", AT_EMPTY_PATH | AT_RECURSIVE, &private, sizeof private) == 0 &&
	       move_mount(copy, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
	       chdir("/proc") == 0 && chroot(".") == 0;
}

bool ground_make(struct ground *g, const char *avoid, struct err *e)
{
	/* Whatever happens here must not travel back to the machine's mounts. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 && (errno != EINVAL || !copy_root()))
		return err_errno(e, "making mounts private");
	mount_proc(g);
	const struct trial_setup *s = g->setup;
	CLEANUP_FD int base = -1, app = -1;
	g->app_file = -1;
	if (s->base_dir.n > 0 && (base = open_source(s->base_dir, g->arena, e)) < 0)
		return false;
	if (s->app.source.n > 0 && (app = open_source(s->app.source, g->arena, e)) < 0)
		return false;
	g->scratch = scratch_folder(avoid);
	if (!g->scratch)
		return err_set(e, ERR_IO,
			       "no folder to mount on: neither /mnt nor /media, /srv, "
			       "/var/tmp, /tmp");
	/* From here on the folder's own contents are hidden; the sources are open already. */
	if (mount("tmpfs", g->scratch, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m") < 0)
		return err_errno(e, "tmpfs on %s", g->scratch);
	char test[64];
	snprintf(test, sizeof test, "%s/test", g->scratch);
	if (mkdir(test, 0755) < 0)
		return err_errno(e, "%s", test);
	g->fresh_sys = try_sys(g->scratch);
	hide_cgroups(g);
	g->copy = s->copy;
	if (!place_base(g, base, e))
		return false;
	look_at_owners(g);
	return place_app(g, app, e);
}

char *ground_path(const struct ground *g, const char *name, struct arena *a)
{
	return arena_cstr(a, arena_printf(a, "%s/test/%s", g->scratch, name));
}

static bool make_folders(const struct ground *g, const char *const *name, size_t n, struct err *e)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < n; i++)
		if (mkdir(ground_path(g, name[i], &a), 0755) < 0)
			return err_errno(e, "%s", name[i]);
	return true;
}

/* userxattr: in a user namespace overlay may not write trusted.* (overlayfs.rst). nodev: a
 * device node in an image is never a way to the machine's devices. */
static bool mount_overlay(struct ground *g, const char *lower, const char *upper, const char *work,
			  const char *at)
{
	char options[512];
	int n = snprintf(options, sizeof options,
			 "lowerdir=%s,upperdir=%s/test/%s,workdir=%s/test/%s%s", lower, g->scratch,
			 upper, g->scratch, work, g->user_ns ? ",userxattr" : "");
	g->refused = n <= 0 || (size_t)n >= sizeof options ||
		     mount("overlay", at, "overlay", MS_NODEV | MS_NOSUID, options) < 0;
	return !g->refused;
}

static bool copy_named(struct ground *g, const char *name, int to, struct err *e)
{
	char path[64];
	uint32_t unreadable;
	snprintf(path, sizeof path, "%s/%s", g->scratch, name);
	CLEANUP_FD int from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return err_errno(e, "%s", name);
	if (!copy_tree(from, to, &unreadable, e))
		return err_wrap(e, "copying the %s", name);
	if (unreadable && !g->told_unreadable)
		note(g,
		     arena_printf(g->arena, "%u files of the %s may not be read, and were left out",
				  unreadable, name));
	g->told_unreadable |= unreadable > 0;
	return true;
}

static bool lay_root(struct ground *g, const char *at, struct err *e)
{
	char lower[160];
	if (g->copy) {
		CLEANUP_FD int to = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (to < 0)
			return err_errno(e, "%s", at);
		return copy_named(g, "base", to, e) &&
		       (!g->app_is_root || copy_named(g, "app", to, e));
	}
	if (g->app_is_root)
		snprintf(lower, sizeof lower, "%s/app:%s/base", g->scratch, g->scratch);
	else
		snprintf(lower, sizeof lower, "%s/base", g->scratch);
	return mount_overlay(g, lower, "upper", "work", at) || err_errno(e, "overlay on the base");
}

/* The layer's own top folder stands for what it covers. */
static void copy_top_attributes(const struct ground *g, const char *upper)
{
	struct stat st;
	char below[64];
	snprintf(below, sizeof below, "%s/below", g->scratch);
	if (g->has_below && stat(below, &st) == 0 &&
	    (chown(upper, st.st_uid, st.st_gid) < 0 || chmod(upper, st.st_mode & 07777) < 0))
		return; /* IDs that are not mapped here: the folder is root's then */
}

static bool lay_app(struct ground *g, int root, struct err *e)
{
	if (g->app_file >= 0)
		return inside_copy_file(root, g->setup->app.target, g->app_file, g->app_file_mode,
					e) ||
		       err_wrap(e, "the application's file");
	if (!g->has_app || g->app_is_root)
		return true;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str target = path_tidy(&a, g->setup->app.target);
	if (!inside_make_folders(root, target, e))
		return err_wrap(e, "the application's folder");
	CLEANUP_FD int at = inside_open(root, target, O_RDONLY | O_DIRECTORY, 0);
	if (at < 0)
		return err_errno(e, "%.*s", STR_ARG(target));
	if (g->copy)
		return copy_named(g, "app", at, e);
	char lower[160], name[64];
	if (g->has_below)
		snprintf(lower, sizeof lower, "%s/app:%s/below", g->scratch, g->scratch);
	else
		snprintf(lower, sizeof lower, "%s/app", g->scratch);
	snprintf(name, sizeof name, "/proc/self/fd/%d", at);
	copy_top_attributes(g, ground_path(g, "app-upper", &a));
	return mount_overlay(g, lower, "app-upper", "app-work", name) ||
	       err_errno(e, "overlay on the application");
}

static bool begin(struct ground *g, int *root, struct err *e)
{
	static const char *const folder[] = {"root",     "upper",  "work", "app-upper",
					     "app-work", "bundle", "state"};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	uint64_t size = g->setup->memory_bytes ? g->setup->memory_bytes : DEFAULT_MEMORY_BYTES;
	char *test = ground_path(g, ".", &a);
	char *options =
		arena_cstr(&a, arena_printf(&a, "mode=755,size=%llu", (unsigned long long)size));
	if (mount("tmpfs", test, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		return err_errno(e, "tmpfs for a test");
	char *at = ground_path(g, "root", &a);
	if (!make_folders(g, folder, sizeof folder / sizeof *folder, e) || !lay_root(g, at, e))
		return false;
	CLEANUP_FD int fd = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", at);
	if (!lay_app(g, fd, e))
		return false;
	*root = fd_steal(&fd);
	return true;
}

bool ground_test_begin(struct ground *g, int *root, struct err *e)
{
	if (begin(g, root, e))
		return true;
	ground_test_end(g);
	/* Only what a mount refuses is cured by copying; a base without room is not. */
	if (g->copy || !g->refused)
		return false;
	note(g, arena_printf(g->arena, "copied into memory, since %s", e->message));
	g->copy = true;
	if (begin(g, root, e))
		return true;
	ground_test_end(g);
	return false;
}

void ground_test_end(struct ground *g)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	umount2(ground_path(g, ".", &a), MNT_DETACH);
}

bool ground_furnish(const struct ground *g, int root, struct err *e)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str resolv = STR("nameserver 127.0.0.1\n");
	struct err ignored;
	if (g->setup->network &&
	    !file_read("/etc/resolv.conf", LIMIT_TEXT_FILE_BYTES, &a, &resolv, &ignored))
		resolv = STR_NONE;
	struct str folder = g->setup->working_dir;
	return inside_write(root, STR("/etc/hosts"),
			    STR("127.0.0.1\tlocalhost socle\n"
				"::1\tlocalhost ip6-localhost ip6-loopback\n"),
			    0644, e) &&
	       inside_write(root, STR("/etc/hostname"), STR("socle\n"), 0644, e) &&
	       inside_write(root, STR("/etc/resolv.conf"), resolv, 0644, e) &&
	       (folder.n == 0 || inside_make_folders(root, folder, e));
}
