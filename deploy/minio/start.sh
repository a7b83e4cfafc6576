#!/bin/sh
# Serves, and makes the buckets that are missing once it is up; the file tells the health check.
rm -f /tmp/buckets-made
minio server /data/objects --address :9000 --console-address :9001 &
server=$!
trap 'kill -TERM $server' TERM INT
# mc waits for a server for ever: also for one that has ended.
until timeout 5 mc ready local >/dev/null 2>&1; do
  kill -0 $server 2>/dev/null || exit 1
  sleep 1
done
for bucket in $BUCKETS; do
  mc mb --ignore-existing "local/$bucket" || exit 1
done
touch /tmp/buckets-made
# A signal ends the first wait; the second is for the server's end.
wait $server
wait $server
