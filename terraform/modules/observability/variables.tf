variable "prefix" {
  description = "Prefix of every name here, for example knowledgeweaver-dev."
  type        = string
}

variable "log_group" {
  description = "Name of the application's log group and how long it keeps what is written, in days."
  type = object({
    name           = string
    retention_days = optional(number, 30)
  })

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_group.retention_days)
    error_message = "log_group.retention_days is one of the periods CloudWatch knows, for example 30, 90 or 365."
  }
}

variable "alert_email" {
  description = "Who gets the alarms by e-mail (AWS asks for a confirmation first); null for nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email is an e-mail address, for example \"oncall@example.com\"."
  }
}

variable "watched" {
  description = "What the alarms look at: cluster and service names, and the load balancer and its target group by their CloudWatch names."
  type = object({
    cluster       = string
    service       = string
    load_balancer = string
    target_group  = string
  })
}

variable "thresholds" {
  description = "When an alarm fires: share of failed requests in percent, response time P95 in seconds, average CPU of the service in percent."
  type = object({
    error_percent = optional(number, 5)
    p95_seconds   = optional(number, 2)
    cpu_percent   = optional(number, 80)
  })
  default = {}

  validation {
    condition     = alltrue([for share in [var.thresholds.error_percent, var.thresholds.cpu_percent] : share > 0 && share <= 100]) && var.thresholds.p95_seconds > 0
    error_message = "thresholds has percentages between 0 and 100 and seconds above 0, for example { error_percent = 5, p95_seconds = 2, cpu_percent = 80 }."
  }
}
