resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_s3_bucket" "unknown" {
  bucket = "kw-later-18"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "for_later" {
  bucket = aws_s3_bucket.unknown.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = aws_vpc.later.default_network_acl_id
    }
  }
}
