#include "os/temp.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* O_TMPFILE where the file system has it (open(2)); a name that goes at once where not. */
static int make_in(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/socle.XXXXXX", folder);
	if (n < 0 || (size_t)n >= sizeof path)
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* /var/tmp comes before /tmp, which may lie in memory. */
int temp_file(struct err *e)
{
	const char *own = getenv("TMPDIR");
	const char *const folders[] = {own && *own ? own : "/var/tmp", "/var/tmp", "/tmp"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		int fd = make_in(folders[i]);
		if (fd >= 0)
			return fd;
	}
	err_errno(e, "%s: no temporary file can be made", folders[0]);
	return -1;
}

bool mapping_open(struct mapping *m, int fd, size_t n, struct err *e)
{
	*m = (struct mapping){NULL, 0};
	if (n == 0)
		return true;
	void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "mapping %zu bytes", n);
	*m = (struct mapping){p, n};
	return true;
}

void mapping_close(struct mapping *m)
{
	if (m->p)
		munmap(m->p, m->n);
	*m = (struct mapping){NULL, 0};
}
