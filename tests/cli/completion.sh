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

t "a shell that is not known"
run "$OHC" completion tcsh
expect_message 2 "no completion for 'tcsh', only for bash, zsh and fish"
run "$OHC" completion
expect_message 2 'names are missing: ohcompose completion bash\|zsh\|fish'

finish
