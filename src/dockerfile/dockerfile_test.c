/* The grammar's corners: what BuildKit makes of them, token by token. */
#include "dockerfile/dump_test.h"

struct token_case {
	const char *text, *tokens; /* the dump; "!…": the error */
};

static const struct token_case grammar[] = {
	/* Lines, blanks, comments */
	{"FROM alpine", "FROM |alpine|"},
	{"", ""},
	{"\n\n# only a comment\n", ""},
	{"from alpine\nRun ls\n", "FROM |alpine|\nRUN |ls|"},
	{"  FROM   alpine:3.20\t \n\tRUN  ls  -l \n", "FROM |alpine:3.20|\nRUN |ls  -l|"},
	{"FROM alpine\r\nRUN ls\r\n", "FROM |alpine|\nRUN |ls|"},
	{"\xef\xbb\xbf" "FROM alpine\n", "FROM |alpine|"},
	{"FROM alpine\n # indented\n\nRUN ls # stays\n", "FROM |alpine|\nRUN |ls # stays|"},
	{"FROM alpine\n\xc2\xa0RUN ls", "FROM |alpine|\nRUN |ls|"},
	{"FROM alpine\nFETCH this thing", "FROM |alpine|\n?FETCH |this|thing|"},
	/* Continuations */
	{"FROM \\\n  alpine", "FROM |alpine|"},
	{"FROM alp\\\nine", "FROM |alpine|"},
	{"FROM alpine\nRUN a \\\n  b \\\n  c\n", "FROM |alpine|\nRUN |a   b   c|"},
	{"FROM alpine\nRUN a \\\r\n  b\r\n", "FROM |alpine|\nRUN |a   b|"},
	{"FROM alpine\nRUN a \\ \t\n  b\n", "FROM |alpine|\nRUN |a   b|"},
	{"FROM alpine\nRUN a \\\n# word \\\n   # another\n\n  b\nRUN c", "FROM |alpine|\nRUN |a   b|\nRUN |c|"},
	{"FROM alpine\nRUN a \\\\\nRUN b", "FROM |alpine|\nRUN |a \\\\|\nRUN |b|"},
	{"FROM alpine\nRUN a \\", "FROM |alpine|\nRUN |a|"},
	{"FROM alpine\nRUN a \\\n\n\n# end\n", "FROM |alpine|\nRUN |a|"},
	{"\\\nFROM alpine", "FROM |alpine|"},
	{"FROM alpine\n# comment \\\nRUN ls", "FROM |alpine|\nRUN |ls|"},
	/* Directives */
	{"# escape=`\nFROM alpine\nRUN a `\n b \\\nRUN c", "FROM |alpine|\nRUN |a  b \\|\nRUN |c|"},
	{"#ESCAPE = ` \nFROM alpine\nRUN a `\n b", "FROM |alpine|\nRUN |a  b|"},
	{"# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN b `\nc", "FROM |a|\nRUN |b c|"},
	{"\n# escape=`\nFROM alpine\nRUN a `\nRUN b", "FROM |alpine|\nRUN |a `|\nRUN |b|"},
	{"# words\n# escape=`\nFROM alpine\nRUN a `\nRUN b", "FROM |alpine|\nRUN |a `|\nRUN |b|"},
	{"# check=skip=all\n# escape=`\nFROM alpine\nRUN a `\n b", "FROM |alpine|\nRUN |a  b|"},
	{"# unknown=1\n# escape=`\nFROM alpine\nRUN a `\nRUN b", "FROM |alpine|\nRUN |a `|\nRUN |b|"},
	{"# escape=x\nFROM a", "!f:1:10: escape is \\ or `, not x"},
	{"# escape=`\n# Escape=`\nFROM a", "!f:2:3: a second Escape directive"},
	/* Flags */
	{"FROM --platform=$BUILDPLATFORM golang:1.22 AS build", "FROM --platform=$BUILDPLATFORM |golang:1.22|AS|build|"},
	{"FROM a\nCOPY --from=b --chown=1:1 --link x y /z/", "FROM |a|\nCOPY --from=b --chown=1:1 --link |x|y|/z/|"},
	{"FROM a\nRUN --mount=type=cache,target=/root/.cache --network=none pip install .", "FROM |a|\nRUN --mount=type=cache,target=/root/.cache --network=none |pip install .|"},
	{"FROM a\nRUN --mount=type=bind,\"source=a b\" ls", "FROM |a|\nRUN --mount=type=bind,source=a b |ls|"},
	{"FROM a\nRUN \\\n  --mount=type=tmpfs,target=/x \\\n  ls", "FROM |a|\nRUN --mount=type=tmpfs,target=/x |ls|"},
	{"FROM a\nRUN -- --odd", "FROM |a|\nRUN |--odd|"},
	{"FROM a\nHEALTHCHECK --interval=5s --retries=3 CMD curl -f x || exit 1", "FROM |a|\nHEALTHCHECK --interval=5s --retries=3 |CMD|curl -f x || exit 1|"},
	{"FROM a\nHEALTHCHECK NONE", "FROM |a|\nHEALTHCHECK |NONE|"},
	{"FROM a\nHEALTHCHECK CMD [\"/x\", \"y\"]", "FROM |a|\nHEALTHCHECK json |CMD|/x|y|"},
	/* Exec form */
	{"FROM a\nCMD [\"a\", \"b c\"]", "FROM |a|\nCMD json |a|b c|"},
	{"FROM a\nCMD [ ]", "FROM |a|\nCMD json |"},
	{"FROM a\nCMD [\"a\\u0041\\n\\\"\", \\\n  \"b\" ]", "FROM |a|\nCMD json |aA\\n\"|b|"},
	{"FROM a\nCMD ['a', 'b']", "FROM |a|\nCMD |['a', 'b']|"},
	{"FROM a\nRUN [ -f x ] && ls", "FROM |a|\nRUN |[ -f x ] && ls|"},
	{"FROM a\nCMD [\"a\",]", "FROM |a|\nCMD |[\"a\",]|"},
	{"FROM a\nCMD [\"a\" \"b\"]", "FROM |a|\nCMD |[\"a\" \"b\"]|"},
	{"FROM a\nCMD [\"a\", 1]", "!f:2:5: the array must hold strings alone"},
	{"FROM a\nCOPY [\"a b\", \"/c d/\"]", "FROM |a|\nCOPY json |a b|/c d/|"},
	{"FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]", "FROM |a|\nSHELL json |/bin/bash|-o|pipefail|-c|"},
	{"FROM a\nVOLUME [\"/data\"]\nVOLUME /a /b", "FROM |a|\nVOLUME json |/data|\nVOLUME |/a|/b|"},
	/* Pairs */
	{"FROM a\nENV A=1 B=\"two words\" C='3' D=a\\ b", "FROM |a|\nENV |A=1|B=\"two words\"|C='3'|D=a\\ b|"},
	{"FROM a\nENV A  all the rest", "FROM |a|\nENV |A|all the rest|"},
	{"FROM a\nENV A", "!f:2:5: wants a name and a value"},
	{"FROM a\nENV A=1 B", "!f:2:9: this word has no \"=\": wants name=value"},
	{"FROM a\nLABEL a.b=\"c\" \\\n      d=e", "FROM |a|\nLABEL |a.b=\"c\"|d=e|"},
	{"ARG A=1 B\nFROM a\nARG A\nARG C=\"x y\"", "ARG |A=1|B|\nFROM |a|\nARG |A|\nARG |C=\"x y\"|"},
	{"FROM a\nEXPOSE 80/tcp 443", "FROM |a|\nEXPOSE |80/tcp|443|"},
	{"FROM a\nUSER  app : app \nWORKDIR /a b\nSTOPSIGNAL SIGTERM\nMAINTAINER X <y>", "FROM |a|\nUSER |app : app|\nWORKDIR |/a b|\nSTOPSIGNAL |SIGTERM|\nMAINTAINER |X <y>|"},
	/* ONBUILD */
	{"FROM a\nONBUILD RUN [\"ls\"]", "FROM |a|\nONBUILD RUN json |ls|"},
	{"FROM a\nONBUILD COPY --from=b <<X /d\nc\nX", "FROM |a|\nONBUILD COPY --from=b |<<X|/d| <<X[c\\n]"},
	{"FROM a\nONBUILD ONBUILD RUN ls", "!f:2:9: ONBUILD inside ONBUILD"},
	/* Here-documents */
	{"FROM a\nRUN <<EOF\nls\n# no comment\nEOF\nRUN x", "FROM |a|\nRUN |<<EOF| <<EOF[ls\\n# no comment\\n]\nRUN |x|"},
	{"FROM a\nRUN <<-EOF\n\tls\n\tEOF\nRUN x", "FROM |a|\nRUN |<<-EOF| <<EOF[\tls\\n]\nRUN |x|"},
	{"FROM a\nRUN <<'E F' cat\n$x\nE F\n", "FROM |a|\nRUN |<<'E F' cat| <<E F![$x\\n]"},
	{"FROM a\nRUN cat <<\"A\" 3<<B\n1\nA\n2\nB\nRUN x", "FROM |a|\nRUN |cat <<\"A\" 3<<B| <<A![1\\n] <<B[2\\n]\nRUN |x|"},
	{"FROM a\nCOPY <<a.txt <<b.txt /d/\n1\na.txt\n2\nb.txt", "FROM |a|\nCOPY |<<a.txt|<<b.txt|/d/| <<a.txt[1\\n] <<b.txt[2\\n]"},
	{"FROM a\nRUN <<EOF\r\nls\r\nEOF\r\nRUN x\r\n", "FROM |a|\nRUN |<<EOF| <<EOF[ls\r\\n]\nRUN |x|"},
	{"FROM a\nRUN echo '<<EOF'\nRUN x", "FROM |a|\nRUN |echo '<<EOF'|\nRUN |x|"},
	{"FROM a\nRUN x <<<EOF\nRUN y", "FROM |a|\nRUN |x <<<EOF|\nRUN |y|"},
	{"FROM a\nRUN echo $((1<<2))\nRUN y", "FROM |a|\nRUN |echo $((1<<2))|\nRUN |y|"},
	{"FROM a\nRUN [\"x\", \"<<EOF\"]\nRUN y", "FROM |a|\nRUN json |x|<<EOF|\nRUN |y|"},
	{"FROM a\nCMD <<EOF\nRUN y", "FROM |a|\nCMD |<<EOF|\nRUN |y|"},
	{"FROM a\nRUN <<EOF \\\n  bash\nls\nEOF", "FROM |a|\nRUN |<<EOF   bash| <<EOF[ls\\n]"},
	{"FROM a\nRUN <<EOF\nls\n", "!f:2:5: the here-document EOF has no end"},
	{"FROM a\nRUN <<EOF\nEOF", "FROM |a|\nRUN |<<EOF| <<EOF[]"},
	/* Stages */
	{"FROM a b", "!f:1:8: FROM wants an image, or an image, AS and a name"},
	{"FROM a AS 1x", "!f:1:11: 1x is no name for a stage"},
	{"FROM", "!f:1:1: FROM wants an image, or an image, AS and a name"},
	{"RUN ls\nFROM a", "!f:1:1: RUN stands before the first FROM"},
	{"FROM a # words", "!f:1:8: FROM wants an image, or an image, AS and a name"},
};

