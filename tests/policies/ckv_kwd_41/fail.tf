resource "aws_s3_bucket" "fail_free" {
  bucket = "kw-free"
}

resource "aws_cloudtrail" "free" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.fail_free.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_s3_bucket" "fail_unkept" {
  bucket              = "kw-unkept"
  object_lock_enabled = true
}

resource "aws_cloudtrail" "unkept" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.fail_unkept.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
