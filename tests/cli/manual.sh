#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The manual pages and --help say the same, in both directions.
. "$(dirname "$0")/../lib.sh"

commands=$("$OHC" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')

# helped PAGE: "-x, --name ARG" as the help has them.  What is under "Everywhere" belongs to
# ohcompose(1); but --help is in every page.
helped()
{
	local c

	if [ "$1" = ohcompose ]; then
		for c in $commands; do
			"$OHC" help "$c" | sed '1,/^Everywhere:$/d'
		done | sort -u
	else
		"$OHC" help "${1#ohcompose-}" | awk '/^Everywhere:$/ { skip = 1 }
			!skip || /^  -h, --help/'
	fi | sed -nE 's/^(  -., |      )(--[^ ]*( [^ ]+)?)($|  .*)/\1\2/p' | sed 's/^ *//' | sort
}

# written PAGE: long options that have an entry of their own in its source
written()
{
	sed -nE 's/^\.It Fl (. , )?-([a-z0-9-]+).*/--\2/p' "$top/cmd/$1.1" | sort
}

# render PAGE: as a wide terminal shows it, without overstrikes
render()
{
	groff -mandoc -Tascii -P-cbou -rLL=500n "$top/cmd/$1.1"
}

t "every command has a page, and every page a command"
expect_eq "$(cd "$top/cmd" && ls ohcompose*.1)" \
	"$({ echo ohcompose.1; sed 's/.*/ohcompose-&.1/' <<<"$commands"; } | LC_ALL=C sort)" pages

t "ohcompose(1) lists the commands"
expect_eq "$(sed -n 's/^\.It Ic //p' "$top/cmd/ohcompose.1")" "$commands" "list of commands"

t "docs/cli.md has every command, and no option that is not there"
expect_eq "$(sed -nE 's/^    ohcompose ([a-z]+).*/\1/p' "$top/docs/cli.md")" "$commands" commands
for c in $commands; do
	"$OHC" help "$c"
done | grep -oE -- '--[a-z][a-z-]+' | sort -u >options
grep -oE -- '--[a-z][a-z-]+' "$top/docs/cli.md" | sort -u >mentioned
expect_eq "$(comm -13 options mentioned)" '' "mentioned, and not there"

for page in ohcompose $(sed 's/^/ohcompose-/' <<<"$commands"); do
	t "$page(1): the options are those of --help"
	helped "$page" >helped
	expect_eq "$(written "$page")" "$(sed -E 's/^-., //; s/[[ ].*//' helped | sort)" options

	t "$page(1): letters and values are named alike"
	if have groff; then
		render "$page" >text
		while read -r option; do
			grep -qE "^ +$(sed 's/[][|$.()]/\\&/g' <<<"$option")(  .*)?\$" text ||
				fail "the page has no entry '$option'"
		done <helped
	else
		skip "no groff"
	fi

	t "$page(1): mdoc without warnings"
	if have mandoc; then
		expect_eq "$(mandoc -Tlint -W warning "$top/cmd/$page.1" 2>&1)" '' warnings
	elif have groff; then
		expect_eq "$(groff -mandoc -ww -Tascii -z "$top/cmd/$page.1" 2>&1)" '' warnings
	else
		skip "neither mandoc nor groff"
	fi
done

finish
