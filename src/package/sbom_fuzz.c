/* Any bytes: read as a document of contents; its URLs read, written and read again. */
#include <stdlib.h>

#include "package/purl.h"
#include "package/sbom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str text = {(const char *)data, size};
	struct packages p;
	struct sbom_subject of;
	struct err e = ERR_INIT;
	struct purl url, again;
	if (sbom_read(&p, &of, text, &a, &e))
		for (size_t i = 0; i < p.list.n; i++)
			if (!p.list.p[i].name.n || !purl_of_package(&p.list.p[i], &p, &a).n)
				abort();
	if (purl_parse(&url, text, &a)) {
		struct str written = purl_str(&url, &a);
		if (written.n <= 8192 &&
		    (!purl_parse(&again, written, &a) || !str_eq(purl_str(&again, &a), written)))
			abort();
	}
	return 0;
}
