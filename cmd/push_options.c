// SPDX-License-Identifier: Apache-2.0
#include "cmd/push_options.h"

#include "layout/account/account.h"

#define PAYLOAD "Payload"
#define ACCOUNT "Account"
#define CONFIG  "Image config (an empty value clears)"
#define LAYERS  "Layers"
#define RESULT  "Result"

const struct ohc_word ohc_words_compression[] = {
	{ "gzip", 0 }, { "zstd", 0 }, { "none", 0 }, { 0 }
};

const struct ohc_word ohc_words_format[] = { { "auto", 0 }, { "oci", 0 }, { "docker", 0 }, { 0 } };

const struct ohc_word ohc_words_mtime[] = {
	{ "preserve", 0 }, { "clamp", 0 }, { "epoch", 0 }, { 0 }
};

#define WORD(w) { w, 0 },
const struct ohc_word ohc_words_clash[] = { OHC_CLASH_WORDS(WORD, ){ 0 } };

static const struct ohc_word mounts[] = { { "prefer", 0 }, { "require", 0 }, { 0 } };

static const struct ohc_word checks[] = { { "warn", 0 }, { "refuse", 0 }, { 0 } };

const struct ohc_word ohc_words_profile[] = { { "openhands", 0 },    { "openhands-v0", 0 },
					      { "agent-server", 0 }, { "agent-server-binary", 0 },
					      { "none", 0 },         { 0 } };

const struct ohc_option ohc_push_command_options[] = {
	{ "payload", 0, "[OS/ARCH=]SRC[:/TARGET]",
	  "directory, tar or image to add, for all platforms or for one; without TARGET it goes to "
	  "the "
	  "profile's prefix; may be repeated",
	  OHC_STRINGS(struct ohc_push_command, push.payloads), .group = PAYLOAD },
	{ "profile", 0, "NAME|FILE",
	  "openhands (default), openhands-v0, agent-server, agent-server-binary, none, or a JSON "
	  "file",
	  OHC_STRING(struct ohc_push_command, push.profile), .words = ohc_words_profile,
	  .group = PAYLOAD },
	{ "owner", 0, "UID:GID", "owner of the payload's entries (default: the profile's user)",
	  OHC_STRING(struct ohc_push_command, push.owner), .group = PAYLOAD },
	{ "account", 0, "NAME:UID[:GID[:HOME[:SHELL]]]",
	  "account to add to the base's own (default: the profile's)",
	  OHC_STRING(struct ohc_push_command, push.account), .group = ACCOUNT },
	{ "no-account", 0, NULL, "add none", OHC_FLAG(struct ohc_push_command, push.no_account),
	  .group = ACCOUNT },
	{ "on-uid-clash", 0, OHC_CLASH_TEXT,
	  "when the base has its uid or gid: refuse (default), take the base's account, rename "
	  "that "
	  "one, or take the next free number",
	  OHC_CHOICE(struct ohc_push_command, push.on_uid_clash, ohc_words_clash),
	  .group = ACCOUNT },
	{ "platform", 0, "OS/ARCH[/VARIANT]|all",
	  "which image of an index to take as the base (default: the payload's); all: every one "
	  "that "
	  "there is a payload for",
	  OHC_STRING(struct ohc_push_command, push.platform), .group = PAYLOAD },

	{ "env", 0, "K=V", "set a variable; $NAME and ${NAME} are the base's values; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.env), .group = CONFIG },
	{ "unset-env", 0, "K", "remove a variable; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.unset_env), .group = CONFIG },
	{ "user", 0, "SPEC", "who the container runs as: UID[:GID] or a name of the image",
	  OHC_STRING(struct ohc_push_command, push.user), .group = CONFIG },
	{ "workdir", 0, "DIR", "where it starts", OHC_STRING(struct ohc_push_command, push.workdir),
	  .group = CONFIG },
	{ "entrypoint", 0, "JSON|STR", "an array of words, or a line for /bin/sh -c",
	  OHC_STRING(struct ohc_push_command, push.entrypoint), .group = CONFIG },
	{ "cmd", 0, "JSON|STR", "the same for the command",
	  OHC_STRING(struct ohc_push_command, push.cmd), .group = CONFIG },
	{ "label", 0, "K=V", "set a label; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.labels), .group = CONFIG },
	{ "annotation", 0, "K=V", "set an annotation of the manifest; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.annotations), .group = CONFIG },
	{ "expose", 0, "PORT[/PROTO]", "a port that it listens on; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.expose), .group = CONFIG },
	{ "volume", 0, "DIR", "a directory whose content outlives it; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.volumes), .group = CONFIG },
	{ "stop-signal", 0, "SIG", "what asks it to end",
	  OHC_STRING(struct ohc_push_command, push.stop_signal), .group = CONFIG },
	{ "created", 0, "TIME",
	  "RFC 3339, seconds since 1970, or 'now' (default: SOURCE_DATE_EPOCH, else the base's)",
	  OHC_STRING(struct ohc_push_command, push.created), .group = CONFIG },

	{ "format", 0, "auto|oci|docker", "of the manifest and config (default: the base's)",
	  OHC_CHOICE(struct ohc_push_command, push.format, ohc_words_format), .group = LAYERS },
	{ "compression", 0, "gzip|zstd|none", "of the layers that are made (default: gzip)",
	  OHC_CHOICE(struct ohc_push_command, push.compression, ohc_words_compression),
	  .group = LAYERS },
	{ "compression-level", 0, "N", "gzip 1 to 9, zstd 1 to 19",
	  OHC_UNSIGNED(struct ohc_push_command, level, 1, 19), .group = LAYERS },
	{ "remove", 0, "PATH", "hide a file or directory of the base; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.remove), .group = LAYERS },
	{ "mtime", 0, "preserve|clamp|epoch",
	  "times of files: as they are (default), none after SOURCE_DATE_EPOCH, or all 1970",
	  OHC_CHOICE(struct ohc_push_command, push.mtime, ohc_words_mtime), .group = LAYERS },

	{ "tag", 0, "TAG", "a further tag of DEST; repeatable",
	  OHC_STRINGS(struct ohc_push_command, push.tags), .group = RESULT },
	{ "check", 0, "warn|refuse", "what to do with an image that cannot run (default: refuse)",
	  OHC_CHOICE(struct ohc_push_command, push.check, checks), .group = RESULT },
	{ "no-check", 0, NULL, "do not look whether it can run",
	  OHC_FLAG(struct ohc_push_command, push.no_check), .group = RESULT },
	{ "skip-existing", 0, NULL,
	  "write nothing where DEST already is what these inputs give, by digest",
	  OHC_FLAG(struct ohc_push_command, push.skip_existing), .group = RESULT },
	{ "mount", 0, "prefer|require",
	  "when the registry refuses to mount a layer: upload it and say so (default), or fail",
	  OHC_CHOICE(struct ohc_push_command, push.mount, mounts), .group = LAYERS },
	{ "sbom", 0, NULL,
	  "hang the lists of what is in packed payloads on the image, as its referrers",
	  OHC_FLAG(struct ohc_push_command, push.sbom), .group = RESULT },
	{ "sign", 0, "COMMAND",
	  "have COMMAND sign the result before a tag names it; {} is NAME@DIGEST",
	  OHC_STRING(struct ohc_push_command, push.sign.command), .group = RESULT },
	{ "dry-run", 0, NULL, "say what would be read, mounted and uploaded; write nothing",
	  OHC_FLAG(struct ohc_push_command, push.dry_run), .group = RESULT },
	{ 0 },
};
