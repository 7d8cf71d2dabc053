resource "aws_lb" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_27:we know better
  name    = "x"
  subnets = ["subnet-1", "subnet-2"]
  tags    = { Environment = "prod" }
}
