// SPDX-License-Identifier: Apache-2.0
#include "layout/check/finding_codes.h"

#include <string.h>

#include "core/alloc.h"

const struct ohc_finding_code ohc_finding_codes[] = {
	{ "account",
	  "The account cannot be added to the base, most often because its uid is taken. See "
	  "--on-uid-clash." },
	{ "appended-data", "A program carries data behind its end (a bun or SBCL executable, an "
			   "archive), and an ELF "
			   "editor has put something behind that, so that the program does not "
			   "find it. Pack the file "
			   "as it was before it was edited." },
	{ "architecture",
	  "Programs of the payload, or what the image starts, are for another processor or "
	  "system than the image. Take a payload or a base for the same one." },
	{ "certificates",
	  "There is no bundle of CA certificates where programs look for one, so https fails. "
	  "Install the base's ca-certificates, or bring a bundle in the payload and point "
	  "SSL_CERT_FILE at it." },
	{ "command", "What the image starts can be started." },
	{ "command-format",
	  "What the image starts is neither a whole ELF file nor a script with a first line "
	  "that names its interpreter." },
	{ "command-interpreter",
	  "What the image starts is a script, and the program that its first line names is not "
	  "there." },
	{ "command-library",
	  "What the image starts needs a library or a loader that is not there." },
	{ "command-missing",
	  "What the image starts, or what a launcher that it starts does, is not in it, or in no "
	  "directory of its PATH. Set --cmd or --entrypoint, or put the program into the "
	  "payload." },
	{ "command-mode",
	  "What the image starts may not be executed by its user. Mend its mode, or the user." },
	{ "command-none",
	  "Neither Cmd nor Entrypoint says what to start, so whoever starts the image must. Set "
	  "--cmd." },
	{ "contract", "A member of the image's config is not what its profile says." },
	{ "contract-env", "A variable of the image's environment is not what its profile says." },
	{ "contract-link", "A link that the profile has outside its prefix is not in the image." },
	{ "contract-prefix",
	  "The directory that the profile keeps its payload in is not in the image." },
	{ "elf-damaged",
	  "A file begins as an ELF file and cannot be read as one. It was cut off, most likely." },
	{ "entrypoint-base",
	  "The base's entrypoint stands before the command and gets it as arguments. Clear it "
	  "with --entrypoint ''." },
	{ "env-empty-element",
	  "A list of directories has an empty element, which means the current directory." },
	{ "env-library-path",
	  "LD_LIBRARY_PATH is set for the whole image, and so for the base's programs too. Give "
	  "the payload's programs an RPATH instead (ohcompose pack --closure)." },
	{ "env-preload", "LD_PRELOAD or /etc/ld.so.preload loads a library into every program of "
			 "the image, the payload's too. Take it away (--unset-env LD_PRELOAD, "
			 "--remove) where those do not start with it." },
	{ "executable-stack",
	  "A program or library asks for an executable stack. Hardened kernels refuse it, and "
	  "glibc 2.41 refuses to open such a library. Clear the mark (patchelf "
	  "--clear-execstack), or build it with -z noexecstack." },
	{ "group-unknown", "The image's group is a name that its /etc/group does not have, or an "
			   "id that engines refuse." },
	{ "home-owner",
	  "The account's home directory belongs to somebody else, so that the user cannot write "
	  "there." },
	{ "interpreter",
	  "A program needs a loader (PT_INTERP) that is not there, so it cannot start." },
	{ "layer-directory",
	  "A layer has something in a directory of a layer below and no entry for the directory "
	  "itself. Engines that unpack each layer alone (Docker's overlay2, podman) make it root's "
	  "0755 there, others leave it as it is. Build the layer with its directories." },
	{ "libc-family",
	  "A program was built for another C library (glibc or musl) than the base has. Give "
	  "the payload its own (ohcompose pack --closure), or take another base." },
	{ "libc-mixed",
	  "A program would get its loader from one system and its libc from another, and die." },
	{ "libc-version",
	  "A program needs a newer glibc than there is. Build it on an older system, take a "
	  "newer base, or give the payload its own (ohcompose pack --closure)." },
	{ "libraries", "All programs and libraries of the payload find what they load." },
	{ "library-missing",
	  "A library that a program needs is not where its loader looks for it. One that a library "
	  "needs, which its program may have opened before, is nowhere in the payload." },
	{ "library-outside",
	  "A program that has its own loader takes a library from the base, which not every "
	  "base has." },
	{ "library-version", "A library is there, but not in the version that something needs." },
	{ "libstdcxx-version",
	  "A program needs a newer libstdc++ than there is. Bring it in the payload." },
	{ "link-taken", "Where a link of the profile would go the base has something else." },
	{ "path-blocked",
	  "Something of the base is in the way of a directory or file that is to be made." },
	{ "payload",
	  "The payload's files belong to the image's user, and its links lead somewhere." },
	{ "payload-mode", "Files of the payload cannot be read by the image's user." },
	{ "payload-owner",
	  "Files of the payload belong to somebody else than the image's user, who cannot "
	  "change them. Push with --owner." },
	{ "payload-shadows",
	  "A file of the payload takes the place of one of the base, whose programs get the "
	  "payload's from then on." },
	{ "policy", "Something in the image is what the file of --policy forbids. Take it away "
		    "(--remove), or "
		    "take another base." },
	{ "prefix-symlink",
	  "The base has a symlink where a directory of the payload goes. Some engines would "
	  "replace it, and hide what the base has behind it. Let the payload go where it leads "
	  "to." },
	{ "prefix-there",
	  "The base already has files where the payload goes: the image will hold both." },
	{ "pyinstaller", "A program that PyInstaller made sets LD_LIBRARY_PATH to its own "
			 "libraries, and leaves it to "
			 "all that it starts: programs of the base may load them and fail. "
			 "ohcompose pack --closure "
			 "gives it a library that takes the variable away." },
	{ "python", "All that the distributions of a Python tree require is there." },
	{ "python-metadata",
	  "A requirement or a version in a Python tree is not understood, so it was not checked." },
	{ "python-missing",
	  "A Python distribution requires another one that is not there. Install it, then push." },
	{ "python-stale",
	  "Python's bytecode does not match its source, so Python compiles it at each start. "
	  "Keep times when copying, or compile it again." },
	{ "python-version",
	  "A Python distribution requires another version of a distribution than is there." },
	{ "remove-missing",
	  "What --remove names is not in the base, so there is nothing to hide. Mend the path, or "
	  "leave it out." },
	{ "root-mode",
	  "The base's root directory is closed to the image's user. Engines that unpack layers one "
	  "by one (containerd, Docker, podman) open it; those that unpack the image as one tree "
	  "(umoci for runc and gVisor) keep it, and start nothing." },
	{ "script-interpreter",
	  "A script of the payload names an interpreter that is not in the image." },
	{ "shell", "There is no /bin/sh, which programs need to run commands." },
	{ "skel", "A file of the base's /etc/skel could not be put into the new home directory." },
	{ "symlink-dangling", "A symlink of the payload leads to what is not in the image." },
	{ "symlink-loop", "A symlink of the payload leads back to itself." },
	{ "text-relocations",
	  "A program or library changes its own code when it is loaded. Build it with -fPIC." },
	{ "tmp", "There is no /tmp that the image's user can write to." },
	{ "unknown",
	  "A program or library could not be looked at, so that nothing is known of what it needs: "
	  "it is larger or odder than any that a linker makes, or the layer has too much else." },
	{ "user", "The image's user is known." },
	{ "user-no-account", "The image's user is a number without an account." },
	{ "user-unknown", "The image's user is a name that its /etc/passwd does not have, or an id "
			  "that engines refuse." },
	{ "volume-payload", "A volume lies over the payload, and hides or copies it." },
	{ "volume-workspace", "A volume lies over the directory that the user works in." },
	{ "workdir-missing", "The working directory is not in the image." },
	{ "workdir-owner", "The working directory cannot be written by the image's user." },
	{ "workspace", "The directory that the user works in can be written." },
	{ "workspace-missing", "The directory that the user works in is not in the image." },
	{ "workspace-owner", "The directory that the user works in belongs to somebody else." },
};

const size_t ohc_finding_codes_n = OHC_ARRAY_SIZE(ohc_finding_codes);

const char *ohc_finding_help(const char *code)
{
	for (size_t i = 0; i < ohc_finding_codes_n; i++)
		if (strcmp(ohc_finding_codes[i].code, code) == 0)
			return ohc_finding_codes[i].help;
	return NULL;
}
