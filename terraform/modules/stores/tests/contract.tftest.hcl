# What callers rely on: the names the pipeline knows, and a memory that stays.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name = "knowledgeweaver"
}

run "stores" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this["records"].bucket == "knowledgeweaver-records-123456789012-ap-southeast-2" && aws_s3_bucket.this["ledger"].bucket == "knowledgeweaver-ledger-123456789012-ap-southeast-2"
    error_message = "The buckets have the names that the pipeline builds for itself."
  }

  assert {
    condition     = alltrue([for kind in ["records", "ledger"] : aws_s3_bucket_versioning.this[kind].versioning_configuration[0].status == "Enabled" && !coalesce(aws_s3_bucket.this[kind].force_destroy, false)])
    error_message = "Nothing is overwritten for good and nothing is destroyed while filled."
  }

  assert {
    condition = alltrue([for kind in ["records", "ledger"] : alltrue([
      for sid in ["WriteOnce", "NeverDelete"] : anytrue([
        for statement in jsondecode(aws_s3_bucket_policy.this[kind].policy).Statement :
        statement.Sid == sid && statement.Effect == "Deny" && statement.Principal == "*" && endswith(jsonencode(statement.Resource), "-${kind}-123456789012-ap-southeast-2/*\"")
      ])
    ])])
    error_message = "What was written once is neither overwritten nor deleted, by nobody."
  }

  assert {
    condition     = aws_kms_key.records.key_usage == "GENERATE_VERIFY_MAC" && aws_kms_alias.records.name == "alias/knowledgeweaver-records"
    error_message = "The key makes fingerprints and is found by its alias."
  }
}
