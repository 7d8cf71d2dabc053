resource "aws_s3_bucket" "fail_none" {
  bucket = "kw-none-18"
}

resource "aws_s3_bucket" "fail_aes" {
  bucket = "kw-aes-18"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "for_aes" {
  bucket = aws_s3_bucket.fail_aes.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket" "fail_aes_again" {
  bucket = "kw-aes-again-18"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "for_aes_again" {
  bucket = aws_s3_bucket.fail_aes_again.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
