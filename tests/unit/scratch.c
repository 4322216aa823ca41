// SPDX-License-Identifier: Apache-2.0
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char scratch_dir[32];

static char before[4096];

int scratch_make(void **state)
{
	(void)state;
	strcpy(scratch_dir, "/tmp/ohc-unit.XXXXXX");
	return mkdtemp(scratch_dir) ? 0 : -1;
}

int scratch_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch_dir);
	return system(command);
}

int scratch_enter(void **state)
{
	return scratch_make(state) || !getcwd(before, sizeof(before)) || chdir(scratch_dir);
}

int scratch_leave(void **state)
{
	return chdir(before) || scratch_remove(state);
}
