// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/printable.h"
#include "cmd/subject.h"
#include "core/alloc.h"
#include "core/path.h"
#include "oci/image/attach.h"

struct attach {
	const char *type, *platform;
	struct ohc_strv annotations;
};

static const struct ohc_option options[] = {
	{ "type", 0, "MEDIATYPE",
	  "what FILE is: application/vnd.cyclonedx+json, application/spdx+json, text/plain …",
	  OHC_STRING(struct attach, type) },
	{ "annotation", 0, "K=V", "set an annotation of the attachment; repeatable",
	  OHC_STRINGS(struct attach, annotations) },
	{ "platform", 0, "OS/ARCH[/VARIANT]",
	  "hang it on the image of this platform (default: on the index itself)",
	  OHC_STRING(struct attach, platform) },
	{ 0 },
};

static int open_file(const char *file, struct ohc_source **ret, struct ohc_error *err)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", is_stdin ? "standard input" : file);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		return ohc_error_sys(err, "cannot read '%s'", file);
	}
	*ret = ohc_source_fd(fd, is_stdin ? "standard input" : file);
	return 0;
}

static void print(const struct ohc_cli *cli, const char *name, const struct ohc_attach *a,
		  const struct ohc_attached *done)
{
	ohc_cleanup(ohc_json_decref) json_t *all = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	if (!cli->json) {
		ohc_printable(&line, name);
		fprintf(cli->out, "%s@%s\n", ohc_buf_str(&line), done->manifest.digest);
		return;
	}
	all = json_object();
	json_object_set_new(all, "name", ohc_json_text_value(name));
	json_object_update_new(all, ohc_descriptor_json(&done->manifest));
	json_object_set_new(all, "artifactType", json_string(a->type));
	json_object_set_new(all, "subject", ohc_descriptor_json(&a->subject));
	json_object_set_new(all, "file", ohc_descriptor_json(&done->file));
	json_object_set_new(all, "action", json_string(done->was_there ? "kept" : "written"));
	ohc_cli_print_json(cli, all);
}

static int attach(struct ohc_cli *cli, const char *text, struct ohc_attach *a,
		  struct ohc_source *file, struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	ohc_cleanup(ohc_freep) char *name = NULL;
	const struct attach *o = cli->state;
	struct ohc_attached done;
	int rc = ohc_subject_open(cli, text, o->platform, &image, &a->subject, err);

	a->store = image.store;
	if (rc == 0)
		rc = ohc_attach_file(a, file, &done, err);
	if (rc == 0)
		rc = ohc_store_finish(image.store, err);
	if (rc < 0)
		return rc;
	name = ohc_subject_place(&image);
	ohc_report_say(cli->report, OHC_VERBOSE,
		       done.was_there ? "%s hung on %s already" : "%s hangs on %s",
		       done.manifest.digest, a->subject.digest);
	print(cli, name, a, &done);
	return 0;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *file = NULL;
	const struct attach *o = cli->state;
	struct ohc_attach a = {
		.type = o->type,
		.title = ohc_path_name(argv[1]),
		.annotations = &o->annotations,
		.report = cli->report,
	};
	int rc;

	(void)argc;
	if (!o->type)
		return ohc_error_set(err, OHC_E_USAGE,
				     "--type says what '%s' is, and is needed: for instance "
				     "'application/vnd.cyclonedx+json'",
				     argv[1]);
	if (strcmp(argv[1], "-") == 0)
		a.title = NULL;
	rc = ohc_attach_check(&a, err);
	if (rc == 0)
		rc = open_file(argv[1], &file, err);
	return rc < 0 ? rc : attach(cli, argv[0], &a, file, err);
}

const struct ohc_command ohc_cmd_attach = {
	.name = "attach",
	.group = OHC_GROUP_MOVE,
	.synopsis = "[options] IMAGE FILE",
	.summary = "hang a file on an image, as one of its referrers",
	.description =
		"Stores FILE (- is standard input) beside IMAGE as an artifact that refers to it: "
		"an "
		"SBOM, a report, a signature. IMAGE itself does not change, nor does its digest. "
		"The "
		"registry lists it among the referrers; for one that cannot, the list lies under "
		"the "
		"tag that the distribution specification has for that.\n\n"
		"The same file gives the same digest, and attaching it again does nothing. It is "
		"seen with 'inspect --referrers', goes along with 'copy --referrers', and is taken "
		"off with 'detach'.",
	.options = options,
	.state_size = sizeof(struct attach),
	.min_args = 2,
	.max_args = 2,
	.takes = OHC_TAKES_AUTHFILE | OHC_TAKES_ACCESS | OHC_TAKES_REPORT | OHC_TAKES_JSON,
	.run = run,
};
