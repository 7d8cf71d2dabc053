resource "aws_s3_bucket" "pass" {
  bucket              = "kw-audit"
  object_lock_enabled = true
}

resource "aws_s3_bucket_object_lock_configuration" "logs" {
  bucket = aws_s3_bucket.pass.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 400
    }
  }
}

resource "aws_cloudtrail" "trail" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.pass.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_s3_bucket" "pass_by_name" {
  bucket              = "kw-audit-2"
  object_lock_enabled = true
}

resource "aws_s3_bucket_object_lock_configuration" "second" {
  bucket = aws_s3_bucket.pass_by_name.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 400
    }
  }
}

resource "aws_cloudtrail" "second" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit-2"
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_s3_bucket" "pass_other" {
  bucket = "kw-other"
}
