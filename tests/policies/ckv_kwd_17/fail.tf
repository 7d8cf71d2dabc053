resource "aws_s3_bucket" "fail_none" {
  bucket = "kw-none-17"
}

resource "aws_s3_bucket" "fail_suspended" {
  bucket = "kw-suspended-17"
}

resource "aws_s3_bucket_versioning" "for_suspended" {
  bucket = aws_s3_bucket.fail_suspended.id

  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket" "fail_disabled" {
  bucket = "kw-disabled-17"
}

resource "aws_s3_bucket_versioning" "for_disabled" {
  bucket = aws_s3_bucket.fail_disabled.id

  versioning_configuration {
    status = "Disabled"
  }
}
