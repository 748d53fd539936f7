/* frames: what an engine sends of a container's two outputs, told apart again.
 *
 * A frame is a head of 8 bytes (1: standard output, 2: standard error; three zeros; the length,
 * big-endian) and its bytes (docker.com/reference/api/engine, "ContainerAttach", Stream format).
 * Pure: bytes come in pieces of any size. */
#pragma once

#include "core/buf.h"

struct frames {
	uint8_t head[8];
	size_t head_bytes;
	uint32_t left; /* of the frame that is open */
	struct buf out, err; /* each keeps what fits below its maximum */
	bool out_cut, err_cut; /* and more came */
};

void frames_init(struct frames *f, size_t max_bytes);
void frames_release(struct frames *f);

/* ERR_INPUT where a head is none. */
MUST_USE bool frames_take(struct frames *f, struct str piece, struct err *e);
