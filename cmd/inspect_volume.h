/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints how a payload image is mounted read-only into containers of other images, instead of being
 * a layer of them: a pod for Kubernetes (an image volume with subPath, 1.33 and later), whose
 * comments have the lines for docker and podman.
 *
 * Sources: https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/,
 * docker-create(1) and docker-run(1) (--volumes-from), podman-image-mount(1).
 */
#ifndef OHC_CMD_INSPECT_VOLUME_H
#define OHC_CMD_INSPECT_VOLUME_H

#include <stdio.h>

#include "oci/documents/json.h"

/* reference: REGISTRY/REPO@DIGEST; config: the image's.  OHC_E_FORMAT where it is no payload image:
 * its labels do not say which prefix it has. */
int ohc_inspect_volume(FILE *out, const char *reference, const json_t *config,
		       struct ohc_error *err);

#endif
