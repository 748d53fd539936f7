/* commands: what the table in commands.c runs. Each gives an exit status. */
#pragma once

#include "cmd/session.h"

int cmd_pick(struct session *s);
int cmd_needs(struct session *s);
int cmd_check(struct session *s);
int cmd_try(struct session *s);
int cmd_ldd(struct session *s);
int cmd_ls(struct session *s);
int cmd_cat(struct session *s);
int cmd_sizes(struct session *s);
int cmd_sbom(struct session *s);
int cmd_scan(struct session *s);
int cmd_compare(struct session *s);
int cmd_db(struct session *s);
int cmd_digest(struct session *s);
int cmd_tags(struct session *s);
int cmd_pull(struct session *s);
int cmd_push(struct session *s);
int cmd_cache(struct session *s);
int cmd_lint(struct session *s);
int cmd_pin(struct session *s);
int cmd_bases(struct session *s);
int cmd_help(struct session *s);
