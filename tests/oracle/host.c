/* Opens a library as a program that extends itself by modules would: dlopen(RTLD_NOW).
 * Linked with -rdynamic; PROVIDED, made by the test, defines what such a host exports. */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
#ifdef PROVIDED
#include PROVIDED
#endif

int main(int argc, char **argv)
{
	if (argc != 2 || dlopen(argv[1], RTLD_NOW)) {
		fputs("loaded\n", stderr);
		_exit(0);
	}
	fprintf(stderr, "%s\n", dlerror());
	_exit(1);
}
