resource "aws_vpc" "fail_left" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_vpc" "open" {
  cidr_block = "10.2.0.0/16"
}

resource "aws_default_security_group" "fail_open" {
  vpc_id = aws_vpc.open.id

  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
}

resource "aws_default_security_group" "fail_out" {
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}

resource "aws_vpc" "trusting" {
  cidr_block = "10.5.0.0/16"
}

# Without rules of its own, but whoever adds one by hand is not noticed.
resource "aws_default_security_group" "fail_not_written" {
  vpc_id = aws_vpc.trusting.id
}
