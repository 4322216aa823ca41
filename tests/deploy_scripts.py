#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print what a service would run of a file in deploy/, as a script for bash.

usage: deploy_scripts.py kubernetes FILE		the pod's command, with the container's env
       deploy_scripts.py gitlab FILE JOB		variables, before_script, script, after_script
       deploy_scripts.py github ACTION INPUTS-JSON [NAME=VALUE...]	the steps of a composite action
       deploy_scripts.py workflow FILE JOB		the inputs of each use of ./deploy/github, a JSON a line

What the service would set itself (JOB_COMPLETION_INDEX, CI_..., RUNNER_TEMP, GITHUB_PATH, GITHUB_OUTPUT) is the
caller's to set; of GitHub's expressions those are known that the files have, as GH_GITHUB_TOKEN for github.token.
"""

import json
import os
import re
import shlex
import sys

import yaml


def load(path):
    with open(path) as f:
        return list(yaml.safe_load_all(f))


def kubernetes(path):
    job = next(d for d in load(path) if d["kind"] == "Job")
    container = job["spec"]["template"]["spec"]["containers"][0]
    for e in container["env"]:
        print(f"export {e['name']}={shlex.quote(e['value'])}")
    print("exec " + shlex.join(container["command"] + container["args"]))


def gitlab(path, name):
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(path))))
    jobs = {}
    top = load(path)[0]
    for include in top.get("include", []):
        jobs.update(load(os.path.join(folder, include["local"]))[0])
    jobs.update(top)

    def resolve(job):
        base = resolve(jobs[job["extends"]]) if "extends" in job else {}
        merged = {**base, **job}
        merged["variables"] = {**base.get("variables", {}), **job.get("variables", {})}
        return merged

    job = resolve(jobs[name])
    for key, value in job["variables"].items():
        print(f'export {key}="{value}"')
    print("set -e")
    for part in ("before_script", "script", "after_script"):
        for line in job.get(part, []):
            print(line)


def expand(text, values):
    def value(m):
        return values[m.group(1).strip()]

    return re.sub(r"\$\{\{([^}]*)\}\}", value, text)


def of_github():
    return {k[3:].lower().replace("_", ".", 1): v for k, v in os.environ.items() if k.startswith("GH_")}


def github(path, given, *more):
    action = load(path)[0]
    given = {**json.loads(given), **dict(m.split("=", 1) for m in more)}
    unknown = set(given) - set(action["inputs"])
    if unknown:
        sys.exit(f"the action has no input {sorted(unknown)}")
    values = of_github()
    for name, i in action["inputs"].items():
        values["inputs." + name] = given.get(name, expand(i.get("default", ""), values))
    for step in action["runs"]["steps"]:
        condition = step.get("if")
        if condition:
            name = re.fullmatch(r"(inputs\.\w+) != ''", condition).group(1)
            if not values[name]:
                continue
        for key, value in step["env"].items():
            print(f"export {key}={shlex.quote(expand(value, values))}")
        print('[ ! -e "$GITHUB_PATH" ] || PATH=$(cat "$GITHUB_PATH"):$PATH')
        print(f"bash -eo pipefail -c {shlex.quote(step['run'])} || exit")


def workflow(path, name):
    job = load(path)[0]["jobs"][name]
    for shard in job.get("strategy", {}).get("matrix", {}).get("shard", [None]):
        values = {**of_github(), "matrix.shard": str(shard)}
        for step in job["steps"]:
            if step.get("uses") == "./deploy/github":
                print(json.dumps({k: expand(v, values) for k, v in step["with"].items()}))


if __name__ == "__main__":
    {"kubernetes": kubernetes, "gitlab": gitlab, "github": github, "workflow": workflow}[sys.argv[1]](*sys.argv[2:])
