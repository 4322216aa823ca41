#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# login and logout: what is checked, what is kept where, and what is never shown.
. "$(dirname "$0")/../lib.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
config=$HOME/.docker/config.json
hidden="secret|wrong|$(printf user:secret | base64)|$(printf user:wrong | base64)"
none=sha256:0000000000000000000000000000000000000000000000000000000000000000

# login PASSWORD ARGUMENT...
login()
{
	local password=$1

	shift
	run_in "$OHC" login --password-stdin "$@" <<<"$password"
	expect_no_err "$hidden"
	expect_no_out "$hidden"
}

start_registry htpasswd

t "good credentials are kept, for their owner alone"
umask 002
login secret -vv -u user "$REGISTRY"
umask 022
expect_status 0
expect_err "logged in to '$REGISTRY' as 'user', kept in '$config'"
expect_eq "$(stat -c %a "$config")" 600 mode
expect_eq "$(stat -c %a "$(dirname "$config")")" 700 "mode of the directory"
expect_eq "$(json 'j["auths"]' "$config")" \
	"{\"$REGISTRY\": {\"auth\": \"$(printf user:secret | base64)\"}}"

t "they are used"
run "$driver" has "$REGISTRY/a/b" $none
expect_out_is no

t "skopeo uses them too"
if have skopeo; then
	run skopeo list-tags --tls-verify=false --authfile "$config" "docker://$REGISTRY/a/b"
	expect_err '404|NAME_UNKNOWN|not known to registry'
else
	skip "no skopeo"
fi

t "bad credentials are not kept"
cp "$config" before
login wrong -u user "$REGISTRY"
expect_message 5 "registry '$REGISTRY' refused the user name or password of 'user'"
expect cmp before "$config"

t "what else stands in the file stays, in its order"
cat >"$config" <<-END
{ "unknown": {"z": 1, "a": [2]},
  "auths": { "other.example": {"auth": "eDp5", "email": "x@y"}, "$REGISTRY": {"auth": "eDp5"} },
  "HttpHeaders": {"X": "y"} }
END
chmod 644 "$config"
login secret -u user "$REGISTRY"
expect_status 0
expect_eq "$(json 'list(j), list(j["auths"])' "$config")" \
	"[[\"unknown\", \"auths\", \"HttpHeaders\"], [\"other.example\", \"$REGISTRY\"]]"
expect_eq "$(json 'j["auths"]["other.example"], j["unknown"]' "$config")" \
	'[{"auth": "eDp5", "email": "x@y"}, {"a": [2], "z": 1}]'
expect_eq "$(stat -c %a "$config")" 600 mode
expect_eq "$(find "$HOME/.docker" | wc -l)" 2 "files"

t "where the file is a link, its target is replaced"
mkdir elsewhere
mv "$config" elsewhere/real.json
ln -s "$tmp/elsewhere/real.json" "$config"
login secret -u user "$REGISTRY"
expect_status 0
expect test -L "$config"
expect_eq "$(json 'len(j["auths"])' elsewhere/real.json)" 2

t "where the link leads to nothing yet, its target is made"
ln -s elsewhere/new.json dangling.json
login secret -u user --authfile dangling.json "$REGISTRY"
expect_status 0
expect_true test -L dangling.json
expect_eq "$(json 'len(j["auths"])' elsewhere/new.json)" 1

t "logout removes the entry and nothing else"
run "$OHC" logout "$REGISTRY"
expect_status 0
expect_eq "$(json 'list(j["auths"])' "$config")" '["other.example"]'
run "$OHC" logout "$REGISTRY"
expect_status 0
expect_err "not logged in to '$REGISTRY'"
run "$driver" has "$REGISTRY/a/b" $none
expect_status 5

t "--authfile, REGISTRY_AUTH_FILE and DOCKER_CONFIG say where"
login secret -u user --authfile one.json "$REGISTRY"
expect test -s one.json
export REGISTRY_AUTH_FILE=$tmp/two.json
login secret -u user "$REGISTRY"
expect test -s two.json
unset REGISTRY_AUTH_FILE
export DOCKER_CONFIG=$tmp/three
login secret -u user "$REGISTRY"
expect test -s three/config.json
run "$driver" has "$REGISTRY/a/b" $none
expect_out_is no
unset DOCKER_CONFIG
run "$driver" --authfile one.json has "$REGISTRY/a/b" $none
expect_out_is no

t "ten logins at once keep one another's entries, and ten logouts remove them"
mkdir many
pids=()
for i in 0 1 2 3 4 5 6 7 8 9; do
	"$OHC" login -q -u user --password-stdin --authfile many/config.json "$REGISTRY/team$i" \
		<<<secret >"many/$i" 2>&1 &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	expect_true wait "$pid"
