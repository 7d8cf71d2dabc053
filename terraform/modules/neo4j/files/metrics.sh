#!/bin/bash
# Writes what the database says about itself as one line in CloudWatch's embedded metric format; the agent ships the
# file, and CloudWatch makes metrics of it. Neo4j Community publishes no metrics of its own.
set -uo pipefail
. "$(dirname "$0")/database.sh"
LOG=$ROOT/var/log/knowledgeweaver/metrics.log
SECONDS_BACK=60

connections="CALL dbms.listConnections() YIELD connector WHERE connector = 'bolt' RETURN count(*)"
transactions="SHOW TRANSACTIONS YIELD protocol, elapsedTime WHERE protocol = 'bolt'
  RETURN count(*), coalesce(max(elapsedTime.milliseconds), 0)"
heap="CALL dbms.queryJmx('java.lang:type=Memory') YIELD attributes
  WITH attributes.HeapMemoryUsage.value.properties AS heap RETURN 100.0 * heap.used / heap.max"
# Neo4j keeps the times of recent queries (100 a text); a metric in this format takes 100 values at most.
queries="CALL db.stats.retrieve('QUERIES', {maxInvocations: 100}) YIELD data
  WITH data WHERE NOT data.query STARTS WITH 'CALL db' AND NOT data.query STARTS WITH 'SHOW '
    AND data.query <> 'RETURN 1'
  UNWIND data.invocations AS one
  WITH one, rand() AS lot WHERE one.startTimestampMillis >= timestamp() - 1000 * $SECONDS_BACK
  WITH one ORDER BY lot LIMIT 100
  RETURN collect((one.elapsedCompileTimeInUs + one.elapsedExecutionTimeInUs) / 1000.0)"

store_bytes() {
  du -sk "$DATA/databases" "$DATA/transactions" 2>/dev/null | awk '{ sum += $1 * 1024 } END { print sum + 0 }'
}

found=$(query neo4j "$connections" "$transactions" "$heap" "$queries" 2>/dev/null) || found=null
line=$(jq -nc --argjson found "$found" --argjson store "$(store_bytes)" \
  --argjson cache "$((PAGE_CACHE_MIB * 1048576))" --arg environment "$ENVIRONMENT" --arg namespace "$NAMESPACE" '
  ([$found // [] | .[].data[0].row] | {
    Neo4jUp: [(if $found then 1 else 0 end), "None"],
    Neo4jBoltConnections: [.[0][0], "Count"],
    Neo4jTransactions: [.[1][0], "Count"],
    Neo4jLongestTransaction: [.[1][1], "Milliseconds"],
    Neo4jHeapUsedPercent: [.[2][0], "Percent"],
    Neo4jQueryTime: [.[3][0], "Milliseconds"],
    Neo4jStoreBytes: [$store, "Bytes"],
    Neo4jStorePercentOfPageCache: [100 * $store / $cache, "Percent"]
  } | map_values(select(.[0] != null and .[0] != []))) as $metrics
  | {
    _aws: {
      Timestamp: (now * 1000 | floor),
      CloudWatchMetrics: [{
        Namespace: $namespace,
        Dimensions: [["Environment"]],
        Metrics: [$metrics | to_entries[] | {Name: .key, Unit: .value[1]}]
      }]
    },
    Environment: $environment
  } + ($metrics | map_values(.[0]))') || exit
[ "$(stat -c %s "$LOG" 2>/dev/null || echo 0)" -lt 1048576 ] || mv "$LOG" "$LOG.1"
echo "$line" >>"$LOG"
