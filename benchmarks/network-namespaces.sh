#!/usr/bin/env bash
# Trains on two hosts that are network namespaces of this machine, with a delay and a limit of the rate between
# them, and compares the result with that of one process, byte for byte. Then trains until one host is cut off, and
# measures how long the other takes to see it and end. Tells the latency and the rate of the way between them.
#
#     sudo benchmarks/network-namespaces.sh MTLC SPEC [--set KEY=VALUE]…
#
# DELAY (10ms) and RATE (1gbit) are those of the link, LAUNCHERS (mpirun.openmpi mpirun.mpich) what starts the
# processes. Needs `ip` and `tc` and the rights of root; of the MPIs those are tried that are there.
set -euo pipefail
mtlc=$(realpath "$1")
spec=$2
shift 2
work=$(mktemp -d)
delay=${DELAY:-10ms}
rate=${RATE:-1gbit}
link="a delay of $delay and $rate"

cleanup() {
  ip netns delete mtlc-a 2> /dev/null || true
  ip netns delete mtlc-b 2> /dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
for host in a b; do ip netns add mtlc-$host; done
ip link add mtlc-a netns mtlc-a type veth peer name mtlc-b netns mtlc-b
number=1
for host in a b; do
  ip -n mtlc-$host link set lo up
  ip -n mtlc-$host address add 10.77.0.$number/24 dev mtlc-$host
  ip -n mtlc-$host link set mtlc-$host up
  ip netns exec mtlc-$host tc qdisc add dev mtlc-$host root netem delay "$delay" rate "$rate" \
    2> /dev/null || link="no delay: the kernel has no netem"
  number=$((number + 1))
done

# What the launchers call in place of ssh: `agent [OPTION]… HOST COMMAND…`.
cat > "$work/agent" << 'AGENT'
#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
case $1 in 10.77.0.1) host=a ;; *) host=b ;; esac
shift
exec ip netns exec mtlc-$host unshare --uts sh -c "hostname mtlc-$host; $*"
AGENT
chmod +x "$work/agent"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
train=("$mtlc" train "$spec" "$@" --quiet --no-report)
"${train[@]}" -o "$work/alone" > /dev/null
for launcher in ${LAUNCHERS:-mpirun.openmpi mpirun.mpich}; do
  command -v "$launcher" > /dev/null || continue
  case $launcher in
    *openmpi*)
      hosts=(--host 10.77.0.1:1,10.77.0.2:1 --mca plm_rsh_agent "$work/agent" --mca btl tcp,self --mca pml ob1
        --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24)
      ;;
    # By TCP: it would find that both hosts share a memory.
    *) hosts=(-genv UCX_TLS tcp,self -hosts 10.77.0.1,10.77.0.2 -launcher ssh -launcher-exec "$work/agent" -iface mtlc-a) ;;
  esac
  launch=(ip netns exec mtlc-a unshare --uts sh -c 'hostname mtlc-a; exec "$@"' sh
    "$launcher" "${hosts[@]}" -n 2)
  together=("${launch[@]}" "${train[@]}" --mpi -o "$work/$launcher")
  start=$(date +%s.%N)
  "${together[@]}" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  seconds=$(echo "$(date +%s.%N) - $start" | bc)
  for file in plan.bin metrics.json; do cmp "$work/alone/$file" "$work/$launcher/$file"; done
  echo "$launcher: two hosts with $link: the same bytes, $seconds s"

  "${launch[@]}" "$mtlc" bench "$spec" "$@" --mpi --quiet --seconds 1 --batch 1024 | tail -2

  rm -r "$work/$launcher"
  "${together[@]}" --checkpoint --set training.epochs=100000 > "$work/log" 2>&1 &
  running=$!
  until [ -s "$work/$launcher/checkpoint.bin" ]; do sleep 0.1; done
  ip -n mtlc-b link set mtlc-b down
  start=$(date +%s.%N)
  until grep -q 'process 1 is gone, or its host is out of reach' "$work/log"; do sleep 0.1; done
  seconds=$(echo "$(date +%s.%N) - $start" | bc)
  # The processes end; a launcher may still wait for the other host.
  sleep 2
  ! pgrep -f "^$mtlc train .* -o $work/$launcher" || { echo "processes are left"; exit 1; }
  kill "$running" 2> /dev/null || true
  wait "$running" || true
  ip -n mtlc-b link set mtlc-b up
  echo "$launcher: a host that is cut off: the others have ended after $seconds s"
done
