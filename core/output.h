/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are written to as they stand, from the first byte on: pipes, devices, reports that
 * grow.  core/newfile.h is for those that appear whole.
 *
 *	rc = ohc_output_open(path, O_CREAT | O_TRUNC, &fd, err);
 *
 * A name that leads to a descriptor of our own (/dev/stdout, /dev/fd/5) means that descriptor: a
 * file that is opened a second time has a place of its own, and each writes over the other.  So it
 * is where the name of a file is given to which standard output or standard error goes.
 */
#ifndef OHC_CORE_OUTPUT_H
#define OHC_CORE_OUTPUT_H

#include <stdbool.h>

#include "core/error.h"

/* Milliseconds within which somebody must read a pipe, if it is to be written to: one that is
 * started at the same time is waited for, one that never comes is not. */
#define OHC_OUTPUT_READER_MS 3000

/* Opens it for writing; flags as for open(2).  A pipe that nobody reads is OHC_E_FAILED. */
int ohc_output_open(const char *path, int flags, int *ret_fd, struct ohc_error *err);

/* The descriptor of our own that path, followed by ohc_link_follow(), leads to; -1: none. */
int ohc_output_descriptor(const char *path);

/* Is it standard output: "-", one of its names, or the file or pipe that it goes to? */
bool ohc_output_is_stdout(const char *path);

#endif
