variable "bucket" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket has 3 to 63 lower-case letters, digits and dashes, for example \"knowledgeweaver-documents-dev-123456789012-ap-southeast-2\"."
  }
}

variable "queue" {
  description = "The queue of uploaded documents: name begins its names, consumer_role_arn is the role that may read it, busy_seconds how long a reader may take for one message, attempts how often one is tried before it is put aside."
  type = object({
    name              = string
    consumer_role_arn = string
    busy_seconds      = optional(number, 120)
    attempts          = optional(number, 5)
  })

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,60}$", var.queue.name))
    error_message = "queue.name has 3 to 61 lower-case letters, digits and dashes and starts with a letter, for example \"knowledgeweaver-dev\"."
  }

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", var.queue.consumer_role_arn))
    error_message = "queue.consumer_role_arn is the ARN of a role, for example \"arn:aws:iam::123456789012:role/knowledgeweaver-dev-task\"."
  }

  validation {
    condition     = var.queue.busy_seconds >= 30 && var.queue.busy_seconds <= 43200 && var.queue.attempts >= 1 && var.queue.attempts <= 1000
    error_message = "queue.busy_seconds is between 30 and 43200 and queue.attempts between 1 and 1000, for example { busy_seconds = 120, attempts = 5 }."
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
