resource "aws_s3_bucket" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_17:we know better
  bucket = "kw-quiet-17"
}
