# What callers rely on: the project's cost is watched, and tags are only touched when asked.
mock_provider "aws" {}

variables {
  name   = "knowledgeweaver"
  emails = ["oncall@example.com"]
}

run "watched" {
  command = plan

  assert {
    condition     = jsondecode(aws_ce_anomaly_monitor.project[0].monitor_specification).Tags.Values == ["KnowledgeWeaver"]
    error_message = "The monitor watches the project's tag."
  }

  assert {
    condition     = one(aws_ce_anomaly_subscription.project[0].subscriber).address == "oncall@example.com" && length(aws_ce_cost_allocation_tag.this) == 0
    error_message = "Somebody is told; tags are left alone."
  }
}

run "a_member_account" {
  command = plan

  variables {
    anomalies = false
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.project) == 0 && length(aws_ce_anomaly_subscription.project) == 0 && output.monitor_arn == null
    error_message = "Where AWS refuses a monitor for a tag there is none."
  }
}

run "tags" {
  command = plan

  variables {
    activate_tags = true
  }

  assert {
    condition     = keys(aws_ce_cost_allocation_tag.this) == ["Environment", "Project", "Stack"]
    error_message = "The tags that split the bill."
  }
}
