resource "aws_lb" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_26:we know better
  name    = "x"
  subnets = ["subnet-1", "subnet-2"]
}
