/* Shell scripts cut into commands. */
#include "dockerfile/expect_test.h"
#include "dockerfile/script.h"

static const struct script_case {
	const char *script, *commands; /* words joined by "_", commands by blanks */
} cases[] = {
	{"ls -l", "ls_-l"},
	{"a && b || c; d | e & f", "a b ||c d e f"},
	{"A=1 B='x y' run \"two words\" th\\ ree", "run_two words_th ree"},
	{"# all of it\nls # rest\necho a#b", "ls echo_a#b"},
	{"if test -f x; then a; elif b; then c; else d; fi", "?test_-f_x a ?b c d"},
	{"for f in a b; do gzip $f; done", "gzip_$f"},
	{"while read l; do x; done < in", "?read_l x"},
	{"case $(uname -m) in x86|x64) one ;; (arm) two && three;; *) exit 1;; esac; four",
	 "one two three exit_1 four"},
	{"f() { inside; }; f", "inside f"},
	{"(cd /x && make)", "cd_/x make"},
	{"! grep x y", "!grep_x_y"},
	{"cat > /f <<EOF\nnot this\nEOF\nls", "cat ls"},
	{"x=$(date +%s) && y \"$(a \"b\")\" z", "y_$(a b)_z"},
	{"a \\\n  b", "a_b"},
	{"a \\\r\n  b", "a_b"},
	{"ls > out 2>&1 < in &>all", "ls"},
	{"echo 'it''s'\\''", "echo_its'"},
	{"\"", "||"},
	{"$(", "$("},
	{"", ""},
};

static void scripts_are_cut_into_commands(void **state)
{
	(void)state;
	for (size_t k = 0; k + 3 < sizeof cases / sizeof *cases; k++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct script s;
		struct str got = STR("");
		script_read(&s, str_of(cases[k].script), &a);
		for (size_t i = 0; i < s.commands.n; i++) {
			const struct script_command *c = &s.commands.p[i];
			got = arena_printf(&a, "%.*s%s%s%s%s", STR_ARG(got), i ? " " : "",
			                   c->fallback ? "||" : "", c->negated ? "!" : "", c->condition ? "?" : "");
			for (size_t w = 0; w < c->words.n; w++)
				got = arena_printf(&a, "%.*s%s%.*s", STR_ARG(got), w ? "_" : "", STR_ARG(c->words.p[w].text));
		}
		expect_str(got, cases[k].commands, cases[k].script);
	}
}

static void damaged_scripts_do_no_harm(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct script s;
		struct str text = str_of(cases[k].script);
		for (size_t n = 0; n <= text.n; n++)
			script_read(&s, arena_str(&a, str_slice(text, 0, n)), &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_cut_into_commands),
		cmocka_unit_test(damaged_scripts_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
