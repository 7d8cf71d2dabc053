resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_instance" "unknown" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  key_name      = aws_vpc.later.default_network_acl_id
}
