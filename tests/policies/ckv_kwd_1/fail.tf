resource "aws_security_group" "fail_inline" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
}

resource "aws_vpc_security_group_ingress_rule" "fail_rule" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv6         = "::/0"
  from_port         = 8000
  to_port           = 8000
  ip_protocol       = "tcp"
}

# Half of the internet is public too.
resource "aws_security_group_rule" "fail_half" {
  type              = "ingress"
  security_group_id = "sg-0123456789abcdef0"
  cidr_blocks       = ["128.0.0.0/1"]
  from_port         = 0
  to_port           = 65535
  protocol          = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "alb_fail_port" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}

resource "aws_instance" "fail_address" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.small"
  associate_public_ip_address = true
}

resource "aws_lb" "fail_facing" {
  internal = false
  subnets  = ["subnet-1", "subnet-2"]
}

resource "aws_eip" "fail_eip" { domain = "vpc" }
