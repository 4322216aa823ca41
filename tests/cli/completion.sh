#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The completion scripts: what the shells themselves make of them.
. "$(dirname "$0")/../lib.sh"

commands=$("$OHC" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
for shell in bash zsh fish; do
	"$OHC" completion $shell >"$shell"
done

# options COMMAND: the long options that its help lists
options()
{
	"$OHC" help "$1" | sed -nE 's/^  (-., |    )(--[a-z0-9-]+).*/\2/p' | sort
}

# in_bash WORD...: what bash offers for the last of the words
in_bash()
{
	bash --norc -c '. ./bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_ohcompose
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort
}

# in_fish LINE: what fish offers at its end
in_fish()
{
	fish --no-config -c 'source fish; complete -C $argv[1]' "$1" | cut -f 1 | sort
}

# in_zsh WORD...: what the script tells zsh's _arguments and _describe, a line each
in_zsh()
{
	# shellcheck disable=SC2016
	zsh -f -c '
		compdef() { :; }
		_arguments() { print -rl -- "$@"; }
		_describe() { print -rl -- "${(P@)2}"; }
		source ./zsh
		words=("$@") CURRENT=$#
		_ohcompose' zsh "$@"
}

for shell in zsh fish; do
	t "$shell can read its script"
	if have $shell; then
		expect $shell -n $shell
	else
		skip "no $shell"
	fi
done

t "bash: commands"
expect_eq "$(in_bash ohcompose '')" "$(sort <<<"$commands")" offered
expect_eq "$(in_bash ohcompose vers)" version offered
expect_eq "$(in_bash ohcompose --v)" --version offered
expect_eq "$(in_bash ohcompose help vers)" version offered
expect_eq "$(in_bash ohcompose help rec)" recipe offered
expect_eq "$(in_bash ohcompose completion '')" $'bash\nfish\nzsh' offered

for c in $commands; do
	t "bash: the options of $c"
	expect_eq "$(in_bash ohcompose "$c" --)" "$(options "$c")" offered

	t "fish: the options of $c"
	if have fish; then
		expect_eq "$(in_fish "ohcompose $c --" | sed 's/=$//')" "$(options "$c")" offered
	else
		skip "no fish"
	fi

	t "zsh: the options of $c"
	if have zsh; then
		expect_eq "$(in_zsh ohcompose "$c" -- | sed -nE 's/^\*(--[a-z0-9-]+).*/\1/p' |
			sort)" "$(options "$c")" offered
	else
		skip "no zsh"
	fi
done

t "fish: commands and names"
if have fish; then
	expect_eq "$(in_fish 'ohcompose ')" "$(sort <<<"$commands")" offered
	expect_eq "$(in_fish 'ohcompose completion ')" $'bash\nfish\nzsh' offered
else
	skip "no fish"
fi

t "zsh: commands and names"
if have zsh; then
	expect_eq "$(in_zsh ohcompose '' | sed 's/:.*//' | sort)" "$(sort <<<"$commands")" offered
	expect_eq "$(in_zsh ohcompose completion '' | grep name)" '*:name:(bash zsh fish)' offered
else
	skip "no zsh"
fi

# typed_in_zsh LINE: what a real zsh makes of it when Tab is pressed at its end
typed_in_zsh()
{
	py - "$1" <<-'END'
	import os, pty, re, select, sys, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.environ.update(TERM="dumb", PS1="", HOME=os.getcwd())
	    os.execvp("zsh", ["zsh", "-f", "-i"])
	def read(until, seconds=20):
	    got, end = b"", time.time() + seconds
	    while until not in got and time.time() < end:
	        if select.select([fd], [], [], 0.2)[0]:
	            got += os.read(fd, 4096)
	    return got.decode(errors="replace")
	os.write(fd, b"PS1=; unsetopt zle_bracketed_paste prompt_sp; autoload -Uz compinit; compinit -D -u; source ./zsh; echo rea''dy\n")
	read(b"ready\r\n")
	os.write(fd, sys.argv[1].encode() + b"\t")
	time.sleep(1.5)
	os.write(fd, b"\x01echo 'typed<\x05>'\n")
	seen = read(b">\r\n")
	os.close(fd)
	print(re.findall(r"typed<([^>]*)>", seen)[-1].rstrip(" /") if "typed<" in seen else seen)
	END
}

