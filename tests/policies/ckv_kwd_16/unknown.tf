resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_s3_bucket" "unknown" {
  bucket = "kw-later-16"
}

resource "aws_s3_bucket_public_access_block" "for_later" {
  bucket                  = aws_s3_bucket.unknown.id
  block_public_acls       = aws_vpc.later.enable_network_address_usage_metrics
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
