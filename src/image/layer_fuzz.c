/* Any bytes as a layer: packed or not, damaged or not, it is read into a record that opens
 * and merges, or refused with a reason. */
#include <stdlib.h>
#include <sys/mman.h>

#include "core/limits.h"
#include "facts/tree.h"
#include "image/layer.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	struct str diff_id;
	struct facts f;
	struct tree t;
	CLEANUP_FD int fd = memfd_create("layer", MFD_CLOEXEC);
	if (fd < 0 || !fd_write_all(fd, data, size, &e))
		return 0;
	struct layer_input input = {.source = {fd, 0, size}};
	tree_init(&t, &a);
	if (layer_read(&input, &record, &diff_id, &a, &e)) {
		if (!facts_open(&f, buf_str(&record), &a, &e))
			abort();
		if (!tree_add(&t, &f, STR(""), &e) && e.code == ERR_NONE)
			abort();
	} else if (e.code == ERR_NONE) {
		abort();
	}
	buf_release(&record);
	arena_release(&a);
	return 0;
}
