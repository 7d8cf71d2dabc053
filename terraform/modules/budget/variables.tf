variable "name" {
  description = "Prefix of the budgets' names, for example knowledgeweaver-dev."
  type        = string
}

variable "environment" {
  description = "Counts only what carries this value of the tag Environment; null counts the whole account."
  type        = string
  default     = null
}

variable "daily_usd" {
  description = "What a day may cost in US$ before somebody is told; null for no such budget."
  type        = number
  default     = null

  validation {
    condition     = var.daily_usd == null || try(var.daily_usd > 0, false)
    error_message = "daily_usd is an amount above 0, for example daily_usd = 5."
  }
}

variable "monthly_usd" {
  description = "What a month may cost in US$; told at 80 %, at 100 %, and when 100 % is foreseen. Null for no such budget."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_usd == null || try(var.monthly_usd > 0, false)
    error_message = "monthly_usd is an amount above 0, for example monthly_usd = 120."
  }
}

variable "tell" {
  description = "Who is told: an SNS topic, e-mail addresses, or both."
  type = object({
    topic_arn = optional(string)
    emails    = optional(list(string), [])
  })

  validation {
    condition     = var.tell.topic_arn != null || length(var.tell.emails) > 0
    error_message = "tell names at least one reader, for example tell = { emails = [\"oncall@example.com\"] }."
  }

  validation {
    condition     = alltrue([for email in var.tell.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "tell.emails has e-mail addresses, for example tell = { emails = [\"oncall@example.com\"] }."
  }
}
