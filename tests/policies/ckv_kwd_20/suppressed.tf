resource "aws_cloudtrail" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_20:we know better
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = false
  enable_log_file_validation = true
}
