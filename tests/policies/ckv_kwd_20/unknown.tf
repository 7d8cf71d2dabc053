resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_cloudtrail" "unknown" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = aws_vpc.later.enable_network_address_usage_metrics
  enable_log_file_validation = true
}
