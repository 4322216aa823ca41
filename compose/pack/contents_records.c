// SPDX-License-Identifier: Apache-2.0
/* dpkg's records of the packages that are in the payload, as files of it. */
#include <string.h>
#include <sys/stat.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/ascii.h"
#include "core/record.h"

#define CACHE       "sbom-records"
#define CACHED_MAX  (16u << 20)
#define RECORD_MAX  (1u << 20)
#define RECORDS_MAX 100000

/* Where scanners look for what dpkg would say of an image without dpkg. */
#define PLACE "var/lib/dpkg/status.d"

/* Policy's names of packages (Debian Policy, 5.6.1): an image's status may say anything. */
static bool is_name(const char *name)
{
	return *name && *name != '.' && name[strspn(name, OHC_ASCII_ALNUM "+-.")] == '\0';
}

/* Leaves what is in the payload's own layer, such as the records of one that was packed before. */
static bool is_taken(const struct ohc_contents *p, const char *path)
{
	return p->payload && ohc_payload_has(p->payload, path);
}

static int add_record(struct ohc_contents *p, const struct ohc_sbom_record *r, size_t i,
		      struct ohc_error *err)
{
	/* Of a package of two architectures there are two. */
	ohc_cleanup(ohc_freep) char *path =
		i ? ohc_xasprintf("%s/" PLACE "/%s.%zu", p->prefix, r->name, i)
		  : ohc_xasprintf("%s/" PLACE "/%s", p->prefix, r->name);
	struct ohc_assembly_item item = { .path = path, .mode = 0644, .origin = "dpkg's status" };
	struct ohc_content content = { .kind = OHC_CONTENT_BYTES,
				       .bytes = r->text,
				       .size = strlen(r->text) };

	if (!is_name(r->name) || is_taken(p, path))
		return 0;
	return ohc_assembly_file(p->assemblies[p->n - 1], &item, &content, NULL, err);
}

/* A directory would replace a symlink of the payload's on the way. */
static bool has_way(const struct ohc_contents *p)
{
	ohc_cleanup(ohc_freep) char *way = ohc_xasprintf("%s/" PLACE, p->prefix);
	size_t prefix = strlen(p->prefix);

	for (; strlen(way) > prefix; *strrchr(way, '/') = '\0')
		if (is_taken(p, way))
			return false;
	return true;
}

/* A payload's layer is written from elsewhere: the one above restates directories of it. */
static int add_dirs(struct ohc_contents *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	const struct ohc_buf *index;
	struct ohc_layer_entry e;
	int rc = ohc_payload_entries(p->payload, &index, err);

	if (rc < 0)
		return rc;
	ohc_layer_index_iter_start(it, ohc_buf_str(index), index->len, p->o->source);
	while (rc == 0 && (rc = ohc_layer_index_iter_next(it, &e, err)) > 0) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("/%s", e.path);
		struct ohc_assembly_item item = { .path = path,
						  .mode = e.mode & 07777,
						  .mtime = e.mtime,
						  .origin = p->o->source };

		rc = S_ISDIR(e.mode) ? ohc_assembly_dir(p->assemblies[0], &item, err) : 0;
	}
	return rc;
}

/* Those of an image get a layer of their own, where nothing else is put beside its own. */
static int add_layer(struct ohc_contents *p, struct ohc_error *err)
{
	int rc = 0;

	if (ohc_assembly_count(p->assemblies[0]) == 0)
		rc = add_dirs(p, err);
	if (rc == 0 && p->n == 1)
		ohc_contents_add_layer(p, "packages");
	return rc;
}

int ohc_contents_add_records(struct ohc_contents *p, const struct ohc_sbom_records *records,
			     struct ohc_error *err)
{
	size_t same = 0;
	int rc = 0;

	if (records->n == 0)
		return 0;
	if (!has_way(p)) {
		ohc_report_say(p->o->push.report, OHC_VERBOSE,
			       "no records of packages: '%s/" PLACE "' leads elsewhere", p->prefix);
		return 0;
	}
	if (p->payload)
		rc = add_layer(p, err);
	for (size_t i = 0; rc == 0 && i < records->n; i++) {
		same = i && strcmp(records->v[i].name, records->v[i - 1].name) == 0 ? same + 1 : 0;
		rc = add_record(p, &records->v[i], same, err);
	}
	ohc_assembly_settle(p->assemblies, p->n);
	return rc;
}

bool ohc_contents_recall_records(const struct ohc_making_rules *rules, const char *key,
				 struct ohc_sbom_records *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf kept = OHC_BUF_INIT;
	struct ohc_record_reader u;
	uint64_t n;

	if (!key || !ohc_cache_get(rules->cache, CACHE, key, CACHED_MAX, &kept))
		return false;
	u = ohc_record_read(ohc_buf_str(&kept), kept.len);
	n = ohc_record_get_number_max(&u, RECORDS_MAX);
	for (uint64_t i = 0; i < n && !u.bad; i++) {
		struct ohc_sbom_record r = { .name = ohc_record_get_text(&u, RECORD_MAX),
					     .text = ohc_record_get_text(&u, RECORD_MAX) };

		u.bad |= !r.name || !r.text;
		ret->v = ohc_xrealloc(ret->v, ret->n + 1, sizeof(*ret->v));
		ret->v[ret->n++] = r;
	}
	if (ohc_record_done(&u))
		return true;
	ohc_sbom_records_clear(ret);
	return false;
}

void ohc_contents_remember_records(const struct ohc_making_rules *rules, const char *key,
				   const struct ohc_sbom_records *records)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (!key)
		return;
	ohc_record_put_number(&b, records->n);
	for (size_t i = 0; i < records->n; i++) {
		ohc_record_put_text(&b, records->v[i].name);
		ohc_record_put_text(&b, records->v[i].text);
	}
	ohc_cache_put(rules->cache, CACHE, key, b.data, b.len);
}
