# What callers rely on: the seed's thresholds, what silence means, who hears of it, and a dashboard that fits its grid.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  prefix    = "knowledgeweaver-test"
  log_group = { name = "/knowledgeweaver/test/api" }
  watched = {
    environment       = "test"
    cluster           = "knowledgeweaver-test"
    service           = "knowledgeweaver-api"
    load_balancer     = "app/knowledgeweaver-test/0123456789abcdef"
    target_group      = "targetgroup/knowledgeweaver-test-tg/0123456789abcdef"
    dead_letter_queue = "knowledgeweaver-test-uploads-dead"
  }
  graph_store = {
    instance_id = "i-0123456789abcdef0"
    volume_id   = "vol-0123456789abcdef0"
    log_group   = "/knowledgeweaver/test/neo4j/server"
    metrics = {
      bolt_connections    = { namespace = "KnowledgeWeaver", name = "Neo4jBoltConnections", dimensions = { Environment = "test" } }
      data_used_percent   = { namespace = "KnowledgeWeaver", name = "disk_used_percent", dimensions = { Environment = "test", path = "/var/lib/neo4j", fstype = "xfs" } }
      heap_used_percent   = { namespace = "KnowledgeWeaver", name = "Neo4jHeapUsedPercent", dimensions = { Environment = "test" } }
      longest_transaction = { namespace = "KnowledgeWeaver", name = "Neo4jLongestTransaction", dimensions = { Environment = "test" } }
      memory_used_percent = { namespace = "KnowledgeWeaver", name = "mem_used_percent", dimensions = { Environment = "test" } }
      query_time          = { namespace = "KnowledgeWeaver", name = "Neo4jQueryTime", dimensions = { Environment = "test" } }
      transactions        = { namespace = "KnowledgeWeaver", name = "Neo4jTransactions", dimensions = { Environment = "test" } }
    }
  }
}

run "alarms" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors.threshold == 5 && aws_cloudwatch_metric_alarm.latency.threshold == 2 && aws_cloudwatch_metric_alarm.cpu.threshold == 80 && aws_cloudwatch_metric_alarm.graph_store_memory.threshold == 85
    error_message = "Errors over 5 %, P95 over 2 s, CPU over 80 %, the graph store's memory over 85 %."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.latency.extended_statistic == "p95"
    error_message = "Latency is the 95th percentile."
  }

  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.errors, aws_cloudwatch_metric_alarm.latency, aws_cloudwatch_metric_alarm.unread] : alarm.treat_missing_data == "notBreaching"]) && alltrue([for alarm in [aws_cloudwatch_metric_alarm.cpu, aws_cloudwatch_metric_alarm.targets, aws_cloudwatch_metric_alarm.graph_store_memory] : alarm.treat_missing_data == "breaching"])
    error_message = "An idle service is fine, a silent one is not."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unread.dimensions.QueueName == "knowledgeweaver-test-uploads-dead" && aws_cloudwatch_metric_alarm.unread.threshold == 0 && length(aws_cloudwatch_metric_alarm.unread.alarm_actions) == 1
    error_message = "One document that nobody could read is told."
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.unhealthy.alarm_rule == "ALARM(\"knowledgeweaver-test-api-no-targets\") OR ALARM(\"knowledgeweaver-test-api-errors\") OR ALARM(\"knowledgeweaver-test-api-latency-p95\")"
    error_message = "The service is unhealthy when clients are not served, whatever the reason."
  }

  assert {
    condition     = output.log_group.arn == "arn:aws:logs:ap-southeast-2:123456789012:log-group:/knowledgeweaver/test/api" && length(aws_sns_topic_subscription.email) == 0
    error_message = "The log group's ARN is known early; nobody is written to unless asked."
  }
}

run "dashboard" {
  command = plan

  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "knowledgeweaver-test-dashboard"
    error_message = "The dashboard carries the workspace's prefix."
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.x + widget.width <= 24])
    error_message = "Every widget fits the grid."
  }

  assert {
    condition     = !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "ContainerInsights") && !strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "NATGateway")
    error_message = "Nothing is shown that nobody measures."
  }
}

run "with_gateway" {
  command = plan

  variables {
    watched = {
      environment        = "test"
      cluster            = "knowledgeweaver-test"
      service            = "knowledgeweaver-api"
      load_balancer      = "app/knowledgeweaver-test/0123456789abcdef"
      target_group       = "targetgroup/knowledgeweaver-test-tg/0123456789abcdef"
      dead_letter_queue  = "knowledgeweaver-test-uploads-dead"
      container_insights = true
      nat                = { kind = "gateway", id = "nat-0123456789abcdef0" }
    }
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "ContainerInsights") && strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "nat-0123456789abcdef0")
    error_message = "What is measured is shown."
  }
}

run "without_own_key" {
  command = plan

  variables {
    encrypt_alerts = false
  }

  assert {
    condition     = length(aws_kms_key.alerts) == 0 && aws_sns_topic.alerts.kms_master_key_id == null
    error_message = "No key is paid for where none is wanted."
  }
}

run "with_mail" {
  command = plan

  variables {
    alert_email = "oncall@example.com"
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "oncall@example.com" && aws_sns_topic_subscription.email[0].protocol == "email"
    error_message = "Alarms go to the address."
  }
}
