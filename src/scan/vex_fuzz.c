/* Any bytes: read as a document of statements, and asked about one package. */
#include "scan/vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct vex v = {0};
	struct err e = ERR_INIT;
	struct package p = {.type = PACKAGE_RPM,
			    .name = STR("bash"),
			    .version = STR("1-1"),
			    .source = STR("bash")};
	struct packages in = {.system = STR("rhel"), .system_version = STR("9.2")};
	struct vex_image image = {.repository = STR("alpine")};
	struct str ids[] = {STR("CVE-1")};
	struct str_vec names = {ids, 1, 1};
	if (vex_read(&v, (struct str){(const char *)data, size}, &a, &e))
		(void)vex_find(&v, &names, &p, &in, &image, &a);
	return 0;
}
