resource "aws_s3_bucket" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_41:we know better
  bucket = "kw-bare"
}

resource "aws_cloudtrail" "bare" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.fail_inline_skip.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
}
