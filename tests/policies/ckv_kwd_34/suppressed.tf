resource "aws_instance" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_34:we know better
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = aws_subnet.public_too.id
}

resource "aws_subnet" "public_too" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}
