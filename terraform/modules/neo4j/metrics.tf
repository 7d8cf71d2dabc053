# Names for alarms and dashboards; published by the agent (agent.tf) and by files/metrics.sh.

locals {
  metrics = merge(
    {
      memory_used_percent = {
        namespace  = local.names.namespace
        name       = "mem_used_percent"
        dimensions = local.dimensions
      }
    },
    {
      for key, path in { root_used_percent = "/", data_used_percent = local.names.data } :
      key => {
        namespace  = local.names.namespace
        name       = "disk_used_percent"
        dimensions = merge(local.dimensions, { path = path, fstype = "xfs" })
      }
    },
    {
      for key, name in {
        up                          = "Neo4jUp"
        bolt_connections            = "Neo4jBoltConnections"
        transactions                = "Neo4jTransactions"
        longest_transaction         = "Neo4jLongestTransaction"
        query_time                  = "Neo4jQueryTime"
        heap_used_percent           = "Neo4jHeapUsedPercent"
        store_bytes                 = "Neo4jStoreBytes"
        store_percent_of_page_cache = "Neo4jStorePercentOfPageCache"
      } :
      key => {
        namespace  = local.names.namespace
        name       = name
        dimensions = local.dimensions
      }
    },
  )
}
