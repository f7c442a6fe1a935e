# shellcheck shell=bash
# A Slurm cluster of one node on loopback, with its configuration, keys and state in a folder of its own.
# Sourced, not run. The user that starts it is the only one that it knows.

# write_slurm_conf DIR PORT PORT: what needs cgroups, accounting or a database is left out.
write_slurm_conf () {
  local dir=$1 host user
  host=$(uname -n)
  host=${host%%.*}
  user=$(id -un)
  cat >"$dir/slurm.conf" <<EOF
ClusterName=kromo
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$2
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
KillWait=2
NodeName=$host NodeAddr=127.0.0.1 Port=$3 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
}

node_is_idle () {
  [ "$(timeout 5 sinfo --noheader --format %t)" = idle ]
}

# start_slurm DIR: sets SLURM_CONF and waits for the node. All three run as children of the test.
start_slurm () {
  local dir=$1 ports
  mkdir -p "$dir/state" "$dir/spool"
  chmod 700 "$dir"
  head -c 1024 /dev/urandom >"$dir/munge.key"
  chmod 400 "$dir/munge.key"
  read -ra ports <<<"$(free_ports 2)"
  write_slurm_conf "$dir" "${ports[@]}"
  export SLURM_CONF=$dir/slurm.conf
  munged --foreground --force --socket="$dir/munge.socket" --key-file="$dir/munge.key" \
    --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" --seed-file="$dir/munged.seed" \
    >"$dir/munged.out" 2>&1 &
  wait_until 10 test -S "$dir/munge.socket" || return
  slurmctld -i -D >"$dir/slurmctld.out" 2>&1 &
  slurmd -D >"$dir/slurmd.out" 2>&1 &
  wait_until 30 node_is_idle || {
    tail -n 20 "$dir/"*.out
    return 1
  }
}

# slurm_job_is_over ID
slurm_job_is_over () {
  [ -z "$(timeout 5 squeue --noheader --job "$1" 2>/dev/null)" ]
}
