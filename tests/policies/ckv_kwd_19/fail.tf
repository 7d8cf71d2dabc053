resource "aws_s3_bucket" "fail_none" {
  bucket = "kw-none-19"
}

resource "aws_s3_bucket" "fail_allows" {
  bucket = "kw-allows-19"
}

resource "aws_s3_bucket_policy" "for_allows" {
  bucket = aws_s3_bucket.fail_allows.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "true" } } },
    ]
  })
}

resource "aws_s3_bucket" "fail_one" {
  bucket = "kw-one-19"
}

resource "aws_s3_bucket_policy" "for_one" {
  bucket = aws_s3_bucket.fail_one.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = { AWS = "arn:aws:iam::123456789012:role/x" }, Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}
