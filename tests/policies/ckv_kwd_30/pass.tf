resource "aws_vpc" "pass" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_default_security_group" "pass" {
  vpc_id  = aws_vpc.pass.id
  ingress = []
  egress  = []
}
