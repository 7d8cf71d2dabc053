# Destroyed like its sibling in fail.tf; only the label lifts it.
resource "aws_ebs_volume" "suppressed_replaced" {
  # checkov:skip=CKV_KWD_5:we do not need it any more
  availability_zone = "ap-southeast-2b"
  size              = 10
}
