/* Starts a program inside a root until its loader hands over, and not a step further.
 *
 *     start ROOT FOLDER ENTRIES PROGRAM
 *
 * chroot(2) to ROOT, chdir(2) to FOLDER, execve(2) PROGRAM with the caller's environment,
 * and wait for a breakpoint at AT_ENTRY: by then the kernel has taken the file, and the
 * loader has loaded and bound everything and run the constructors of libraries. The program
 * itself never runs, so that any program may be asked, reboot(8) too. ENTRIES is how often
 * it must get there: 2 for a script of env(1), which starts another program.
 *
 * Prints one line: "started", "execve ERRNO", "exit N" or "signal N". What the loader says
 * goes to standard error as it is. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int say(const char *what, int number)
{
	if (number >= 0)
		printf("%s %d\n", what, number);
	else
		puts(what);
	fflush(stdout);
	return 0;
}

static _Noreturn void child(char **argv, int report)
{
	if (chroot(argv[1]) != 0 || chdir(argv[2]) != 0)
		_exit(99);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execl(argv[4], argv[4], (char *)0);
	int error = errno;
	if (write(report, &error, sizeof error) != sizeof error)
		_exit(98);
	_exit(97);
}

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

static bool is_32_bit(pid_t pid)
{
	unsigned char ident[EI_NIDENT] = {0};
	FILE *f = open_proc(pid, "exe");
	size_t n = f ? fread(ident, 1, sizeof ident, f) : 0;
	if (f)
		fclose(f);
	return n == sizeof ident && ident[EI_CLASS] == ELFCLASS32;
}

/* AT_ENTRY of the process; 0 where it cannot be read. */
static uint64_t entry_of(pid_t pid)
{
	size_t word = is_32_bit(pid) ? 4 : 8;
	uint64_t type = 0, value = 0;
	FILE *f = open_proc(pid, "auxv");
	while (f) {
		type = value = 0;
		if (fread(&type, word, 1, f) != 1 || fread(&value, word, 1, f) != 1 || type == AT_ENTRY)
			break;
	}
	if (f)
		fclose(f);
	return type == AT_ENTRY ? value : 0;
}

/* Puts `byte` at the entry and gives back what stood there. */
static uint8_t swap_byte(pid_t pid, uint64_t at, uint8_t byte)
{
	long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)(uintptr_t)at, 0);
	long changed = (word & ~0xffL) | byte;
	ptrace(PTRACE_POKETEXT, pid, (void *)(uintptr_t)at, (void *)changed);
	return (uint8_t)word;
}

static uint64_t program_counter(pid_t pid)
{
	const size_t rip = 16 * 8; /* struct user_regs_struct of x86-64 */
	return (uint64_t)ptrace(PTRACE_PEEKUSER, pid, (void *)rip, 0);
}

static void step_back(pid_t pid, uint64_t to)
{
	const size_t rip = 16 * 8;
	ptrace(PTRACE_POKEUSER, pid, (void *)rip, (void *)(uintptr_t)to);
}

static int watch(pid_t pid, int report, int entries)
{
	int status, error;
	uint64_t entry = 0;
	uint8_t kept = 0;
	const uint8_t breakpoint = 0xcc;

	waitpid(pid, &status, 0); /* SIGSTOP of its own */
	ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
	ptrace(PTRACE_CONT, pid, 0, 0);
	while (waitpid(pid, &status, 0) == pid) {
		if (WIFEXITED(status)) {
			if (read(report, &error, sizeof error) == sizeof error)
				return say("execve", error);
			return say("exit", WEXITSTATUS(status));
		}
		if (WIFSIGNALED(status))
			return say("signal", WTERMSIG(status));
		int sig = WSTOPSIG(status);
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
			entry = entry_of(pid);
			kept = swap_byte(pid, entry, breakpoint);
			sig = 0;
		} else if (sig == SIGTRAP && program_counter(pid) == entry + 1) {
			if (--entries == 0) {
				kill(pid, SIGKILL);
				waitpid(pid, &status, 0);
				return say("started", -1);
			}
			swap_byte(pid, entry, kept);
			step_back(pid, entry);
			sig = 0;
		}
		ptrace(PTRACE_CONT, pid, 0, (void *)(uintptr_t)sig);
	}
	return say("lost", -1);
}

int main(int argc, char **argv)
{
	int report[2];
	if (argc != 5 || pipe2(report, O_CLOEXEC | O_NONBLOCK) != 0)
		return 2;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		/* What the program would say must not mix with the one line. */
		dup2(2, 1);
		child(argv, report[1]);
	}
	if (pid < 0)
		return 2;
	return watch(pid, report[0], atoi(argv[3]));
}
