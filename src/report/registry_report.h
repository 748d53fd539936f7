/* registry_report: digests and tags, one a line or as JSON. */
#pragma once

#include "image/registry/registry.h"
#include "report/json.h"
#include "report/text.h"

struct digest_row {
	struct str image;     /* as written */
	struct str reference; /* whole: "docker.io/library/alpine:3.20" */
	struct registry_manifest manifest;
};
struct digest_result {
	const struct digest_row *rows;
	size_t count;
};
bool digest_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct tags_result {
	struct str repository; /* whole: "docker.io/library/alpine" */
	const struct str_vec *tags;
};
bool tags_render(const struct out *o, struct str format, const void *result, struct arena *a);
