#include "report/sarif.h"

json_t *sarif_text(struct str text)
{
	json_t *j = json_object();
	json_set_str(j, "text", text);
	return j;
}

/* What is not unreserved, and no slash, is escaped. */
struct str sarif_uri(struct str path, struct arena *a)
{
	static const char hex[] = "0123456789ABCDEF";
	if (str_eq(path, STR("-")))
		return STR("stdin");
	while (str_starts(path, STR("./")))
		path = str_skip(path, 2);
	bool absolute = str_starts(path, STR("/"));
	char *p = arena_alloc(a, path.n * 3 + 8);
	size_t n = 0;
	if (absolute) {
		memcpy(p, "file://", 7);
		n = 7;
	}
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		bool plain = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') ||
		             memchr("-._~/", c, 5);
		if (plain) {
			p[n++] = (char)c;
			continue;
		}
		p[n++] = '%';
		p[n++] = hex[c >> 4];
		p[n++] = hex[c & 15];
	}
	return (struct str){p, n};
}

json_t *sarif_run(json_t *rules, json_t *results)
{
	json_t *run = json_object(), *tool = json_object(), *driver = json_object();
	json_set_str(driver, "name", STR("socle"));
	json_set_str(driver, "version", STR(SOCLE_VERSION));
	json_object_set_new(driver, "rules", rules);
	json_object_set_new(tool, "driver", driver);
	json_object_set_new(run, "tool", tool);
	json_object_set_new(run, "results", results);
	return run;
}

bool sarif_write(json_t *run, FILE *file)
{
	json_t *doc = json_object(), *runs = json_array();
	json_set_str(doc, "$schema",
	             STR("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
	                 "sarif-schema-2.1.0.json"));
	json_set_str(doc, "version", STR("2.1.0"));
	json_array_append_new(runs, run);
	json_object_set_new(doc, "runs", runs);
	return json_write(doc, file);
}
