resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_security_group" "later" { vpc_id = aws_vpc.later.id }

resource "aws_default_security_group" "unknown" {
  vpc_id  = aws_vpc.later.id
  ingress = aws_security_group.later.ingress
  egress  = []
}