done
expect_eq "$(json 'sorted(k[-5:] for k in j["auths"])' many/config.json)" \
	'["team0", "team1", "team2", "team3", "team4", "team5", "team6", "team7", "team8", "team9"]'
pids=()
for i in 0 1 2 3 4 5 6 7 8 9; do
	"$OHC" logout -q --authfile many/config.json "$REGISTRY/team$i" >"many/$i" 2>&1 &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	expect_true wait "$pid"
done
expect_eq "$(json 'j["auths"]' many/config.json)" '{}'

t "a login that waits for another one reads what that one wrote"
printf '{"auths":{}}' >locked.json
flock locked.json sh -c 'sleep 1.5; printf "{\"auths\":{\"other.example\":{}}}" >locked.json' &
sleep 0.3
run_in "$OHC" login --password-stdin -u user --authfile locked.json "$REGISTRY" <<<secret
expect_status 0
expect_err "waiting for another process to be done with 'locked.json'"
expect_eq "$(json 'list(j["auths"])' locked.json)" "[\"other.example\", \"$REGISTRY\"]"

t "a login that fails leaves no file behind"
login wrong -u user --authfile fresh.json "$REGISTRY"
expect_status 5
expect_false test -e fresh.json

t "root's login leaves the file to its owner"
if [ "$(id -u)" = 0 ]; then
	printf '{"auths":{}}' >owned.json
	chown 12345:23456 owned.json
	login secret -u user --authfile owned.json "$REGISTRY"
	expect_status 0
	expect_eq "$(stat -c %u:%g:%a owned.json)" 12345:23456:600 "owner and mode"
	run "$OHC" logout --authfile owned.json "$REGISTRY"
	expect_eq "$(stat -c %u:%g:%a owned.json)" 12345:23456:600 "owner and mode after logout"
else
	skip "not root"
fi

t "a file of somebody else is not taken over"
if [ "$(id -u)" = 0 ] && have setpriv; then
	shared=$(mktemp -d /tmp/ohc-shared.XXXXXX)
	chmod 777 "$shared"
	printf '{"auths":{}}' >"$shared/config.json"
	chown 12345 "$shared/config.json"
	HOME=/ XDG_CONFIG_HOME='' XDG_RUNTIME_DIR='' run_in setpriv --reuid 23456 --clear-groups "$OHC" login -u user --password-stdin \
		--authfile "$shared/config.json" "$REGISTRY" <<<secret
	expect_message 1 "config.json' belongs to the user 12345, who would lose it"
	expect_eq "$(cat "$shared/config.json") $(stat -c %u "$shared/config.json")" \
		'{"auths":{}} 12345'
	rm -r "$shared"
else
	skip "not root, or no setpriv"
fi

t "a namespace has credentials of its own"
login secret -u user --authfile ns.json "$REGISTRY/team"
expect_status 0
run "$driver" --authfile ns.json has "$REGISTRY/team/b" $none
expect_out_is no
run "$driver" --authfile ns.json has "$REGISTRY/teams/b" $none
expect_status 5
run "$OHC" logout --authfile ns.json "$REGISTRY"
expect_err "not logged in"
run "$OHC" logout --authfile ns.json "$REGISTRY/team"
expect_eq "$(json 'j["auths"]' ns.json)" '{}'

t "a config.json that is not JSON is told of, and stays"
printf '{\n"auths": {\n' >broken.json
cp broken.json before
registry_log_mark
login secret -u user --authfile broken.json "$REGISTRY"
expect_message 3 "broken.json' is not valid JSON: line [23]"
run "$OHC" logout --authfile broken.json "$REGISTRY"
expect_message 3 "broken.json' is not valid JSON: line [23]"
run "$driver" --authfile broken.json has "$REGISTRY/a/b" $none
expect_status 3
expect_err "broken.json' is not valid JSON: line [23]"
expect cmp before broken.json
expect_eq "$(registry_log_since | sed '/GET \/v2\/ 401/d')" '' requests

t "nothing of a file that is not JSON is shown"
for text in '{"auths": {"x": {"auth": secret}}}' '{"auths": {"x": {"auth": "a" "secret"}}}' \
	'{"auths": {"secret": 1, "secret": 2}}' '"secret"' '["secret"]'; do
	echo "$text" >broken.json
	run "$driver" --authfile broken.json has "$REGISTRY/a/b" $none
	expect_status 3
	expect_err "broken.json' is not (valid JSON: line 1, column [0-9]+\$|a JSON object)"
	expect_no_err secret
	DOCKER_AUTH_CONFIG=$text run "$driver" has "$REGISTRY/a/b" $none
	expect_status 3
	expect_err "'DOCKER_AUTH_CONFIG' is not (valid JSON: line 1, column [0-9]+\$|a JSON object)"
	expect_no_err secret
