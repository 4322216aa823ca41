// SPDX-License-Identifier: Apache-2.0
#include "cmd/inspect_volume.h"

#include <ctype.h>
#include <string.h>

#include "cmd/printable.h"
#include "compose/payload/label.h"
#include "core/alloc.h"

/* A name as Kubernetes has them (RFC 1123, a label): "opt-tools" of "/opt/tools". */
static char *name_of(const char *prefix)
{
	struct ohc_buf b = OHC_BUF_INIT;

	for (const char *p = prefix; *p && b.len < 50; p++)
		if (isalnum((unsigned char)*p))
			ohc_buf_addc(&b, (char)tolower((unsigned char)*p));
		else if (b.len && b.data[b.len - 1] != '-')
			ohc_buf_addc(&b, '-');
	while (b.len && b.data[b.len - 1] == '-')
		ohc_buf_truncate(&b, b.len - 1);
	return b.len ? ohc_buf_detach(&b) : ohc_xstrdup("payload");
}

/* As a word of the shell, in single quotes. */
static void add_word(struct ohc_buf *b, const char *text)
{
	ohc_buf_addc(b, '\'');
	for (; *text; text++)
		if (*text == '\'')
			ohc_buf_adds(b, "'\\''");
		else
			ohc_buf_addc(b, *text);
	ohc_buf_addc(b, '\'');
}

/* A variable that refers to another one has its value from the image that it goes to, which nobody
 * but push knows; one with a newline fits no line. */
static bool is_plain(const char *variable)
{
	return !strpbrk(variable, "$\n\r");
}

static char *env_words(const json_t *env)
{
	struct ohc_buf b = OHC_BUF_INIT;
	const json_t *value;
	size_t i;

	json_array_foreach (env, i, value) {
		const char *text = json_string_value(value);

		if (!text || !is_plain(text))
			continue;
		ohc_buf_adds(&b, " -e ");
		add_word(&b, text);
	}
	ohc_buf_adds(&b, "");
	return ohc_buf_detach(&b);
}

static void print_printable(FILE *out, const char *before, const char *text)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	ohc_printable(&b, text);
	fprintf(out, "%s%s\n", before, ohc_buf_str(&b));
}

static void print_commands(FILE *out, const char *reference, const char *prefix, const char *name,
			   const json_t *env)
{
	ohc_cleanup(ohc_freep) char *words = env_words(env);
	const json_t *value;
	size_t i;

	fprintf(out, "# %s, read-only at %s in a container of IMAGE.\n#\n", reference, prefix);
	fprintf(out,
		"# docker create --name %s -v %s %s x\n"
		"# docker run --rm --volumes-from %s:ro%s IMAGE COMMAND\n#\n",
		name, prefix, reference, name, words);
	fprintf(out,
		"# podman pull %s\n"
		"# podman run --rm -v \"$(podman image mount %s)%s:%s:ro\"%s IMAGE COMMAND\n#\n",
		reference, reference, prefix, prefix, words);
	json_array_foreach (env, i, value) {
		const char *text = json_string_value(value);

		if (text && !is_plain(text))
			print_printable(out,
					"# not set, as IMAGE's own value belongs to it: ", text);
	}
}

static void print_pod_env(FILE *out, const json_t *env)
{
	bool headed = false;
	const json_t *value;
	size_t i;

	json_array_foreach (env, i, value) {
		const char *text = json_string_value(value), *is = text ? strchr(text, '=') : NULL;
		ohc_cleanup(ohc_json_decref) json_t *string = is ? json_string(is + 1) : NULL;
		ohc_cleanup(ohc_freep) char *quoted = NULL;

		if (!is || !is_plain(text))
			continue;
		quoted = json_dumps(string, JSON_ENCODE_ANY);
		fprintf(out, "%s    - name: %.*s\n      value: %s\n", headed ? "" : "    env:\n",
			(int)(is - text), text, quoted);
		headed = true;
	}
}

static void print_pod(FILE *out, const char *reference, const char *prefix, const char *name,
		      const json_t *env)
{
	fprintf(out,
		"apiVersion: v1\n"
		"kind: Pod\n"
		"metadata:\n"
		"  name: with-%s\n"
		"spec:\n"
		"  containers:\n"
		"  - name: main\n"
		"    image: IMAGE\n"
		"    command: [COMMAND]\n",
		name);
	print_pod_env(out, env);
	fprintf(out,
		"    volumeMounts:\n"
		"    - name: %s\n"
		"      mountPath: %s\n"
		"      subPath: %s\n"
		"      readOnly: true\n"
		"  volumes:\n"
		"  - name: %s\n"
		"    image:\n"
		"      reference: %s\n",
		name, prefix, prefix + 1, name, reference);
}

/* Every character stands for itself in YAML and in a shell. */
static bool is_simple(const char *prefix)
{
	return prefix[0] == '/' && prefix[1] &&
	       prefix[strspn(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789/._-+")] == '\0';
}

int ohc_inspect_volume(FILE *out, const char *reference, const json_t *config,
		       struct ohc_error *err)
{
	struct ohc_payload_label label = OHC_PAYLOAD_LABEL_INIT;
	const json_t *env = json_object_get(json_object_get(config, "config"), "Env");
	ohc_cleanup(ohc_freep) char *name = NULL;
	int rc = 0;

	if (!ohc_payload_label_read(config, &label))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is no payload image: pack makes those, and says in a "
				     "label which prefix they have",
				     reference);
	name = name_of(label.prefix);
	if (!is_simple(label.prefix)) {
		rc = ohc_error_set(err, OHC_E_FORMAT,
				   "the prefix '%s' has characters that engines take for "
				   "something else",
				   label.prefix);
	} else {
		print_commands(out, reference, label.prefix, name, env);
		print_pod(out, reference, label.prefix, name, env);
	}
	ohc_payload_label_clear(&label);
	return rc;
}
