# An inline skip does not count for our own rules; policies/exceptions.toml does.
resource "aws_vpc_security_group_ingress_rule" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_1:we promise it is fine
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 8000
  to_port           = 8000
  ip_protocol       = "tcp"
}