done

# as_user NAME: {"auths": ...} that logs in as user "NAME" with a wrong password, or as the right user
as_user()
{
	printf '{"auths": {"%s": {"auth": "%s"}}}' "$REGISTRY" "$(printf '%s:secret' "$1" | base64)"
}

# expect_user NAME: a request was refused to this one
expect_user()
{
	expect_status 5
	expect_err "the credentials of '$1' from"
}

t "the places that are looked at without --authfile, and their order"
mkdir -p "$XDG_RUNTIME_DIR/containers" "$XDG_CONFIG_HOME/containers" "$HOME/.docker"
rm -f "$config"
as_user config >"$XDG_CONFIG_HOME/containers/auth.json"
run "$driver" has "$REGISTRY/a/b" $none
expect_user config
mkdir -p other/containers
as_user other >other/containers/auth.json
XDG_CONFIG_HOME=$tmp/other run "$driver" has "$REGISTRY/a/b" $none
expect_user other
XDG_CONFIG_HOME='' run "$driver" has "$REGISTRY/a/b" $none
expect_user config
as_user runtime >"$XDG_RUNTIME_DIR/containers/auth.json"
run "$driver" has "$REGISTRY/a/b" $none
expect_user runtime
as_user docker >"$config"
run "$driver" has "$REGISTRY/a/b" $none
expect_user docker
DOCKER_AUTH_CONFIG=$(as_user environment) run "$driver" has "$REGISTRY/a/b" $none
expect_user environment
expect_err "from 'DOCKER_AUTH_CONFIG'"
DOCKER_AUTH_CONFIG='{"auths": {"other.example": {"auth": "eDp5"}}}' run "$driver" has "$REGISTRY/a/b" $none
expect_user docker
DOCKER_AUTH_CONFIG=' ' run "$driver" has "$REGISTRY/a/b" $none
expect_user docker
as_user named >named.json
DOCKER_AUTH_CONFIG=$(as_user environment) REGISTRY_AUTH_FILE=named.json \
	run "$driver" has "$REGISTRY/a/b" $none
expect_user named
DOCKER_AUTH_CONFIG=$(as_user environment) run "$driver" --authfile named.json has "$REGISTRY/a/b" $none
expect_user named
rm -r "$config" "$XDG_RUNTIME_DIR/containers" "$XDG_CONFIG_HOME/containers"

t "/run/containers/UID/auth.json where XDG_RUNTIME_DIR is not set"
if [ "$(id -u)" = 0 ] && have setpriv && mkdir -p /run/containers && unshare --mount true 2>/dev/null; then
	as_user of-uid >of-uid.json
	# in_run MODE: with one file in a /run/containers of that mode
	in_run()
	{
		# shellcheck disable=SC2016
		HOME=/ XDG_CONFIG_HOME='' XDG_RUNTIME_DIR='' run unshare --mount sh -c '
			mount -t tmpfs -o mode=$1 none /run/containers && mkdir /run/containers/12345 &&
			cat of-uid.json >/run/containers/12345/auth.json && shift &&
			exec setpriv --reuid 12345 --clear-groups "$@"' sh "$1" \
			"$driver" has "$REGISTRY/a/b" $none
	}
	in_run 755
	expect_user of-uid
	expect_err "from '/run/containers/12345/auth.json'"
	in_run 700
	expect_status 5
	expect_err 'refused access without credentials'
else
	skip "not root, or no mounts"
fi

t "a credential helper gets them instead"
mkdir bin kept
cat >bin/docker-credential-test <<-END
#!/bin/sh
case \$1 in
store) cat >$tmp/kept/store ;;
get) [ -e $tmp/kept/store ] || { echo credentials not found in native keychain; exit 1; }
	cat $tmp/kept/store ;;
erase) cat >$tmp/kept/erased; rm $tmp/kept/store ;;
esac
END
chmod 755 bin/docker-credential-test
export PATH=$tmp/bin:$PATH
printf '{"credsStore":"test"}' >helper.json
login secret -u user --authfile helper.json "$REGISTRY"
expect_status 0
expect_err 'kept in docker-credential-test \(credsStore of .*helper.json'
expect_eq "$(json 'j["auths"]' helper.json)" "{\"$REGISTRY\": {}}"
expect_eq "$(json 'j["ServerURL"], j["Username"]' kept/store)" "[\"$REGISTRY\", \"user\"]"
run "$driver" -vv --authfile helper.json has "$REGISTRY/a/b" $none
expect_out_is no
expect_no_err "$hidden"