static void tokens_are_as_buildkit_cuts_them(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof grammar / sizeof *grammar; k++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct dockerfile d;
		bool ok = dockerfile_parse(&d, str_of(grammar[k].text), STR("f"), &a, &e);
		struct str got = ok ? dump(&d, &a) : arena_printf(&a, "!%s", e.message);
		expect_str(got, grammar[k].tokens, grammar[k].text);
	}
}

static const struct token_case images[] = {
	{"FROM alpine:3.20", "from literal alpine:3.20@1:6"},
	{"FROM scratch", ""},
	{"FROM a AS b\nFROM B\nFROM b AS c\nFROM c", "from literal a@1:6"},
	{"FROM b\nFROM a AS b", "from literal b@1:6\nfrom literal a@2:6"},
	{"# syntax=docker/dockerfile:1 x\nFROM a", "syntax literal docker/dockerfile:1@1:10\nfrom literal a@2:6"},
	{"#!/usr/bin/env docker\n# syntax=d/d\nFROM a", "syntax literal d/d@2:10\nfrom literal a@3:6"},
	{"\n# syntax=d/d\nFROM a", "from literal a@3:6"},
	{"FROM \"alpine:3.20\"", "from literal alpine:3.20@1:7"},
	{"FROM a\\\n/b", "from composed a/b@1:6"},
	{"FROM \\\n# c\n a/b", "from literal a/b@3:2"},
	{"ARG B=alpine:3.20\nFROM $B", "from default alpine:3.20@1:7"},
	{"ARG B=\"alpine:3.20\"\nFROM ${B}", "from default alpine:3.20@1:8"},
	{"ARG A=alpine\nARG B=$A\nFROM $B", "from default alpine@1:7"},
	{"ARG T=3.20\nFROM alpine:$T", "from composed alpine:3.20@2:6"},
	{"ARG B\nFROM ${B:-alpine:3.20}", "from default alpine:3.20@2:11"},
	{"FROM ${B:-alpine:3.20}", "from default alpine:3.20@1:11"},
	{"FROM ${B-debian}", "from default debian@1:10"},
	{"ARG B=\nFROM ${B:-alpine}", "from default alpine@2:11"},
	{"ARG B=\nFROM ${B-alpine}", "from unknown expands to nothing@2:6"},
	{"ARG S=1\nFROM alpine${S:+:3.20}", "from composed alpine:3.20@2:6"},
	{"FROM alpine${S:+:3.20}", "from default alpine@1:6"},
	{"ARG B\nFROM $B", "from unknown ARG B has no default@2:6"},
	{"ARG B\nFROM x/${B}:1", "from unknown ARG B has no default@2:6"},
	{"FROM ${B:?say-it}", "from unknown B must be given to the build@1:6"},
	{"FROM ${B", "from unknown ${ without its }@1:6"},
	{"FROM ${B^^}", "from unknown a substitution that BuildKit does not know@1:6"},
	{"ARG V=v1.2.3\nFROM a:${V#v}", "from composed a:1.2.3@2:6"},
	{"ARG V=docker.io/a:1\nFROM ${V#*/}", "from default a:1@1:17"},
	{"ARG V=a:1-b-c\nFROM ${V%-*}", "from default a:1-b@1:7"},
	{"ARG V=a:1-b-c\nFROM ${V%%-*}", "from default a:1@1:7"},
	{"ARG V=a/b/c\nFROM ${V##*/}", "from default c@1:11"},
	{"ARG V=1_2_3\nFROM a:${V/_/.}", "from composed a:1.2_3@2:6"},
	{"ARG V=1_2_3\nFROM a:${V//_/.}", "from composed a:1.2.3@2:6"},
	{"ARG A=x\nARG B=${A}y\nFROM z", "from literal z@3:6"},
	{"FROM a\nARG A=b\nFROM $A", "from literal a@1:6\nfrom unknown expands to nothing@3:6"},
	{"FROM a AS b-amd64\nFROM b-$TARGETARCH", "from literal a@1:6"},
	{"FROM b:$TARGETARCH", "from unknown TARGETARCH depends on the platform@1:6"},
	{"ARG TARGETARCH=x\nFROM b:$TARGETARCH", "from composed b:x@2:6"},
	{"FROM a\nCOPY --from=nginx:1.27 x y", "from literal a@1:6\ncopy literal nginx:1.27@2:13"},
	{"FROM a\nCOPY --from=\"nginx\" x y", "from literal a@1:6\ncopy literal nginx@2:14"},
	{"FROM a AS s\nFROM b\nCOPY --from=S x y\nCOPY --from=0 x y\nCOPY --from=7 x y", "from literal a@1:6\nfrom literal b@2:6\ncopy literal 7@5:13"},
	{"FROM a\nCOPY --from=$x y z", "from literal a@1:6\ncopy unknown BuildKit replaces no variables here@2:13"},
	{"FROM a\nCOPY --from=later x y\nFROM b AS later", "from literal a@1:6\nfrom literal b@3:6"},
	{"FROM a\nRUN --mount=type=bind,from=img:1,target=/x --mount=From=two ls", "from literal a@1:6\nmount literal img:1@2:28\nmount literal two@2:57"},
	{"FROM a\nRUN --mount=\"type=bind,from=img\" ls", "from literal a@1:6\nmount literal img@2:29"},
	{"FROM a AS s\nRUN --mount=from=s,target=/x ls", "from literal a@1:6"},
	{"FROM a\nONBUILD COPY --from=b x y", "from literal a@1:6\ncopy literal b@2:21"},
	{"FROM a\nRUN --mount=type=bind,fr\\\nom=img ls", "from literal a@1:6\nmount literal img@3:4"},
};

