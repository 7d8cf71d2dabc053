resource "aws_cloudtrail" "fail_region" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = false
  enable_log_file_validation = true
}

resource "aws_cloudtrail" "fail_forged" {
  name                  = "audit"
  s3_bucket_name        = "kw-audit"
  is_multi_region_trail = true
}

resource "aws_cloudtrail" "fail_off" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true
  enable_logging             = false
}

resource "aws_cloudtrail" "fail_global" {
  name                          = "audit"
  s3_bucket_name                = "kw-audit"
  is_multi_region_trail         = true
  enable_log_file_validation    = true
  include_global_service_events = false
}

resource "aws_cloudtrail" "fail_writes" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true

  event_selector {
    read_write_type = "WriteOnly"
  }
}

resource "aws_cloudtrail" "fail_data_only" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
  }
}

resource "aws_cloudtrail" "fail_reads_only" {
  name                       = "audit"
  s3_bucket_name             = "kw-audit"
  is_multi_region_trail      = true
  enable_log_file_validation = true

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }

    field_selector {
      field  = "readOnly"
      equals = ["true"]
    }
  }
}
