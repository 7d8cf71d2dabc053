resource "aws_vpc_security_group_ingress_rule" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_10:we know better
  security_group_id            = "sg-0123456789abcdef0"
  referenced_security_group_id = "sg-0123456789abcdef1"
  from_port                    = 22
  to_port                      = 22
  ip_protocol                  = "tcp"
}
