/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory of this machine as a tree of files, in which it is the root: "/" itself, or a folder
 * that debootstrap filled.  Symlinks are followed inside it, so that a folder's "/lib -> usr/lib"
 * or "/etc/alternatives/…" leads to its own files, not to this machine's.
 *
 * Facts of ELF files are read when they are asked for, once.  A file that may not be read is an
 * error.
 */
#ifndef OHC_LAYOUT_FILES_OF_DIR_H
#define OHC_LAYOUT_FILES_OF_DIR_H

#include "layout/files/files.h"

int ohc_files_dir(const char *dir, struct ohc_files **ret, struct ohc_error *err);

#endif
