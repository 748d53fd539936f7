/* socle: finds the smallest base image on which an application really runs, and proves it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"

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
	return c->run(&s);
}

int main(int argc, char **argv)
{
	/* A reader that goes away (socle … | head) is no crash: writes fail and are reported. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(argc < 2 ? stderr : stdout, NULL);
		return argc < 2 ? EXIT_TROUBLE : EXIT_YES;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		printf("socle %s\n", SOCLE_VERSION);
		return EXIT_YES;
	}
	const struct command *c = find_command(argv[1]);
	if (!c) {
		const char *meant = nearest(argv[1]);
		fprintf(stderr, "socle: there is no command \"%.100s\"; ", argv[1]);
		if (meant)
			fprintf(stderr, "is socle %s meant?\n", meant);
		else
			fputs("socle --help lists them\n", stderr);
		return EXIT_TROUBLE;
	}
	return run(c, argc - 2, argv + 2);
}