static void images_are_found_where_they_stand(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof images / sizeof *images; k++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct dockerfile d;
		bool ok = dockerfile_parse(&d, str_of(images[k].text), STR("f"), &a, &e);
		struct str got = ok ? dump_images(&d, &a) : arena_printf(&a, "!%s", e.message);
		expect_str(got, images[k].tokens, images[k].text);
	}
}

static void spans_hold_what_they_name(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct dockerfile d;
	struct str text = STR("ARG V=1\nFROM --platform=linux/amd64 al\\\n# c\npine AS x\n"
	                      "# note\n# more\nRUN a \\\n  # inside\n  b <<E\nc\nE\nENV K=\"v w\"\n"), changed;
	assert_true(dockerfile_parse(&d, text, STR("f"), &a, &e));
	struct instruction *from = &d.instructions.p[1], *run = &d.instructions.p[2];
	struct instruction *env = &d.instructions.p[3];
	struct token name, value;
	expect_str(span_text(text, from->tokens.p[0].at), "al\\\n# c\npine", "continued");
	expect_str(span_text(text, from->flags.p[0].value.at), "linux/amd64", "flag");
	expect_str(span_text(text, from->at), "FROM --platform=linux/amd64 al\\\n# c\npine AS x", "all");
	expect_str(span_text(text, run->at), "RUN a \\\n  # inside\n  b <<E\nc\nE", "with here-document");
	expect_str(span_text(text, run->heredocs.p[0].at), "<<E", "word");
	expect_str(span_text(text, run->heredocs.p[0].terminator), "E", "end");
	assert_int_equal(run->comment_count, 3);
	assert_int_equal(run->line, 7);
	assert_int_equal(d.comments.p[run->comment_first].line, 5);
	assert_true(token_pair(env, &env->tokens.p[0], &name, &value));
	expect_str(span_text(text, value.at), "\"v w\"", "value");
	assert_int_equal(d.stages.n, 1);
	assert_int_equal(d.stages.p[0].count, 3);
	struct text_edit edits[] = {{value.at, STR("2")}, {from->tokens.p[0].at, STR("b")},
	                            {{0, 0}, STR("# first\n")}};
	assert_true(text_apply(text, edits, 3, &a, &changed, &e));
	expect_str(changed, "# first\nARG V=1\nFROM --platform=linux/amd64 b AS x\n"
	                    "# note\n# more\nRUN a \\\n  # inside\n  b <<E\nc\nE\nENV K=2\n", "edited");
	struct text_edit over[] = {{{0, 5}, STR("")}, {{4, 2}, STR("")}};
	assert_false(text_apply(text, over, 2, &a, &changed, &e));
	struct text_edit outside[] = {{{text.n, 1}, STR("")}};
	assert_false(text_apply(text, outside, 1, &a, &changed, &e));
}

