/* SPDX-License-Identifier: Apache-2.0 */
/* Topics that `ohcompose help` explains besides the commands. */
#ifndef OHC_CMD_TOPICS_H
#define OHC_CMD_TOPICS_H

/* A topic, which is no command. */
struct ohc_topic {
	const char *name;
	const char *summary; /* what is told, behind "tells" */
	const char *text;    /* as a command's description */
};

extern const struct ohc_topic ohc_topics[]; /* ends with { 0 } */

#endif
