#!/usr/bin/env bash
# Process 1 of a cluster's own mount, network, process-id and host-name namespaces. It dresses them, says "ready PID" with
# its id as the machine sees it, and then reaps orphans until its standard input ends. That happens when the test process
# stops the cluster and also when that process dies: the kernel then kills everything in here, and all mounts vanish.
set -euo pipefail
state=$1 node_name=$2 node_address=$3 api_address=$4

read -r pid _ </proc/self/stat # still the machine's /proc
mount -t proc proc /proc
echo "$node_name" >/proc/sys/kernel/hostname

# Loopback and one bridge: no way out. The API server's address is the cluster IP of the service `kubernetes`, so that
# pods reach it without kube-proxy.
ip link set lo up
ip address add "$api_address/32" dev lo
ip link add node0 type bridge
ip address add "$node_address/24" dev node0
ip link set node0 up

# containerd's shims, CNI and kubelet write to fixed places; sockets of the machine's own services are hidden.
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/netns "$state"/var-lib/{upper,work} "$state/var-log" "$state/sysctl"
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$state/var-lib/upper,workdir=$state/var-lib/work" /var/lib
mount --bind "$state/var-log" /var/log

# May be a link to a place below /run.
resolv=$(readlink -m /etc/resolv.conf)
mkdir -p "$(dirname "$resolv")"
[ -e "$resolv" ] || touch "$resolv"
mount --bind "$state/resolv.conf" "$resolv"
mount --bind "$state/hosts" /etc/hosts
mount --bind "$state/ca-certificates.crt" "$(readlink -f /etc/ssl/certs/ca-certificates.crt)"

# Kubelet sets these for the whole machine unless they are so already: it is shown files that are.
show() {
  local file="$state/sysctl/${1//\//.}"
  [ -e "/proc/sys/$1" ] || return 0
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}
show vm/overcommit_memory 1
show vm/panic_on_oom 0
show kernel/panic 10
show kernel/panic_on_oops 1
show kernel/keys/root_maxkeys 1000000
show kernel/keys/root_maxbytes 25000000

echo "ready $pid"
while read -r _; do :; done
