variable "bucket" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket has 3 to 63 lower-case letters, digits and dashes, for example \"knowledgeweaver-documents-dev-123456789012-ap-southeast-2\"."
  }
}

variable "disposable" {
  description = "Whether destroying the bucket deletes the documents in it; false refuses while any are there."
  type        = bool
  default     = false
}

variable "old_versions_days" {
  description = "Days after which overwritten and deleted versions are removed for good; 0 keeps them all."
  type        = number
  default     = 90

  validation {
    condition     = var.old_versions_days >= 0 && floor(var.old_versions_days) == var.old_versions_days
    error_message = "old_versions_days is a whole number of days, 0 to keep everything, for example 90."
  }
}
