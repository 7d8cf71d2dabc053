resource "aws_sqs_queue" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_28:we know better
  name = "g"
}
