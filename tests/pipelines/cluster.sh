#!/usr/bin/env bash
# A batch on several machines: GNU parallel over SSH, and a Slurm array, both on loopback.
# packages: parallel rsync openssh-server openssh-client slurmctld slurmd slurm-client munge
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/slurm-node.sh
. "$root/tests/pipelines/slurm-node.sh"

genomes=$data/parity/genomes

# ---- hosts

# start_hosts: an SSH server of our own under two names
start_hosts () {
  local dir=$scratch/ssh port
  mkdir -m 700 "$dir"
  [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd # where sshd wants to confine its child
  ssh-keygen -q -t ed25519 -N "" -f "$dir/host" && ssh-keygen -q -t ed25519 -N "" -f "$dir/user" || return
  cp "$dir/user.pub" "$dir/authorized"
  port=$(free_ports 1)
  cat >"$dir/sshd_config" <<EOF
ListenAddress 127.0.0.1:$port
HostKey $dir/host
AuthorizedKeysFile $dir/authorized
PidFile none
StrictModes no
UsePAM no
EOF
  cat >"$dir/config" <<EOF
Host host1 host2
  HostName 127.0.0.1
  Port $port
  IdentityFile $dir/user
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile $dir/known
  LogLevel ERROR
EOF
  mkdir "$scratch/bin"
  printf '#!/bin/sh\nexec /usr/bin/ssh -F %q "$@"\n' "$dir/config" >"$scratch/bin/ssh"
  chmod +x "$scratch/bin/ssh"
  /usr/sbin/sshd -D -e -f "$dir/sshd_config" 2>"$dir/sshd.log" &
  wait_until 10 "$scratch/bin/ssh" host1 true || {
    cat "$dir/sshd.log"
    return 1
  }
}

# on_hosts NAME FOLDER: the page's commands in a folder, with our own hosts and keys
on_hosts () {
  pasted files.md "$1" | sed "s|^kromo=.*|kromo='$root'|" >"$scratch/pasted.sh" || return
  cat "$scratch/pasted.sh"
  (cd "$2" && PATH=$scratch/bin:$PATH PARALLEL_HOME=$scratch/parallel PARALLEL=--will-cite \
    bash -e "$scratch/pasted.sh")
}

# all_there FOLDER: every sound of a straight run, and nothing under way
all_there () {
  diff -r "$scratch/straight" "$1"
}

shared () {
  on_hosts parallel "$scratch/page" && all_there "$scratch/page/sounds"
}

# Genomes go out, sounds come back, nothing stays.
not_shared () {
  local file
  mkdir -p "$scratch/other/genomes"
  cp "$genomes"/t[46]*.json.gz "$scratch/other/genomes/"
  on_hosts parallel-transfer "$scratch/other" || return
  for file in "$scratch/other/genomes"/*.json.gz; do
    cmp "${file%.json.gz}.wav" "$scratch/straight/$(basename "$file" .json.gz).wav" || return
  done
}

# ---- Slurm

# as_array NAME: the page's sbatch command, waited for; prints the job's output
as_array () {
  local job
  pasted files.md "$1" >"$scratch/pasted.sh" || return
  cat "$scratch/pasted.sh"
  job=$(cd "$scratch/page" && bash -e "$scratch/pasted.sh" | tee /dev/stderr | sed -n 's/^Submitted batch job //p')
  [ -n "$job" ] || return
  wait_until 90 slurm_job_is_over "$job" || {
    timeout 5 squeue
    return 1
  }
  tail -n 3 "$scratch/page"/slurm-*.out
}

array () {
  rm -rf "$scratch/page/sounds"
  as_array slurm && all_there "$scratch/page/sounds"
}

# A job that is cancelled half way leaves what it had, and the same job goes on.
array_again () {
  local n=6
  find "$scratch/page/sounds" -name '*.wav' | sort | head -n "$n" | xargs rm
  rm -f "$scratch/page"/slurm-*.out
  as_array slurm && all_there "$scratch/page/sounds" || return
  say "$(awk '{ n += $1 } END { print n }' "$scratch/page"/slurm-*.out) rendered"
  [ "$(awk '{ n += $1 } END { print n }' "$scratch/page"/slurm-*.out)" -eq "$n" ]
}

mkdir "$scratch/page" "$scratch/parallel"
ln -s "$root/pipelines" "$scratch/page/pipelines"
mkdir "$scratch/page/genomes"
cp "$genomes"/t*.json.gz "$scratch/page/genomes/"

check "a straight run" bash "$root/pipelines/render-batch.sh" "$scratch/page/genomes" "$scratch/straight"
check "hosts" start_hosts
check "GNU parallel over hosts, with a folder that they share" shared
check "GNU parallel over hosts that share nothing" not_shared
check "a Slurm node" start_slurm "$scratch/slurm"
check "a Slurm array" array
check "the same array again renders what is missing" array_again
