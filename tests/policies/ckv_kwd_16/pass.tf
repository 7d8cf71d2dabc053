resource "aws_s3_bucket" "pass" {
  bucket = "kw-pass-16"
}

resource "aws_s3_bucket_public_access_block" "for" {
  bucket                  = aws_s3_bucket.pass.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "pass_by_name" {
  bucket = "kw-named-16"
}

resource "aws_s3_bucket_public_access_block" "for_by_name" {
  bucket                  = "kw-named-16"
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
