#!/usr/bin/env bash
# time limit: 3600
# SPDX-License-Identifier: Apache-2.0
# ohcompose.openhands with OpenHands' real packages from PyPI, and a docker that must not be called.
. "$(dirname "$0")/../lib.sh"

version=1.58.2
small='small_payload tree && mkdir -p tree/.venv/bin && cp tree/bin/tool tree/.venv/bin/python &&
	cp tree/bin/tool tree/bin/tini'

# A Python that the packages take: 3.12 or later.
newer_python()
{
	local p

	for p in python3.12 python3.13 python3.14 python3 "$(own_home)"/.pyenv/versions/3.1[2-9]*/bin/python; do
		if "$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
			echo "$p"
			return 0
		fi
	done
	return 1
}

# packages: a virtual environment with them, made once
packages()
{
	local p

	venv=${E2E_CACHE:-$XDG_CACHE_HOME}/python-openhands-$version
	[ ! -e "$venv/made" ] || return 0
	p=$(trap - ERR; newer_python) || skip_all "no Python 3.12 with venv"
	rm -rf "$venv"
	"$p" -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check mypy pytest \
		openhands-{agent-server,sdk,tools,workspace}==$version >pip.log 2>&1 ||
		skip_all "OpenHands' packages cannot be had: $(grep -v '^$' pip.log | tail -n 1)"
	touch "$venv/made"
}

# The module that builds images wants to be imported in OpenHands' workspace.
as_workspace()
{
	mkdir -p workspace
	cat >workspace/pyproject.toml <<-E2
	[tool.uv.workspace]
	members = ["openhands-sdk", "openhands-tools", "openhands-workspace", "openhands-agent-server"]
	E2
}

# theirs [-c CODE | FILE]: in that workspace, with their packages and ours
theirs()
{
	(cd workspace && exec "$venv/bin/python" "$@")
}

packages
as_workspace
eval "$small"
make_busybox_base base:a
start_registry
for name in one two; do
	put_layout base:a "$REGISTRY/$name:1" >/dev/null
done
mkdir bin
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "docker $*" >>"%s/docker-was-called"\nexit 1\n' "$tmp" >bin/docker
chmod +x bin/docker
export PATH=$tmp/bin:$PATH PYTHONPATH=$top/python OHCOMPOSE=$OHC
export SDK_SHA=0123456789abcdef SDK_REF=main
export OPENHANDS_SUPPRESS_BANNER=1 LITELLM_LOCAL_MODEL_COST_MAP=True
"$OHC" pack -q --profile agent-server --prefix /agent-server tree "$REGISTRY/payload:1" >/dev/null
export OHCOMPOSE_PAYLOAD=$REGISTRY/payload:1

t "what was recorded of their signatures is true"
theirs "$top/python/tests/record_openhands.py" >record.json 2>log || fail "$(tail -n 3 log)"
"$PYTHON" -c 'import json, sys
is_, should = (json.load(open(f)) for f in sys.argv[1:])
for module in is_:
    assert is_[module] == should[module], (module, is_[module], should[module])' \
	record.json "$top/python/tests/openhands.json" 2>log || fail "$(tail -n 1 log)"

t "the package's types agree with theirs"
run env -C "$top" "$venv/bin/mypy" --cache-dir "$tmp/mypy" --config-file python/mypy.ini
expect_status 0

t "the package's own tests pass with pytest on this Python, too"
run env -C "$top/python/tests" -u OHCOMPOSE_PAYLOAD OHC="$OHC" "$venv/bin/pytest" -q -p no:cacheprovider .
expect_status 0

t "build() takes their options, and gives their tags"
cat >build.py <<'E2'
import sys
from openhands.agent_server.docker.build import BuildOptions, BuildResult
from ohcompose.openhands import build, build_with_telemetry

registry = sys.argv[1]
opts = BuildOptions(base_image=f"{registry}/one:1", target="source-minimal", push=True,
                    image=f"{registry}/agent-server", custom_tags="python", platforms=["linux/amd64"])
