resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ebs_volume" "unknown" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  tags              = { Environment = aws_vpc.later.default_network_acl_id }
}

resource "aws_ebs_volume" "unknown_tag" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  tags              = { Environment = "prod", Backup = aws_vpc.later.default_network_acl_id }
}
