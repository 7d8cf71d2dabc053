resource "aws_s3_bucket" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_19:we know better
  bucket = "kw-quiet-19"
}
