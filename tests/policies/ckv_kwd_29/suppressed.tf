resource "aws_ebs_volume" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_29:we know better
  availability_zone = "ap-southeast-2a"
  size              = 10
  tags              = { Environment = "prod" }
}
