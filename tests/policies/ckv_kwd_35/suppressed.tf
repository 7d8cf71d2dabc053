resource "aws_vpc_security_group_ingress_rule" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_35:we know better
  security_group_id            = "sg-0123456789abcdef0"
  referenced_security_group_id = "sg-0123456789abcdef1"
  ip_protocol                  = "-1"
}
