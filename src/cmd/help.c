#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"

static void print_overview(FILE *f)
{
	fputs("socle finds the smallest base image on which an application really runs, and proves it.\n\n"
	      "usage: socle COMMAND [OPTIONS] …\n\n", f);
	for (size_t i = 0; i < command_count; i++)
		fprintf(f, "  %-7s %s\n", command_table[i].name, command_table[i].summary);
	fputs("\nAPP    an ELF file, a folder, a tar, an image; for pick also a folder with a Dockerfile\n"
	      "BASE   dir:FOLDER, a tar of a root file system, oci-dir:, oci-archive:, docker-archive:,\n"
	      "       docker:REF, podman:REF, docker://REF, a name of the catalogue (socle bases), scratch\n\n"
	      "Exit status: 0 yes, 1 no, 2 could not be done, 3 nothing there to judge.\n"
	      "Every option may stand in the environment (SOCLE_MAX_SIZE) or in .socle.yaml.\n"
	      "socle COMMAND --help explains a command.\n", f);
}

/* What the option does; -o speaks of the command's own formats. */
static struct str option_help(const struct command *c, const struct option *o, struct arena *a)
{
	if (strcmp(o->name, "output") != 0)
		return str_of(o->help);
	struct str rest = str_of(c->formats), word, text = STR("");
	while (str_word(&rest, &word))
		text = arena_printf(a, "%.*s%s%.*s%s", STR_ARG(text), text.n ? ", " : "", STR_ARG(word),
		                    text.n ? "" : " (default)");
	return arena_printf(a, "%.*s; %s", STR_ARG(text), o->help);
}

static void print_options(FILE *f, const struct command *c)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str rest = str_of(c->options), word;
	while (str_word(&rest, &word)) {
		for (size_t i = 0; i < option_count; i++) {
			const struct option *o = &option_table[i];
			char left[64];
			if (!str_eq(str_of(o->name), word))
				continue;
			if (o->letter)
				snprintf(left, sizeof left, "-%c, --%s%s%s", o->letter, o->name,
				         o->value ? " " : "", o->value ? o->value : "");
			else
				snprintf(left, sizeof left, "    --%s%s%s", o->name, o->value ? " " : "",
				         o->value ? o->value : "");
			fprintf(f, "  %-32s %.*s\n", left, STR_ARG(option_help(c, o, &a)));
		}
	}
}

void print_help(FILE *f, const struct command *c)
{
	if (!c) {
		print_overview(f);
		return;
	}
	struct out out = {.file = f, .width = 80};
	fprintf(f, "usage: socle %s %s\n\n%s\n\n", c->name, c->synopsis, c->summary);
	if (c->about[0]) {
		out_wrapped(&out, 0, STYLE_PLAIN, str_of(c->about));
		fputc('\n', f);
	}
	print_options(f, c);
}

/* ---- The manual, in mdoc(7) ---- */

static void roff(FILE *f, struct str text)
{
	/* A dot or an apostrophe at the start of a line would be a request. */
	if (text.n && (text.p[0] == '.' || text.p[0] == '\''))
		fputs("\\&", f);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			fputs("\\e", f);
		else if (text.p[i] == '-')
			fputs("\\-", f);
		else
			fputc(text.p[i], f);
	}
}

/* Prose: a new sentence starts a line, as mdoc wants it, and lines stay below 80. */
static void roff_prose(FILE *f, struct str rest)
{
	struct str word;
	size_t column = 0;
	while (str_word(&rest, &word)) {
		if (column && column + 1 + word.n > 72) {
			fputc('\n', f);
			column = 0;
		}
		if (column)
			fputc(' ', f);
		roff(f, word);
		column += word.n + 1;
		if (str_ends(word, STR(".")) || str_ends(word, STR(":"))) {
			fputc('\n', f);
			column = 0;
		}
	}
	if (column)
		fputc('\n', f);
}

static void man_options(FILE *f, const struct command *c)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str rest = str_of(c->options), word;
	fputs(".Sh OPTIONS\n.Bl -tag -width Ds\n", f);
	while (str_word(&rest, &word)) {
		for (size_t i = 0; i < option_count; i++) {
			const struct option *o = &option_table[i];
			if (!str_eq(str_of(o->name), word))
				continue;
			fputs(".It ", f);
			if (o->letter)
				fprintf(f, "Fl %c , ", o->letter);
			fprintf(f, "Fl \\-%s", o->name);
			if (o->value)
				fprintf(f, " Ar %s", o->value);
			fputc('\n', f);
			roff_prose(f, option_help(c, o, &a));
		}
	}
	fputs(".El\n", f);
}

