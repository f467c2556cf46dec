# peers.sh - starts the peers privately in a scratch directory, Redis on the loopback's port $redis_port. Read
# by tests/bench/run.
# shellcheck shell=bash disable=SC2154  # $scratch and $redis_port come from tests/bench/run

# Redis as a durable log: each write synced before its answer.
start_redis_peer() {
    mkdir -p "$scratch/redis"
    redis-server --unixsocket "$scratch/redis/socket" --port "$redis_port" --bind 127.0.0.1 \
        --dir "$scratch/redis" --appendonly yes --appendfsync always --save '' \
        --auto-aof-rewrite-percentage 0 >"$scratch/redis/log" 2>&1 &
    redis_pid=$!
    for _ in {1..100}; do
        redis-cli -s "$scratch/redis/socket" ping >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "bench: Redis did not start: $(tail -n 1 "$scratch/redis/log")" >&2
    return 1
}

reset_redis_peer() {
    redis-cli -s "$scratch/redis/socket" flushall >/dev/null
}

# Server programs of PostgreSQL are in a versioned directory outside PATH. Empty where there is none.
postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 3 -name postgres -path '*/bin/*' 2>/dev/null |
        sort -V | tail -n 1)
    [[ -z $newest ]] || dirname "$newest"
}

# PostgreSQL refuses to run as root: then its own user (or nobody) runs it.
as_postgres() {
    local user=nobody
    if ((EUID != 0)); then
        "$@"
        return
    fi
    ! id -u postgres >/dev/null 2>&1 || user=postgres
    runuser -u "$user" -- "$@"
}

# A cluster with the defaults of its package: fsync and synchronous_commit on.
start_postgres_peer() {
    local bin
    bin=$(postgres_bin)
    [[ -n $bin ]] || return 1
    mkdir -p "$scratch/postgres"
    chmod 755 "$scratch"
    chmod 777 "$scratch/postgres"
    as_postgres "$bin/initdb" -D "$scratch/postgres/data" -U bench -A trust >"$scratch/postgres/log" 2>&1 &&
        as_postgres "$bin/pg_ctl" -D "$scratch/postgres/data" -w -l "$scratch/postgres/server.log" \
            -o "-k $scratch/postgres -c listen_addresses='' -c max_wal_size=4GB" start \
            >>"$scratch/postgres/log" 2>&1
}

stop_peers() {
    [[ -z ${redis_pid-} ]] || kill "$redis_pid" 2>/dev/null
    if [[ -e $scratch/postgres/data/postmaster.pid ]]; then
        as_postgres "$(postgres_bin)/pg_ctl" -D "$scratch/postgres/data" -m immediate stop >/dev/null 2>&1
    fi
}
