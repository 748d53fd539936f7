/* patience: how long somebody waits for the network, and how often it is asked again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One struct, so that tests need not wait. */
struct patience {
	unsigned tries;           /* of one request; also of taking up a body without a gain */
	unsigned first_wait_ms;   /* doubles with each try; a part of it is chance */
	unsigned longest_wait_ms; /* also what Retry-After may ask for at most */
	unsigned connect_ms, silence_ms;
};

#define PATIENCE_USUAL {5, 500, 60000, 10000, 30000}

struct tries {
	const struct patience *patience;
	unsigned left;
	uint64_t wait_ms;
};

struct tries tries_new(const struct patience *p);

/* Waits, at least asked_ms; false where all are used up, or asked_ms is too long. */
bool tries_again(struct tries *t, uint64_t asked_ms);
