#!/bin/sh
# redis-server: the same data set gives the same digest; what redis-benchmark leaves has one
# digest before and after a reload, a background save and a rewrite of the append-only file.
. "$(dirname "$0")/run"
need redis-server redis-server
need redis-benchmark redis-tools
need redis-cli redis-tools

r() {
    redis-cli -s "$PWD/socket" "$@"
}

# until_no FIELD: the server's background job is done
until_no() {
    while r INFO persistence | grep -q "^$1:1"; do sleep 0.1; done
}

commands() {
    awk 'BEGIN { x = 1
        for (i = 0; i < 30000; i++) {
            x = (x * 69069 + 1) % 4294967296
            value = sprintf("%0*d", 1 + x % 400, i)
            print "SET", "s" i % 5000, value
            print "HSET", "h" i % 50, "f" x % 1000, value
            print "RPUSH", "l" i % 20, value
            print "ZADD", "z" i % 30, x, "m" i
            print "SADD", "set" i % 40, "m" x % 500
            if (i % 7 == 0) print "DEL", "s" x % 5000
            if (i % 11 == 0) print "APPEND", "a" x % 100, value
            if (i % 13 == 0) print "LPOP", "l" x % 20
        }
    }'
}

serve() {
    redis-server --port 0 --unixsocket "$PWD/socket" --dir "$PWD" --enable-debug-command yes \
        --save '' --appendonly yes --io-threads 2 --logfile log &
    server=$!
    trap 'kill -9 $server' EXIT
    until [ "$(r PING 2>/dev/null)" = PONG ]; do
        kill -0 $server || { cat log; exit 1; }
        sleep 0.1
    done

    commands | r --pipe | grep errors
    echo "keys $(r DBSIZE), digest $(r DEBUG DIGEST)"

    redis-benchmark -s "$PWD/socket" -n 5000 -c 20 -d 300 -r 3000 -P 8 -q \
        -t set,get,incr,lpush,rpop,sadd,hset,zadd,mset >benchmark
    tr '\r' '\n' <benchmark | grep -c 'requests per second' || cat benchmark
    before=$(r DEBUG DIGEST)
    r DEBUG RELOAD
    [ "$(r DEBUG DIGEST)" = "$before" ] && echo "same digest after DEBUG RELOAD"
    r BGSAVE >/dev/null
    until_no rdb_bgsave_in_progress
    r INFO persistence | grep -o 'rdb_last_bgsave_status:[a-z]*'
    r BGREWRITEAOF >/dev/null
    until_no aof_rewrite_in_progress
    r DEBUG LOADAOF
    [ "$(r DEBUG DIGEST)" = "$before" ] && echo "same digest after DEBUG LOADAOF"
    r FLUSHALL
    r MEMORY PURGE
    r SHUTDOWN NOSAVE
    wait $server
    trap - EXIT
}
same "redis-server: digests over redis-benchmark, reload, background save" redis-server serve
