// SPDX-License-Identifier: Apache-2.0
/* The list of what is packed: found when all is gathered, written beside the layers, hung on the
 * image when that is there. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/record.h"
#include "core/spool.h"
#include "layout/sbom/find.h"
#include "oci/image/attach.h"

#define CACHE    "sbom"
#define LIST_MAX (4u << 20) /* bytes of a list that is kept: it is in memory then */

static const struct {
	const char *word, *type, *file;
	int (*write)(const struct ohc_sbom *bom, struct ohc_sink *out, struct ohc_error *err);
} forms[] = {
	{ "cyclonedx", OHC_SBOM_CYCLONEDX_TYPE, "payload.cdx.json", ohc_sbom_cyclonedx },
	{ "spdx", OHC_SBOM_SPDX_TYPE, "payload.spdx.json", ohc_sbom_spdx },
};

/* NULL: none is wanted. */
static const char *wanted(const struct ohc_contents *p)
{
	const char *word = p->o->sbom ? p->o->sbom : forms[0].word;

	return strcmp(word, "none") == 0 ? NULL : word;
}

bool ohc_contents_hangs(const struct ohc_contents *p)
{
	return wanted(p) != NULL;
}

static size_t form_of(const char *word)
{
	size_t i = 0;

	while (i + 1 < OHC_ARRAY_SIZE(forms) && strcmp(forms[i].word, word) != 0)
		i++;
	return i;
}

/* It was asked for in so many words, so that it is not there must be told. */
static enum ohc_level level(const struct ohc_contents *p)
{
	return p->o->sbom ? OHC_WARNING : OHC_VERBOSE;
}

static struct ohc_assembly_layer *layers_of(struct ohc_contents *p,
					    const struct ohc_making_rules *rules)
{
	struct ohc_assembly_layer *layers = ohc_xcalloc(p->n, sizeof(*layers));

	for (size_t i = 0; i < p->n; i++)
		layers[i] = (struct ohc_assembly_layer){ .assembly = p->assemblies[i],
							 .mtime = rules->mtime,
							 .time = rules->time };
	return layers;
}

/* Leaves out the files' own digests: the root's databases of packages may have changed where no
 * file of the payload did. */
static void digest_found(const struct ohc_sbom *bom, char ret[OHC_DIGEST_MAX])
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	ohc_record_put_text(&b, bom->version);
	for (size_t i = 0; i < bom->n; i++) {
		const struct ohc_sbom_component *c = &bom->v[i];

		ohc_record_put_number(&b, c->kind);
		ohc_record_put_text(&b, c->name);
		ohc_record_put_text(&b, c->version);
		ohc_record_put_text(&b, c->arch);
		ohc_record_put_text(&b, c->source);
		ohc_record_put_text(&b, c->license);
		ohc_record_put_text(&b, c->distro);
		ohc_record_put_texts(&b, &c->paths);
	}
	ohc_digest_of(ohc_buf_str(&b), b.len, ret);
}

/* All that the list depends on; NULL where it must not be kept. */
static char *key_of(struct ohc_contents *p, const struct ohc_making_rules *rules,
		    const char *content, const char *word)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf key = OHC_BUF_INIT;

	if (!content || !rules->cache)
		return NULL;
	ohc_buf_addf(&key, "6 %s %s %d %lld %s %s", OHC_VERSION, word, (int)rules->mtime,
		     (long long)rules->time, p->prefix, content);
	for (size_t i = p->payload ? 1 : 0; i < p->n; i++) {
		char fingerprint[OHC_DIGEST_MAX];
		bool settled;

		ohc_assembly_fingerprint(p->assemblies[i], fingerprint, &settled);
		if (!settled)
			return NULL;
		ohc_buf_addf(&key, " %s", fingerprint);
	}
	return ohc_xstrdup(ohc_buf_str(&key));
}

/* A sink over the spool file, which stays open. */
struct spool_sink {
	struct ohc_sink sink;
	FILE *file;
};

static int spool_write(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err)
{
	struct spool_sink *s = (struct spool_sink *)sink;

	return fwrite(data, 1, n, s->file) == n
		       ? 0
		       : ohc_error_sys(err, "cannot write to a temporary file in '%s'",
				       ohc_spool_dir());
}

