/* store_report: what was pulled or pushed, and what the cache holds. */
#pragma once

#include "image/cache.h"
#include "image/image.h"
#include "report/json.h"
#include "report/text.h"

struct pull_row {
	struct str image;     /* as written */
	struct str reference; /* whole: "docker.io/library/alpine:3.20" */
	struct str digest, index_digest; /* the latter empty where there is no index */
	struct image_config config;
	size_t layers;
	uint64_t packed_bytes, unpacked_bytes, fetched_bytes;
};
struct pull_result {
	const struct pull_row *rows;
	size_t count;
	struct str to; /* empty: into the cache alone */
};
bool pull_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct push_result {
	struct str source, reference; /* as written; whole */
	struct str digest, media_type;
	size_t manifests;
	size_t blobs[3]; /* by enum registry_push */
	uint64_t sent_bytes;
};
bool push_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct cache_result {
	struct cache_report report;
	bool pruned; /* what the report counts is gone */
};
bool cache_render(const struct out *o, struct str format, const void *result, struct arena *a);
