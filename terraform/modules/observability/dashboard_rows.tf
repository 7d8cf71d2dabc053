# What the rows of the dashboard show. Metrics are written as CloudWatch reads them: namespace, name, names and
# values of the dimensions, how to draw it.

locals {
  of = {
    balancer = ["LoadBalancer", var.watched.load_balancer]
    targets  = ["TargetGroup", var.watched.target_group, "LoadBalancer", var.watched.load_balancer]
    service  = ["ClusterName", var.watched.cluster, "ServiceName", var.watched.service]
  }

  # A request that finds no healthy task is refused with 503 before it counts as a request.
  error_metrics = {
    balancer = "HTTPCode_ELB_5XX_Count"
    refused  = "HTTPCode_ELB_503_Count"
    requests = "RequestCount"
    target   = "HTTPCode_Target_5XX_Count"
  }
  error_share = "100 * (FILL(target, 0) + FILL(balancer, 0)) / (FILL(requests, 0) + FILL(refused, 0))"

  application = [
    {
      title   = "Requests a minute"
      stat    = "Sum"
      metrics = [concat(["AWS/ApplicationELB", "RequestCount"], local.of.balancer)]
    },
    {
      title   = "Response time, seconds"
      metrics = [for stat in ["p50", "p95", "p99"] : concat(["AWS/ApplicationELB", "TargetResponseTime"], local.of.targets, [{ stat = stat, label = stat }])]
      limit   = { label = "alarm on p95", value = var.thresholds.p95_seconds }
    },
    {
      title = "Failed requests, %"
      stat  = "Sum"
      metrics = concat(
        [[{ expression = local.error_share, id = "share", label = "failed" }]],
        [for id, name in local.error_metrics : concat(["AWS/ApplicationELB", name], local.of.balancer, [{ id = id, visible = false }])],
      )
      limit = { label = "alarm", value = var.thresholds.error_percent }
    },
    {
      title   = "Tasks behind the load balancer"
      stat    = "Maximum"
      metrics = [for name in ["HealthyHostCount", "UnHealthyHostCount"] : concat(["AWS/ApplicationELB", name], local.of.targets)]
    },
  ]

  # What the application writes into its log lines; names and units stand in its telemetry/metrics.py.
  own = {
    for name in ["AnswerTime", "ChunksFailed", "DocumentsFailed", "InputTokens", "ModelTime", "ModelUsd", "OutputTokens", "QueueAge", "Questions", "Refusals", "RetrievalTime"] :
    name => ["KnowledgeWeaver", name, "Environment", var.watched.environment]
  }
  knowledge = [
    {
      title   = "Questions, and those that the documents do not answer"
      stat    = "Sum"
      period  = 300
      metrics = [local.own["Questions"], local.own["Refusals"]]
    },
    {
      title   = "Times at p95, ms: answer, search, one call of a model"
      stat    = "p95"
      period  = 300
      metrics = [local.own["AnswerTime"], local.own["RetrievalTime"], local.own["ModelTime"]]
    },
    {
      title  = "Documents and chunks that were not read; age of an upload, s, on the right"
      stat   = "Sum"
      period = 300
      metrics = [
        local.own["DocumentsFailed"],
        local.own["ChunksFailed"],
        concat(local.own["QueueAge"], [{ stat = "Maximum", yAxis = "right" }]),
      ]
    },
    {
      title   = "Models: US$ an hour; tokens on the right"
      stat    = "Sum"
      period  = 3600
      metrics = concat([local.own["ModelUsd"]], [for name in ["InputTokens", "OutputTokens"] : concat(local.own[name], [{ yAxis = "right" }])])
    },
  ]

  infrastructure = concat(
    [
      {
        title   = "Tasks: CPU and memory, %"
        metrics = [for name in ["CPUUtilization", "MemoryUtilization"] : concat(["AWS/ECS", name], local.of.service)]
        limit   = { label = "alarm on CPU", value = var.thresholds.cpu_percent }
      },
      {
        title = "Load balancer: connections; bytes on the right"
        stat  = "Sum"
        metrics = concat(
          [for name in ["ActiveConnectionCount", "NewConnectionCount"] : concat(["AWS/ApplicationELB", name], local.of.balancer)],
          [concat(["AWS/ApplicationELB", "ProcessedBytes"], local.of.balancer, [{ yAxis = "right" }])],
        )
      },
    ],
    # Fargate tells a task's network traffic through Container Insights only.
    [for chart in [{
      title   = "Tasks: network, bytes a second"
      metrics = [for name in ["NetworkRxBytes", "NetworkTxBytes"] : concat(["ECS/ContainerInsights", name], local.of.service)]
    }] : chart if var.watched.container_insights],
    local.way_out,
  )

  way_out = [
    for chart in [
      {
        kind    = "gateway"
        names   = ["BytesInFromDestination", "BytesOutToDestination"]
        trouble = "ErrorPortAllocation"
        of      = ["AWS/NATGateway", "NatGatewayId"]
      },
      {
        kind    = "instance"
        names   = ["NetworkIn", "NetworkOut"]
        trouble = "CPUUtilization"
        of      = ["AWS/EC2", "InstanceId"]
      },
      ] : {
      title  = "NAT ${chart.kind}: bytes; ${chart.trouble} on the right"
      period = 300
      metrics = concat(
        [for name in chart.names : [chart.of[0], name, chart.of[1], var.watched.nat.id, { stat = "Sum" }]],
        [[chart.of[0], chart.trouble, chart.of[1], var.watched.nat.id, { yAxis = "right" }]],
      )
    } if chart.kind == var.watched.nat.kind
  ]
}
