#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries what deploy/ has for Slurm, Kubernetes, GitLab and GitHub, as far as it goes without them: their scripts are
# run with what the service would give them, against a registry that asks for a login.
. "$(dirname "$0")/../lib.sh"

"$PYTHON" -c 'import yaml' 2>/dev/null || skip_all "no yaml module for Python"
deploy=$top/deploy
start_registry htpasswd
mkdir bin layer
ln -s "$OHC" bin/ohcompose
export PATH=$tmp/bin:$PATH DOCKER_CONFIG=$tmp/login GH_GITHUB_ACTOR=user GH_GITHUB_TOKEN=secret \
	GH_GITHUB_REPOSITORY=me/tools GH_GITHUB_SHA=abc123 RUNNER_TEMP=$tmp/runner \
	GITHUB_PATH=$tmp/github.path GITHUB_OUTPUT=$tmp/github.output

# Bases and a payload, as the examples name them.
printf %s secret | "$OHC" login --user user --password-stdin "$REGISTRY" 2>login.log
make_busybox_base base:1 >/dev/null
for name in base/debian:12 base/alpine:3.20 base/ubuntu:22.04; do
	echo "$name" >layer/name
	make_layout "oci-${name##*/}:a" --layer layer >/dev/null
	"$OHC" push -q --no-check --profile none --payload layer:/id oci:base:1 "$REGISTRY/$name" >>pushed
	echo "$REGISTRY/$name"
done >bases.txt
small_payload payload
"$OHC" pack -q payload "$REGISTRY/me/payload:1" >packed

# here FILE: the file with this test's registry for those that it names; its path
here()
{
	mkdir -p "here/${1%/*}"
	sed -e "s,registry\.example\.com,$REGISTRY,; s,ghcr\.io,$REGISTRY,; s, debian:12\$, $REGISTRY/base/debian:12," \
		"$deploy/$1" >"here/$1"
	echo "here/$1"
}

# made REPO: the images that are there, one a line
made()
{
	curl -sf -u user:secret "http://$REGISTRY/v2/$1/tags/list" >tags || echo '{"tags": []}' >tags
	json '"\n".join(sorted(j["tags"]))' tags
}
all_three=$(printf '%s\n' base-alpine-3.20 base-debian-12 base-ubuntu-22.04)

t "Slurm: any array makes each image once, whatever its numbers are"
export SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3
submit()
{
	for SLURM_ARRAY_TASK_ID in 3 5 7; do
		export SLURM_ARRAY_TASK_ID
		expect bash "$deploy/slurm/bake.sbatch" --bases bases.txt --payload "$REGISTRY/me/payload:1" \
			--dest "$REGISTRY/slurm/run:{base.slug}"
	done
}
submit
expect_eq "$(made slurm/run | sed 's/.*-base-/base-/')" "$all_three"
expect_eq "$(cat bake.*-of-3.jsonl | wc -l)" 3 "lines of reports"

t "... and submitted again it makes none"
registry_log_mark
submit
expect_false grep -qE '^PUT .*/manifests/' <(registry_log_since)

t "... of a column of a CSV or of a JSON, in a folder with a blank, with more tasks than images"
mkdir "my lists"
{ echo id,image && nl -s, bases.txt | tr -d ' '; } >"my lists/data set.csv"
sed "s,.*,{\"base\": \"&\"}," bases.txt | paste -sd, |
	sed "s,.*,{\"dest\": \"$REGISTRY/slurm/json:{base.slug}\"\, \"images\": [&]}," >"my lists/data set.json"
for list in "--bases|my lists/data set.csv|--base-field=image|--dest|$REGISTRY/slurm/csv:{base.slug}" "my lists/data set.json"; do
	IFS='|' read -ra words <<<"$list"
	rm -f bake.*-of-5.*
	for SLURM_ARRAY_TASK_ID in 0 1 2 3 4; do
		export SLURM_ARRAY_TASK_ID
		expect env SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=5 \
			bash "$deploy/slurm/bake.sbatch" --payload "$REGISTRY/me/payload:1" "${words[@]}"
	done
	expect_eq "$(cat bake.*-of-5.jsonl | wc -l)" 3 "lines of reports, $list"
done
for repo in csv json; do
	expect_eq "$(made slurm/$repo | sed 's/.*-base-/base-/')" "$all_three"
done

t "... without an array it says so"
unset SLURM_ARRAY_TASK_ID
run bash "$deploy/slurm/bake.sbatch"
expect_status 1
expect_err "submit it with --array"

t "Kubernetes: the pods of the Job make each image once"
job=$(here kubernetes/bake.yaml)
mkdir -p list login
"$PYTHON" "$top/tests/deploy_scripts.py" kubernetes "$job" | sed "s,/list/,$tmp/list/,; s,=/login,=$tmp/login,; s,=/tmp\$,=$tmp/pod," >pod.sh
"$PYTHON" -c 'import sys, yaml
for d in yaml.safe_load_all(open(sys.argv[1])):
    if d["kind"] == "ConfigMap":
        for name, text in d["data"].items():
            open("list/" + name, "w").write(text)
    else:
        print(d["spec"]["completions"])' "$job" >completions
