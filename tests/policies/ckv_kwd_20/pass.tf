resource "aws_cloudtrail" "pass" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_cloudtrail" "pass_selector" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true

  event_selector {
    read_write_type = "All"
  }
}

resource "aws_cloudtrail" "pass_advanced" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }
}
