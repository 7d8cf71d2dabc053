resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_lb" "unknown" {
  name                       = "x"
  subnets                    = ["subnet-1", "subnet-2"]
  drop_invalid_header_fields = aws_vpc.later.enable_network_address_usage_metrics
}
