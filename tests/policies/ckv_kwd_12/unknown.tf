resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ebs_volume" "unknown" {
  availability_zone = "ap-southeast-2a"
  size              = 10
  encrypted         = aws_vpc.later.enable_network_address_usage_metrics
}
