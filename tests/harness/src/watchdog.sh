# Removes a test cluster when nobody uses it any more.
# Arguments: lock file of the users, folder of the cluster, seconds to linger.
#
# Every test process holds a shared lock on the users' file for as long as it lives. This
# process sleeps in the kernel until an exclusive lock can be had, so it needs no polling and
# sees the end of a process that was killed as well as of one that finished. It lingers a
# little, because the next test binary is often just being started, and then takes the lock
# for good: whoever comes now waits, finds the cluster gone, and starts another.
set -u
users=$1 cluster=$2 linger=$3
data=$cluster/data

while :; do
    flock --exclusive "$users" true || exit 1
    sleep "$linger"
    exec 9<"$users" || exit 1
    if flock --exclusive --nonblock 9; then
        break
    fi
    exec 9<&-
done

server=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
# The number may belong to another process by now: a server works in its data folder.
if [ -n "$server" ] && [ "$(readlink "/proc/$server/cwd")" = "$data" ]; then
    kill -QUIT "$server"
    # A server that ended removes its pid file; where nobody reaps it, its pid stays.
    while [ -e "$data/postmaster.pid" ] && kill -0 "$server" 2>/dev/null; do
        sleep 0.05
    done
fi
rm -rf "$cluster"
