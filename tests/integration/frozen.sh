#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program that one of PyInstaller's starts gets the LD_LIBRARY_PATH that there was, and not theirs.
. "$(dirname "$0")/../lib.sh"

have cc || skip_all "no C compiler"
[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"

# Does as PyInstaller's boot loader: puts its own directory in front of LD_LIBRARY_PATH, and starts
# itself once more.  Then it says what it sees, and what a further start of itself does.
cat >app.c <<'Y'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

int main(int argc, char **argv)
{
	char list[4096];
	const char *had = getenv("LD_LIBRARY_PATH");

	if (!getenv("_PYI_PARENT_PROCESS_LEVEL")) {
		snprintf(list, sizeof(list), INSIDE "%s%s", had ? ":" : "", had ? had : "");
		setenv("LD_LIBRARY_PATH", list, 1);
		if (had)
			setenv("LD_LIBRARY_PATH_ORIG", had, 1);
		setenv("_PYI_PARENT_PROCESS_LEVEL", "1", 1);
		execv(argv[0], argv);
		return 1;
	}
	printf("%s: %s, %s, its own library is %s\n", argc > 1 ? argv[1] : "first", or_none(had),
	       or_none(getenv("LD_LIBRARY_PATH_ORIG")),
	       dlopen("libinside.so", RTLD_NOW) ? "found" : "not found");
	fflush(stdout);
	if (argc > 1)
		return 0;
	if (fork() == 0)
		return execl(argv[0], argv[0], "again", (char *)NULL);
	wait(NULL);
	return 0;
}
Y
echo 'int inside;' >inside.c

# make_app DIR: in app/, with its libraries in DIR of the root
make_app()
{
	rm -rf app root out
	mkdir -p app root/tmp "root$1"
	cc -w -DINSIDE="\"$1\"" app.c -o app/app -ldl
	printf 'MEI\014\013\012\013\016' >>app/app
	run "$OHC" pack --compression none --closure app oci:out:1
	expect_status 0
	unpack_image oci:out:1 root
	cc -w -fPIC -shared inside.c -o "root$1/libinside.so"
}

for dir in /tmp/_MEI123456 /openhands/_internal; do
	t "libraries in $dir"
	make_app $dir
	run env -i "$(command -v chroot)" root /openhands/app
	expect_out_is 'first: none, none, its own library is found
again: none, none, its own library is found'
	run env -i LD_LIBRARY_PATH=/base/lib:/x "$(command -v chroot)" root /openhands/app
	expect_out_is 'first: /base/lib:/x, none, its own library is found
again: /base/lib:/x, none, its own library is found'
done

t "a directory that only begins as the program's own is not PyInstaller's"
run env -i _PYI_PARENT_PROCESS_LEVEL=1 LD_LIBRARY_PATH=/openhands-base/lib "$(command -v chroot)" root /openhands/app
expect_out_is 'first: /openhands-base/lib, none, its own library is not found
again: /openhands-base/lib, none, its own library is not found'

t "one that was not packed so is told of"
make_layout bases:1 --layer root --config "$BASE_CONFIG" >/dev/null
run "$OHC" check --profile none --payload app:/opt/app oci:bases:1
expect_out '^warning pyinstaller /opt/app/app: leaves its LD_LIBRARY_PATH'
run "$OHC" check --profile none --payload oci:out:1 oci:bases:1
expect_no_out pyinstaller

finish
