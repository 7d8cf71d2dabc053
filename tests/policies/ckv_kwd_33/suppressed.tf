resource "aws_vpc" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_33:we know better
  cidr_block = "10.1.0.0/16"
}
