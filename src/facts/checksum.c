/* The checksum of a facts record.
 *
 * It finds accidents (a torn write, a flipped bit), not forgers, and must cost
 * next to nothing: four lanes take one 64-bit word each a step and do not wait
 * for one another. A step is a bijection of the lane for any word and of the
 * word for any lane, so that damage to a single word always shows. */
#include "facts/record.h"

static const uint64_t odd_a = 0x9e3779b97f4a7c15u, odd_b = 0xd6e8feb86659fd93u;

static uint64_t step(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * odd_a;
	return lane << 29 | lane >> 35;
}

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 32) * odd_b;
	h = (h ^ h >> 29) * odd_a;
	return h ^ h >> 32;
}

static uint64_t checksum(const uint8_t *p, size_t n, uint64_t seed)
{
	uint64_t lane[4] = {seed, seed + odd_a, seed ^ odd_b, ~seed};
	size_t at = 0;
	for (; n - at >= 32; at += 32)
		for (unsigned i = 0; i < 4; i++)
			lane[i] = step(lane[i], le64(p + at + 8 * i));

	uint8_t tail[32] = {0};
	memcpy(tail, p + at, n - at);
	for (unsigned i = 0; i < 4; i++)
		lane[i] = mix(step(lane[i], le64(tail + 8 * i)) + n + i);
	return mix(lane[0] ^ mix(lane[1] ^ mix(lane[2] ^ mix(lane[3]))));
}

uint64_t record_checksum(const uint8_t *record, size_t size_bytes)
{
	uint64_t head = checksum(record, HEADER_CHECKSUM, FACTS_FORMAT_VERSION);
	return checksum(record + HEADER_CHECKSUM + 8, size_bytes - HEADER_CHECKSUM - 8, head);
}
