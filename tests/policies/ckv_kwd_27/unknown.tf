resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_lb" "unknown" {
  name                       = "x"
  subnets                    = ["subnet-1", "subnet-2"]
  tags                       = { Environment = "prod" }
  enable_deletion_protection = aws_vpc.later.enable_network_address_usage_metrics
}

resource "aws_lb" "unknown_environment" {
  name    = "x"
  subnets = ["subnet-1", "subnet-2"]
  tags    = { Environment = aws_vpc.later.default_network_acl_id }
}
