resource "aws_vpc" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_30:we know better
  cidr_block = "10.4.0.0/16"
}
