/* SPDX-License-Identifier: Apache-2.0 */
/* The options of push, which other commands take too. */
#ifndef OHC_CMD_PUSH_OPTIONS_H
#define OHC_CMD_PUSH_OPTIONS_H

#include "cmd/options.h"
#include "compose/push/push.h"

struct ohc_push_command {
	struct ohc_push_options push; /* but for base, dest, jobs and report */
	unsigned int level;           /* of compression; 0: not given */
	const char *digest_file;
};

extern const struct ohc_option ohc_push_command_options[];

/* The words that --compression, --format and --mtime take, wherever layers are made. */
extern const struct ohc_word ohc_words_compression[], ohc_words_format[], ohc_words_mtime[],
	ohc_words_clash[];

/* The profiles that there are, for completions: --profile takes a file, too. */
extern const struct ohc_word ohc_words_profile[];

#endif
