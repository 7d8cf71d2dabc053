variable "name" {
  description = "Name of the project, of the trail and in front of the bucket's name, for example knowledgeweaver."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name))
    error_message = "name has 3 to 20 lower-case letters, digits and dashes (the bucket's name adds account and region), for example \"knowledgeweaver\"."
  }
}

variable "object_buckets" {
  description = "Beginnings of the names of buckets in which every object read and written is logged as well; empty for none. AWS takes US$0.10 for 100,000 of these events."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for prefix in var.object_buckets : can(regex("^[a-z0-9][a-z0-9.-]+$", prefix))])
    error_message = "object_buckets has beginnings of bucket names, for example [\"knowledgeweaver-ledger-\"]."
  }
}

variable "lock" {
  description = "For how many days no log file can be deleted or overwritten, and by whom: GOVERNANCE lets those with s3:BypassGovernanceRetention, COMPLIANCE nobody, AWS included. Null for no lock."
  type = object({
    mode = optional(string, "GOVERNANCE")
    days = optional(number, 365)
  })
  default = {}

  validation {
    condition     = var.lock == null || try(contains(["GOVERNANCE", "COMPLIANCE"], var.lock.mode) && var.lock.days >= 1, false)
    error_message = "lock has a mode, \"GOVERNANCE\" or \"COMPLIANCE\", and days from 1, for example lock = { mode = \"GOVERNANCE\", days = 365 }."
  }
}

variable "keep_days" {
  description = "After how many days log files are deleted; 0 keeps them for ever (they take a few cents a month)."
  type        = number
  default     = 0

  validation {
    condition     = var.keep_days == 0 || var.keep_days >= try(var.lock.days, 1)
    error_message = "keep_days is 0 (for ever) or not less than lock.days, for example keep_days = 400."
  }
}

variable "log_days" {
  description = "How many days a second copy is kept in CloudWatch Logs, where it can be searched; 0 for no such copy."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "log_days is 0 or one of the periods CloudWatch knows, for example 90 or 365."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}
