resource "aws_s3_bucket" "fail_none" {
  bucket = "kw-none-16"
}

resource "aws_s3_bucket" "fail_acls" {
  bucket = "kw-acls-16"
}

resource "aws_s3_bucket_public_access_block" "for_acls" {
  bucket                  = aws_s3_bucket.fail_acls.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = false
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "fail_policy" {
  bucket = "kw-policy-16"
}

resource "aws_s3_bucket_public_access_block" "for_policy" {
  bucket                  = aws_s3_bucket.fail_policy.id
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "fail_two" {
  bucket = "kw-two-16"
}

resource "aws_s3_bucket_public_access_block" "for_two" {
  bucket              = aws_s3_bucket.fail_two.id
  block_public_acls   = true
  block_public_policy = true
}
