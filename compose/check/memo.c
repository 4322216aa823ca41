// SPDX-License-Identifier: Apache-2.0
#include "compose/check/memo.h"

#include <string.h>

#include "core/alloc.h"
#include "core/record.h"
#include "layout/files/facts.h"
#include "layout/check/finding_codes.h"

#define NAMESPACE "findings"
/* Raise it with every change of what the checks find or say. */
#define VERSION OHC_VERSION " 10"
#define MAX     (8u << 20)

static void put_layers(struct ohc_buf *b, const struct ohc_manifest *m)
{
	ohc_record_put_number(b, m->n_layers);
	for (size_t i = 0; i < m->n_layers; i++)
		ohc_record_put_text(b, m->layers[i].digest);
	ohc_record_put_text(b, m->config.digest);
}

/* Adds a payload's identity to the key; false where it has none. */
static bool put_payload(struct ohc_buf *b, struct ohc_payload *p)
{
	const char *identity = ohc_payload_identity(p);

	ohc_record_put_text(b, p->target);
	ohc_record_put_text(b, identity);
	return identity;
}

static void put_adapter(struct ohc_buf *b, const struct ohc_entries *entries)
{
	ohc_record_put_number(b, entries->n);
	for (size_t i = 0; i < entries->n; i++) {
		const struct ohc_entry *e = &entries->v[i];

		ohc_record_put_text(b, e->path);
		ohc_record_put_number(b, e->mode);
		ohc_record_put_number(b, e->uid);
		ohc_record_put_number(b, e->gid);
		ohc_record_put_bytes(b, e->data, e->data ? e->size : 0);
	}
}

char *ohc_check_memo_key(const struct ohc_plan *plan)
{
	const struct ohc_inputs *in = plan->in;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *config = ohc_json_text(plan->image.config);
	char platform[OHC_PLATFORM_TEXT], digest[OHC_DIGEST_MAX];

	if (!in->options->cache)
		return NULL;
	ohc_record_put_text(&b, ohc_platform_text(&plan->base.image.platform, platform));
	put_layers(&b, &plan->base.image.manifest);
	ohc_record_put_text(&b, config);
	ohc_record_put_text(&b, in->profile.name);
	ohc_record_put_texts(&b, &in->profile.workspace);
	ohc_record_put_number(&b, in->rules.uid);
	ohc_record_put_number(&b, in->rules.gid);
	for (size_t i = 0; i < in->n_payloads; i++)
		if (plan->payloads[i] && !put_payload(&b, plan->payloads[i]))
			return NULL;
	put_adapter(&b, &plan->adapter->fitting.entries);
	ohc_digest_of(b.data, b.len, digest);
	return ohc_xasprintf("%s %s %s %s", VERSION, OHC_LAYER_INDEX_VERSION,
			     ohc_facts_hook.version, digest);
}

/* The code's constant in the table; NULL where another version wrote it. */
static const char *known_code(const char *code)
{
	for (size_t i = 0; code && i < ohc_finding_codes_n; i++)
		if (strcmp(ohc_finding_codes[i].code, code) == 0)
			return ohc_finding_codes[i].code;
	return NULL;
}

static bool get_one(struct ohc_record_reader *u, struct ohc_findings *ret)
{
	uint64_t level = ohc_record_get_number_max(u, OHC_FINDING_ERROR);
	ohc_cleanup(ohc_freep) char *text = ohc_record_get_text(u, MAX);
	ohc_cleanup(ohc_freep) char *subject = ohc_record_get_text(u, MAX);
	ohc_cleanup(ohc_freep) char *message = ohc_record_get_text(u, MAX);
	const char *code = known_code(text);

	if (!code || !subject || !message)
		return false;
	ohc_findings_add(ret, (enum ohc_finding_level)level, code, subject, "%s", message);
	return true;
}

bool ohc_check_memo_get(const struct ohc_plan *plan, const char *key, struct ohc_findings *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_findings_clear) struct ohc_findings list = OHC_FINDINGS_INIT;
	struct ohc_record_reader u;
	uint64_t n;

	if (!key || !ohc_cache_get(plan->in->options->cache, NAMESPACE, key, MAX, &bytes))
		return false;
	u = ohc_record_read(ohc_buf_str(&bytes), bytes.len);
	n = ohc_record_get_number(&u);
	for (uint64_t i = 0; i < n; i++)
		if (!get_one(&u, &list))
			return false;
	if (!ohc_record_done(&u))
		return false;
	ohc_findings_move(ret, &list);
	return true;
}

void ohc_check_memo_put(const struct ohc_plan *plan, const char *key,
			const struct ohc_findings *findings)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (!key)
		return;
	ohc_record_put_number(&b, findings->n);
	for (size_t i = 0; i < findings->n; i++) {
		ohc_record_put_number(&b, findings->v[i].level);
		ohc_record_put_text(&b, findings->v[i].code);
		ohc_record_put_text(&b, findings->v[i].subject);
		ohc_record_put_text(&b, findings->v[i].message);
	}
	ohc_cache_put(plan->in->options->cache, NAMESPACE, key, b.data, b.len);
}