for ((JOB_COMPLETION_INDEX = 0; JOB_COMPLETION_INDEX < $(cat completions); JOB_COMPLETION_INDEX++)); do
	export JOB_COMPLETION_INDEX
	expect bash pod.sh
done
expect_eq "$(made me/run | sed 's/.*-base-/base-/')" "$all_three"

t "... of a column of a CSV, too"
cp list/bases.txt list/kept
{ echo id,image && nl -s, list/kept | tr -d ' '; } >list/bases.txt
for ((JOB_COMPLETION_INDEX = 0; JOB_COMPLETION_INDEX < $(cat completions); JOB_COMPLETION_INDEX++)); do
	export JOB_COMPLETION_INDEX
	expect env BASE_FIELD=image bash pod.sh
	expect_no_out '"state":"(done|failed)"'
done

t "... an index beyond its shards is no part: completions and SHARDS are one number"
expect_eq "$(sed -n 's/^export SHARDS=//p' pod.sh)" "$(cat completions)"

t "... and Kubernetes' schema has every field of it"
if have kubernetes-validate; then
	expect kubernetes-validate --strict "$deploy/kubernetes/bake.yaml"
	sed 's/completionMode/completionMood/' "$deploy/kubernetes/bake.yaml" >wrong.yaml
	run kubernetes-validate --strict wrong.yaml
	expect_false [ "$status" = 0 ]
else
	skip "no kubernetes-validate"
fi

t "GitLab: the jobs of the example pack a payload, and make an image and the images of a list"
export CI_REGISTRY=$REGISTRY CI_REGISTRY_USER=user CI_REGISTRY_PASSWORD=secret CI_PROJECT_DIR=$tmp/project \
	CI_REGISTRY_IMAGE=$REGISTRY/group/project CI_COMMIT_SHORT_SHA=1a2b3c4d CI_NODE_TOTAL=4
mkdir -p project/build
cp -r payload project/build/payload
cp bases.txt project/
gitlab()
{
	"$PYTHON" "$top/tests/deploy_scripts.py" gitlab "$deploy/gitlab/example.yml" "$1" >job.sh &&
		(cd project && exec bash ../job.sh)
}
expect gitlab pack
expect gitlab image
expect_true grep -qE "^$REGISTRY/group/project:1a2b3c4d@sha256:" project/image.txt
for CI_NODE_INDEX in 1 2 3 4; do
	export CI_NODE_INDEX
	expect gitlab bake
done
expect_eq "$(made group/project/run | sed 's/.*-base-/base-/')" "$all_three"
{ echo id,image && nl -s, bases.txt | tr -d ' '; } >project/bases.txt
expect env BASE_FIELD=image CI_NODE_INDEX=1 CI_NODE_TOTAL=1 bash -c "$(declare -f gitlab); top=$top; deploy=$deploy; gitlab bake"
expect_eq "$(grep -c '"state":"there"' project/report.jsonl)" 3 "images of a column of a CSV that are there"
expect_false test -e project/.docker

t "GitHub: the action installs, logs in, runs, and says what it made"
if python3 -m pip --version >pip.log 2>&1; then
	mkdir licences wheels
	echo terms >licences/all
	wheel=$("$PYTHON" "$top/python/wheel" --program "$OHC" --version "$("$OHC" version | sed -n 's,^ohcompose ,,p')" \
		--licences licences --out wheels)
	github()
	{
		rm -rf "$DOCKER_CONFIG" "$RUNNER_TEMP" "$GITHUB_PATH" "$GITHUB_OUTPUT"
		mkdir "$RUNNER_TEMP"
		"$PYTHON" "$top/tests/deploy_scripts.py" github "$deploy/github/action.yml" "$1" \
			"package=$wheel" >steps.sh && PIP_NO_INDEX=1 bash steps.sh
	}
	mkdir -p build
	cp -r payload build/payload
	while read -r inputs; do
		expect github "$inputs"
		expect_true grep -qE "^image=$REGISTRY/me/tools(/payload)?:abc123@sha256:" "$GITHUB_OUTPUT"
	done < <(for job in pack image; do
		"$PYTHON" "$top/tests/deploy_scripts.py" workflow "$(here github/example.yml)" $job
	done)
	while read -r inputs; do
		expect github "$inputs"
	done < <("$PYTHON" "$top/tests/deploy_scripts.py" workflow "$(here github/example.yml)" bake)
	expect_eq "$(made me/tools/run | sed 's/.*-base-/base-/')" "$all_three"
else
	skip "no pip"
fi

finish
