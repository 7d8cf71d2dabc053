# What the rows about the graph store and about money show.

locals {
  # The neo4j module's metrics as CloudWatch reads them.
  store = {
    for key, metric in var.graph_store.metrics :
    key => concat([metric.namespace, metric.name], flatten([for name, value in metric.dimensions : [name, value]]))
  }

  graph_store = [
    {
      title   = "Queries, ms"
      metrics = [for stat in ["p50", "p95", "Maximum"] : concat(local.store["query_time"], [{ stat = stat, label = stat }])]
    },
    {
      title   = "Connections and transactions; the longest one, ms, on the right"
      stat    = "Maximum"
      metrics = [local.store["bolt_connections"], local.store["transactions"], concat(local.store["longest_transaction"], [{ yAxis = "right" }])]
    },
    {
      title   = "Memory, heap and data volume, %"
      metrics = [for key in ["memory_used_percent", "heap_used_percent", "data_used_percent"] : local.store[key]]
      limit   = { label = "alarm on memory", value = var.thresholds.neo4j_memory_percent }
    },
    {
      title  = "Instance: CPU %; credits left and disk queue on the right"
      period = 300
      metrics = [
        ["AWS/EC2", "CPUUtilization", "InstanceId", var.graph_store.instance_id],
        ["AWS/EC2", "CPUCreditBalance", "InstanceId", var.graph_store.instance_id, { yAxis = "right" }],
        ["AWS/EBS", "VolumeQueueLength", "VolumeId", var.graph_store.volume_id, { yAxis = "right" }],
      ]
    },
    {
      title   = "Errors that only logs tell"
      stat    = "Sum"
      metrics = [for key, filter in local.filters : ["KnowledgeWeaver/Logs", filter.metric]]
    },
  ]

  # The bill exists in us-east-1 only: what the whole account has cost this month so far.
  bill     = ["AWS/Billing", "EstimatedCharges"]
  services = ["AmazonECS", "AmazonEC2", "AmazonRDS", "AWSDataTransfer", "AmazonCloudWatch"]

  cost = [
    {
      title  = "Cost of each day, US$"
      region = "us-east-1"
      start  = "-P30D" # of its own: six hours hold no two days to take a difference of
      period = 86400
      stat   = "Maximum"
      metrics = [
        # The total starts again at nothing with every month.
        [{ expression = "IF(DIFF(total) < 0, total, DIFF(total))", id = "day", label = "a day" }],
        concat(local.bill, ["Currency", "USD", { id = "total", visible = false }]),
      ]
    },
    {
      title   = "This month so far by service, US$"
      region  = "us-east-1"
      start   = "-P30D"
      period  = 21600
      stat    = "Maximum"
      metrics = [for service in local.services : concat(local.bill, ["ServiceName", service, "Currency", "USD", { label = service }])]
    },
  ]
}
