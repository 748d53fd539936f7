/* trace: what BuildKit tells while it builds, through Docker's API: base64 of a protocol buffer
 * (moby, api/services/control/control.proto, StatusResponse). Only the output of commands is of use
 * here: logs (3), each with its bytes (4). Pure; known to engine/ alone. */
#pragma once

#include "core/arena.h"

/* Calls `log` for each piece of output. What is damaged or unknown says nothing. */
void trace_read(struct str base64, void (*log)(struct str text, void *context), void *context);
