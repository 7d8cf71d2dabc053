# What callers rely on: nothing lost, nothing public, nothing in the clear.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  bucket = "knowledgeweaver-test-documents"
  queue  = { name = "knowledgeweaver-test", consumer_role_arn = "arn:aws:iam::123456789012:role/knowledgeweaver-test-task" }
}

run "safe_by_default" {
  command = plan

  assert {
    condition     = output.arn == "arn:aws:s3:::knowledgeweaver-test-documents" && !aws_s3_bucket.this.force_destroy
    error_message = "The ARN is known before the bucket exists, and a filled bucket is not destroyed."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versions are kept."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "The bucket is private."
  }

  assert {
    condition     = strcontains(aws_s3_bucket_policy.this.policy, "aws:SecureTransport")
    error_message = "Only TLS gets in."
  }
}

run "everything_kept" {
  command = plan

  variables {
    old_versions_days = 0
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "0 keeps every version and needs no lifecycle."
  }
}

run "the_queue" {
  command = plan

  assert {
    condition     = aws_sqs_queue.uploads.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "Messages are encrypted, in the queue and beside it."
  }

  assert {
    condition = { for statement in jsondecode(aws_sqs_queue.uploads.policy).Statement : statement.Sid => statement.Principal } == {
      Bucket      = { Service = "s3.amazonaws.com" }
      Application = { AWS = "arn:aws:iam::123456789012:role/knowledgeweaver-test-task" }
      TlsOnly     = "*"
    }
    error_message = "The bucket sends, the application reads, nobody else does either."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.uploads.policy).Statement[0].Condition == { ArnEquals = { "aws:SourceArn" = "arn:aws:s3:::knowledgeweaver-test-documents" }, StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "Only this bucket of this account sends."
  }

  assert {
    condition     = toset(jsondecode(aws_sqs_queue.uploads.policy).Statement[1].Action) == toset(["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"])
    error_message = "The application reads and deletes, and sends nothing."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.dead.policy).Statement[0].Effect == "Deny" && jsondecode(aws_sqs_queue.dead.redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:ap-southeast-2:123456789012:knowledgeweaver-test-uploads"]
    error_message = "Only its own queue puts messages aside here, and TLS is asked for."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.uploads.queue).events == toset(["s3:ObjectCreated:*", "s3:ObjectRemoved:*"])
    error_message = "Every way of creating an object is told."
  }

  assert {
    condition     = output.queue_name == "knowledgeweaver-test-uploads" && output.dead_letter_queue_name == "knowledgeweaver-test-uploads-dead"
    error_message = "Alarms find the queues by their names before they exist."
  }
}
