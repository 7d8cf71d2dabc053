resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_s3_bucket" "unknown" {
  bucket = "kw-later-17"
}

resource "aws_s3_bucket_versioning" "for_later" {
  bucket = aws_s3_bucket.unknown.id

  versioning_configuration {
    status = aws_vpc.later.default_network_acl_id
  }
}
