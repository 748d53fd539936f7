/* Shell scripts: which of their words are commands. */
#include "needs/app_test.h"

static const struct shell_case {
	const char *script, *commands; /* sorted, joined by blanks */
} cases[] = {
	{"ls", "ls"},
	{"ls -l | grep x && cat y; wc", "cat grep ls wc"},
	{"# rm\nls # rm\necho a#b", "ls"},
	{"FOO=1 BAR=\"a b\" server --x", "server"},
	{"exec /usr/bin/java -jar x.jar", "/usr/bin/java"},
	{"exec -a name tool", "name"}, /* an option's argument is not known as one */
	{"env -i A=1 tool", "env tool"},
	{"if test -f x; then sed s/a/b/; elif awk 1; then :; else od; fi", "awk od sed"},
	{"while read l; do cut -f1; done < in", "cut"},
	{"for f in a b c; do gzip $f; done", "gzip"},
	{"for f in a b c\ndo gzip $f\ndone", "gzip"},
	{"case $1 in start|stop) svc \"$1\";; *) usage; true ;; esac\nls", "ls svc usage"},
	{"case x in\n  a)\n    one\n    ;;\n  (b) two | three ;;\nesac", "one three two"},
	{"x=$(date +%s)\ny=`uname -m`\nls", "date ls uname"},
	{"x=\"$(dirname \"$0\")/lib\"; ls", "dirname ls"},
	{"echo \"a $(printf '%s' \"$(id -u)\") b\" c", "id"},
	{"echo $((1 + 2)) x\n((i++))\nls", "ls"},
	{"usage() { cat; }\nhelper ()\n{\n  tr a b\n}\nusage; helper", "cat tr"},
	{"function go { tar; }\ngo", "tar"},
	{"function go() { tar; }\ngo", "tar"},
	{"cat <<EOF\nrm $x\nEOF\nls", "cat ls"},
	{"cat <<-'E O F'\n\trm\n\tE O F\nls", "cat ls"},
	{"if command -v jq >/dev/null; then jq .; fi", ""},
	{"which foo bar", ""},
	{"command ls", "ls"},
	{"$CMD x\n\"$DIR/run\" y\n\"quoted\" z", "quoted"},
	{"a=(one two three)\nls", "ls"},
	{"ls > out 2>&1 < in >> more", "ls"},
	{"diff <(sort a) <(sort b)", "diff sort"},
	{"ls \\\n  -l rm\n", "ls"},
	{"[ -f x ] && [[ -d y ]] || ! mkdir z", "mkdir"},
	{"(cd x && make) & wait", "make"},
	{"echo 'it''s; rm' \"; rm\"", ""},
	{"${X:-rm} y; ls", "ls"},
	{"trap 'rm -f x' EXIT", ""},
	{"test \"${A#\"${B}:\"}\" = x && ls", "ls"},
	{"x=${0##*[/\\\\]}; ls '${'", "ls"},
	{"'''exec' \"$(dirname \"$0\")/python3\" \"$0\"\n' '''\nimport os\n", "dirname"},
	{"exec server\nnot here", "server"},
	{"test -n \"$X\" && exec server\nhere", "here server"},
	{"if x; then\nexec server\nfi\nhere", "here server x"},
	{"f() {\nexec server\n}\nf", "server"},
	{"exec 3>&1\nhere", "here"},
	{"exec env A=1 server\nnot", "env server"},
	{"1 + 0", ""},
	{"$(", ""},
	{"\"", ""},
	{"case", ""},
	{"<<", ""},
	{"${a${b${c", ""},
	{"a\\", ""},
};

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void commands_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str text = arena_printf(&a, "#!/bin/sh\n%s", cases[i].script);
		const struct app_file files[] = {{"app/run", .text = text.p}, {0}};
		struct needs needs = needs_of(files, "/app/run", &a);
		struct str_vec found = {0};
		struct str joined = STR("");
		for (size_t k = 0; k < needs.list.n; k++)
			if (needs.list.p[k].kind == NEED_EXECUTABLE)
				*vec_push(&found, &a) = needs.list.p[k].name;
		if (found.n)
			qsort(found.p, found.n, sizeof *found.p, by_bytes);
		for (size_t k = 0; k < found.n; k++)
			joined = arena_printf(&a, "%.*s%s%.*s", STR_ARG(joined), k ? " " : "",
			                      STR_ARG(found.p[k]));
		if (!str_eq(joined, str_of(cases[i].commands)))
			fail_msg("%s: \"%.*s\", not \"%s\"", cases[i].script, STR_ARG(joined),
			         cases[i].commands);
	}
}

static void commands_of_the_application_are_followed(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const struct app_file files[] = {{"app/run", .text = "#!/bin/sh\nhelper; /app/other; gone"},
	                                 {"app/bin/helper", .text = "#!/bin/bash\njq ."},
	                                 {"app/other", .text = "#!/usr/bin/env python3\n"},
	                                 {0}};
	struct needs needs = needs_of(files, "/app/run", &a);
	assert_str(needs_text(&needs, &a), "certain interpreter /bin/bash\n"
	                                   "certain interpreter /bin/sh\n"
	                                   "certain interpreter /usr/bin/env\n"
	                                   "certain executable python3\n"
	                                   "certain runtime python3\n"
	                                   "likely executable gone\n"
	                                   "likely executable jq\n");
	const struct need *jq = need_called(&needs, NEED_EXECUTABLE, "jq");
	assert_str(jq->because.p[0].file, "/app/bin/helper");
	assert_str(jq->because.p[0].how, "calls jq");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_found),
		cmocka_unit_test(commands_of_the_application_are_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