tags = build(opts)
assert tags == opts.all_tags and len(tags) == 4, tags
result = build_with_telemetry(opts)
assert isinstance(result, BuildResult) and result.telemetry.cached_step_count == 3, result
print(*tags, sep="\n")
E2
run theirs "$tmp/build.py" "$REGISTRY"
expect_status 0
tag=$(head -n 1 <<<"$out")
run "$OHC" inspect --config "$tag"
expect_eq "$(json 'j["config"]["Entrypoint"][2]')" /agent-server/.venv/bin/python
expect_true grep -q OPENHANDS_BUILD_GIT_SHA=0123456789abcdef <<<"$out"

t "DockerDevWorkspace's build, unchanged, is composed"
cat >dev.py <<'E2'
from ohcompose.openhands import plug_in
plug_in()
from openhands.workspace import DockerDevWorkspace
import sys
print(DockerDevWorkspace._build_image_from_base(base_image=f"{sys.argv[1]}/two:1", target="source",
                                                platform="linux/amd64"))
E2
OHCOMPOSE_REPOSITORY=$REGISTRY/local run theirs "$tmp/dev.py" "$REGISTRY"
expect_status 0
expect_true "$OHC" inspect -q "$(tail -n 1 <<<"$out")"

t "what fails is their BuildCommandError"
cat >fail.py <<'E2'
from openhands.agent_server.docker.build import BuildCommandError, BuildOptions
from ohcompose.openhands import build
import sys
try:
    build(BuildOptions(base_image=f"{sys.argv[1]}/none:1", target="source", push=True, image=f"{sys.argv[1]}/x"))
except BuildCommandError as e:
    print(e.returncode, e.telemetry.buildx_wall_clock_seconds > 0)
E2
run theirs "$tmp/fail.py" "$REGISTRY"
expect_out_is "4 True"

t "a ComposedWorkspace has an image that docker can pull by digest"
cat >workspace.py <<'E2'
import sys
from openhands.workspace import DockerWorkspace
from ohcompose.openhands import ComposedWorkspace

class Seen(ComposedWorkspace):
    def _start_container(self, image, context):
        print(image)

assert issubclass(ComposedWorkspace, DockerWorkspace)
for _ in range(2):
    Seen(base_image=f"{sys.argv[1]}/one:1", repository=f"{sys.argv[1]}/composed", target="source")
E2
run theirs "$tmp/workspace.py" "$REGISTRY"
expect_status 0
expect_eq "$(sort -u <<<"$out" | wc -l)" 1
expect_true "$OHC" inspect -q "$(head -n 1 <<<"$out")"

t "build_all_images composes every base, with their tags"
cat >all.py <<'E2'
import json, pathlib, sys
from openhands.agent_server.docker.build import BuildOptions
from ohcompose.openhands import build_all_images

registry = sys.argv[1]
bases = [f"{registry}/{n}:1" for n in ("one", "two", "none")]
image = f"{registry}/eval-agent-server"
status = build_all_images(bases, "source-minimal", pathlib.Path("../built"), image=image, push=True,
                          base_image_to_custom_tag_fn=lambda b: b.rsplit("/")[-1].replace(":", "-"), max_workers=4)
lines = {j["base_image"]: j for j in map(json.loads, open("../built/manifest.jsonl"))}
assert status == 1 and len(lines) == 3, lines
for base in bases[:2]:
    opts = BuildOptions(base_image=base, target="source-minimal", image=image,
                        custom_tags=base.rsplit("/")[-1].replace(":", "-"))
    assert lines[base]["tags"] == opts.all_tags, lines[base]
assert lines[bases[2]]["status"] == "failed"
print(lines[bases[1]]["tags"][0])
E2
run theirs "$tmp/all.py" "$REGISTRY"
expect_status 0
expect_true "$OHC" inspect -q "$(tail -n 1 <<<"$out")"

t "docker was never called"
expect_false test -e docker-was-called
finish
