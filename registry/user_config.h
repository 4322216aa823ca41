/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the user's own configuration (the XDG Base Directory Specification). */
#ifndef OHC_REGISTRY_USER_CONFIG_H
#define OHC_REGISTRY_USER_CONFIG_H

/* "${XDG_CONFIG_HOME:-~/.config}/rest"; NULL where neither that nor HOME is an absolute path.  The
 * caller frees it. */
char *ohc_user_config(const char *rest);

#endif
