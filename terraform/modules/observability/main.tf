data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name
  topic_arn = "arn:aws:sns:${local.region}:${local.account}:${var.prefix}-alerts"

  # Names and ARNs are written here once: policies, the composite alarm and the dashboard need them
  # before the alarms exist.
  alarm_names = {
    for alarm in ["api-errors", "api-latency-p95", "api-no-targets", "documents-unread", "ecs-cpu", "neo4j-memory", "service-unhealthy"] :
    alarm => "${var.prefix}-${alarm}"
  }
  alarm_arns = { for alarm, name in local.alarm_names : alarm => "arn:aws:cloudwatch:${local.region}:${local.account}:alarm:${name}" }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = var.log_group.name
  retention_in_days = var.log_group.retention_days
}

# Metrics come from the services themselves or as embedded metrics from those who know. A log is only counted where
# that cannot be: a process that dies writes nothing any more, and the database knows no such format.
locals {
  filters = {
    crashes = {
      metric    = "${var.prefix}-api-crashes"
      log_group = aws_cloudwatch_log_group.api.name
      pattern   = "\"Traceback (most recent call last)\""
    }
    store_errors = {
      metric    = "${var.prefix}-neo4j-errors"
      log_group = var.graph_store.log_group
      pattern   = "\" ERROR \""
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.filters

  name           = each.value.metric
  log_group_name = each.value.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = "KnowledgeWeaver/Logs"
    name          = each.value.metric
    value         = "1"
    default_value = "0"
  }
}
