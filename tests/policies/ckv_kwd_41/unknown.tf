resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_s3_bucket" "unknown" {
  bucket              = "kw-later"
  object_lock_enabled = true
}

resource "aws_s3_bucket_object_lock_configuration" "later" {
  bucket = aws_s3_bucket.unknown.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = length(aws_vpc.later.id)
    }
  }
}

resource "aws_cloudtrail" "later" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.unknown.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
