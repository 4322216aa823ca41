#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# deploy/slurm in a real Slurm of one node: an array bakes each image once; a task that is killed goes on where
# it was when it is requeued; the tasks together make exactly the images of one run.
. "$(dirname "$0")/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all "Slurm's daemons need root here"
PATH=$PATH:/usr/sbin
for program in slurmctld slurmd sbatch scontrol munged; do
	have $program || skip_all "no $program"
done

# ---- Slurm ----

free_ports()
{
	"$PYTHON" -c 'import socket
s = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(x.getsockname()[1] for x in s))'
}

d=$(mktemp -d /tmp/ohc-slurm.XXXXXX) # a short path, for sockets, that munge's user reaches
_dirs+=("$d")
chmod 755 "$d"
mkdir "$d/munge" "$d/state" "$d/spool"
head -c 128 /dev/urandom >"$d/munge/key"
chown -R munge:munge "$d/munge"
chmod 700 "$d/munge"
chmod 400 "$d/munge/key"
chmod 755 "$d/munge"
m=$d/munge
setpriv --reuid=munge --regid=munge --clear-groups munged --foreground --force --key-file="$m/key" \
	--socket="$m/sock" --pid-file="$m/pid" --log-file="$m/log" --seed-file="$m/seed" >"$d/munged.out" 2>&1 &
_pids+=("$!")
wait_for 10 test -S "$m/sock" || skip_all "munged does not start: $(tail -n 1 "$d/munged.out")"
read -r port1 port2 <<<"$(free_ports)"
cat >"$d/slurm.conf" <<EOF
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$port1
SlurmdPort=$port2
AuthType=auth/munge
AuthInfo=socket=$m/sock,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$d/state
SlurmdSpoolDir=$d/spool
SlurmctldPidFile=$d/slurmctld.pid
SlurmdPidFile=$d/slurmd.pid
SlurmctldLogFile=$d/slurmctld.log
SlurmdLogFile=$d/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=localhost NodeAddr=127.0.0.1 CPUs=4 RealMemory=4096 State=UNKNOWN
PartitionName=all Nodes=localhost Default=YES State=UP OverSubscribe=YES
EOF
export SLURM_CONF=$d/slurm.conf
slurmctld -D -f "$SLURM_CONF" >"$d/ctl.out" 2>&1 &
_pids+=("$!")
slurmd -D -f "$SLURM_CONF" -N localhost >"$d/slurmd.out" 2>&1 &
_pids+=("$!")
if ! wait_for 30 sh -c 'sinfo -h -o %T 2>/dev/null | grep -q idle'; then
	sed 's/^/# /' "$d/slurmctld.log" "$d/slurmd.log" | tail -n 20
	skip_all "Slurm does not start"
fi

# ---- what is baked ----

start_registry
make_busybox_base base:1 >/dev/null
mkdir layer bin
ln -s "$OHC" bin/ohcompose
export PATH=$tmp/bin:$PATH
for i in $(seq 40); do
	echo "$i" >layer/number
	"$OHC" push -q --no-check --profile none --payload layer:/id oci:base:1 "$REGISTRY/base/of:$i" >pushed
	echo "$REGISTRY/base/of:$i"
done >bases.txt
small_payload payload
"$OHC" pack -q payload "$REGISTRY/me/payload:1" >packed
options=(--bases bases.txt --payload "$REGISTRY/me/payload:1")

# digests REPO: "TAG DIGEST" of all of its images
digests()
{
	local tag

	curl -sf "http://$REGISTRY/v2/$1/tags/list" >tags
	for tag in $(json '" ".join(sorted(j["tags"] or []))' tags); do
		echo "$tag $(image digest "$REGISTRY/$1:$tag")"
	done
}

t "an array of four makes what one run makes"
"$OHC" bake -qq "${options[@]}" --dest "$REGISTRY/one/run:{base.slug}" >one.out
run sbatch --wait --array=0-3 "$top/deploy/slurm/bake.sbatch" "${options[@]}" --dest "$REGISTRY/array/run:{base.slug}"
expect_status 0
digests one/run >one
digests array/run >array
expect_eq "$(wc -l <array)" 40 images
expect_true cmp one array
expect_eq "$(cat bake.*-of-4.jsonl | wc -l)" 40 "lines of reports"
for log in bake-*.log; do
	[ "$status" = 0 ] || sed "s/^/# $log: /" "$log"
done

t "submitted once more it makes none"
registry_log_mark
run sbatch --wait --array=0-3 "$top/deploy/slurm/bake.sbatch" "${options[@]}" --dest "$REGISTRY/array/run:{base.slug}"
expect_status 0
expect_false grep -qE '^PUT .*/manifests/' <(registry_log_since)

t "a task that is requeued in the middle goes on, and nothing is lost"
mkdir again
cd again
cp ../bases.txt .
job=$(sbatch --parsable --array=1-2 "$top/deploy/slurm/bake.sbatch" "${options[@]}" --rate 240/m \
	--dest "$REGISTRY/again/run:{base.slug}")
wait_for 60 sh -c "grep -qs ok bake.1-of-2.journal || test -s bake.1-of-2.journal"
done_before=$(wc -l <bake.1-of-2.journal)
expect scontrol requeue "${job}_1"
expect wait_for 240 sh -c "! squeue -h -j $job 2>/dev/null | grep -q ."
expect_true [ "$done_before" -lt "$(wc -l <bake.1-of-2.journal)" ]
cd ..
digests again/run >array
expect_true cmp one array

scontrol shutdown >/dev/null 2>&1 || true
finish
