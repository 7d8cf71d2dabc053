resource "aws_iam_user" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_38:we know better
  name = "mallory"
}
