# What callers rely on: nothing lost, nothing public, nothing in the clear.
mock_provider "aws" {}

variables {
  bucket = "knowledgeweaver-test-documents"
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