static int open_spool(struct ohc_contents *p, struct ohc_error *err)
{
	int fd, rc = ohc_spool_open(&fd, err);

	if (rc < 0)
		return rc;
	p->sbom = fdopen(fd, "w+");
	if (p->sbom)
		return 0;
	rc = ohc_error_sys(err, "cannot open a temporary file");
	close(fd);
	return rc;
}

/* Takes the list that was kept from a run before.  *ret: there is one. */
static int recall(struct spool_sink *sink, const struct ohc_making_rules *rules, const char *key,
		  bool *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf kept = OHC_BUF_INIT;

	*ret = key && ohc_cache_get(rules->cache, CACHE, key, LIST_MAX, &kept);
	return *ret ? ohc_sink_write(&sink->sink, kept.data, kept.len, err) : 0;
}

static void remember(struct ohc_contents *p, const struct ohc_making_rules *rules, const char *key)
{
	ohc_cleanup(ohc_freep) char *text = NULL;
	long n = ftell(p->sbom);

	if (!key || n <= 0 || n > (long)LIST_MAX)
		return;
	text = ohc_xmalloc((size_t)n);
	rewind(p->sbom);
	if (fread(text, 1, (size_t)n, p->sbom) == (size_t)n)
		ohc_cache_put(rules->cache, CACHE, key, text, (size_t)n);
	fseek(p->sbom, 0, SEEK_END);
}

/* *ret_kept: the list was written as it was kept from a run before. */
static int begin_text(struct ohc_contents *p, const struct ohc_making_rules *rules, const char *key,
		      struct spool_sink *ret, bool *ret_kept, struct ohc_error *err)
{
	static const struct ohc_sink_ops ops = { .write = spool_write };
	int rc = open_spool(p, err);

	if (rc < 0)
		return rc;
	*ret = (struct spool_sink){ { &ops }, p->sbom };
	return recall(ret, rules, key, ret_kept, err);
}

static void begin_list(const struct ohc_contents *p, struct ohc_sbom *bom)
{
	bom->prefix = ohc_xstrdup(p->prefix);
	bom->version = p->recipe.version ? ohc_xstrdup(p->recipe.version) : NULL;
}

void ohc_contents_list_free(struct ohc_contents_list *list)
{
	if (!list)
		return;
	ohc_sbom_clear(&list->bom);
	free(list->layers);
	free(list->key);
	free(list);
}

/* A dry run writes no list, but has the records, without which it would tell another digest. */
static int of_recipe(struct ohc_contents *p, const struct ohc_making_rules *rules, const char *word,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_sbom_records_clear) struct ohc_sbom_records records = { .v = NULL };
	struct ohc_contents_list *l = ohc_xcalloc(1, sizeof(*l));
	char found[OHC_DIGEST_MAX];
	int rc;

	p->list = l;
	l->layers = layers_of(p, rules);
	l->tree = (struct ohc_sbom_tree){ l->layers, p->n, p->root, p->root_dir, NULL };
	begin_list(p, &l->bom);
	rc = ohc_sbom_find(&l->tree, &l->bom, &records, err);
	if (rc == 0)
		rc = ohc_contents_add_records(p, &records, err);
	if (rc < 0)
		return rc;
	digest_found(&l->bom, found);
	l->key = key_of(p, rules, found, word);
	return 0;
}

int ohc_contents_write_list(struct ohc_contents *p, const struct ohc_making_rules *rules,
			    struct ohc_error *err)
{
	struct ohc_contents_list *l = p->list;
	struct spool_sink sink;
	bool kept;
	int rc;

	if (!l || p->o->push.dry_run)
		return 0;
	rc = begin_text(p, rules, l->key, &sink, &kept, err);
	if (rc < 0 || kept)
		return rc;
	rc = ohc_sbom_check_claims(&l->bom, err);
	if (rc == 0)
		rc = forms[form_of(wanted(p))].write(&l->bom, &sink.sink, err);
	if (rc == 0)
		remember(p, rules, l->key);
	return rc;
}

