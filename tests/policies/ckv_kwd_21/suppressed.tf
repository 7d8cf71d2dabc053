resource "aws_cloudwatch_log_group" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_21:we know better
  name = "/kw/api"
}