mkdir layout layout/blobs
touch file.json

t "bash: profiles and files"
expect_eq "$(in_bash ohcompose push --profile agent)" $'agent-server\nagent-server-binary' offered
expect_eq "$(in_bash ohcompose push --profile fil)" file.json offered
expect_eq "$(in_bash ohcompose pack --profile = open)" $'openhands\nopenhands-v0' offered

t "bash: payloads, and what is behind a colon"
expect_eq "$(in_bash ohcompose push --payload lay)" layout offered
expect_eq "$(in_bash ohcompose push --payload linux/amd64 = lay)" layout offered
expect_eq "$(in_bash ohcompose inspect oci : lay)" layout offered
expect_eq "$(in_bash ohcompose inspect oci : | grep layout)" layout offered

t "bash: words that somebody has made the shell not split"
for word in oci:layout linux/amd64=layout --payload=layout --payload=linux/amd64=layout \
	--payload=oci:layout --profile=agent-server-binary; do
	expect_eq "$(in_bash ohcompose push "${word%[ye]*}")" "$word" offered
done
expect_eq "$(in_bash ohcompose inspect --tls-verify=f)" --tls-verify=false offered
expect_eq "$(in_bash ohcompose inspect \'oci:lay)" "" offered

t "bash: a value that can only be joined"
expect_eq "$(in_bash ohcompose inspect --tls-verify = f)" false offered
expect_eq "$(in_bash ohcompose inspect --tls-verify f)" $'file.json\nfish' offered

t "registries for login and logout, and no files"
expect_eq "$(in_bash ohcompose login f)" '' offered
expect_eq "$(in_bash ohcompose login gh)" ghcr.io offered
if have fish; then
	expect_eq "$(in_fish 'ohcompose logout ')" "$(in_bash ohcompose logout '')" offered
fi
if have zsh; then
	expect_eq "$(in_zsh ohcompose login '' | grep '^\*:name')" '*:name:(docker.io ghcr.io quay.io registry.gitlab.com)' offered
fi

t "fish: profiles, payloads, and what is behind a colon"
if have fish; then
	expect_eq "$(in_fish 'ohcompose push --profile agent')" $'agent-server\nagent-server-binary' offered
	expect_eq "$(in_fish 'ohcompose push --profile fil')" file.json offered
	expect_eq "$(in_fish 'ohcompose push --payload lay')" layout/ offered
	expect_eq "$(in_fish 'ohcompose inspect oci:lay')" oci:layout/ offered
else
	skip "no fish"
fi

t "zsh: profiles, payloads, transports, and what is behind a colon"
if have zsh; then
	expect_eq "$(typed_in_zsh 'ohcompose inspect oci:lay')" 'ohcompose inspect oci:layout' typed
	expect_eq "$(typed_in_zsh 'ohcompose inspect oci:layout/b')" 'ohcompose inspect oci:layout/blobs' typed
	expect_eq "$(typed_in_zsh 'ohcompose copy docker-a')" 'ohcompose copy docker-archive:' typed
	expect_eq "$(typed_in_zsh 'ohcompose push --payload lay')" 'ohcompose push --payload layout' typed
	expect_eq "$(typed_in_zsh 'ohcompose push --payload linux/amd64=lay')" \
		'ohcompose push --payload linux/amd64=layout' typed
	expect_eq "$(typed_in_zsh 'ohcompose push --profile non')" 'ohcompose push --profile none' typed
	expect_eq "$(typed_in_zsh 'ohcompose push --profile fil')" 'ohcompose push --profile file.json' typed
	expect_eq "$(typed_in_zsh 'ohcompose inspect --tls-verify=f')" 'ohcompose inspect --tls-verify=false' typed
	expect_eq "$(typed_in_zsh 'ohcompose help rec')" 'ohcompose help recipe' typed
else
	skip "no zsh"
fi

t "a shell that is not known"
run "$OHC" completion tcsh
expect_message 2 "no completion for 'tcsh', only for bash, zsh and fish"
run "$OHC" completion
expect_message 2 'names are missing: ohcompose completion bash\|zsh\|fish'

finish
