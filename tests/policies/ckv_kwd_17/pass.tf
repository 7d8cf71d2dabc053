resource "aws_s3_bucket" "pass" {
  bucket = "kw-pass-17"
}

resource "aws_s3_bucket_versioning" "for" {
  bucket = aws_s3_bucket.pass.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "pass_by_name" {
  bucket = "kw-named-17"
}

resource "aws_s3_bucket_versioning" "for_by_name" {
  bucket = "kw-named-17"

  versioning_configuration {
    status = "Enabled"
  }
}
