# What callers rely on: the seed's thresholds, and who hears of them.
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
    cluster       = "knowledgeweaver-test"
    service       = "knowledgeweaver-api"
    load_balancer = "app/knowledgeweaver-test/0123456789abcdef"
    target_group  = "targetgroup/knowledgeweaver-test-tg/0123456789abcdef"
  }
}

run "alarms" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors.threshold == 5 && aws_cloudwatch_metric_alarm.latency.threshold == 2 && aws_cloudwatch_metric_alarm.cpu.threshold == 80
    error_message = "Errors over 5 %, P95 over 2 s, CPU over 80 %."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.latency.extended_statistic == "p95"
    error_message = "Latency is the 95th percentile."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors.treat_missing_data == "notBreaching" && aws_cloudwatch_metric_alarm.cpu.treat_missing_data == "breaching"
    error_message = "An idle service is fine, a silent one is not."
  }

  assert {
    condition     = output.log_group.arn == "arn:aws:logs:ap-southeast-2:123456789012:log-group:/knowledgeweaver/test/api" && length(aws_sns_topic_subscription.email) == 0
    error_message = "The log group's ARN is known early; nobody is written to unless asked."
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
