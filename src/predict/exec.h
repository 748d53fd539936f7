/* exec: the kernel's part of starting a file. Inside predict only. */
#pragma once

#include "predict/process.h"

/* Judges one entry; findings are appended to `out`. */
void exec_judge(const struct predict_target *target, const struct node *entry,
                struct prediction *out, struct arena *a);
