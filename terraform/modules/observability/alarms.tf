# The alarms. Each says what silence means to it: an idle service has no requests, which is fine; a service or
# a database that runs always reports, so there silence is the worst news.

locals {
  told = [aws_sns_topic.alerts.arn]
  alb  = { LoadBalancer = var.watched.load_balancer }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = local.alarm_names["api-errors"]
  alarm_description   = "More than ${var.thresholds.error_percent} % of the requests failed (5xx of the application or of the load balancer) in 2 of 3 minutes. Guide: docs/observability.md."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.error_percent
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told

  metric_query {
    id          = "share"
    expression  = local.error_share
    label       = "Failed requests in percent"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.error_metrics

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        period      = 60
        stat        = "Sum"
        dimensions  = local.alb
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = local.alarm_names["api-latency-p95"]
  alarm_description   = "One request in twenty took longer than ${var.thresholds.p95_seconds} s, in 3 of 5 minutes. Guide: docs/observability.md."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  extended_statistic  = "p95"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.p95_seconds
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told
  dimensions          = merge(local.alb, { TargetGroup = var.watched.target_group })

  # A percentile of five requests says nothing.
  evaluate_low_sample_count_percentiles = "ignore"
}

# Part of "service unhealthy" only: told there, so that one outage is not told twice.
resource "aws_cloudwatch_metric_alarm" "targets" {
  alarm_name          = local.alarm_names["api-no-targets"]
  alarm_description   = "No task of the service is healthy, for 3 minutes: nobody is served. Guide: docs/observability.md."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 3
  treat_missing_data  = "breaching"
  dimensions          = merge(local.alb, { TargetGroup = var.watched.target_group })
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = local.alarm_names["ecs-cpu"]
  alarm_description   = "The service used more than ${var.thresholds.cpu_percent} % of its CPU for 5 minutes, or reports nothing at all. Guide: docs/observability.md."
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.cpu_percent
  evaluation_periods  = 5
  treat_missing_data  = "breaching"
  alarm_actions       = local.told
  ok_actions          = local.told
  dimensions          = { ClusterName = var.watched.cluster, ServiceName = var.watched.service }
}

# Two periods of five minutes: an instance that starts takes about five to install the database and to report.
resource "aws_cloudwatch_metric_alarm" "graph_store_memory" {
  alarm_name          = local.alarm_names["neo4j-memory"]
  alarm_description   = "The graph store's instance used more than ${var.thresholds.neo4j_memory_percent} % of its memory for 10 minutes, or its agent reports nothing at all. Guide: docs/observability.md."
  namespace           = var.graph_store.metrics["memory_used_percent"].namespace
  metric_name         = var.graph_store.metrics["memory_used_percent"].name
  statistic           = "Average"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.neo4j_memory_percent
  evaluation_periods  = 2
  treat_missing_data  = "breaching"
  alarm_actions       = local.told
  ok_actions          = local.told
  dimensions          = var.graph_store.metrics["memory_used_percent"].dimensions
}

# Nobody tries again what lies there, so one message is worth telling. SQS reports an empty queue for six hours only.
resource "aws_cloudwatch_metric_alarm" "unread" {
  alarm_name          = local.alarm_names["documents-unread"]
  alarm_description   = "An uploaded document could not be read, however often the application tried. Guide: docs/observability.md."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told
  ok_actions          = local.told
  dimensions          = { QueueName = var.watched.dead_letter_queue }
}

# What a pager listens to: clients are not served, whatever the reason.
resource "aws_cloudwatch_composite_alarm" "unhealthy" {
  alarm_name        = local.alarm_names["service-unhealthy"]
  alarm_description = "Clients are not served as they should be: no healthy task, too many errors, or too slow. Guide: docs/observability.md."
  alarm_rule        = join(" OR ", [for alarm in ["api-no-targets", "api-errors", "api-latency-p95"] : "ALARM(\"${local.alarm_names[alarm]}\")"])
  alarm_actions     = local.told
  ok_actions        = local.told

  # CloudWatch refuses a rule about alarms that do not exist.
  depends_on = [
    aws_cloudwatch_metric_alarm.errors,
    aws_cloudwatch_metric_alarm.latency,
    aws_cloudwatch_metric_alarm.targets,
  ]
}
