# What callers rely on: nightly and weekly, by tag, locked when asked, failures told.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name                 = "knowledgeweaver-test"
  topic_arn            = "arn:aws:sns:ap-southeast-2:123456789012:knowledgeweaver-test-alerts"
  permissions_boundary = "arn:aws:iam::123456789012:policy/knowledgeweaver-workload-boundary"
}

run "plan" {
  command = plan

  assert {
    condition     = { for rule in aws_backup_plan.this.rule : rule.rule_name => rule.lifecycle[0].delete_after } == { daily = 35, weekly = 90 }
    error_message = "Nights for 35 days, Saturdays for 90."
  }

  assert {
    condition     = one(aws_backup_selection.this.selection_tag).key == "Backup" && one(aws_backup_selection.this.selection_tag).value == "knowledgeweaver-test"
    error_message = "What carries the tag is saved."
  }

  assert {
    condition     = length(aws_backup_vault_lock_configuration.this) == 0 && !aws_backup_vault.this.force_destroy
    error_message = "No lock unless asked; backups are not thrown away with the vault."
  }

  assert {
    condition     = aws_cloudwatch_event_target.failed.arn == var.topic_arn && jsondecode(aws_cloudwatch_event_rule.failed.event_pattern).detail.state == ["ABORTED", "EXPIRED", "FAILED"]
    error_message = "Failures are told to the topic."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary && aws_iam_role.this.name == "knowledgeweaver-test-backup"
    error_message = "The role has the ceiling and the workspace's name."
  }
}

run "locked" {
  command = plan

  variables {
    lock = { min_days = 7, max_days = 365 }
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].min_retention_days == 7 && aws_backup_vault_lock_configuration.this[0].changeable_for_days == null
    error_message = "A lock in governance mode."
  }
}
