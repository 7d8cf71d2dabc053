resource "aws_sqs_queue" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_3:untagged on purpose
  name = "five"
  tags = { Project = "", Environment = "" }
}