t "and gives them back"
run "$OHC" logout --authfile helper.json "$REGISTRY"
expect_status 0
expect_eq "$(cat kept/erased)" "$REGISTRY"
expect_eq "$(json 'j["auths"]' helper.json)" '{}'
run "$driver" --authfile helper.json has "$REGISTRY/a/b" $none
expect_status 5

t "credHelpers counts before credsStore"
printf '{"credsStore":"none","credHelpers":{"%s":"test"}}' "$REGISTRY" >helper.json
login secret -u user --authfile helper.json "$REGISTRY"
expect_status 0
run "$driver" --authfile helper.json has "$REGISTRY/a/b" $none
expect_out_is no

t "a helper that is missing, fails, prints rubbish or hangs"
printf '{"credsStore":"missing"}' >helper.json
run "$driver" --authfile helper.json has "$REGISTRY/a/b" $none
expect_status 5
expect_err "'docker-credential-missing' is not installed \(credsStore of .*helper.json"
for text in 'echo vault is locked by secret; exit 1' 'echo secret rubbish' 'sleep 60' \
	'echo "{\"Username\":\"user\",\"Secret\":\"secret\"}"; exit 1'; do
	printf '#!/bin/sh\n%s\n' "$text" >bin/docker-credential-bad
	chmod 755 bin/docker-credential-bad
	printf '{"credsStore":"bad"}' >helper.json
	run "$driver" --timeout 2 --authfile helper.json has "$REGISTRY/a/b" $none
	expect_err "docker-credential-bad.*(failed at .get. with status 1|something else than credentials|did not end within 2 seconds)"
	expect_no_err "$hidden"
	[ "$status" = 5 ] || [ "$status" = 3 ] || fail "status $status"
done

t "a helper works under a parent that ignores its children, as CI runners in Python do"
printf '#!/bin/sh\necho "{\\"Username\\":\\"user\\",\\"Secret\\":\\"secret\\"}"\n' \
	>bin/docker-credential-good
chmod 755 bin/docker-credential-good
printf '{"credsStore":"good"}' >good.json
run py -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$driver" --authfile good.json has "$REGISTRY/a/b" $none
expect_out_is no
expect_no_err "$hidden"

t "a helper that answers with empty strings knows nobody"
printf '#!/bin/sh\necho "{\\"ServerURL\\":\\"\\",\\"Username\\":\\"\\",\\"Secret\\":\\"\\"}"\n' \
	>bin/docker-credential-empty
chmod 755 bin/docker-credential-empty
printf '{"credsStore":"empty"}' >empty.json
run "$driver" --authfile empty.json has "$REGISTRY/a/b" $none
expect_status 5
expect_err 'refused access without credentials'
printf '{"credsStore":"empty","auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" \
	"$(printf user:secret | base64)" >empty.json
run "$driver" --authfile empty.json has "$REGISTRY/a/b" $none
expect_out_is no

t "a helper is not bothered where nobody asks"
start_registry
run "$driver" --authfile helper.json has "$REGISTRY/a/b" $none
expect_out_is no

t "a registry that asks for nothing"
login secret -u user --authfile open.json "$REGISTRY"
expect_status 0
expect_err "did not ask for credentials"

t "the terminal is asked, without echo"
start_registry htpasswd
cat >terminal.py <<'END'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
for wait, answer in ((b"user name", b"user\n"), (b"password", b"secret\n")):
    while wait not in seen:
        seen += os.read(fd, 4096)
    time.sleep(0.1)
    os.write(fd, answer)
try:
    while True:
        more = os.read(fd, 4096)
        if not more:
            break
        seen += more
except OSError:
    pass
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
run py terminal.py "$OHC" login --progress plain --authfile tty.json "$REGISTRY"
expect_status 0
expect_out "user name at $REGISTRY: user"
expect_out "password of user at $REGISTRY: "
expect_no_out "secret"
expect_eq "$(json 'j["auths"]' tty.json)" \
	"{\"$REGISTRY\": {\"auth\": \"$(printf user:secret | base64)\"}}"

t "no terminal, no password"
run setsid -w "$OHC" login -u user "$REGISTRY"
expect_message 2 "no terminal to ask for the password on: use '--password-stdin'"

t "what cannot be a login"
login secret "$REGISTRY"
expect_message 2 "'--password-stdin' needs '--user'"
login '' -u user "$REGISTRY"
expect_message 2 "no password"
login secret -u us:er "$REGISTRY"
expect_message 2 "user name"
login secret -u user nonsense
expect_message 2 "'nonsense' is no registry"
login secret -u user "127.0.0.1:$(closed_port)"
expect_message 6 "cannot reach"

finish
