variable "name" {
  description = "Name of the vault and the plan, and value of the tag Backup on what is saved, for example knowledgeweaver-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.name))
    error_message = "name has 3 to 40 lower-case letters, digits and dashes, for example \"knowledgeweaver-dev\"."
  }
}

variable "keep" {
  description = "For how many days the backup of each night and the one of each Saturday is kept."
  type = object({
    daily_days  = optional(number, 35)
    weekly_days = optional(number, 90)
  })
  default = {}

  validation {
    condition     = var.keep.daily_days >= 1 && var.keep.weekly_days >= var.keep.daily_days && var.keep.weekly_days <= 36500
    error_message = "keep.daily_days is at least 1 and keep.weekly_days not less, for example keep = { daily_days = 35, weekly_days = 90 }."
  }
}

variable "lock" {
  description = "Refuses to delete backups before min_days, and to make ones that live longer than max_days. With final_after_days (3 or more) nobody can take the lock away from then on, AWS included; null leaves that to those who may. Null for no lock."
  type = object({
    min_days         = optional(number, 7)
    max_days         = optional(number, 365)
    final_after_days = optional(number)
  })
  default = null

  validation {
    condition     = var.lock == null || try(var.lock.min_days >= 1 && var.lock.min_days <= var.keep.daily_days && var.lock.max_days >= var.keep.weekly_days, false)
    error_message = "lock.min_days is 1 to keep.daily_days and lock.max_days at least keep.weekly_days, for example lock = { min_days = 7, max_days = 365 }."
  }

  validation {
    condition     = try(var.lock.final_after_days, null) == null || try(var.lock.final_after_days >= 3, false)
    error_message = "lock.final_after_days is at least 3, as AWS asks, for example lock = { final_after_days = 14 }."
  }
}

variable "disposable" {
  description = "Whether destroying the vault deletes the backups in it; false refuses while any are there."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "ARN of a key for the vault, needed to copy backups to another account; null for the one that AWS manages."
  type        = string
  default     = null
}

variable "topic_arn" {
  description = "SNS topic that is told when a backup fails; its policy has to admit EventBridge."
  type        = string
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}
