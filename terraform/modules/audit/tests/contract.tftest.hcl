# What callers rely on: everything is logged, the log cannot be changed unseen, and nobody else writes it.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name                 = "knowledgeweaver"
  permissions_boundary = "arn:aws:iam::123456789012:policy/knowledgeweaver-workload-boundary"
}

run "everything" {
  command = plan

  assert {
    condition     = aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.include_global_service_events && aws_cloudtrail.this.enable_log_file_validation
    error_message = "All regions, global services too, with digests."
  }

  assert {
    condition     = length(aws_cloudtrail.this.advanced_event_selector) == 1 && length(aws_cloudwatch_log_group.trail) == 0 && length(aws_s3_bucket_lifecycle_configuration.logs) == 0
    error_message = "Objects, a copy to search and an end are extras."
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.logs[0].rule[0].default_retention[0].mode == "GOVERNANCE" && aws_s3_bucket_object_lock_configuration.logs[0].rule[0].default_retention[0].days == 365
    error_message = "Locked for a year unless told otherwise."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.logs.policy).Statement :
      statement.Effect == "Deny" || try(statement.Condition.StringEquals["aws:SourceArn"], "") == "arn:aws:cloudtrail:ap-southeast-2:123456789012:trail/knowledgeweaver"
    ])
    error_message = "Only this trail writes."
  }
}

run "extras" {
  command = plan

  variables {
    object_buckets = ["knowledgeweaver-ledger-"]
    keep_days      = 400
    log_days       = 90
    lock           = null
  }

  assert {
    condition     = length(aws_cloudtrail.this.advanced_event_selector) == 2
    error_message = "Objects of the named buckets are logged."
  }

  assert {
    condition     = aws_iam_role.logs[0].permissions_boundary == "arn:aws:iam::123456789012:policy/knowledgeweaver-workload-boundary" && aws_cloudwatch_log_group.trail[0].retention_in_days == 90
    error_message = "The copy has an end, its role a ceiling."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.logs[0].rule[0].expiration[0].days == 400 && length(aws_s3_bucket_object_lock_configuration.logs) == 0
    error_message = "Log files end when told; without a lock there is none."
  }
}
