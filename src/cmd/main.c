/* socle: finds the smallest base image on which an application really runs, and proves it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "image/engine/engine.h"
#include "image/registry/registry.h"

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(command_table[i].name, name))
			return &command_table[i];
	return NULL;
}

/* The command whose name is nearest: at most two letters changed, added, lost or swapped. */
static const char *nearest(const char *name)
{
	const char *best = NULL;
	unsigned best_distance = 3;
	for (size_t i = 0; i < command_count; i++) {
		unsigned d = text_distance(str_of(name), str_of(command_table[i].name));
		if (d < best_distance) {
			best = command_table[i].name;
			best_distance = d;
		}
	}
	return best;
}

static int run(const struct command *c, int argc, char **argv)
{
	CLEANUP_ARENA struct arena arena = ARENA_INIT;
	struct session s = {.arena = &arena, .command = c, .width = 100};
	struct err e = ERR_INIT;
	if (!session_parse(&s, argc, argv, &e))
		return session_fail(&e);
	if (session_flag(&s, "help")) {
		print_help(stdout, c);
		return EXIT_YES;
	}
	/* A process that a trial started and that ends early is no reason to end without a word. */
	signal(SIGPIPE, SIG_IGN);
	int status = c->run(&s);
	registry_close(&s.registry);
	engines_free(&s.engines);
	return status;
}

static int unknown_command(const char *name)
{
	const char *meant = name[0] == '-' ? NULL : nearest(name);
	if (meant)
		session_complain("there is no command \"%.100s\"; is socle %s meant?", name, meant);
	else
		session_complain("there is no command \"%.100s\"; socle --help lists them", name);
	return EXIT_TROUBLE;
}

/* A standard descriptor that is closed would be the number of the next file that is opened, and
 * results would be written into that. What stands here instead refuses to be read or written. */
static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			_exit(EXIT_TROUBLE);
}

/* What was printed must have arrived: a full disk is no success. */
static int finish(int status)
{
	struct err e = ERR_INIT;
	if (status == EXIT_TROUBLE || (fflush(stdout) == 0 && !ferror(stdout)))
		return status;
	err_errno(&e, "standard output");
	return session_fail(&e);
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(argc < 2 ? stderr : stdout, NULL);
		return finish(argc < 2 ? EXIT_TROUBLE : EXIT_YES);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		printf("socle %s\n", SOCLE_VERSION);
		return finish(EXIT_YES);
	}
	const struct command *c = find_command(argv[1]);
	return c ? finish(run(c, argc - 2, argv + 2)) : unknown_command(argv[1]);
}
