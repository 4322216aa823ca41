// SPDX-License-Identifier: Apache-2.0
/* Launchers: what is taken is written as a line that the launcher reads word for word the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/launcher/line.h"
#include "layout/launcher/launchers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(char **at, const char *word)
{
	static const char *const args[] = { "1", "", "3", "4" };
	const struct ohc_line_values v = { "/prefix", args, 4 };
	struct ohc_setting s;
	char out[256];
	char *is;

	if (ohc_line_word(at, &is) != OHC_LINE_WORD || strcmp(is, word) != 0)
		abort();
	if (!ohc_line_is_rest(is) && ohc_line_expand(ohc_line_setting(is, &s) ? s.value : is, &v,
						     out, sizeof(out)) == OHC_LINE_BAD)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_freep) char *spec = ohc_xstrndup((const char *)data, size);
	ohc_cleanup(ohc_launchers_clear) struct ohc_launchers l = OHC_LAUNCHERS_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	char *at, *is;

	if (ohc_launchers_parse(&l, spec, &err) < 0 || ohc_launchers_text(&l, &text, &err) < 0)
		return 0;
	text.data[text.len - 1] = '\0';
	at = strrchr(text.data, '\n') + 1;
	if (strncmp(at, l.v[0].name, strlen(l.v[0].name)) != 0 || at[strlen(l.v[0].name)] != ':')
		abort();
	at += strlen(l.v[0].name) + 1;
	for (size_t i = 0; i < l.v[0].settings.n; i++)
		expect(&at, l.v[0].settings.v[i]);
	expect(&at, l.v[0].program);
	for (size_t i = 0; i < l.v[0].args.n; i++)
		expect(&at, l.v[0].args.v[i]);
	if (ohc_line_word(&at, &is) != OHC_LINE_END)
		abort();
	return 0;
}