static bool parses(struct str text, struct arena *a, struct err *e)
{
	struct dockerfile d;
	return dockerfile_parse(&d, text, STR("f"), a, e);
}

static struct str repeated(struct arena *a, const char *head, const char *unit, size_t count)
{
	size_t h = strlen(head), u = strlen(unit);
	char *p = arena_alloc(a, h + u * count + 1);
	memcpy(p, head, h);
	for (size_t i = 0; i < count; i++)
		memcpy(p + h + i * u, unit, u);
	return (struct str){p, h + u * count};
}

static void hostile_files_are_bounded(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	assert_false(parses((struct str){"FROM a\nRUN x\0y", 14}, &a, &e));
	expect_str(str_of(e.message), "f:2:6: a NUL byte; a Dockerfile is text", "NUL");
	assert_false(parses(repeated(&a, "", "#", 17u << 20), &a, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	/* 10 MB: one line, many lines, many words, many continuations. */
	assert_true(parses(repeated(&a, "FROM a\nRUN ", "x y ", 10u << 18), &a, &e));
	assert_true(parses(repeated(&a, "FROM a\n", "RUN <\n", 10u << 17), &a, &e));
	assert_true(parses(repeated(&a, "FROM a\nRUN <<A ", "b \\\n", 10u << 18), &a, &e) ||
	            e.code == ERR_INPUT);
	assert_false(parses(repeated(&a, "FROM a\nEXPOSE ", "1 ", 5u << 20), &a, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	/* Deep nesting and values that double are unknown, not endless. */
	struct dockerfile d;
	assert_true(dockerfile_parse(&d, repeated(&a, "FROM ", "${a:-", 1u << 20), STR("f"), &a, &e));
	assert_int_equal(d.images.p[0].origin, IMAGE_UNKNOWN);
	struct str doubling = STR("ARG A0=xxxxxxxxxxxxxxxx\n");
	for (int i = 0; i < 60; i++)
		doubling = arena_printf(&a, "%.*sARG A%d=$A%d$A%d\n", STR_ARG(doubling), i + 1, i, i);
	doubling = arena_printf(&a, "%.*sFROM $A60\n", STR_ARG(doubling));
	assert_true(dockerfile_parse(&d, doubling, STR("f"), &a, &e));
	assert_int_equal(d.images.p[0].origin, IMAGE_UNKNOWN);
	assert_true(parses(repeated(&a, "ARG V=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "FROM b:${V##*a*a*a*a*b}\n", 100000), &a, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_as_buildkit_cuts_them),
		cmocka_unit_test(images_are_found_where_they_stand),
		cmocka_unit_test(spans_hold_what_they_name),
		cmocka_unit_test(hostile_files_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
