// SPDX-License-Identifier: Apache-2.0
/* Edits of the inner config, except for those in oci/config/env.c and oci/config/command.c. */
#include "oci/config/config.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static json_t *inner_of(json_t *config)
{
	return ohc_json_make_object(config, "config");
}

static void clear(json_t *config, const char *key)
{
	json_object_del(json_object_get(config, "config"), key);
}

static int set_text(json_t *config, const char *key, const char *what, const char *text,
		    struct ohc_error *err)
{
	if (*text)
		return ohc_json_set_text(inner_of(config), key, text, what, err);
	clear(config, key);
	return 0;
}

int ohc_config_user(json_t *config, const char *user, struct ohc_error *err)
{
	for (const char *s = user; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == '\177')
			return ohc_error_set(err, OHC_E_USAGE,
					     "malformed user '%s': USER[:GROUP] or UID[:GID] is "
					     "wanted",
					     user);
	return set_text(config, "User", "user", user, err);
}

static int check_absolute(const char *dir, const char *what, struct ohc_error *err)
{
	if (*dir != '/')
		return ohc_error_set(err, OHC_E_USAGE, "the %s '%s' is not absolute", what, dir);
	return 0;
}

int ohc_config_workdir(json_t *config, const char *dir, struct ohc_error *err)
{
	int rc = *dir ? check_absolute(dir, "working directory", err) : 0;

	return rc < 0 ? rc : set_text(config, "WorkingDir", "working directory", dir, err);
}

int ohc_config_stop_signal(json_t *config, const char *sig, struct ohc_error *err)
{
	if (*sig && !ohc_config_signal_known(sig))
		return ohc_error_set(err, OHC_E_USAGE,
				     "unknown signal '%s': a name as SIGTERM or a number from 1 to "
				     "64 is wanted",
				     sig);
	return set_text(config, "StopSignal", "stop signal", sig, err);
}

int ohc_config_label(json_t *config, const char *assignment, struct ohc_error *err)
{
	const char *equals = strchr(assignment, '=');
	ohc_cleanup(ohc_freep) char *key = NULL;

	if (!*assignment) {
		clear(config, "Labels");
		return 0;
	}
	if (!equals || equals == assignment)
		return ohc_error_set(err, OHC_E_USAGE, "malformed label '%s': KEY=VALUE is wanted",
				     assignment);
	key = ohc_xstrndup(assignment, (size_t)(equals - assignment));
	return ohc_json_set_text(ohc_json_make_object(inner_of(config), "Labels"), key, equals + 1,
				 "label", err);
}

static bool parse_port(const char **s, long *ret)
{
	size_t n = strspn(*s, DIGITS);

	if (n == 0 || n > 5)
		return false;
	*ret = strtol(*s, NULL, 10);
	*s += n;
	return *ret >= 1 && *ret <= 65535;
}

int ohc_config_expose(json_t *config, const char *port, struct ohc_error *err)
{
	const char *s = port, *protocol = "tcp";
	long first, last;
	json_t *ports;
	char key[32];
	bool ok;

	if (!*port) {
		clear(config, "ExposedPorts");
		return 0;
	}
	ok = parse_port(&s, &first);
	last = first;
	if (ok && *s == '-') {
		s++;
		ok = parse_port(&s, &last) && first <= last;
	}
	if (ok && *s == '/')
		protocol = s + 1;
	else if (*s)
		ok = false;
	if (!ok || (strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0 &&
		    strcmp(protocol, "sctp") != 0))
		return ohc_error_set(err, OHC_E_USAGE,
				     "malformed port '%s': PORT[-PORT][/tcp|udp|sctp] from 1 to "
				     "65535 is wanted",
				     port);
	ports = ohc_json_make_object(inner_of(config), "ExposedPorts");
	for (long p = first; p <= last; p++) {
		snprintf(key, sizeof(key), "%ld/%s", p, protocol);
		json_object_set_new(ports, key, json_object());
	}
	return 0;
}

int ohc_config_volume(json_t *config, const char *dir, struct ohc_error *err)
{
	json_t *volumes;
	int rc;

	if (!*dir) {
		clear(config, "Volumes");
		return 0;
	}
	rc = check_absolute(dir, "volume", err);
	if (rc < 0)
		return rc;
	volumes = ohc_json_make_object(inner_of(config), "Volumes");
	if (json_object_set_new(volumes, dir, json_object()) < 0)
		return ohc_error_set(err, OHC_E_USAGE, "the volume is not valid UTF-8");
	return 0;
}
