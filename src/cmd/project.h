/* project: socle pick on a folder with a Dockerfile. */
#pragma once

#include "advise/pick.h"
#include "cmd/open.h"

/* The folder's Dockerfile, in it: what --dockerfile names, else Dockerfile or Containerfile. False
 * where APP is no folder with one, or --at or --entry take it for the application's files. */
bool project_dockerfile(struct session *s, struct str app, struct str *name);

/* Builds, judges, rewrites, builds again, tries, and renders. The exit status. `q` has wishes and
 * candidates. */
int project_pick(struct session *s, struct workplace *w, struct str folder, struct str name,
                 struct pick_request *q);
