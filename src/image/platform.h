/* platform: "linux/arm64/v8" and which of several fits (image-spec image-index.md). */
#pragma once

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct platform {
	struct str os, architecture, variant;
};

/* OS[/ARCHITECTURE[/VARIANT]] or an architecture alone; usual other names (x86_64, aarch64)
 * are brought to Go's. Empty: this machine's. ERR_USAGE with how it should read. */
MUST_USE bool platform_parse(struct platform *p, struct str text, struct err *e);

/* 0: does not fit; else the better, the higher. What `offered` leaves out does not speak
 * against it. */
unsigned platform_fits(const struct platform *wanted, const struct platform *offered);

/* "linux/arm/v7", in `a`. */
struct str platform_str(const struct platform *p, struct arena *a);
