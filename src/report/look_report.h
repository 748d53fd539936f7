/* look_report: what is inside: libraries as a loader finds them, entries, sizes. */
#pragma once

#include "advise/base.h"
#include "report/json.h"
#include "report/text.h"

struct ldd_result {
	struct str name, path; /* the image, the file in it */
	const struct prediction *prediction;
};
bool ldd_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct ls_result {
	struct str name;
	const struct node **nodes;
	size_t count;
	bool one_folder; /* names alone, not whole paths */
};
bool ls_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct sizes_row {
	struct str name;
	uint64_t unpacked_bytes, compressed_bytes; /* 0 compressed: not known */
	uint64_t own_bytes; /* without the layers that rows above have too */
	size_t files, layers, packages;
	bool sized, counted; /* false: the sizes, the counts are not known */
	enum provenance provenance;
};
struct sizes_result {
	const struct sizes_row *rows;
	size_t count;
	uint64_t together_bytes; /* shared layers once */
};
bool sizes_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct bases_result {
	const struct base *bases;
	size_t count;
};
bool bases_render(const struct out *o, struct str format, const void *result, struct arena *a);
