#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/wrap breaks comments that are too wide, and nothing else.
. "$(dirname "$0")/../lib.sh"

words='one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'

# wrapped: what becomes of standard input
wrapped()
{
	cat >x.c
	"$top/tests/wrap" x.c
	cat x.c
}

t "words go to the next line of the paragraph, and not into the next paragraph"
expect_eq "$(printf '/*\n * %s 17 18.\n * A sentence.\n *\n * Another.\n */\n' "$words" | wrapped)" \
	"$(printf '/*\n * %s\n * 17 18.  A sentence.\n *\n * Another.\n */' "$words")"

t "a comment of one line gets a second one"
expect_eq "$(printf '\t/* %s 17 */\nint x;\n' "${words% sixteen}" | wrapped)" \
	"$(printf '\t/* %s\n\t * 17 */\nint x;' "${words% sixteen}")"

t "examples, lists, code and lines that fit stay"
printf '/*\n *\t%s 17 18\n * - %s 17\n *   %s 17\n * fits\n * so does this\n */\nchar *s = "%s 17 18";\n' \
	"$words" "$words" "$words" "$words" >before
expect_eq "$(wrapped <before)" "$(cat before)"

finish
