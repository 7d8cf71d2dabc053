resource "aws_s3_bucket" "pass" {
  bucket = "kw-pass-18"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "for" {
  bucket = aws_s3_bucket.pass.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket" "pass_by_name" {
  bucket = "kw-named-18"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "for_by_name" {
  bucket = "kw-named-18"

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket" "pass_access_logs" {
  bucket = "kw-access-logs-18"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  bucket = aws_s3_bucket.pass_access_logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  bucket = aws_s3_bucket.pass_access_logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::kw-access-logs-18/*"
    }]
  })
}