static void print_manual(FILE *f, const struct command *c)
{
	fputs(".\\\" Made by tools/make-man from the table of commands.\n", f);
	fprintf(f, ".Dd $Mdocdate$\n.Dt SOCLE%s", c ? "-" : "");
	for (const char *p = c ? c->name : ""; *p; p++)
		fputc(*p - ('a' - 'A'), f);
	fprintf(f, " 1\n.Os\n.Sh NAME\n.Nm socle%s%s\n.Nd ", c ? "-" : "", c ? c->name : "");
	roff(f, str_of(c ? c->summary
	                 : "find the smallest base image on which an application really runs"));
	fprintf(f, "\n.Sh SYNOPSIS\n.Nm socle %s\n", c ? c->name : "Ar command");
	if (c) {
		roff(f, str_of(c->synopsis));
		fputs("\n.Sh DESCRIPTION\n", f);
		roff_prose(f, str_of(c->about[0] ? c->about : c->summary));
		man_options(f, c);
	} else {
		fputs(".Op Ar options\n.Ar …\n.Sh DESCRIPTION\n.Bl -tag -width Ds\n", f);
		for (size_t i = 0; i < command_count; i++) {
			fprintf(f, ".It Cm %s ", command_table[i].name);
			roff(f, str_of(command_table[i].synopsis));
			fputc('\n', f);
			roff_prose(f, str_of(command_table[i].summary));
		}
		fputs(".El\n.Pp\nEvery option may also stand in the environment\n.Pq Ev SOCLE_MAX_SIZE\n"
		      "or in\n.Pa .socle.yaml ;\nan option wins over the variable, the variable over the "
		      "file.\n", f);
	}
	fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n.It 0\nyes: it runs, a base was found\n"
	      ".It 1\nno\n.It 2\nit could not be done: usage, input, a missing program\n"
	      ".It 3\nthere was nothing to judge\n.El\n", f);
}

/* ---- Completion ---- */

static void print_completion(FILE *f)
{
	fputs("# bash completion for socle; made from the table of commands.\n_socle() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} words\n\tif ((COMP_CWORD == 1)); then\n\t\twords='", f);
	for (size_t i = 0; i < command_count; i++)
		fprintf(f, "%s%s", i ? " " : "", command_table[i].name);
	fputs("'\n\telse\n\t\tcase ${COMP_WORDS[1]} in\n", f);
	for (size_t i = 0; i < command_count; i++) {
		struct str rest = str_of(command_table[i].options), word;
		fprintf(f, "\t\t%s) words='", command_table[i].name);
		for (size_t n = 0; str_word(&rest, &word); n++)
			fprintf(f, "%s--%.*s", n ? " " : "", STR_ARG(word));
		fputs("' ;;\n", f);
	}
	fputs("\t\tesac\n\tfi\n\t[[ $word == -* || $COMP_CWORD == 1 ]] && "
	      "COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
	      "complete -o default -F _socle socle\n", f);
}

static bool help_render(const struct out *o, struct str format, const void *result,
                        struct arena *a)
{
	const struct command *c = result;
	(void)a;
	if (str_eq(format, STR("man")))
		print_manual(o->file, c);
	else if (str_eq(format, STR("bash")))
		print_completion(o->file);
	else
		print_help(o->file, c);
	return true;
}

int cmd_help(struct session *s)
{
	struct err e = ERR_INIT;
	const struct command *c = NULL;
	if (s->args.n > 1)
		return session_usage(s, "help wants one command or none");
	for (size_t i = 0; s->args.n && i < command_count; i++)
		if (str_eq(str_of(command_table[i].name), s->args.p[0]))
			c = &command_table[i];
	if (s->args.n && !c)
		return session_usage(s, "%.*s is no command of socle", STR_ARG(s->args.p[0]));
	return session_render(s, help_render, c, &e) ? EXIT_YES : session_fail(&e);
}