/* The bytes of a tar or an image are read for it. */
static int find_in_payload(struct ohc_contents *p, const struct ohc_making_rules *rules,
			   struct ohc_sbom_records *ret_records, struct ohc_sink *text,
			   const char *word, struct ohc_error *err)
{
	ohc_cleanup(ohc_sbom_clear) struct ohc_sbom bom = OHC_SBOM_INIT;
	ohc_cleanup(ohc_freep) struct ohc_assembly_layer *layers = layers_of(p, rules);
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *entries = NULL;
	ohc_cleanup(ohc_files_freep) struct ohc_files *root = NULL;
	struct ohc_sbom_tree t = { .layers = layers, .n = p->n };
	int rc = 0;

	if (ohc_assembly_count(p->assemblies[0]) == 0) {
		rc = ohc_payload_assembly(p->payload, &entries, err);
		layers[0].assembly = entries;
	}
	begin_list(p, &bom);
	if (rc == 0)
		rc = ohc_payload_root(p->payload, &root, &t.root_at, err);
	t.root = root;
	if (rc == 0)
		rc = ohc_sbom_find(&t, &bom, ret_records, err);
	if (rc == 0 && text)
		rc = ohc_sbom_check_claims(&bom, err);
	if (rc == 0 && text)
		rc = forms[form_of(word)].write(&bom, text, err);
	return rc;
}

/* Both are known by what the tar or the image is, so that it need not be read again.  A dry run
 * finds what will be in the image, and writes no list. */
static int of_payload(struct ohc_contents *p, const struct ohc_making_rules *rules,
		      const char *word, struct ohc_error *err)
{
	ohc_cleanup(ohc_sbom_records_clear) struct ohc_sbom_records records = { .v = NULL };
	ohc_cleanup(ohc_freep) char *key = key_of(p, rules, ohc_payload_identity(p->payload), word);
	const bool dry = p->o->push.dry_run, has = ohc_payload_has_packages(p->payload);
	const bool known = !has || ohc_contents_recall_records(rules, key, &records);
	struct spool_sink sink;
	bool kept = known;
	int rc = dry ? 0 : begin_text(p, rules, known ? key : NULL, &sink, &kept, err);

	if (rc == 0 && !kept) {
		rc = find_in_payload(p, rules, &records, dry ? NULL : &sink.sink, word, err);
		if (rc == 0 && has)
			ohc_contents_remember_records(rules, key, &records);
		if (rc == 0 && !dry)
			remember(p, rules, key);
	}
	return rc < 0 || !has ? rc : ohc_contents_add_records(p, &records, err);
}

int ohc_contents_sbom(struct ohc_contents *p, const struct ohc_making_rules *rules,
		      struct ohc_error *err)
{
	const char *word = wanted(p);

	if (!word || p->n == 0)
		return 0;
	return p->payload ? of_payload(p, rules, word, err) : of_recipe(p, rules, word, err);
}

static int open_text(const struct ohc_contents *p, struct ohc_source **ret, struct ohc_error *err)
{
	int fd;

	if (fflush(p->sbom) != 0 || fseek(p->sbom, 0, SEEK_SET) != 0)
		return ohc_error_sys(err, "cannot write to a temporary file in '%s'",
				     ohc_spool_dir());
	fd = fcntl(fileno(p->sbom), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return ohc_error_sys(err, "cannot read a temporary file again");
	*ret = ohc_source_fd(fd, "the list of what is in the payload");
	return 0;
}

/* An image that is there is worth more than its list: what hinders that is told. */
int ohc_contents_attach(const struct ohc_contents *p, struct ohc_store *dest,
			const struct ohc_name *name, const struct ohc_descriptor *image,
			struct ohc_error *err)
{
	size_t form = form_of(p->o->sbom ? p->o->sbom : forms[0].word);
	struct ohc_attach a = { .store = dest,
				.subject = *image,
				.type = forms[form].type,
				.title = forms[form].file,
				.report = p->o->push.report };
	ohc_cleanup(ohc_source_closep) struct ohc_source *text = NULL;
	struct ohc_error mine = OHC_ERROR_INIT;
	struct ohc_attached done;
	int rc;

	if (!p->sbom)
		return 0;
	if (name->transport != OHC_REGISTRY && name->transport != OHC_LAYOUT) {
		ohc_report_say(p->o->push.report, level(p),
			       "an archive has no place for the list of what is in the payload");
		return 0;
	}
	rc = open_text(p, &text, &mine);
	if (rc == 0)
		rc = ohc_attach_file(&a, text, &done, &mine);
	if (rc == 0)
		rc = ohc_store_finish(dest, &mine);
	if (rc == 0 || (rc != -OHC_E_INTERRUPTED && !p->o->sbom)) {
		if (rc < 0)
			ohc_report_say(p->o->push.report, OHC_WARNING,
				       "the list of what is in the payload could not be stored: %s",
				       mine.msg);
		return 0;
	}
	return ohc_error_copy(err, &mine, rc);
}
