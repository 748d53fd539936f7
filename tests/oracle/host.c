/* Opens a library as a program that extends itself by modules would: dlopen(RTLD_NOW).
 * Linked with -rdynamic and a file that defines what such a host exports.
 *
 * BARE: without start files, against stubs that know the oldest versions alone (oracle.py),
 * so that it starts on every glibc; the loader has initialised libc before. */
#include <dlfcn.h>
#include <unistd.h>

static void say(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	if (write(2, text, n) != (ssize_t)n || write(2, "\n", 1) != 1)
		_exit(2);
}

int main(int argc, char **argv)
{
	if (argc != 2 || dlopen(argv[1], RTLD_NOW)) {
		say("loaded");
		_exit(0);
	}
	say(dlerror());
	_exit(1);
}

#ifdef BARE
__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov (%rsp), %rdi\n"
	"	lea 8(%rsp), %rsi\n"
	"	and $-16, %rsp\n"
	"	call main\n"
	"	hlt\n");
#endif
