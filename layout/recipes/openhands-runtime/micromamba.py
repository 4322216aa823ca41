# SPDX-License-Identifier: Apache-2.0
"""Stands in for micromamba and poetry, by which V0 starts its server and its plugins:

    micromamba run [-n ENV] [poetry run] COMMAND [ARGUMENT ...]

There is one environment, that of the Python which runs this: its programs go in front of PATH.
"""

import os
import sys

VALUED = ("-n", "--name", "-p", "--prefix", "-r", "--root-prefix", "-a", "--attach")
PLAIN = ("--no-capture-output", "--live-stream")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def fail(status, text):
    sys.stderr.write(f"micromamba: {text}\n")
    sys.exit(status)


def command(args):
    if args[:1] != ["run"]:
        fail(2, "only this is known here: run [-n ENV] [poetry run] COMMAND [ARGUMENT ...]")
    args = args[1:]
    while args and args[0].startswith("-"):
        option, equals, _ = args[0].partition("=")
        if option not in VALUED and option not in PLAIN:
            fail(2, f"run: '{option}' is not known here")
        args = args[2 if option in VALUED and not equals else 1 :]
    if args[:2] == ["poetry", "run"]:
        args = args[2:]
    if not args:
        fail(2, "run: no command is given")
    return args


def main():
    args = command(sys.argv[1:])
    path = [os.path.dirname(sys.executable), *os.environ.get("PATH", DEFAULT_PATH).split(":")]
    os.environ["PATH"] = ":".join(p for p in dict.fromkeys(path) if p)
    # What is not root would be asked for a password; root's own login shell need not be bash.
    if os.geteuid() != 0 or ("--username", "root") in zip(args, args[1:]):
        os.environ.setdefault("SU_TO_USER", "false")
    try:
        os.execvp(args[0], args)
    except FileNotFoundError:
        fail(127, f"'{args[0]}' is not there")
    except OSError as e:
        fail(126, f"'{args[0]}' cannot be started: {e.strerror}")


main()
