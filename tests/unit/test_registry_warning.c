// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "registry/warning.h"

/* A Warning field's value, and the texts that are for the user, each with a '|' behind it. */
static const struct {
	const char *value, *texts;
} rows[] = {
	{ "299 - \"plain\"", "plain|" },
	{ "299 - \"with date\" \"Sat, 25 Aug 2012 23:34:45 GMT\"", "with date|" },
	{ "299 - \"one\",299 - \"two\"", "one|two|" },
	{ "299 - \"one\" , , 299\t-\t\"two\"", "one|two|" },
	{ "  299 - \"blank before\"", "blank before|" },
	{ "299 registry.example:5000 \"an agent\"", "an agent|" },
	{ "299 - \"a, b\"", "a, b|" },
	{ "299 - \"say \\\"so\\\" \\\\ \\x\"", "say \"so\" \\ x|" },
	{ "299 - \"\"", "|" },
	{ "112 - \"disconnected\", 299 - \"ours\", 214 - \"theirs\"", "ours|" },
	{ "299 - \"fine\", rubbish", "fine|" },
	{ "299 - \"fine\", 299 - \"open", "fine|" },
	{ "299 - \"fine\" \"open", "" },
	{ "", "" },
	{ "299", "" },
	{ "299 ", "" },
	{ "299 -", "" },
	{ "299 - ", "" },
	{ "299 - text", "" },
	{ "299 - \"", "" },
	{ "299 - \"\\", "" },
	{ "29 - \"two digits\"", "" },
	{ "2999 - \"four digits\"", "" },
	{ "-299 - \"minus\"", "" },
	{ "\"299\" - \"x\"", "" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf all = OHC_BUF_INIT;
		const char *p = rows[i].value;

		for (;;) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

			if (!ohc_warning_next(&p, &text))
				break;
			ohc_buf_addf(&all, "%s|", ohc_buf_str(&text));
		}
		if (strcmp(ohc_buf_str(&all), rows[i].texts) != 0)
			fail_msg("'%s' gives '%s'", rows[i].value, ohc_buf_str(&all));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
