#include "os/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/file.h"

/* openat2(2), Linux 5.6: the kernel does it in one step. */
static int open_at_once(int dir_fd, const char *path, int flags, unsigned mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags,
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	return (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
}

/* Part by part, each without following; for kernels and sandboxes without openat2. */
static int open_by_parts(int dir_fd, const char *path, int flags, unsigned mode)
{
	CLEANUP_FD int at = -1;
	for (;;) {
		const char *slash = strchr(path, '/');
		if (!slash)
			return openat(at < 0 ? dir_fd : at, path, flags | O_NOFOLLOW, mode);
		char part[256];
		size_t n = (size_t)(slash - path);
		if (n >= sizeof part) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(part, path, n);
		part[n] = '\0';
		int next = openat(at < 0 ? dir_fd : at, part,
		                  O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -1;
		fd_close(&at);
		at = next;
		path = slash + 1;
	}
}

int open_beneath(int dir_fd, const char *path, int flags, unsigned mode)
{
	if (*path == '\0')
		path = ".";
	int fd = open_at_once(dir_fd, path, flags | O_CLOEXEC, mode);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open_by_parts(dir_fd, path, flags | O_CLOEXEC, mode);
	return fd;
}
